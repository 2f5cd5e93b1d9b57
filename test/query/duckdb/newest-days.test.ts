/** The newest days of all assets: old days are read only of the assets that have too few new ones. */
import { beforeAll, expect, test } from 'vitest';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import type { OutputRow, QueryEngine, Statement } from '../../../src/query/engine.ts';
import { streamIndicators } from '../../../src/query/indicators.ts';
import { createQuotesRequest } from '../../../src/query/quotes.ts';
import { queryNewestPartitionsFirst } from '../../../src/query/read-rows.ts';
import { parseSort } from '../../../src/query/refinements.ts';
import { buildSelect, type SelectRequest } from '../../../src/query/select.ts';
import { parseWhere } from '../../../src/query/where/parser.ts';
import { afterFile } from '../../support/cleanup.ts';
import { newFolder } from '../../support/folders.ts';
import { day, quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { copyPeriods } from '../../support/period-copies.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const DAYS = Array.from(
  { length: 12 },
  (_, index) => `2026-11-${String(index + 2).padStart(2, '0')}`,
);

const today = day('2026-11-30');

let engine: QueryEngine;
let statements: Statement[];

/** Without a session on one day of January, which counts for itself: it is newer than the session of all others. */
const void3 = quote('VOID3', 5, { dt_ult_cot: '2019-03-01' });
const dead = quote('DEAD3', 4, { dt_ult_cot: '2019-03-01' });

beforeAll(async () => {
  const root = await newFolder();
  // ABCD3 was delisted, NEWS3 is new, and RARE3 is there now and then.
  for (const date of ['2026-01-05', '2026-01-06', '2026-01-07']) {
    const price = Number(date.slice(-1));
    await writeQuotes(root, date, [
      quote('PETR4', 0),
      quote('ABCD3', price),
      quote('RARE3', price),
      dead,
      { ...void3, ...(price === 6 && { dt_ult_cot: null }) },
    ]);
    await writeRowsTo(root, sotTables.acoes, date, [typed('acoes', 'ABCD3', { vlr_cot: price })]);
  }
  for (const [index, date] of DAYS.entries()) {
    const rare = index % 8 === 7 ? [quote('RARE3', index)] : [];
    const fresh = index === 11 ? [quote('NEWS3', 1)] : [];
    // The day after a session without one: of the two the newer one counts.
    const session = index === 9 ? DAYS[8] : date;
    const quotes = [
      quote('PETR4', index, { dt_ult_cot: session ?? date }),
      dead,
      void3,
      ...rare,
      ...fresh,
    ];
    await writeQuotes(root, date, quotes);
    await writeRowsTo(root, sotTables.acoes, date, [typed('acoes', 'PETR4', { vlr_cot: index })]);
  }
  await copyPeriods(root);
  const opened = await openDuckDb(root);
  afterFile(async () => opened.close());
  engine = {
    query(statement) {
      statements.push(statement);
      return opened.query(statement);
    },
    nameOf: (table) => opened.nameOf(table),
    newestPartition: (table) => opened.newestPartition(table),
    storedDays: async (table) => (await opened.storedDays?.(table)) ?? [],
    close: () => opened.close(),
  };
});

async function collect(rows: AsyncIterable<OutputRow>): Promise<OutputRow[]> {
  const all: OutputRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** The rows of a request, which have to be those of the plain SELECT over all days. */
async function readChecked(request: SelectRequest): Promise<OutputRow[]> {
  statements = [];
  const rows = await collect((await queryNewestPartitionsFirst(engine, request)).rows);
  const plain = buildSelect(request, engine.nameOf(request.table));
  expect(rows).toEqual(await collect((await engine.query(plain)).rows));
  return rows;
}

const columns = ['vlr_cot'];

test.each([1, 2, 3])('the last %i of each asset are those of all days', async (last) => {
  const rows = await readChecked(createQuotesRequest([], { last }, { columns }));
  expect(rows.filter(([, ticker]) => ticker === 'ABCD3').map(([, , price]) => price)).toEqual(
    [5, 6, 7].slice(-last),
  );
  const [short, selected] = statements;
  expect(short?.sql).toContain('first_key');
  expect(selected?.sql).toMatch(/anomesdia_exec < 202611\d\d AND codigo_ticker_ativo IN/);
});

test('a day without a session before them is found', async () => {
  for (const last of [1, 2]) {
    const rows = await readChecked(createQuotesRequest([], { last }, { columns }));
    expect(rows.filter(([, ticker]) => ticker === 'VOID3').map(([day]) => day)).toEqual(
      [20260106, 20261113].slice(0, last),
    );
  }
});

test('a condition, an order and a limit apply to all of them', async () => {
  const where = parseWhere('vlr_cot >= 6', specTable.columns, { today });
  const sort = parseSort('vlr_cot:desc', specTable.columns);
  await readChecked(createQuotesRequest([], { last: 2 }, { columns, where }));
  const sorted = await readChecked(
    createQuotesRequest([], { last: 2 }, { columns, sort, limit: 3 }),
  );
  expect(sorted).toHaveLength(3);
});

test('a condition that only replaced readings of new days meet reads the days before', async () => {
  // PETR4's 8 was replaced by 9, on the day after.
  for (const condition of ['vlr_cot in (0, 8)', 'vlr_cot <= 0 or vlr_cot between 7.5 and 8.5']) {
    const where = parseWhere(condition, specTable.columns, { today });
    const rows = await readChecked(createQuotesRequest([], { last: 1 }, { columns, where }));
    expect(rows).toEqual([[20261102, 'PETR4', 0]]);
  }
});

test('nothing older is read of a paper whose session is the same for years', async () => {
  const where = parseWhere("codigo_ticker_ativo = 'DEAD3'", specTable.columns, { today });
  const rows = await readChecked(createQuotesRequest([], { last: 2 }, { columns, where }));
  expect(rows).toEqual([[20261113, 'DEAD3', 4]]);
  expect(statements[1]?.days).toMatchObject({ from: expect.any(Number) });
});

test('only new days are read if each asset has enough of them', async () => {
  const where = parseWhere("codigo_ticker_ativo = 'PETR4'", specTable.columns, { today });
  const rows = await readChecked(createQuotesRequest([], { last: 3 }, { columns, where }));
  expect(rows.map(([, , price]) => price)).toEqual([9, 10, 11]);
  expect(statements[1]?.days).toMatchObject({ from: 20261104 });
});

test('the indicators of all are found in the same way', async () => {
  const { rows } = await streamIndicators(engine, columns, { last: 1 }, {});
  expect(await collect(rows)).toEqual([
    [20260107, 'ABCD3', 7],
    [20261113, 'PETR4', 11],
  ]);
});
