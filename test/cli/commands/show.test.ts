/**
 * The command `show` on lakes that are made up for it; the figures and medians themselves are tested in test/analysis.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { getTable } from '../../../src/catalog/dataset.ts';
import { events } from '../../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../../src/catalog/partition.ts';
import { createLocalLake, writeNote } from '../../../src/lake/local/lake.ts';
import { DEDUP_NAME } from '../../../src/lake/names.ts';
import { jsonRows } from '../../support/answers.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { wholeRow } from '../../support/rows.ts';
import { sotTables } from '../../support/tables.ts';

const stock = (ticker: string, rest: Row = {}): Row =>
  typed('acoes', ticker, {
    ...{ nome_empresa: `EMPRESA ${ticker}`, nome_setor: 'Comércio', dt_ult_cot: '2026-11-19' },
    ...{ vlr_cot: 10, vlr_ind_p_sobre_l: 8, vlr_ind_roe: 0.125, pct_var_dia: -0.01, ...rest },
  });

let root: string;
beforeAll(async () => {
  root = await newFolder();
  await writeRowsTo(root, sotTables.acoes, '2026-11-18', [stock('AAAA3', { vlr_cot: 9 })]);
  await writeRowsTo(root, sotTables.acoes, '2026-11-19', [
    ...[stock('AAAA3'), stock('BBBB3', { vlr_ind_p_sobre_l: 12 })],
    stock('VELH3', { nome_setor: 'Papel', dt_ult_cot: '2020-01-02' }),
  ]);
  const ledger = getTable(events, 'sot');
  const paid = ['BBBB3', 'VELH3'].map((ticker) =>
    wholeRow(ledger, {
      ...{ codigo_ticker_ativo: ticker, codigo_evento: '1', dt_com: '2022-03-04' },
      ...{ tipo_evento: 'DIVIDENDO', vlr_provento: 1, fontes: 'b3', situacao: 'vigente' },
    }),
  );
  const file = { table: ledger, partition: 2022 as Partition, name: DEDUP_NAME };
  await createLocalLake(root).write(file, paid);
  const read = `tbsor_fundamentus_proventos VELH3,2026-11-19T12:00:00.000Z\n`;
  await writeNote(root, 'eventos.imported', read);
  const session = (day: string): Row => ({ dt_ult_cot: day });
  await writeQuotes(root, '2026-11-17', [quote('AAAA3', 8, session('2026-11-17'))]);
  await writeQuotes(root, '2026-11-18', [quote('AAAA3', 9, session('2026-11-18'))]);
  await writeQuotes(root, '2026-11-19', [quote('AAAA3', 10, session('2026-11-19'))]);
});

const show = (...words: readonly string[]) =>
  pynvest(['show', ...words, '--lake', root], { env: { LANG: 'pt_BR.UTF-8', LC_ALL: '' } });

describe('show', () => {
  test('prints the sections of an asset, each figure beside the median of its sector', async () => {
    const { status, stdout, stderr } = await show('AAAA3', '--format', 'table');
    expect(status).toBe(0);
    expect(stdout).toContain('AAAA3 EMPRESA AAAA3\n19/11/2026, Comércio (2 empresas)\n');
    expect(stdout).toMatch(/^P\/L +8,00 +10,00$/m);
    expect(stdout).toMatch(/ROE +12,50% +12,50%$/m);
    expect(stdout).toContain('Cotações coletadas desde 17/11/2026  ▁▅█  +25,00%');
    expect(stderr).toBe('Medians cover the 2 companies of the sector that are traded.\n');
  });

  test('of a sector in which nothing is traded any more says so', async () => {
    const { stdout } = await show('VELH3', '--format', 'table');
    expect(stdout).toContain('19/11/2026, Papel (nenhuma empresa negociada)\n');
  });

  test('for programs it is a row a figure, with the exact values', async () => {
    const rows = jsonRows((await show('AAAA3', '--format', 'json')).stdout);
    expect(rows.find(({ coluna }) => coluna === 'vlr_ind_p_sobre_l')).toEqual({
      ...{ codigo_ticker_ativo: 'AAAA3', anomesdia_exec: 20261119, secao: 'Valor e múltiplos' },
      ...{ coluna: 'vlr_ind_p_sobre_l', rotulo: 'P/L' },
      ...{ valor: 8, mediana_setor: 10, qtd_empresas: 2 },
    });
  });

  test('as of a past day it is what the lake knew then', async () => {
    const { stdout, stderr } = await show('AAAA3', '--as-of', '2026-11-18', '--format', 'table');
    expect(stdout).toMatch(/^Cotação +9,00/m);
    expect(stdout).toContain('desde 17/11/2026  ▁█  +12,50%');
    expect(stderr).toContain('There is no median');
  });

  test('as of a day long after its indicators says how old they are', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-11T15:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    const stale = await show('AAAA3', '--as-of', '2026-12-10', '--format', 'table');
    expect(stale.stderr).toContain(
      `AAAA3: the newest indicators are from 19/11/2026, 14 sessions before 10/12/2026. The lake has none after it; \`pynvest run --lake ${root}\` collects those of today.\n`,
    );
    const future = await show('AAAA3', '--as-of', '2026-12-18');
    expect(future.stderr).toContain('20 sessions before 18/12/2026. That day is to come.\n');
    const week = await show('AAAA3', '--as-of', '2026-12-01');
    expect(week.stderr).not.toContain('the newest indicators');
    const left = await newFolder();
    await writeRowsTo(left, sotTables.acoes, '2026-10-01', [stock('LEFT3'), stock('STAY3')]);
    await writeRowsTo(left, sotTables.acoes, '2026-11-19', [stock('STAY3')]);
    const { stderr } = await pynvest(['show', 'LEFT3', '--as-of', '2026-11-20', '--lake', left]);
    expect(stderr).toContain('It is not among those of 19/11/2026.');
  });

  test('where the events end years before, income is not zero but unknown, and says why', async () => {
    const { stdout, stderr } = await show('BBBB3', '--format', 'table');
    expect(stdout).toMatch(/Proventos 12m +-$/m);
    expect(stdout).not.toMatch(/\b0,00/);
    expect(stderr).toContain(
      `BBBB3: no event after 04/03/2022 is known, so there is no income of the twelve months after 19/11/2025: \`pynvest import eventos BBBB3 --lake ${root}\` brings it.\n`,
    );
  });

  test('nor is that of an asset without a price or an event of these months', async () => {
    const { stdout, stderr } = await show('VELH3', '--format', 'table');
    expect(stdout).toMatch(/Proventos 12m +-$/m);
    expect(stderr).toContain(
      'VELH3: neither a price nor an event of the twelve months to 19/11/2026 is known, so there is no income of them.\n',
    );
  });

  test('without a lake says that there is none', async () => {
    const none = join(root, 'none');
    for (const words of [
      ['show', 'AAAA3'],
      ['rank', 'graham'],
      ['report', 'AAAA3', '-o', '-'],
    ]) {
      const { status, stderr } = await pynvest([...words, '--lake', none]);
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(`there is no lake at ${none}: the folder does not exist\n`),
      ]);
    }
  });

  test('a misspelt ticker is an error with the one that may be meant, among others a warning', async () => {
    const only = await show('BBBB4');
    expect([only.status, only.stdout]).toEqual([1, '']);
    expect(only.stderr).toContain('Did you mean BBBB3?');
    const both = await show('AAAA3', 'BBBB4', '--format', 'json');
    expect(both.status).toBe(3);
    expect(both.stderr).toContain('! BBBB4: no day of the lake has its indicators');
    expect((await show()).status).toBe(2);
  });
});
