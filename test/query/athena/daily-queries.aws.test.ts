/** What a person asks from day to day, of the lake in a folder and of the one in AWS: the same answers. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { getTable, type Table } from '../../../src/catalog/dataset.ts';
import { adjustments, events } from '../../../src/catalog/datasets/b3.ts';
import { READ_AT_COLUMN } from '../../../src/catalog/datasets/shared-indicators.ts';
import type { Partition } from '../../../src/catalog/partition.ts';
import { csvLines } from '../../support/answers.ts';
import { hasAws } from '../../support/aws-account.ts';
import { duckdb } from '../../support/duckdb.ts';
import { newFolder } from '../../support/folders.ts';
import { writeLongHistory } from '../../support/long-history.ts';
import { day } from '../../support/made-up-lake.ts';
import { smallMarket, tickersOf } from '../../support/small-market.ts';
import { sotTables, specTable } from '../../support/tables.ts';
import { startTwinLakes, type TargetName, type TwinLakes } from '../../support/twin-lakes.ts';

const [FIRST = '', SECOND = ''] = tickersOf(smallMarket);
const STOCK = tickersOf(smallMarket).find((ticker) => ticker.endsWith('3')) ?? '';
const COLUMNS = ['--columns', 'vlr_cot,pct_var_12m,dt_ult_cot'];

/** What is asked, with how many rows there are. */
const QUESTIONS: readonly (readonly [what: string, rows: number, args: readonly string[]])[] = [
  [
    'quotes of several tickers',
    4,
    ['cotacoes', '--every-day', '--ticker', `${FIRST},${SECOND}`, ...COLUMNS],
  ],
  ['the last day of each', 5, ['cotacoes', '--last', '1', '--columns', 'vlr_cot']],
  ['quotes of some days', 5, ['cotacoes', '--from', '2026-11-19', '--to', '2026-11-19']],
  ['quotes of one kind', 2, ['cotacoes', '--tipo', 'fiis', '--columns', 'vlr_cot']],
  [
    'quotes in an order with nulls',
    5,
    ['cotacoes', '--sort', 'pct_var_12m:desc,vlr_cot', ...COLUMNS],
  ],
  [
    'quotes by numbers, texts and days, the last of those',
    3,
    [
      'cotacoes',
      ...['--where', "vlr_cot > 0.5 and tipo_ativo = 'Ação' and dt_ult_cot >= 2026-01-01"],
      ...['--last', '1', ...COLUMNS],
    ],
  ],
  [
    'quotes by every operator',
    10,
    [
      'cotacoes',
      '--where',
      `not (vlr_cot is null or vlr_cot between -2 and -1.5) and codigo_ticker_ativo not in ('A''B', '?')
        and nome_ativo like '%' and pct_var_dia <> 99% and anomesdia_exec >= 2026-11-01
        and vlr_cot <= vlr_max_52_sem`,
      ...['--from', '2026-11-01', '--sort', 'codigo_ticker_ativo:desc', ...COLUMNS],
      '--every-day',
    ],
  ],
  ['the first of them', 2, ['cotacoes', '--sort', 'vlr_cot:desc', '--limit', '2', ...COLUMNS]],
  [
    'indicators of a stock and a fund',
    2,
    ['indicadores', '--ticker', tickersOf(smallMarket).slice(-2).join(), '--columns', 'vlr_cot'],
  ],
  ['all indicators', 5, ['indicadores']],
  ['all of one kind', 2, ['indicadores', '--tipo', 'fiis']],
  [
    'a screen by a column of stocks alone',
    3,
    [
      'indicadores',
      ...[
        '--where',
        'vlr_ind_roe is not null and vlr_cot > 0',
        '--sort',
        'vlr_ind_roe:desc,vlr_cot',
      ],
      ...['--columns', 'vlr_cot,vlr_ind_roe,segmento'],
    ],
  ],
  [
    'a ticker whose newest row is judged',
    1,
    ['indicadores', '--ticker', FIRST, '--where', 'vlr_cot > 0', '--columns', 'vlr_cot'],
  ],
  [
    'indicators of days, the last of those that are so',
    5,
    [
      'indicadores',
      '--last',
      '1',
      '--where',
      'anomesdia_exec < 2026-11-20',
      '--columns',
      'vlr_cot',
    ],
  ],
  [
    'indicators of days in one order',
    3,
    ['indicadores', '--from', '2026-11-19', '--sort', 'vlr_cot', '--limit', '3'],
  ],
  [
    'indicators of funds over days',
    4,
    ['indicadores', '--tipo', 'fiis', '--from', '2026-11-19', '--sort', 'vlr_cot:desc'],
  ],
];

describe.runIf(hasAws)('queries of every day', () => {
  let twins: TwinLakes;
  beforeAll(async () => {
    twins = await startTwinLakes();
  }, 120_000);
  afterAll(() => twins?.close());

  test.each(QUESTIONS)('%s', async (_, rows, args) => {
    const answers = await Promise.all(
      (['local', 'aws'] as const).map((target) => twins.on(target, ['query', ...args])),
    );
    const [local, aws] = answers;
    expect(local?.status, local?.stderr).toBe(0);
    expect(aws?.status, aws?.stderr).toBe(0);
    expect(aws?.stdout).toBe(local?.stdout);
    // Some text has a comma in it, so the lines are counted.
    expect(local?.stdout.trimEnd().split('\n')).toHaveLength(rows + 1);
  });

  test('a file of Parquet holds the same rows, of the same types', async () => {
    const folder = await newFolder();
    const read = async (target: TargetName) => {
      const path = join(folder, `${target}.parquet`);
      const args = ['query', 'cotacoes', '--columns', 'tipo_ativo,vlr_cot,dt_ult_cot', '-o', path];
      const { status, stdout, stderr } = await twins.on(target, args);
      expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' });
      return duckdb(`SELECT * FROM '${path}'`);
    };
    const local = await read('local');
    expect(local.types).toEqual({
      anomesdia_exec: 'INTEGER',
      codigo_ticker_ativo: 'VARCHAR',
      tipo_ativo: 'VARCHAR',
      vlr_cot: 'DOUBLE',
      dt_ult_cot: 'DATE',
    });
    expect(local.rows).toHaveLength(5);
    expect(await read('aws')).toEqual(local);
  });

  test('a condition that no row fulfils is answered without rows in both, and a slip is refused before either is asked', async () => {
    for (const target of ['local', 'aws'] as TargetName[]) {
      const none = await twins.on(target, ['query', 'cotacoes', '--where', 'vlr_cot < -1']);
      expect(none.status, none.stderr).toBe(0);
      expect(csvLines(none.stdout)).toHaveLength(1);
      const judged = ['--ticker', `${FIRST},${SECOND}`, '--where', 'vlr_cot < -1'];
      const newest = await twins.on(target, ['query', 'indicadores', ...judged]);
      expect(newest.status, newest.stderr).toBe(0);
      expect(csvLines(newest.stdout)).toHaveLength(1);
      const slip = await twins.on(target, ['query', 'indicadores', '--where', 'vlr_cott < 1']);
      expect(slip).toMatchObject({ status: 2, stdout: '' });
    }
  });

  test('the watchlist means its tickers in both', async () => {
    for (const target of ['local', 'aws'] as TargetName[]) {
      expect(await twins.on(target, ['watch', 'add', SECOND])).toMatchObject({ status: 0 });
      const { stdout } = await twins.on(target, [
        ...['query', 'cotacoes', '--watchlist', '--last', '1', '--columns', 'vlr_cot'],
      ]);
      expect(csvLines(stdout).map(([, ticker]) => ticker)).toEqual(['codigo_ticker_ativo', SECOND]);
    }
  });

  test('rankings and profiles are the same in both, with events and an earlier balance too', async () => {
    const page = { dt_ult_balanco_proc: '2026-09-30', vlr_lucro_liq_ult_12m: 1e9, vlr_ativo: 9e9 };
    const figures = { vlr_divida_bruta: 1e9, vlr_liquidez_corr: 1.1, num_acoes: 1_000_000 };
    const margins = { vlr_ind_margem_bruta: 0.3, vlr_ind_giro_ativos: 0.8 };
    const stock = { nome_papel: STOCK, ...page, ...figures, ...margins };
    for (const lake of Object.values(twins.lakes)) {
      const write = (table: Table, partition: number, row: Row) =>
        lake.write({ table, partition: partition as Partition, name: 'dedup' }, [row]);
      await write(sotTables.acoes, 20251119, { ...stock, dt_ult_balanco_proc: '2025-09-30' });
      await write(getTable(events, 'sot'), 2026, {
        ...{ codigo_ticker_ativo: STOCK, codigo_evento: 'a', tipo_evento: 'DIVIDENDO' },
        ...{ dt_com: '2026-03-02', vlr_provento: 2, situacao: 'vigente' },
      });
      await write(getTable(adjustments, 'spec'), 2026, {
        ...{ codigo_ticker_ativo: STOCK, codigo_ativo: STOCK, dt_pregao: '2026-05-04' },
        ...{ dt_inicio: '1994-07-04', fator_desdobramento: 0.5, fator_proventos: 1 },
        ...{ fator_desdobramento_acumulado: 0.5, fator_total_acumulado: 0.5 },
      });
    }
    const asked = [
      ...['magic', 'graham', 'bazin', 'piotroski', 'renda', 'tijolo'].map((each) => ['rank', each]),
      ['rank', '--by', 'dy+p/vp:asc', '--as-of', '2026-11-19', '--all-classes'],
      ['rank', '--by', 'vlr_cot', '--where', 'dy > 1%', '--setor', 'a', '--min-liquidez', '1'],
      ['show', STOCK, FIRST, '--as-of', '2026-11-19'],
    ];
    for (const words of asked) {
      const [local, aws] = await Promise.all(
        (['local', 'aws'] as const).map((target) => twins.on(target, [...words, '--quiet'])),
      );
      expect(local?.status, local?.stderr).toBe(0);
      expect(aws?.stdout, aws?.stderr).toBe(local?.stdout);
      expect(csvLines(local?.stdout ?? '').length, words.join(' ')).toBeGreaterThan(1);
    }
  });

  test('charts and the report are the same in both', async () => {
    for (const lake of Object.values(twins.lakes)) {
      const days = { from: '2026-07-01', to: '2026-11-19' };
      await writeLongHistory(lake, { tickers: ['RELA3', 'RELB11'], ...days });
    }
    const asked = [
      ['query', 'historico', 'RELA3', '--chart'],
      ['query', 'retorno', 'RELA3', 'RELB11', '--contra', 'cdi', '--chart'],
      ['query', 'proventos', 'RELB11', '--chart'],
      ['report', 'RELA3', 'RELB11', STOCK, '--to', '2026-11-19', '-o', '-'],
    ];
    for (const words of asked) {
      const [local, aws] = await Promise.all(
        (['local', 'aws'] as const).map((target) => twins.on(target, [...words, '--quiet'])),
      );
      expect(local?.status, local?.stderr).toBe(0);
      const [here, there] = [local, aws].map((answer) =>
        answer?.stdout.replace(/datetime="[^"]+"/, ''),
      );
      expect(there, aws?.stderr).toBe(here);
    }
  });

  test('a day that is not merged yet has the row that was read last, and is one of the last days', async () => {
    const ticker = STOCK;
    const date = day('2026-11-20');
    for (const lake of Object.values(twins.lakes)) {
      for (const table of [sotTables.acoes, specTable]) {
        const name = 'read-again';
        const readAt =
          table === specTable ? {} : { [READ_AT_COLUMN]: '2026-11-20T23:00:00.000-03:00' };
        const row = { [table.tickerColumn]: ticker, vlr_cot: 12_345, ...readAt };
        await lake.write({ table, partition: date, name }, [row]);
      }
    }
    for (const target of ['local', 'aws'] as TargetName[]) {
      const answer = async (...args: string[]) => {
        const asked = ['query', ...args, '--ticker', ticker, '--columns', 'vlr_cot'];
        const { stdout } = await twins.on(target, asked);
        return csvLines(stdout)
          .slice(1)
          .map(([partition, , price]) => [partition, price]);
      };
      expect(await answer('indicadores')).toEqual([['20261120', '12345']]);
      expect((await answer('indicadores', '--last', '2')).at(-1)).toEqual(['20261120', '12345']);
      const quotes = await answer('cotacoes', '--last', '2', '--every-day');
      expect(quotes.map(([partition]) => partition)).toEqual(['20261119', '20261120', '20261120']);
    }
  });
});
