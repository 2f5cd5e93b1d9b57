import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readProfile } from '../../src/analysis/profile.ts';
import { type Ranking, type RankingOptions, readRanking } from '../../src/analysis/ranking.ts';
import { describeRanking } from '../../src/analysis/ranking-notes.ts';
import { parseCriterion } from '../../src/analysis/screens.ts';
import type { AssetKind } from '../../src/catalog/asset.ts';
import type { Row } from '../../src/catalog/column.ts';
import { getTable } from '../../src/catalog/dataset.ts';
import { adjustments, events, history } from '../../src/catalog/datasets/b3.ts';
import type { Partition } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { openDuckDb } from '../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../src/query/engine.ts';
import { newFolder } from '../support/folders.ts';
import { day, typed, writeRowsTo } from '../support/made-up-lake.ts';
import { wholeRow } from '../support/rows.ts';
import { sotTables } from '../support/tables.ts';

const DAY = '2026-11-19';
const eventsTable = getTable(events, 'sot');
const historyTable = getTable(history, 'sot');
const adjustmentsTable = getTable(adjustments, 'spec');

/** A stock that was traded on the day; what is not given is null. */
const stock = (ticker: string, rest: Row = {}): Row =>
  typed('acoes', ticker, { nome_setor: 'Comércio', dt_ult_cot: DAY, vlr_cot: 10, ...rest });
const fund = (ticker: string, rest: Row = {}): Row =>
  typed('fiis', ticker, { segmento: 'Logística', dt_ult_cot: DAY, vlr_cot: 100, ...rest });

interface MadeUpLake {
  readonly acoes?: readonly Row[];
  readonly fiis?: readonly Row[];
}

async function writeDay(root: string, date: string, { acoes = [], fiis = [] }: MadeUpLake) {
  for (const [kind, rows] of Object.entries({ acoes, fiis })) {
    if (rows.length > 0) await writeRowsTo(root, sotTables[kind as AssetKind], date, rows);
  }
}

/** Writes events and factors, by the year of their day. */
async function writeLedger(root: string, all: { events?: Row[]; factors?: Row[] }) {
  const lake = createLocalLake(root);
  const write = async (table: typeof eventsTable, rows: readonly Row[], column: string) => {
    for (const year of new Set(rows.map((row) => String(row[column]).slice(0, 4)))) {
      const own = rows.filter((row) => String(row[column]).startsWith(year));
      await lake.write({ table, partition: Number(year) as Partition, name: 'dedup' }, own);
    }
  };
  await write(eventsTable, all.events ?? [], 'dt_com');
  await write(adjustmentsTable, all.factors ?? [], 'dt_pregao');
}

const dividend = (ticker: string, comDay: string, amount: number, rest: Row = {}): Row => ({
  ...{ codigo_ticker_ativo: ticker, codigo_evento: `${ticker} ${comDay} ${amount}` },
  ...{ tipo_evento: 'DIVIDENDO', dt_com: comDay, vlr_provento: amount, situacao: 'vigente' },
  ...rest,
});

const split = (ticker: string, first: string, factor: number): Row => ({
  ...{ codigo_ticker_ativo: ticker, codigo_ativo: ticker, dt_pregao: first },
  ...{ dt_inicio: '1994-01-01', fator_desdobramento: factor, fator_proventos: 1 },
});

const engines: QueryEngine[] = [];
afterAll(() => {
  for (const engine of engines) engine.close();
});

async function openLake(write: (root: string) => Promise<void>): Promise<QueryEngine> {
  const root = await newFolder();
  await write(root);
  const engine = await openDuckDb(root);
  engines.push(engine);
  return engine;
}

function rank(engine: QueryEngine, by: string, options: RankingOptions = {}): Promise<Ranking> {
  return readRanking(engine, parseCriterion(by), options);
}

/** Some columns of the rows, in order. */
function columnsOf({ columns, rows }: Ranking, ...names: readonly string[]) {
  return rows.map((row) => names.map((name) => row[columns.indexOf(name)]));
}

const print = ({ rows }: Ranking): string =>
  JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

const tickersOf = (ranking: Ranking) => columnsOf(ranking, 'codigo_ticker_ativo').flat();

/** Why each asset without a position has none. */
function reasonsOf({ unranked }: Ranking): Record<string, string> {
  return Object.fromEntries(
    unranked.flatMap(({ reason, tickers }) => tickers.map((ticker) => [ticker, reason.en])),
  );
}

describe('magic', () => {
  const magic = (ticker: string, multiple: number | null, roic: number | null, rest: Row = {}) =>
    stock(ticker, {
      ...{ vlr_ind_ev_sobre_ebit: multiple, vlr_ind_roic: roic, vlr_ebit_ult_12m: 100 },
      ...rest,
    });
  let ranking: Ranking;
  beforeAll(async () => {
    const engine = await openLake((root) =>
      writeDay(root, DAY, {
        acoes: [
          magic('AAAA3', 5, 0.1), // 2 + 4 = 6
          magic('BBBB3', 4, 0.2), // 1 + 2 = 3
          magic('CCCC3', 8, 0.3), // 4 + 1 = 5
          magic('DDDD3', 6, 0.2), // 3 + 2 = 5: the same sum, and cheaper than CCCC3
          magic('BANK3', 1, 0.9, { nome_setor: 'Intermediários Financeiros' }),
          magic('WATR3', 1, 0.9, { nome_setor: 'ÁGUA E SANEAMENTO' }),
          magic('LOSS3', 3, 0.9, { vlr_ebit_ult_12m: -1 }),
          magic('CASH3', -3, 0.9),
          magic('NOPE3', null, 0.9),
          magic('NROI3', 3, null),
          magic('OLDD3', 1, 0.9, { dt_ult_cot: '2026-10-19' }),
        ],
      }),
    );
    ranking = await rank(engine, 'magic');
  });

  test('is the order of the sum of two positions; of equal sums the cheaper is first', () => {
    const names = ['pos_ev_sobre_ebit', 'pos_roic', 'soma_posicoes', 'vlr_ind_ev_sobre_ebit'];
    expect(columnsOf(ranking, 'posicao', 'codigo_ticker_ativo', ...names)).toEqual([
      [1, 'BBBB3', 1, 2, 3, 4],
      [2, 'DDDD3', 3, 2, 5, 6],
      [3, 'CCCC3', 4, 1, 5, 8],
      [4, 'AAAA3', 2, 4, 6, 5],
    ]);
  });

  test('says of each other company why it has no position', () => {
    expect(reasonsOf(ranking)).toEqual({
      BANK3: 'financial company or utility',
      WATR3: 'financial company or utility',
      LOSS3: 'EBIT is not positive',
      CASH3: 'EV/EBIT is not positive',
      NOPE3: 'no EV/EBIT',
      NROI3: 'no ROIC',
      OLDD3: 'not traded in the 30 days before',
    });
  });
});

test('graham: the root of 22.5 × LPA × VPA, against the price', async () => {
  const engine = await openLake((root) =>
    writeDay(root, DAY, {
      acoes: [
        // sqrt(22.5 × 2 × 5) = 15
        stock('AAAA3', { vlr_ind_lpa: 2, vlr_ind_vpa: 5 }),
        // sqrt(22.5 × 4 × 10) = 30
        stock('BBBB3', { vlr_ind_lpa: 4, vlr_ind_vpa: 10, vlr_cot: 40 }),
        stock('LOSS3', { vlr_ind_lpa: -4, vlr_ind_vpa: -10 }),
        stock('DEBT3', { vlr_ind_lpa: 4, vlr_ind_vpa: -10 }),
        stock('NOPE3', { vlr_ind_lpa: 4 }),
        stock('FREE3', { vlr_ind_lpa: 4, vlr_ind_vpa: 10, vlr_cot: 0 }),
      ],
    }),
  );
  const ranking = await rank(engine, 'graham');
  const names = ['vlr_graham', 'pct_margem_seguranca', 'vlr_cot'];
  expect(columnsOf(ranking, 'codigo_ticker_ativo', ...names)).toEqual([
    ['AAAA3', 15, 0.5, 10],
    ['BBBB3', 30, -0.25, 40],
  ]);
  expect(reasonsOf(ranking)).toEqual({
    LOSS3: 'LPA is not positive',
    DEBT3: 'VPA is not positive',
    NOPE3: 'no VPA',
    FREE3: 'price is not positive',
  });
});

describe('bazin', () => {
  const stocks = [
    stock('AAAA3', { vlr_ind_div_yield: 0.5 }),
    stock('BBBB3', { vlr_ind_div_yield: 0.03 }),
    stock('CCCC3', { vlr_ind_div_yield: 0 }),
    stock('DDDD3'),
  ];

  test('without events the dividend is that of the yield', async () => {
    const engine = await openLake((root) => writeDay(root, DAY, { acoes: stocks }));
    const ranking = await rank(engine, 'bazin');
    const names = ['vlr_provento_medio', 'vlr_preco_teto', 'pct_margem_seguranca'];
    const rows = columnsOf(ranking, 'codigo_ticker_ativo', 'base_provento', ...names);
    expect(rows.map((row) => row.slice(0, 2))).toEqual([
      ['AAAA3', 'div_yield'],
      ['BBBB3', 'div_yield'],
    ]);
    // 3% of 10 over 6% is 5, half of the price.
    expect(rows[1]?.slice(2).map(Number)).toEqual([0.3, 5, -0.5].map((n) => expect.closeTo(n)));
    expect(reasonsOf(ranking)).toEqual({
      CCCC3: 'no dividend',
      DDDD3: 'no Div. Yield, and no imported event',
    });
    expect(ranking.newestEvent).toBeUndefined();
  });

  test('with events it is the mean of five years, of one unit of the day', async () => {
    const engine = await openLake(async (root) => {
      await writeDay(root, DAY, { acoes: stocks });
      await writeLedger(root, {
        events: [
          // Of one unit before a split in two: 1.00 and 0.50 of today.
          dividend('AAAA3', '2021-11-20', 2),
          dividend('AAAA3', '2023-03-01', 1, { tipo_evento: 'JRS CAP PROPRIO' }),
          dividend('AAAA3', '2026-11-19', 1.5),
          // A day too old, a day too new, a return of capital, and one that is not shown any more.
          dividend('AAAA3', '2021-11-19', 100),
          dividend('AAAA3', '2026-11-20', 100),
          dividend('AAAA3', '2026-01-05', 100, { tipo_evento: 'REST CAP DIN' }),
          dividend('AAAA3', '2026-01-06', 100, { situacao: 'ausente' }),
        ],
        factors: [split('AAAA3', '2024-05-02', 0.5), split('AAAA3', '2026-11-25', 0.1)],
      });
    });
    const ranking = await rank(engine, 'bazin');
    const names = ['vlr_provento_medio', 'vlr_preco_teto', 'num_anos_com_provento'];
    const [first] = columnsOf(ranking, 'codigo_ticker_ativo', 'base_provento', ...names);
    // (1 + 0.5 + 1.5) / 5 = 0.6, over 6% = 10; paid in three of the five years.
    expect(first).toEqual(['AAAA3', 'eventos', expect.closeTo(0.6), expect.closeTo(10), 3]);
    expect(ranking.newestEvent).toBe('2026-11-19');
    // An import is advised where it brings something.
    const notesOf = (newestEvent: string | undefined, eventsReadOn?: string): string =>
      describeRanking(
        parseCriterion('bazin'),
        { ...ranking, newestEvent },
        { allPapersOption: '-', eventsReadOn },
      ).join('\n');
    const advice = '`pynvest import eventos` brings';
    expect(notesOf('2026-11-19')).toContain('The newest event is from 2026-11-19.');
    expect(notesOf('2026-11-19')).not.toContain(advice);
    expect(notesOf('2026-10-01')).toContain(`The newest event is from 2026-10-01; ${advice}`);
    expect(notesOf('2026-10-01', '2026-11-18')).not.toContain(advice);
    expect(notesOf(undefined)).toContain(advice);
    expect(notesOf(undefined, '2026-11-25')).not.toContain(advice);
  });

  test('cash that is detached after a split, and before the next session, is of the units after it', async () => {
    const motivo = 'DESDOBRAMENTO × 4 + DIVIDENDO 1; distribution number 5 to 7';
    const together = {
      ...{ ...split('AAAA3', '2025-01-08', 0.25), dt_inicio: '2024-12-30' },
      ...{ fator_proventos: 0.9, motivo },
    };
    const engine = await openLake(async (root) => {
      await writeDay(root, DAY, { acoes: stocks });
      await writeLedger(root, {
        events: [
          dividend('AAAA3', '2024-12-20', 8),
          dividend('AAAA3', '2025-01-03', 0, {
            ...{ tipo_evento: 'DESDOBRAMENTO', vlr_provento: null, vlr_multiplicador: 4 },
          }),
          dividend('AAAA3', '2025-01-06', 1),
        ],
        factors: [{ ...split('AAAA3', '2024-12-30', 1), fator_proventos: 0.9 }, together],
      });
    });
    // 8 of before the split are 2 of today, and 1 of after it is 1: 3 in five years.
    expect(
      columnsOf(await rank(engine, 'bazin'), 'codigo_ticker_ativo', 'vlr_provento_medio')[0],
    ).toEqual(['AAAA3', expect.closeTo(0.6)]);
  });

  test('where the splits since a dividend are not known, the stock is not ranked', async () => {
    const session = (ticker: string, date: string): Row =>
      wholeRow(historyTable, {
        ...{ codigo_ticker_ativo: ticker, dt_pregao: date, codigo_mercado: '010' },
        ...{ vlr_fechamento: 10, fator_cotacao: 1 },
      });
    const engine = await openLake(async (root) => {
      await writeDay(root, DAY, { acoes: ['AAAA3', 'BBBB3', 'CCCC3'].map((each) => stock(each)) });
      await writeLedger(root, {
        events: [
          // Before the first session in the lake.
          dividend('AAAA3', '2024-03-01', 2),
          dividend('AAAA3', '2026-03-01', 2),
          // Before a split that is in no session.
          dividend('BBBB3', '2026-03-01', 2),
          dividend('BBBB3', '2026-05-01', 0, {
            ...{ tipo_evento: 'DESDOBRAMENTO', vlr_provento: null, vlr_multiplicador: 2 },
          }),
          dividend('CCCC3', '2026-03-01', 2),
        ],
      });
      await createLocalLake(root).write(
        { table: historyTable, partition: 2025 as Partition, name: 'dedup' },
        [session('AAAA3', '2025-01-02'), session('CCCC3', '2025-01-02')],
      );
    });
    const ranking = await rank(engine, 'bazin');
    expect(columnsOf(ranking, 'codigo_ticker_ativo', 'vlr_provento_medio')).toEqual([
      ['CCCC3', 0.4],
    ]);
    const reason = 'the splits since some of its dividends are not known';
    expect(reasonsOf(ranking)).toEqual({ AAAA3: reason, BBBB3: reason });
  });

  test('the dividends of a ticker before its change are of its asset', async () => {
    const engine = await openLake(async (root) => {
      await writeDay(root, DAY, { acoes: [stock('NEWW3')] });
      await writeLedger(root, {
        events: [dividend('OLDD3', '2024-01-10', 3), dividend('NEWW3', '2026-01-10', 3)],
        factors: [{ ...split('OLDD3', '2025-01-02', 1), codigo_ativo: 'NEWW3' }],
      });
    });
    const ranking = await rank(engine, 'bazin');
    expect(columnsOf(ranking, 'vlr_provento_medio', 'num_anos_com_provento')).toEqual([
      [expect.closeTo(1.2), 2],
    ]);
  });
});

test('piotroski: seven signals against the balance of a year before', async () => {
  const balance = (ticker: string, date: string, rest: Row = {}): Row =>
    stock(ticker, {
      ...{ dt_ult_balanco_proc: date, vlr_ind_p_sobre_vp: 1 },
      ...{ vlr_lucro_liq_ult_12m: 10, vlr_ativo: 100, vlr_divida_bruta: 50 },
      ...{ vlr_liquidez_corr: 1.5, num_acoes: 1000 },
      ...{ vlr_ind_margem_bruta: 0.3, vlr_ind_giro_ativos: 0.8, ...rest },
    });
  const better: Row = {
    ...{ vlr_lucro_liq_ult_12m: 12, vlr_divida_bruta: 40, vlr_liquidez_corr: 1.6 },
    ...{ vlr_ind_margem_bruta: 0.31, vlr_ind_giro_ativos: 0.9 },
  };
  const worse: Row = {
    ...{ vlr_lucro_liq_ult_12m: -1, vlr_divida_bruta: 60, vlr_liquidez_corr: 1.4, num_acoes: 1100 },
    ...{ vlr_ind_margem_bruta: 0.29, vlr_ind_giro_ativos: 0.7 },
  };
  const tickers = ['BEST3', 'SAME3', 'WRST3', 'SPLT3', 'BNKK3', 'QTRS3'];
  const engine = await openLake(async (root) => {
    await writeDay(root, '2025-11-19', {
      acoes: tickers.map((ticker) =>
        balance(ticker, ticker === 'QTRS3' ? '2025-06-30' : '2025-09-30'),
      ),
    });
    // A later page of that balance is the one that counts.
    await writeDay(root, '2025-11-20', {
      acoes: [balance('WRST3', '2025-09-30', { vlr_ativo: 200 })],
    });
    await writeDay(root, DAY, {
      acoes: [
        balance('BEST3', '2026-09-30', better),
        balance('SAME3', '2026-09-30'),
        balance('WRST3', '2026-09-30', { ...worse, vlr_ind_p_sobre_vp: 0.5 }),
        // Twice the shares after a split in two is no issue of shares.
        balance('SPLT3', '2026-09-30', { ...better, num_acoes: 2000, vlr_ind_p_sobre_vp: 2 }),
        balance('BNKK3', '2026-09-30', { vlr_liquidez_corr: null }),
        balance('QTRS3', '2026-09-30', better),
        balance('YUNG3', '2026-09-30', better),
      ],
    });
    await writeLedger(root, { factors: [split('SPLT3', '2026-03-02', 0.5)] });
  });
  const ranking = await rank(engine, 'piotroski');
  const signals = ['lucro', 'roa', 'divida', 'liquidez', 'acoes', 'margem', 'giro'];
  const names = signals.map((name) => `sinal_${name}`);
  const all = signals.map(() => true);
  expect(columnsOf(ranking, 'posicao', 'codigo_ticker_ativo', 'num_sinais', ...names)).toEqual([
    [1, 'BEST3', 7, ...all],
    [2, 'SPLT3', 7, ...all],
    [3, 'SAME3', 2, true, false, false, false, true, false, false],
    [4, 'WRST3', 0, ...signals.map(() => false)],
  ]);
  const figures = ['dt_balanco_anterior', 'pct_roa', 'pct_roa_anterior', 'num_acoes_anterior'];
  expect(columnsOf(ranking, ...figures)[3]).toEqual(['2025-09-30', -0.01, 0.05, 1000]);
  expect(reasonsOf(ranking)).toEqual({
    BNKK3: 'no Liquidez Corr',
    QTRS3: 'no balance of a year before in the lake',
    YUNG3: 'no balance of a year before in the lake',
  });
});

describe('the screens of funds', () => {
  let engine: QueryEngine;
  const property = (ticker: string, yields: number, price: number, vacancy: number | null) =>
    fund(ticker, {
      ...{ vlr_div_yield: yields, vlr_ffo_yield: yields, vlr_p_sobre_vp: price },
      ...{ vlr_vacancia_media: vacancy, qtd_imoveis: 3 },
    });
  beforeAll(async () => {
    engine = await openLake((root) =>
      writeDay(root, DAY, {
        fiis: [
          property('AAAA11', 0.08, 0.9, 0.1),
          property('BBBB11', 0.1, 1, 0),
          property('CCCC11', 0.09, 0.8, 0.2),
          property('NVAC11', 0.01, 2, null),
          { ...property('PAPR11', 0.12, 1.1, null), qtd_imoveis: 0 },
          property('ZERO11', 0, 0.5, 0),
        ],
      }),
    );
  });

  test('renda: yield and P/VP', async () => {
    const ranking = await rank(engine, 'renda');
    const names = ['pos_div_yield', 'pos_p_sobre_vp', 'soma_posicoes'];
    expect(columnsOf(ranking, 'codigo_ticker_ativo', ...names)).toEqual([
      ['CCCC11', 3, 1, 4],
      ['PAPR11', 1, 4, 5],
      ['BBBB11', 2, 3, 5],
      ['AAAA11', 4, 2, 6],
      ['NVAC11', 5, 5, 10],
    ]);
    expect(reasonsOf(ranking)).toEqual({ ZERO11: 'Div. Yield is not positive' });
  });

  test('tijolo: FFO yield, P/VP and vacancy, of funds with properties', async () => {
    const ranking = await rank(engine, 'tijolo');
    const names = ['pos_ffo_yield', 'pos_p_sobre_vp', 'pos_vacancia_media', 'soma_posicoes'];
    expect(columnsOf(ranking, 'codigo_ticker_ativo', ...names)).toEqual([
      ['BBBB11', 1, 3, 1, 5],
      ['CCCC11', 2, 1, 3, 6],
      ['AAAA11', 3, 2, 2, 7],
    ]);
    expect(reasonsOf(ranking)).toEqual({
      NVAC11: 'no Vacância Média',
      PAPR11: 'no properties',
      ZERO11: 'FFO Yield is not positive',
    });
  });
});

describe('by columns', () => {
  let engine: QueryEngine;
  beforeAll(async () => {
    engine = await openLake((root) =>
      writeDay(root, DAY, {
        acoes: [
          stock('AAAA3', { vlr_ind_roe: 0.2, vlr_ind_p_sobre_l: 8, vol_med_neg_2m: 100 }),
          stock('AAAA4', { vlr_ind_roe: 0.2, vlr_ind_p_sobre_l: 7, vol_med_neg_2m: 900 }),
          stock('BBBB3', { vlr_ind_roe: 0.3, vlr_ind_p_sobre_l: 20, vol_med_neg_2m: 500 }),
          stock('CCCC3', { vlr_ind_roe: 0.2, vlr_ind_p_sobre_l: 7, vol_med_neg_2m: 300 }),
          stock('DDDD3', { vlr_ind_roe: 0.1, vlr_ind_p_sobre_l: 5, nome_subsetor: 'Vinícolas' }),
          stock('LOSS3', { vlr_ind_roe: 0.9, vlr_ind_p_sobre_l: -2 }),
          stock('NULL3', { vlr_ind_p_sobre_l: 3 }),
        ],
        fiis: [fund('FUND11', { vol_med_neg_2m: 50 })],
      }),
    );
  });

  test('equals of the first key are in the order of the next, and share a position', async () => {
    const ranking = await rank(engine, 'vlr_ind_roe:desc,vlr_ind_p_sobre_l:asc');
    expect(columnsOf(ranking, 'posicao', 'codigo_ticker_ativo')).toEqual([
      [1, 'BBBB3'],
      [2, 'AAAA4'],
      [2, 'CCCC3'],
      [4, 'DDDD3'],
    ]);
    expect(reasonsOf(ranking)).toEqual({
      LOSS3: 'vlr_ind_p_sobre_l is not positive',
      NULL3: 'no vlr_ind_roe',
    });
    expect(ranking.otherPapers).toEqual(['AAAA3']);
  });

  test('columns that a plus joins count by the sum of their positions', async () => {
    const ranking = await rank(engine, 'vlr_ind_roe + vlr_ind_p_sobre_l:asc');
    expect(columnsOf(ranking, 'codigo_ticker_ativo', 'soma_posicoes')).toEqual([
      ['AAAA4', 4],
      ['CCCC3', 4],
      ['BBBB3', 5],
      ['DDDD3', 5],
    ]);
  });

  test('every paper of a company is ranked if that is asked for', async () => {
    const ranking = await rank(engine, 'vlr_ind_p_sobre_l:asc', { isEveryPaper: true, top: 4 });
    expect(tickersOf(ranking)).toEqual(['NULL3', 'DDDD3', 'AAAA4', 'CCCC3']);
    expect(ranking.ranked).toBe(6);
  });

  test('only a sector, and only what is traded enough', async () => {
    const sector = await rank(engine, 'vlr_ind_p_sobre_l', { sector: 'vinicola' });
    expect(tickersOf(sector)).toEqual(['DDDD3']);
    const liquid = await rank(engine, 'vlr_ind_p_sobre_l', { minLiquidity: 400 });
    expect(tickersOf(liquid)).toEqual(['BBBB3', 'AAAA4']);
    await expect(rank(engine, 'vlr_ind_roe', { sector: 'Comercio' })).resolves.toBeDefined();
    await expect(rank(engine, 'vlr_ind_roe', { sector: 'Vinhcolas' })).rejects.toMatchObject({
      hint: 'Did you mean Vinícolas?',
    });
  });

  test('columns have the names that people use, with their direction behind them', async () => {
    const ranking = await rank(engine, 'ROE:desc; P/L asc');
    expect(tickersOf(ranking)).toEqual(['BBBB3', 'AAAA4', 'CCCC3', 'DDDD3']);
    expect(ranking.columns).toContain('vlr_ind_p_sobre_l');
    expect(reasonsOf(ranking)).toEqual({ LOSS3: 'P/L is not positive', NULL3: 'no ROE' });
    const { figures, kinds } = parseCriterion('dy+p/vp:asc');
    expect([Object.keys(figures), kinds]).toEqual([
      ['dy', 'p_vp'],
      ['acoes', 'fiis'],
    ]);
    expect(Object.keys(parseCriterion('dy,roe').figures)).toEqual([
      'vlr_ind_div_yield',
      'vlr_ind_roe',
    ]);
    expect(Object.keys(parseCriterion('EV / EBIT').figures)).toEqual(['vlr_ind_ev_sobre_ebit']);
  });

  test('what both kinds have ranks both', async () => {
    const ranking = await rank(engine, 'vol_med_neg_2m:asc', { top: 2 });
    expect(tickersOf(ranking)).toEqual(['FUND11', 'CCCC3']);
  });

  test('columns of different kinds, and unknown words, are refused', () => {
    expect(() => parseCriterion('vlr_ind_roe,vlr_vacancia_media')).toThrow(
      'no kind of asset has all of these columns',
    );
    expect(() => parseCriterion('roe', ['fiis'])).toThrow('there is no column "roe"');
    expect(() => parseCriterion('magik')).toThrow('there is no column "magik"');
    expect(() => parseCriterion('vlr_ind_roe:up')).toThrow('names no direction');
    expect(() => parseCriterion(' , ')).toThrow('--by names no column');
    expect(() => parseCriterion('graham', ['fiis'])).toThrow('graham ranks acoes, and no fiis');
  });
});

describe('as of a past day', () => {
  const screensOf = ['magic', 'graham', 'bazin', 'piotroski', 'renda', 'tijolo', 'vlr_cot:asc'];
  const asset = (ticker: string, scale: number, date: string, rest: Row = {}): Row =>
    stock(ticker, {
      ...{ vlr_ind_ev_sobre_ebit: 5 * scale, vlr_ind_roic: 0.1, vlr_ebit_ult_12m: 9 },
      ...{ vlr_ind_lpa: 1, vlr_ind_vpa: 5 * scale, vlr_ind_div_yield: 0.05, vlr_cot: 10 * scale },
      ...{ dt_ult_balanco_proc: date, vlr_lucro_liq_ult_12m: 10, vlr_ativo: 100 * scale },
      ...{ vlr_divida_bruta: 5, vlr_liquidez_corr: scale, num_acoes: 1000 },
      ...{ vlr_ind_margem_bruta: 0.3, vlr_ind_giro_ativos: 0.5, vlr_ind_p_sobre_vp: 1, ...rest },
    });
  const property = (ticker: string, scale: number): Row =>
    fund(ticker, {
      ...{ vlr_div_yield: 0.1 * scale, vlr_ffo_yield: 0.1, vlr_p_sobre_vp: scale },
      ...{ vlr_vacancia_media: 0.1, qtd_imoveis: 3, vlr_cot: 100 * scale },
    });
  const early: MadeUpLake = {
    acoes: [asset('AAAA3', 1.5, '2026-09-30'), asset('BBBB3', 2, '2026-09-30')],
    fiis: [property('FUND11', 1), property('GUND11', 1.5)],
  };
  const ledger = {
    events: [dividend('AAAA3', '2025-05-05', 1), dividend('BBBB3', '2026-02-03', 2)],
    factors: [split('BBBB3', '2026-04-01', 0.3)],
  };

  test('everything that the lake has learnt since changes no byte of the answer', async () => {
    const writePast = async (root: string) => {
      await writeDay(root, '2025-11-19', {
        acoes: [asset('AAAA3', 1, '2025-09-30'), asset('BBBB3', 1.7, '2025-09-30')],
      });
      await writeDay(root, DAY, early);
    };
    const before = await openLake(async (root) => {
      await writePast(root);
      await writeLedger(root, ledger);
    });
    const after = await openLake(async (root) => {
      await writePast(root);
      // Other prices and balances, an old balance anew, other assets, a company that changed its name.
      await writeDay(root, '2026-11-21', {
        acoes: [asset('AAAA3', 9, '2026-12-31'), asset('CCCC3', 0.1, '2026-09-30')],
        fiis: [property('HUND11', 9)],
      });
      await writeDay(root, '2026-11-23', {
        acoes: [asset('AAAA3', 7, '2025-09-30'), asset('BBBB4', 3, '2025-09-30')],
        fiis: [property('FUND11', 8)],
      });
      await writeLedger(root, {
        events: [
          // One that its source shows no more since then, and later ones.
          ...ledger.events.map((event, at) =>
            at === 0 ? { ...event, situacao: 'ausente' } : event,
          ),
          dividend('AAAA3', '2026-11-21', 50),
          dividend('AAAA3', '2026-11-22', 0, {
            ...{ tipo_evento: 'DESDOBRAMENTO', vlr_provento: null, vlr_multiplicador: 5 },
          }),
        ],
        factors: [
          ...[...ledger.factors, split('AAAA3', '2026-11-23', 0.1)],
          { ...split('BBBB3', '2026-11-24', 0.7), codigo_ativo: 'BBBB3' },
        ],
      });
    });
    for (const by of screensOf) {
      const [then, now] = [
        await rank(before, by),
        await rank(after, by, { asOf: day('2026-11-20') }),
      ];
      expect(print(now), by).toBe(print(then));
      expect(then.rows.length, by).toBeGreaterThan(1);
      expect([now.unranked, now.newestEvent], by).toEqual([then.unranked, then.newestEvent]);
      expect(print(await rank(after, by)), by).not.toBe(print(then));
    }
  });

  test('so is the profile of an asset', async () => {
    const write = (root: string) => writeDay(root, DAY, early);
    const [before, after] = [
      await openLake(write),
      await openLake(async (root) => {
        await write(root);
        const peer = asset('CCCC3', 0.1, '2026-09-30');
        await writeDay(root, '2026-11-21', { acoes: [asset('AAAA3', 9, '2026-12-31'), peer] });
      }),
    ];
    const show = async (engine: QueryEngine, asOf?: Partition) =>
      JSON.stringify(await readProfile(engine, parseTicker('AAAA3'), { asOf }), (_, value) =>
        typeof value === 'bigint' ? `${value}n` : value,
      );
    expect(await show(after, day('2026-11-20'))).toBe(await show(before));
    expect(await show(after)).not.toBe(await show(before));
  });

  test('a day before the first is an error', async () => {
    const engine = await openLake((root) => writeDay(root, DAY, early));
    await expect(rank(engine, 'magic', { asOf: day('2026-11-18') })).rejects.toThrow(
      'the lake has no indicators of acoes up to 2026-11-18',
    );
  });
});
