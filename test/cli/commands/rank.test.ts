/** The command `rank` on a lake that is made up for it; the positions themselves are tested in test/analysis. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { jsonRows } from '../../support/answers.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { typed, writeRowsTo } from '../../support/made-up-lake.ts';
import { sotTables } from '../../support/tables.ts';

const stock = (ticker: string, earnings: number, rest: Row = {}): Row =>
  typed('acoes', ticker, {
    ...{ nome_empresa: `EMPRESA ${ticker}`, nome_setor: 'Comércio', dt_ult_cot: '2026-11-19' },
    ...{ vlr_cot: 10, vlr_ind_lpa: earnings, vlr_ind_vpa: 10, vlr_ind_roe: earnings / 10 },
    vol_med_neg_2m: 1_000_000 * earnings,
    ...rest,
  });

let root: string;
beforeAll(async () => {
  root = await newFolder();
  await writeRowsTo(root, sotTables.acoes, '2026-11-18', [stock('PAST3', 1)]);
  await writeRowsTo(root, sotTables.acoes, '2026-11-19', [
    ...[stock('AAAA3', 2), stock('AAAA4', 1), stock('BBBB3', 3), stock('LOSS3', -1)],
  ]);
});

const rank = (...words: readonly string[]) => pynvest(['rank', ...words, '--lake', root]);

describe('rank', () => {
  test('prints the figures of each position, and says what they mean and who has none', async () => {
    const { status, stdout, stderr } = await rank('graham', '--format', 'csv');
    expect(status).toBe(0);
    const [header, ...lines] = stdout.trim().split('\n');
    expect(header).toBe(
      'posicao,codigo_ticker_ativo,nome_ativo,nome_setor_segmento,vlr_cot,vlr_graham,' +
        'pct_margem_seguranca,vlr_ind_lpa,vlr_ind_vpa,vlr_ind_p_sobre_l,vlr_ind_p_sobre_vp,' +
        'vol_med_neg_2m,anomesdia_exec',
    );
    expect(lines.map((line) => line.split(',').slice(0, 4).join())).toEqual([
      '1,BBBB3,EMPRESA BBBB3,Comércio',
      '2,AAAA3,EMPRESA AAAA3,Comércio',
    ]);
    expect(stderr).toContain('Graham number: vlr_graham = sqrt(22.5 × LPA × VPA)');
    expect(stderr).toContain('Ações of 19/11/2026: 2 ranked, 1 not:');
    expect(stderr).toContain('  1 LPA is not positive: LOSS3');
    expect(stderr).toContain('1 other paper of these companies: --all-classes');
  });

  test('breaks its notices between words, and offers no run for a past day', async () => {
    const { stderr } = await pynvest(['rank', 'graham', '--lake', root], { columns: 24 });
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThanOrEqual(24);
    expect(stderr).toMatch(/^ {2}1 LPA is not positive:\n {2}LOSS3$/m);
    const before = await rank('graham', '--as-of', '2020-01-02');
    expect(before.status).toBe(1);
    expect(before.stderr).toContain('ask for a later day, or for none');
    expect(before.stderr).not.toContain('pynvest run');
  });

  test('as of a day long after the newest indicators says how old they are, and what to do', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-11T15:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    const stale = await rank('graham', '--as-of', '2026-12-10');
    expect(stale.status).toBe(0);
    expect(stale.stderr).toContain(
      `Ações: the newest indicators are from 19/11/2026, 14 sessions before 10/12/2026. The lake has none after it; \`pynvest run --lake ${root}\` collects those of today.\n`,
    );
    const future = await rank('graham', '--as-of', '2026-12-18');
    expect(future.stderr).toContain('20 sessions before 18/12/2026. That day is to come.\n');
    const week = await rank('graham', '--as-of', '2026-12-01');
    expect(week.stderr).not.toContain('the newest indicators');
    const between = await newFolder();
    await writeRowsTo(between, sotTables.acoes, '2026-10-01', [stock('PAST3', 1)]);
    await writeRowsTo(between, sotTables.acoes, '2026-11-19', [stock('PAST3', 1)]);
    const asked = ['rank', 'graham', '--as-of', '2026-11-13', '--lake', between];
    expect((await pynvest(asked)).stderr).toContain(
      'Those of a past day cannot be brought; the next that the lake has are from 19/11/2026.',
    );
  });

  test('names a condition that only one kind of asset can meet', async () => {
    const note = 'vlr_ind_roe is a column of stocks (acoes): it is empty for funds (fiis)';
    expect((await rank('--by', 'preco', '--where', 'roe > 10%')).stderr).toContain(note);
    const one = await rank('--by', 'preco', '--where', 'roe > 10%', '--tipo', 'acoes');
    expect(one.stderr).not.toContain(note);
  });

  test('takes columns, conditions, a volume and a number of rows', async () => {
    const format = ['--format', 'csv', '--quiet'];
    const tickers = async (...words: readonly string[]) =>
      (await rank(...words, ...format)).stdout.match(/\b[A-Z]{4}[34]\b/g) ?? [];
    const distinct = (found: readonly string[]) => [...new Set(found)];
    expect(distinct(await tickers('--by', 'vlr_ind_roe:asc'))).toEqual(['LOSS3', 'AAAA3', 'BBBB3']);
    expect(distinct(await tickers('--by', 'vlr_ind_roe', '--top', '1'))).toEqual(['BBBB3']);
    expect(distinct(await tickers('--by', 'vlr_ind_roe', '--where', 'vlr_ind_roe < 25%'))).toEqual([
      'AAAA3',
      'LOSS3',
    ]);
    expect(distinct(await tickers('graham', '--min-liquidez', '2,5mi'))).toEqual(['BBBB3']);
    expect(distinct(await tickers('graham', '--all-classes'))).toEqual(['BBBB3', 'AAAA3', 'AAAA4']);
    expect(distinct(await tickers('graham', '--as-of', '2026-11-18'))).toEqual(['PAST3']);
    expect(distinct(await tickers('--by', 'graham'))).toEqual(['BBBB3', 'AAAA3']);
  });

  test('lists its screens with formula and source', async () => {
    const { stdout } = await rank('--list', '--format', 'table');
    for (const text of ['magic  Magic formula (acoes)', 'sqrt(22.5 × LPA × VPA)', 'Greenblatt']) {
      expect(stdout).toContain(text);
    }
    const rows: unknown = JSON.parse((await rank('--list', '--format', 'json')).stdout);
    expect(rows).toHaveLength(6);
    const one = await rank('graham', '--list', '--format', 'json');
    expect(jsonRows(one.stdout).map(({ screen }) => screen)).toEqual(['graham']);
  });

  test.each([
    [[], 'rank by what?'],
    [['magic', '--by', 'vlr_ind_roe'], 'exclude each other'],
    [['magik'], 'Did you mean the screen magic?'],
    [['magik', '--list'], 'Did you mean magic?'],
    [['nada', '--list'], 'There are magic, '],
    [['magic', '--tipo', 'fiis'], 'For fiis there are: renda, tijolo.'],
    [['graham', '--min-liquidez', 'muito'], 'it takes an amount in reais'],
    [['graham', '--min-liquidez', '500,000'], 'it takes an amount in reais'],
    [['graham', '--as-of', '2026-13-01'], '--as-of: "2026-13-01" is not a date'],
  ])('refuses %j', async (words, message) => {
    const { status, stdout, stderr } = await rank(...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('an answer without positions says why', async () => {
    const { status, stderr } = await rank('magic', '--format', 'csv');
    expect(status).toBe(0);
    expect(stderr).toContain('0 ranked, 3 not:');
    expect(stderr).toContain('no EBIT: AAAA3, BBBB3, LOSS3');
  });

  test('an empty lake is an error with what to do', async () => {
    const empty = await pynvest(['rank', 'magic', '--lake', await newFolder()]);
    expect(empty.status).toBe(1);
    expect(empty.stderr).toContain('`pynvest run');
  });
});
