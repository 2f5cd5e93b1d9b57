/** What the sessions of a lake become before their adjustments are computed. */
import { expect, test } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { getTable } from '../../src/catalog/dataset.ts';
import { adjustments, history } from '../../src/catalog/datasets/b3.ts';
import { companyEvents, dividends } from '../../src/catalog/datasets/corporate-events.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { DEDUP_NAME } from '../../src/lake/names.ts';
import {
  computeLakeAdjustments,
  deriveAdjustments,
} from '../../src/pipeline/derive-adjustments.ts';
import { readMarketHistory } from '../../src/pipeline/market-history.ts';
import { companyRow, siteRow } from '../support/event-rows.ts';
import { newFolder } from '../support/folders.ts';
import { wholeRow } from '../support/rows.ts';

const historyTable = getTable(history, 'sot');

/** A lake with sessions such as `2015-12-30 TUCA3 10 #5`, of one year after another; `#` alone has no number. */
async function lakeOf(...sessions: readonly string[]) {
  const lake = createLocalLake(await newFolder());
  for (const year of new Set(sessions.map((text) => Number(text.slice(0, 4))))) {
    const rows = sessions
      .filter((text) => text.startsWith(String(year)))
      .map((text): Row => {
        const [day = '', ticker = '', close, number = ''] = text.split(' ');
        return wholeRow(historyTable, {
          ...{ codigo_ticker_ativo: ticker, dt_pregao: day, codigo_mercado: '010' },
          ...{ especificacao_papel: 'ON  NM', moeda: 'R$', fator_cotacao: 1 },
          ...{ codigo_isin: `BR${ticker.slice(0, 4)}ACNOR1`, nome_resumido: ticker.slice(0, 4) },
          vlr_fechamento: Number(close),
          num_distribuicao: number === '#' ? null : Number(number.slice(1)),
        });
      });
    await lake.write({ table: historyTable, partition: year as Partition, name: DEDUP_NAME }, rows);
  }
  const market = await readMarketHistory(lake);
  return { lake, market, assets: await computeLakeAdjustments(lake, market) };
}

const findingsOf = ({ assets }: Awaited<ReturnType<typeof lakeOf>>): string[] =>
  assets.flatMap(({ findings }) =>
    findings.map(({ ticker, day, code }) => `${ticker} ${day} ${code}`),
  );

test('a blank distribution number is absent, and not 0', async () => {
  const lake = await lakeOf('2024-01-02 TUCA3 10 #', '2024-01-03 TUCA3 10 #0');
  const [tuca] = lake.market.tickers;
  expect([tuca?.first.distributionNumber, tuca?.last.distributionNumber]).toEqual([undefined, 0]);
  expect([...(tuca?.sessions ?? [])].map(({ distributionNumber }) => distributionNumber)).toEqual([
    undefined,
    0,
  ]);
  expect(findingsOf(lake)).toEqual(['TUCA3 20240103 number-missing']);
});

test('a year that is not imported between two others leaves nothing before it proved', async () => {
  const sessions = ['2015-12-30 TUCA3 10 #5', '2018-01-02 TUCA3 10 #5', '2018-01-03 TUCA3 10 #5'];
  expect(findingsOf(await lakeOf(...sessions))).toEqual(['TUCA3 20180102 history-gap']);
});

test('a ticker that may continue another is left apart and named, with its remedy', async () => {
  const { assets } = await lakeOf(
    ...['2024-01-02 VELH3 10 #105', '2024-01-03 VELH3 10 #105'],
    ...['2024-01-04 NOVO3 12.5 #105', '2024-01-05 NOVO3 12.5 #105'],
  );
  expect(assets.map(({ asset }) => asset.code)).toEqual(['NOVO3', 'VELH3']);
  expect(assets.flatMap(({ findings }) => findings)).toEqual([
    {
      ...{ ticker: 'NOVO3', day: 20240104, code: 'succession-doubtful' },
      detail:
        'NOVO3 begins at 12.5 where VELH3 ended at 10, distribution number 105 to 105, VELH BRVELHACNOR1 and ' +
        'NOVO BRNOVOACNOR1; left apart: a line "VELH3,NOVO3" in successions.csv joins them, "VELH3," keeps them apart',
    },
  ]);
});

test('a ticker that another continues by a number that rises is not proved until a person says so', async () => {
  const { lake, assets } = await lakeOf(
    ...['2024-01-02 VELH3 10 #105', '2024-01-03 VELH3 10 #105'],
    ...['2024-01-04 NOVO3 10.2 #106', '2024-01-05 NOVO3 10.2 #106'],
  );
  expect(assets.map(({ asset }) => asset.code)).toEqual(['NOVO3']);
  expect(assets.flatMap(({ findings }) => findings)).toMatchObject([
    {
      ...{ ticker: 'NOVO3', day: 20240104, code: 'succession-doubtful' },
      detail: expect.stringContaining(
        'joined by number and price alone: a line "VELH3,NOVO3" in successions.csv confirms it',
      ),
    },
    { code: 'right-without-event' },
  ]);
  const site = { table: getTable(dividends, 'sor'), partition: 2024 as Partition };
  const paid = { codigo_ticker_ativo: 'VELH3', dt_com: '03/01/2024', vlr_provento: '0,10' };
  await lake.write({ ...site, name: DEDUP_NAME }, [siteRow(paid)]);
  // An event of just that day is evidence, too.
  expect(await deriveAdjustments(lake, new Map())).toMatchObject({ rows: 1, unproved: 0 });
  await lake.write({ ...site, name: DEDUP_NAME }, [siteRow({ ...paid, vlr_provento: '0,20' })]);
  expect(await deriveAdjustments(lake, new Map([['VELH3', undefined]]))).toMatchObject({
    rows: 0,
    assets: 2,
  });
});

test('what the two sources contradict is applied once, and not proved', async () => {
  const { lake } = await lakeOf('2021-12-17 TUCA3 10 #5', '2021-12-20 TUCA3 9.5 #6');
  const file = { partition: 2021 as Partition, name: DEDUP_NAME };
  const [site, company] = [getTable(dividends, 'sor'), getTable(companyEvents, 'sor')];
  await lake.write({ ...file, table: site }, [siteRow({ vlr_provento: '0,50' })]);
  await lake.write({ ...file, table: company }, [companyRow({ vlr_provento: '0,51000000000' })]);
  // All of it: with the history of the market, a command would keep millions of sessions in memory to its end.
  expect(await deriveAdjustments(lake, new Map())).toEqual({
    ...{ assets: 1, rows: 1, unproved: 1 },
    ...{ events: 1, notices: [] },
  });
  const [stored] = await lake.files(getTable(adjustments, 'spec'), 2021 as Partition);
  expect(stored && (await lake.read(stored))).toMatchObject([
    {
      ...{ fator_total_acumulado: (10 - 0.51) / 10, provado: false },
      motivo: 'DIVIDENDO 0.51 (fundamentus: DIVIDENDO 0.5); distribution number 5 to 6',
    },
  ]);
});
