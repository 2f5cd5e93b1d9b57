/** The tools about the lake itself: its columns, its freshness, and SQL over all of its tables. */
import * as z from 'zod';
import { type Dataset, getTables, type Table } from '../catalog/dataset.ts';
import { tables as allTables, datasets } from '../catalog/datasets.ts';
import { formatIsoDate, toPartition } from '../catalog/partition.ts';
import { QueryError, RefusedFileError } from '../errors.ts';
import { getResultColumns } from '../query/columns.ts';
import type { QueryEngine } from '../query/engine.ts';
import { findReadTables } from '../query/named-views.ts';
import { removeAccents } from '../text.ts';
import {
  type Answer,
  findNewestDay,
  pageInput,
  SITE_SOURCE,
  sourceNames,
  takePage,
} from './answer.ts';
import { defineTool } from './tool.ts';

const ids = datasets.map(({ id }) => id) as [string, ...string[]];

const describeColumns = defineTool({
  name: 'describe_columns',
  title: 'Columns and tables',
  description:
    'The columns that the other tools and run_sql can name: table, type, and what each means with its unit, in Portuguese. Ask by data set, by a part of a name or a meaning, or both.',
  input: z.strictObject({
    of: z
      .enum(ids)
      .optional()
      .describe(
        'acoes and fiis: indicators; cotacoes: quotes; historico: prices of B3; eventos: dividends and splits',
      ),
    text: z.string().optional().describe('A part of the name or of the meaning, such as "yield"'),
    ...pageInput,
  }),
  async answer({ of, text = '', ...page }) {
    const word = removeAccents(text.trim());
    const rows = datasets
      .filter(({ id }) => of === undefined || id === of)
      .flatMap((dataset) =>
        getResultColumns(dataset).map(({ name, type, description }) => [
          ...[dataset.id, getMainTable(dataset), name, type, description],
        ]),
      )
      .filter((row) => removeAccents(`${row[2]} ${row[4]}`).includes(word));
    return {
      source: 'the catalog of pynvest',
      day: null,
      columns: ['of', 'table', 'column', 'type', 'description'],
      ...(await takePage(rows, page)),
    };
  },
});

/** The full name of the table that answers questions about a data set. */
function getMainTable({ tables: { spec, sot, sor } }: Dataset): string {
  const table = spec ?? sot ?? sor;
  return table === undefined ? '' : `${table.database}.${table.name}`;
}

const runSql = defineTool({
  name: 'run_sql',
  title: 'Read-only SQL',
  description:
    "One SELECT in Athena's SQL (Trino) over all tables of the lake. Short names: cotacoes (quotes), acoes and fiis (indicators), historico (prices of B3, for fator_cotacao units), cotacoes_ajustadas (the same per unit, adjusted), eventos (dividends and splits). Days of collection are anomesdia_exec, such as 20261119: always filter by it, since each day has all assets, and select it, so that the answer has its day. It cannot write, read other files or use the network, and is stopped after half a minute.",
  input: z.strictObject({ sql: z.string().min(1).describe('One SELECT'), ...pageInput }),
  async answer({ sql, ...page }, engine, { sqlTimeLimitMs }) {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      engine.interrupt?.();
    }, sqlTimeLimitMs);
    try {
      const { columns, rows } = await engine.query({ sql, dialect: 'athena' });
      const answer = { columns, ...(await takePage(rows, page)) };
      const tables = await describeTables(engine, findReadTables(sql, allTables));
      return { ...answer, ...tables, day: findDayOfRows(answer) };
    } catch (error) {
      throw isLate ? createLateError(sqlTimeLimitMs, error) : explainRefusal(error);
    } finally {
      clearTimeout(timer);
    }
  },
});

function createLateError(limitMs: number, cause: unknown): QueryError {
  return new QueryError(`the query took more than ${limitMs / 1000} seconds`, {
    hint: 'Read fewer days (anomesdia_exec), fewer columns, or join by ticker and day.',
    cause,
  });
}

function explainRefusal(error: unknown): unknown {
  if (!(error instanceof RefusedFileError)) return error;
  return new QueryError(error.message, {
    hint: 'This server reads the tables of the lake, and no other file.',
    cause: error,
  });
}

/** The columns of the tables that say which day a row is about; the first that an answer has counts. */
const DAY_COLUMNS = ['anomesdia_exec', 'dt_pregao', 'dt_com', 'dt_valor', 'dt_ult_cot'];

/** Null where the rows do not carry their day: a table's newest day is not theirs. */
function findDayOfRows(answer: Pick<Answer, 'columns' | 'rows'>): string | null {
  const days = DAY_COLUMNS.map((name) =>
    answer.columns.includes(name) ? findNewestDay(answer, name) : null,
  );
  return days.find((day) => day !== null) ?? null;
}

interface TablesRead {
  readonly source: string;
  readonly lakeNewestDay: string | null;
  readonly notes: string[];
}

/** The sources of some tables, and their newest day; those of years have none. */
async function describeTables(engine: QueryEngine, named: readonly Table[]): Promise<TablesRead> {
  const newest = await Promise.all(
    named.map(async (table) => ({ table, day: await engine.newestPartition(table) })),
  );
  const days = newest.flatMap(({ day }) => toPartition(String(day)) ?? []);
  const last = days.toSorted((a, b) => a - b).at(-1);
  const sources = [...new Set(named.map(getSource))];
  return {
    source: sources.length === 0 ? 'no table' : sources.join(', '),
    lakeNewestDay: last === undefined ? null : formatIsoDate(last),
    notes: newest.map(({ table: { name }, day }) =>
      day === undefined ? `${name} has no rows.` : `${name}: to ${formatPartition(day)}.`,
    ),
  };
}

/** A year, or a day. */
function formatPartition(partition: Parameters<typeof formatIsoDate>[0]): string {
  return partition < 10_000 ? String(partition) : formatIsoDate(partition);
}

function getSource(table: Table): string {
  const dataset = datasets.find((each) => getTables([each]).includes(table));
  return sourceNames[dataset?.source ?? ''] ?? SITE_SOURCE;
}

const getStatus = defineTool({
  name: 'get_status',
  title: 'Freshness of the lake',
  description:
    'Whether the lake is fresh and complete: the newest day of each table, how many trading days it is behind, what is wrong, and the command that repairs it. Ask this when a figure looks old.',
  input: z.strictObject({}),
  async answer(_, __, context) {
    const { due_day, tables, problems, notes } = await context.readStatus();
    return {
      source: `the lake at ${context.place}`,
      day:
        tables
          .map(({ last_partition }) => last_partition ?? '')
          // Tables of years have no day.
          .filter((partition) => toPartition(partition) !== undefined)
          .sort()
          .at(-1) || null,
      columns: [
        'table',
        'last_partition',
        'trading_days_behind',
        'rows',
        'tickers',
        'missing_days',
      ],
      rows: tables.map((table) => [
        ...[table.table, table.last_partition, table.trading_days_behind],
        ...[table.rows, table.tickers, table.missing_days],
      ]),
      notes: [
        `The newest trading day that should be collected is ${due_day}.`,
        ...problems.map(({ what, remedy }) => `Problem: ${what}. ${remedy}`),
        ...notes.map(({ what, remedy }) => `Note: ${what}. ${remedy}`),
      ],
    };
  },
});

export const lakeTools = [describeColumns, runSql, getStatus];
