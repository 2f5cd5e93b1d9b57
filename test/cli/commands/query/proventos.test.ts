import { beforeAll, describe, expect, test } from 'vitest';
import type { Row } from '../../../../src/catalog/column.ts';
import { getTable, type Table } from '../../../../src/catalog/dataset.ts';
import { adjustments, events, history } from '../../../../src/catalog/datasets/b3.ts';
import { formatIsoDate, type Partition } from '../../../../src/catalog/partition.ts';
import { getTradingDays } from '../../../../src/catalog/trading-days.ts';
import { createLocalLake, writeNote } from '../../../../src/lake/local/lake.ts';
import { DEDUP_NAME } from '../../../../src/lake/names.ts';
import { jsonRows } from '../../../support/answers.ts';
import { newFolder } from '../../../support/folders.ts';
import { pynvest } from '../../../support/in-process.ts';
import { day, quote, writeQuotes } from '../../../support/made-up-lake.ts';
import { wholeRow } from '../../../support/rows.ts';

let lake: string;

async function write(
  table: Table,
  year: number,
  rows: readonly Row[],
  folder = lake,
): Promise<void> {
  const whole = rows.map((row) => wholeRow(table, row));
  const file = { table, partition: year as Partition, name: DEDUP_NAME };
  await createLocalLake(folder).write(file, whole);
}

const event = (ticker: string, day: string, type: string, rest: Row): Row => ({
  ...{ codigo_ticker_ativo: ticker, codigo_evento: `${day} ${type} 1`, dt_com: day },
  ...{ tipo_evento: type, fontes: 'b3', situacao: 'vigente' },
  ...rest,
});

beforeAll(async () => {
  lake = await newFolder();
  const session = { codigo_mercado: '010', fator_cotacao: 1 };
  await write(getTable(history, 'sot'), 2024, [
    { ...session, codigo_ticker_ativo: 'NOVO3', dt_pregao: '2024-06-28', vlr_fechamento: 8 },
    { ...session, codigo_ticker_ativo: 'NOVO3', dt_pregao: '2024-07-01', vlr_fechamento: 10 },
  ]);
  await write(getTable(history, 'sot'), 2023, [
    { ...session, codigo_ticker_ativo: 'VELH3', dt_pregao: '2023-01-02', vlr_fechamento: 20 },
    { ...session, codigo_ticker_ativo: 'JOVE3', dt_pregao: '2023-07-03', vlr_fechamento: 20 },
    { ...session, codigo_ticker_ativo: 'JOVE3', dt_pregao: '2023-07-04', vlr_fechamento: 20 },
  ]);
  const events2024 = [
    event('NOVO3', '2024-05-02', 'DESDOBRAMENTO', { vlr_fator: 100, vlr_multiplicador: 2 }),
    event('NOVO3', '2024-06-28', 'DIVIDENDO', { vlr_provento: 0.25 }),
    event('NOVO3', '2024-06-28', 'AMORTIZACAO', { vlr_provento: 5 }),
    event('NOVO3', '2024-06-28', 'RENDIMENTO', { vlr_provento: 3, situacao: 'ausente' }),
    // The page of the old ticker shows it, too: it is one payment.
    event('VELH3', '2024-06-28', 'DIVIDENDO', { vlr_provento: 0.25 }),
    event('NOVO3', '2024-07-02', 'DIVIDENDO', { vlr_provento: 9 }),
    event('ONCA11', '2024-06-28', 'RENDIMENTO', { vlr_provento: 0.8 }),
  ];
  await write(getTable(events, 'sot'), 2024, events2024);
  await write(getTable(events, 'sot'), 2023, [
    event('VELH3', '2023-07-01', 'DIVIDENDO', { vlr_provento: 7 }),
    event('VELH3', '2023-12-20', 'JRS CAP PROPRIO', { vlr_provento: 1.5 }),
    event('JOVE3', '2023-06-30', 'DIVIDENDO', { vlr_provento: 4 }),
    event('JOVE3', '2023-07-03', 'DIVIDENDO', {
      ...{ vlr_provento: 2, divergencia: 'fundamentus: DIVIDENDO 2.5', valor_divergente: true },
    }),
    event('SEMH3', '2023-06-30', 'DIVIDENDO', { vlr_provento: 4 }),
    event('SEMH3', '2023-07-03', 'DESDOBRAMENTO', { vlr_fator: 100, vlr_multiplicador: 2 }),
    event('SEMH3', '2023-07-04', 'DIVIDENDO', { vlr_provento: 1 }),
  ]);
  const factor = { codigo_ativo: 'NOVO3', fator_desdobramento_acumulado: 0.5 };
  await write(getTable(adjustments, 'spec'), 2024, [
    { ...factor, codigo_ticker_ativo: 'VELH3', dt_inicio: '2023-01-02', dt_pregao: '2024-01-02' },
    { ...factor, codigo_ticker_ativo: 'NOVO3', dt_inicio: '2024-01-02', dt_pregao: '2024-05-03' },
  ]);
  await writeQuotes(lake, '2024-07-02', [quote('ONCA11', 100, { dt_ult_cot: '2024-07-02' })]);
});

const ask = (...args: string[]) =>
  pynvest(['query', 'proventos', '--lake', lake, '--format', 'json', ...args]);

describe('pynvest query proventos', () => {
  test('lists the events of an asset under all its tickers, with amounts of a unit of today', async () => {
    const { status, stdout, stderr } = await ask('NOVO3');
    expect(status).toBe(0);
    const values = jsonRows(stdout).map((row) => [
      ...[row['dt_com'], row['codigo_ticker_ativo'], row['tipo_evento']],
      ...[row['vlr_provento'], row['vlr_provento_ajustado'], row['vlr_multiplicador']],
    ]);
    expect(values).toEqual([
      ['2023-07-01', 'VELH3', 'DIVIDENDO', 7, 3.5, null],
      ['2023-12-20', 'VELH3', 'JRS CAP PROPRIO', 1.5, 0.75, null],
      ['2024-05-02', 'NOVO3', 'DESDOBRAMENTO', null, null, 2],
      ['2024-06-28', 'NOVO3', 'AMORTIZACAO', 5, 5, null],
      ['2024-06-28', 'NOVO3', 'DIVIDENDO', 0.25, 0.25, null],
      ['2024-06-28', 'NOVO3', 'RENDIMENTO', 3, 3, null],
      ['2024-06-28', 'VELH3', 'DIVIDENDO', 0.25, 0.25, null],
      ['2024-07-02', 'NOVO3', 'DIVIDENDO', 9, 9, null],
    ]);
    expect(stderr).toContain(
      'NOVO3: 2 payments of income in the twelve months to 01/07/2024: R$ 1,0000 a unit, 10,00% of R$ 10,00.',
    );
  });

  test('of an old ticker are those of the asset', async () => {
    expect((await ask('VELH3')).stdout).toBe((await ask('NOVO3')).stdout);
  });

  test('of a range are only its rows, and the sum is of the same twelve months', async () => {
    const { stdout, stderr } = await ask('NOVO3', '--from', '2023-12-01', '--to', '2023-12-31');
    expect(jsonRows(stdout)).toHaveLength(1);
    expect(stderr).toContain('2 payments of income');
  });

  test('--total has a row an asset: against the newest close, or else the newest quote', async () => {
    const { status, stdout } = await ask('--ticker', 'NOVO3,ONCA11', '--total');
    expect(status).toBe(0);
    expect(jsonRows(stdout)).toEqual([
      {
        ...{ codigo_ticker_ativo: 'NOVO3', dt_inicio: '2023-07-02', dt_fim: '2024-07-01' },
        ...{ qtd_proventos: 2, vlr_proventos: 1, vlr_fechamento: 10 },
        ...{ dt_fechamento: '2024-07-01', pct_yield: 0.1, provado: false },
      },
      {
        ...{ codigo_ticker_ativo: 'ONCA11', dt_inicio: '2023-07-03', dt_fim: '2024-07-02' },
        ...{ qtd_proventos: 1, vlr_proventos: 0.8, vlr_fechamento: 100 },
        ...{ dt_fechamento: '2024-07-02', pct_yield: 0.008, provado: null },
      },
    ]);
  });

  test('an amount from before the first session has none for a unit of today, and the answer says so', async () => {
    const { status, stdout, stderr } = await ask('JOVE3');
    expect(status).toBe(0);
    expect(
      jsonRows(stdout).map((row) => [
        ...[row['dt_com'], row['vlr_provento'], row['vlr_provento_ajustado'], row['divergencia']],
      ]),
    ).toEqual([
      ['2023-06-30', 4, null, null],
      ['2023-07-03', 2, 2, 'fundamentus: DIVIDENDO 2.5'],
    ]);
    expect(stderr).toContain('1 amount up to 30/06/2023: without the prices of that time');
    const total = await ask('JOVE3', '--total');
    expect(jsonRows(total.stdout)).toMatchObject([{ qtd_proventos: 2, vlr_proventos: null }]);
  });

  test('of an asset without prices, amounts before a split of the ledger have none', async () => {
    const { stdout } = await ask('SEMH3');
    expect(jsonRows(stdout).map((row) => row['vlr_provento_ajustado'])).toEqual([null, null, 1]);
  });

  test('of a ticker without events ends with status 3', async () => {
    const { status, stderr } = await ask('NOVO3', 'XPTO3');
    expect(status).toBe(3);
    expect(stderr).toContain('XPTO3: the ledger has no event');
  });

  test('--total has no row of a ticker without events: what is not known is not zero', async () => {
    const { status, stdout, stderr } = await ask('NOVO3', 'XPTO3', '--total');
    expect(status).toBe(3);
    expect(jsonRows(stdout).map((row) => row['codigo_ticker_ativo'])).toEqual(['NOVO3']);
    expect(stderr).toContain('XPTO3: the ledger has no event');
  });

  test('of days without an event says so, and nothing of the twelve months', async () => {
    const { status, stdout, stderr } = await ask('NOVO3', '--from', '2027-01-01');
    expect([status, jsonRows(stdout)]).toEqual([0, []]);
    expect(stderr).toBe('NOVO3: no event on the days asked for.\n');
  });

  test.each([
    [[], 2, 'query proventos needs a ticker'],
    [['NOVO3', '--total', '--from', '2024-01-01'], 2, 'leave --from and --to out'],
  ])('refuses %j', async (args, expected, text) => {
    const { status, stderr } = await ask(...args);
    expect(status).toBe(expected);
    expect(stderr).toContain(text);
  });

  test('says how a lake without events gets them', async () => {
    const empty = await newFolder();
    const { status, stderr } = await pynvest(['query', 'proventos', 'NOVO3', '--lake', empty]);
    expect(status).toBe(1);
    expect(stderr).toContain('pynvest import eventos');
  });
});

describe('a sum of twelve months', () => {
  let made: string;
  let holed: string;
  const askTotal = (...args: string[]) => askTotalOf(made, ...args);
  const askTotalOf = async (root: string, ...args: string[]) => {
    const { stdout, stderr } = await pynvest([
      ...['query', 'proventos', '--total', '--lake', root, '--format', 'json'],
      ...args,
    ]);
    return { proved: jsonRows(stdout).map((row) => row['provado']), stderr };
  };

  beforeAll(async () => {
    made = await newFolder();
    const session = (ticker: string, day: string): Row => ({
      ...{ codigo_mercado: '010', fator_cotacao: 1, moeda: 'R$', codigo_ticker_ativo: ticker },
      ...{ dt_pregao: day, vlr_fechamento: 10 },
    });
    const days = ['2024-03-04', '2024-03-05', '2024-03-06'];
    const tickers = ['PROV3', 'FALT3', 'VELH3'];
    const sessions = tickers.flatMap((ticker) => days.map((day) => session(ticker, day)));
    const market = getTradingDays(day('2023-03-07'), day('2024-03-06')).map((each) =>
      session('MERC3', formatIsoDate(each)),
    );
    const first = ['PROV3', 'CEDO3'].map((ticker) => session(ticker, '2023-03-07'));
    const ofYear = (year: number, rows: readonly Row[]) =>
      rows.filter((row) => String(row['dt_pregao']).startsWith(String(year)));
    await write(getTable(history, 'sot'), 2023, [...first, ...ofYear(2023, market)], made);
    await write(getTable(history, 'sot'), 2024, [...ofYear(2024, market), ...sessions], made);
    // Its twelve months begin with a session of the market; a week after that none is imported.
    holed = await newFolder();
    const isImported = (row: Row) => !String(row['dt_pregao']).startsWith('2023-03-1');
    const left = ofYear(2023, market).filter(isImported);
    await write(getTable(history, 'sot'), 2023, [...first, ...left], holed);
    await write(getTable(history, 'sot'), 2024, [...ofYear(2024, market), ...sessions], holed);
    const paid = tickers.map((ticker) =>
      event(ticker, '2024-03-04', 'DIVIDENDO', { vlr_provento: 1 }),
    );
    await write(getTable(events, 'sot'), 2024, paid, made);
    await write(getTable(events, 'sot'), 2024, paid, holed);
    const old = event('CEDO3', '2020-03-04', 'DIVIDENDO', { vlr_provento: 1 });
    await write(getTable(events, 'sot'), 2020, [old], made);
    const factor = (ticker: string, start: string, day: string, more: Row): Row => ({
      ...{ codigo_ticker_ativo: ticker, codigo_ativo: ticker, dt_inicio: start, dt_pregao: day },
      ...{ fator_desdobramento: 1, fator_desdobramento_acumulado: 1, fator_total_acumulado: 1 },
      ...{ provado: true, provado_acumulado: true, fator_proventos: 0.9 },
      motivo: 'DIVIDENDO 1; distribution number 5 to 6',
      ...more,
    });
    const unexplained = { provado: false, motivo: 'distribution number 6 to 7' };
    const factors = [
      ...tickers.map((ticker) => factor(ticker, '2024-03-04', '2024-03-05', {})),
      factor('FALT3', '2024-03-05', '2024-03-06', unexplained),
    ];
    await write(getTable(adjustments, 'spec'), 2024, factors, made);
    await write(getTable(adjustments, 'spec'), 2024, factors, holed);
    // Before the twelve months.
    const earlier = factor('VELH3', '2023-01-02', '2023-03-07', unexplained);
    await write(getTable(adjustments, 'spec'), 2023, [earlier], made);
  });

  test('is not proved where a right of these months has no event', async () => {
    const { proved, stderr } = await askTotal('PROV3', 'FALT3', 'VELH3');
    expect(proved).toEqual([true, false, true]);
    expect(stderr).toContain(
      'FALT3: the events do not explain every right of the last twelve months, so the sum may lack a payment',
    );
  });

  test('nor after an import that was not completed', async () => {
    await writeNote(made, 'adjustment-state/state.txt', 'pending');
    expect((await askTotal('PROV3')).proved).toEqual([false]);
    await writeNote(made, 'adjustment-state/state.txt', 'derived');
  });

  test('is neither where the history begins within them', async () => {
    expect((await askTotal('CEDO3')).proved).toEqual([null]);
  });

  test('nor where the history lacks a session of them', async () => {
    expect((await askTotalOf(holed, 'PROV3')).proved).toEqual([null]);
  });
});

test('a sum is no more proved beside that of an asset that ended before', async () => {
  const made = await newFolder();
  const session = (ticker: string, day: string): Row => ({
    ...{ codigo_mercado: '010', fator_cotacao: 1, moeda: 'R$', codigo_ticker_ativo: ticker },
    ...{ dt_pregao: day, vlr_fechamento: 10 },
  });
  // From February 2023 to February 2024 no session is imported.
  await write(getTable(history, 'sot'), 2022, [session('ANTE3', '2022-02-01')], made);
  await write(getTable(history, 'sot'), 2023, [session('ANTE3', '2023-01-31')], made);
  await write(getTable(history, 'sot'), 2024, [session('NOVO3', '2024-06-28')], made);
  const paid = ['ANTE3', 'NOVO3'].map((ticker) =>
    event(ticker, '2022-06-01', 'DIVIDENDO', { vlr_provento: 1 }),
  );
  await write(getTable(events, 'sot'), 2022, paid, made);
  const readProofs = async (...tickers: string[]): Promise<unknown[]> => {
    const args = ['query', 'proventos', ...tickers, '--total', '--lake', made, '--format', 'json'];
    return jsonRows((await pynvest(args)).stdout).map((row) => row['provado']);
  };
  expect(await readProofs('NOVO3')).toEqual([null]);
  expect(await readProofs('NOVO3', 'ANTE3')).toEqual([null, false]);
});

describe('cash that a distribution number proves, and other cash', () => {
  let made: string;
  const askMade = (...args: string[]) =>
    pynvest(['query', ...args, '--lake', made, '--format', 'json']);

  beforeAll(async () => {
    made = await newFolder();
    const closes = { '04': 10, '05': 9, '06': 8.5, '07': 8.5, '08': 0 };
    const sessions = Object.entries(closes).map(([day, close]) => ({
      ...{ codigo_mercado: '010', fator_cotacao: 1, moeda: 'R$', codigo_ticker_ativo: 'DDDD3' },
      ...{ dt_pregao: `2024-03-${day}`, vlr_fechamento: close },
    }));
    const inCruzeiros = sessions.map((row, at) => ({
      ...{ ...row, codigo_ticker_ativo: 'CURR4', vlr_fechamento: 5 },
      moeda: at < 2 ? 'CR$' : 'R$',
    }));
    await write(getTable(history, 'sot'), 2024, [...inCruzeiros, ...sessions], made);
    const ledger = [
      event('DDDD3', '2024-03-04', 'AMORTIZACAO', { vlr_provento: 1 }),
      event('DDDD3', '2024-03-05', 'DIVIDENDO', { vlr_provento: 0.5, situacao: 'ausente' }),
      event('DDDD3', '2024-03-06', 'DIVIDENDO', { vlr_provento: 2 }),
      event('DDDD3', '2024-03-07', 'DIVIDENDO', { vlr_provento: 0.1 }),
    ];
    await write(getTable(events, 'sot'), 2024, ledger, made);
    const factor = (start: string, day: string, reason: string, cash: number, isProved = true) => ({
      ...{ codigo_ticker_ativo: 'DDDD3', codigo_ativo: 'DDDD3', motivo: reason, provado: isProved },
      ...{ dt_inicio: `2024-03-${start}`, dt_pregao: `2024-03-${day}`, fator_proventos: cash },
      ...{ fator_desdobramento: 1, fator_desdobramento_acumulado: 1, fator_total_acumulado: 1 },
      provado_acumulado: isProved,
    });
    const factors = [
      factor('04', '05', 'AMORTIZACAO 1; distribution number 105 to 106', 0.9),
      factor('05', '06', 'DIVIDENDO 0.5; distribution number 106 to 107', 0.94),
      factor('06', '07', 'distribution number 107 to 107', 1, false),
    ];
    await write(getTable(adjustments, 'spec'), 2024, factors, made);
  });

  test('each event is marked, and what is not proved is named', async () => {
    const { status, stdout, stderr } = await askMade('proventos', 'DDDD3');
    expect(status).toBe(0);
    const marks = jsonRows(stdout).map((row) => [row['vlr_provento'], row['provado']]);
    expect(marks).toEqual([
      [1, true],
      [0.5, true],
      [2, false],
      // No later session has a price: the close of the last one is zero.
      [0.1, null],
    ]);
    expect(stderr).toContain('Of 3 events, 1 is not proved: `pynvest audit --ticker DDDD3');
  });

  test('a sum that counts any of it is not proved', async () => {
    const { stdout, stderr } = await askMade('proventos', 'DDDD3', '--total');
    expect(jsonRows(stdout)).toMatchObject([
      { qtd_proventos: 2, vlr_proventos: 2.1, vlr_fechamento: 8.5, provado: false },
    ]);
    expect(stderr).toContain('Of 2 payments in the sums, 1 is not proved');
  });

  test('retorno has the income that the prices rest on, and no price of a zero close', async () => {
    const { status, stdout } = await askMade('retorno', 'DDDD3');
    expect(status).toBe(0);
    expect(jsonRows(stdout)).toMatchObject([
      {
        dt_fim: '2024-03-07',
        qtd_pregoes: 4,
        vlr_proventos: 0.5,
        pct_maior_queda: expect.closeTo(-0.15, 12),
      },
    ]);
    expect(jsonRows((await askMade('historico', 'DDDD3')).stdout)).toHaveLength(4);
    const text = `SELECT min(vlr_fechamento) AS menor, count(*) AS pregoes FROM cotacoes_ajustadas
      WHERE codigo_ticker_ativo = 'DDDD3'`;
    expect(jsonRows((await askMade('sql', text)).stdout)).toMatchObject([{ pregoes: 4 }]);
  });

  test('retorno counts no return over a change of currency', async () => {
    const { status, stdout, stderr } = await askMade('retorno', 'CURR4');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '[\n]\n' });
    expect(stderr).toContain('CURR4: its prices are in CR$ before 06/03/2024, and then in R$');
    const after = await askMade('retorno', 'CURR4', '--from', '2024-03-06');
    expect(jsonRows(after.stdout)).toMatchObject([{ pct_retorno_total: 0 }]);
  });
});

test('cash between two sessions is of the units after a split between them, also for one unit of today', async () => {
  const made = await newFolder();
  const session = (day: string, close: number): Row => ({
    ...{ codigo_mercado: '010', fator_cotacao: 1, moeda: 'R$', codigo_ticker_ativo: 'RARO3' },
    ...{ dt_pregao: day, vlr_fechamento: close },
  });
  const sessions = [session('2024-03-04', 92), session('2024-03-08', 20)];
  await write(getTable(history, 'sot'), 2024, [...sessions, session('2024-03-12', 200)], made);
  const split = { vlr_fator: 300, vlr_multiplicador: 4 };
  const ledger = [
    event('RARO3', '2024-03-04', 'DIVIDENDO', { vlr_provento: 2 }),
    event('RARO3', '2024-03-05', 'DESDOBRAMENTO', split),
    event('RARO3', '2024-03-06', 'DIVIDENDO', { vlr_provento: 1.5 }),
    event('RARO3', '2024-03-11', 'GRUPAMENTO', { vlr_fator: 0.1, vlr_multiplicador: 0.1 }),
  ];
  await write(getTable(events, 'sot'), 2024, ledger, made);
  const factor = (start: string, day: string, units: number, reason: string): Row => ({
    ...{ codigo_ticker_ativo: 'RARO3', codigo_ativo: 'RARO3', dt_inicio: start, dt_pregao: day },
    ...{ fator_desdobramento_acumulado: units, provado: true, provado_acumulado: true },
    ...{ fator_desdobramento: 1, fator_proventos: 0.9, fator_total_acumulado: 1 },
    motivo: `${reason}; distribution number 5 to 8`,
  });
  const together = (second: string): Row =>
    factor(
      '2024-03-04',
      '2024-03-08',
      2.5,
      `DIVIDENDO 2 + DESDOBRAMENTO × 4 + DIVIDENDO ${second}`,
    );
  const grouping = factor('2024-03-08', '2024-03-12', 10, 'GRUPAMENTO × 0.1');
  const readAmounts = async (...factors: Row[]): Promise<unknown[]> => {
    await write(getTable(adjustments, 'spec'), 2024, factors, made);
    const { stdout } = await pynvest([
      ...['query', 'proventos', 'RARO3', '--lake', made, '--format', 'json'],
    ]);
    return jsonRows(stdout).map((row) => row['vlr_provento_ajustado']);
  };
  expect(await readAmounts(together('1.5'), grouping)).toEqual([5, null, 15, null]);
  // Where the ledger has changed since, nothing says which units the factor has.
  expect(await readAmounts(together('1.4'), grouping)).toEqual([5, null, null, null]);
});
