/**
 * What Athena's engine, Trino, answers to a list of texts, beside what the local lake answers: a small lake for both,
 * the texts, and the comparison. `npm run check:trino` asks Trino and stores its answers in answers.jsonl.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Row } from '../../../src/catalog/column.ts';
import type { Table } from '../../../src/catalog/dataset.ts';
import { stocks } from '../../../src/catalog/datasets/acoes.ts';
import { parsePartition } from '../../../src/catalog/partition.ts';
import { parseTicker } from '../../../src/catalog/ticker.ts';
import { createLocalLake } from '../../../src/lake/local/lake.ts';
import { getValueParser } from '../../../src/query/athena/engine.ts';
import { indicatorResultColumns, quoteResultColumns } from '../../../src/query/columns.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import {
  numberRepeatedNames,
  type OutputRow,
  type OutputValue,
  type QueryEngine,
} from '../../../src/query/engine.ts';
import { readIndicators, streamIndicators } from '../../../src/query/indicators.ts';
import { createKindCondition, createQuotesRequest } from '../../../src/query/quotes.ts';
import {
  findPresentTickers,
  queryNewestPartitionsFirst,
  readRows,
} from '../../../src/query/read-rows.ts';
import { parseSort } from '../../../src/query/refinements.ts';
import { quoteIdentifier, quoteLiteral } from '../../../src/query/sql.ts';
import { parseWhere } from '../../../src/query/where/parser.ts';
import { sotTables, specTable } from '../../support/tables.ts';

// From the project's folder: the script runs this file as a part of a bundle.
const ANSWERS = 'test/query/trino/answers.jsonl';
const TEXTS = 'test/query/trino/texts.sql';

interface DayOfRows {
  readonly table: Table;
  readonly date: string;
  readonly rows: readonly Row[];
}

function quotes(date: string, prices: Readonly<Record<string, number | null>>): DayOfRows {
  const rows = Object.entries(prices).map(([ticker, price]) => ({
    codigo_ticker_ativo: ticker,
    tipo_ativo: ticker === 'HGLG11' ? 'Fundo Imobiliário' : 'Ação',
    nome_ativo: ticker === 'HGLG11' ? null : `Empresa ${ticker.slice(0, 4)}`,
    vlr_cot: price,
    dt_ult_cot: price === null ? null : date,
    vlr_min_52_sem: price === null ? null : price / 2,
    pct_var_dia: -0.0066,
  }));
  return { table: specTable, date, rows };
}

const DAYS: readonly DayOfRows[] = [
  quotes('2026-11-18', { PETR4: 38.5, VALE3: 61.25, HGLG11: 158 }),
  quotes('2026-11-19', { PETR4: 38.72, VALE3: 60, HGLG11: null }),
  {
    table: sotTables.acoes,
    date: '2026-11-19',
    rows: [
      {
        ...{ nome_papel: 'PETR4', nome_empresa: 'Empresa PETR', nome_setor: 'Petróleo' },
        ...{ vlr_cot: 38.72, vlr_ind_roe: 0.354, vol_med_neg_2m: 1234567890 },
        ...{ outros_indicadores: '{"Sede": "Rio"}', dt_ult_cot: '2026-11-19' },
      },
      { nome_papel: 'VALE3', nome_setor: 'Mineração', vlr_cot: 60, vlr_ind_roe: -0.1 },
    ],
  },
  {
    table: sotTables.fiis,
    date: '2026-11-19',
    rows: [{ fii: 'HGLG11', nome_fii: 'CSHG', segmento: 'Logística', vlr_div_yield: 0.08 }],
  },
];

/** Writes the lake into a folder. */
export async function writeComparedLake(root: string): Promise<void> {
  const lake = createLocalLake(root);
  for (const { table, date, rows } of DAYS) {
    await lake.write({ table, partition: parsePartition(date), name: 'dedup' }, rows);
  }
}

const TRINO_TYPES = {
  string: 'varchar',
  double: 'double',
  bigint: 'bigint',
  date: 'date',
  boolean: 'boolean',
} as const;

/** The statements that create the lake in Trino. */
export function createTrinoLake(): readonly string[] {
  const tables = [...new Set(DAYS.map(({ table }) => table))];
  const databases = [...new Set(tables.map(({ database }) => database))];
  return [
    ...databases.map((database) => `CREATE SCHEMA ${database}`),
    ...tables.map((table) => {
      const selects = DAYS.filter((each) => each.table === table).flatMap(({ date, rows }) =>
        rows.map((row) => {
          const values = table.columns.map(({ name, type }) => {
            const value = row[name] ?? null;
            const literal = value === null ? 'NULL' : quoteLiteral(String(value));
            return `CAST(${literal} AS ${TRINO_TYPES[type]}) AS ${quoteIdentifier(name)}`;
          });
          return `SELECT ${values.join(', ')}, ${parsePartition(date)} AS ${table.partition.column}`;
        }),
      );
      return `CREATE TABLE ${table.database}.${table.name} AS ${selects.join(' UNION ALL ')}`;
    }),
  ];
}

/** The texts of texts.sql: one a line. */
export function readTexts(): readonly string[] {
  return readFileSync(TEXTS, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--'))
    .map((line) => line.replace(/;$/, ''));
}

/** The statements of the commands' questions, their parameters as literals, as Athena receives them. */
export async function recordQuestions(root: string): Promise<readonly string[]> {
  const texts = new Set<string>();
  const local = await openDuckDb(root);
  const engine: QueryEngine = {
    nameOf: (table) => local.nameOf(table),
    newestPartition: (table) => local.newestPartition(table),
    knownDays: async () => DAYS.map(({ date }) => parsePartition(date)).slice(0, 2),
    close: () => local.close(),
    query(statement) {
      let at = 0;
      const { parameters = [] } = statement;
      texts.add(
        statement.sql
          .replaceAll('?', () => quoteLiteral(parameters[at++] ?? ''))
          .replaceAll('\n', ' '),
      );
      return local.query(statement);
    },
  };
  const [petr, vale, hglg] = [parseTicker('PETR4'), parseTicker('VALE3'), parseTicker('HGLG11')];
  const from = parsePartition('2026-11-18');
  const kind = createKindCondition([stocks]);
  const quoteRefinements = {
    where: parseWhere(
      "vlr_cot > 10 and (nome_ativo like 'Emp%' or nome_ativo is null) and dt_ult_cot between 2026-11-18 and 2026-11-19 and not pct_var_dia = vlr_cot and codigo_ticker_ativo in ('PETR4', 'VALE3') and anomesdia_exec >= 2026-11-18",
      quoteResultColumns,
      { today: from },
    ),
    sort: parseSort('vlr_cot:desc', quoteResultColumns),
    limit: 5,
  };
  const indicatorRefinements = {
    where: parseWhere('vlr_ind_roe > 20% or vol_med_neg_2m = 5', indicatorResultColumns, {
      today: from,
    }),
    sort: parseSort('vlr_ind_roe:desc', indicatorResultColumns),
    limit: 3,
  };
  try {
    for (const request of [
      createQuotesRequest([petr], { last: 1 }),
      createQuotesRequest([petr, vale], { from, last: 2 }, quoteRefinements),
      createQuotesRequest([], { from, to: from }),
      createQuotesRequest([], {}, { where: kind, columns: ['vlr_cot'] }),
      createQuotesRequest([], {}, quoteRefinements),
    ]) {
      await readAll((await queryNewestPartitionsFirst(engine, request)).rows);
    }
    await readRows(engine, createQuotesRequest([petr], { from }));
    await findPresentTickers(engine, specTable, [petr, vale], { from }, kind);
    await readIndicators(engine, [petr, hglg], undefined, {});
    await readIndicators(
      engine,
      [petr, hglg],
      ['vlr_ind_roe', 'segmento'],
      { from },
      indicatorRefinements,
    );
    await readIndicators(engine, [], ['vlr_ind_roe'], {}, indicatorRefinements);
    const { rows } = await streamIndicators(engine, ['vlr_cot'], { from }, indicatorRefinements);
    await readAll(rows);
  } finally {
    engine.close();
  }
  return [...texts];
}

async function readAll(rows: AsyncIterable<OutputRow>): Promise<readonly OutputRow[]> {
  const all: OutputRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** An answer of Trino: values are printed as Athena prints them. */
export type TrinoAnswer =
  | { readonly text: string; readonly error: string }
  | {
      readonly text: string;
      readonly columns: readonly string[];
      readonly types: readonly string[];
      readonly rows: readonly (readonly (string | null)[])[];
    };

export function readAnswers(): readonly TrinoAnswer[] {
  const lines = readFileSync(ANSWERS, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as TrinoAnswer);
}

export function writeAnswers(answers: readonly TrinoAnswer[]): void {
  writeFileSync(ANSWERS, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
}

/** How the local answer to a text compares with Trino's. */
export type Outcome =
  | { readonly kind: 'same' }
  /** The local lake answers, differently. */
  | { readonly kind: 'different'; readonly local: string; readonly trino: string }
  /** The local lake refuses what Trino answers. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** The local lake answers what Trino refuses. */
  | { readonly kind: 'accepted'; readonly local: string; readonly trino: string };

export async function compare(engine: QueryEngine, answer: TrinoAnswer): Promise<Outcome> {
  let columns: readonly string[];
  let rows: readonly OutputRow[];
  try {
    const result = await engine.query({ sql: answer.text, dialect: 'athena' });
    columns = result.columns;
    rows = await readAll(result.rows);
  } catch (error) {
    if ('error' in answer) return { kind: 'same' };
    return { kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) };
  }
  const local = formatRows(columns, rows);
  if ('error' in answer) return { kind: 'accepted', local, trino: answer.error };
  const parsers = answer.types.map((type) => getValueParser(type.replace(/\([^)]*\)/g, '')));
  const expected = answer.rows.map((row) =>
    row.map((text, at) => (text === null ? null : (parsers[at]?.(text) ?? null))),
  );
  const isOrdered = /\border by\b/i.test(answer.text);
  const trino = formatRows(answer.columns, expected);
  const isSame =
    sortUnless(isOrdered, rows).join('\n') === sortUnless(isOrdered, expected).join('\n') &&
    columns.join('\n').toLowerCase() ===
      numberRepeatedNames(answer.columns).join('\n').toLowerCase();
  return isSame ? { kind: 'same' } : { kind: 'different', local, trino };
}

function sortUnless(isOrdered: boolean, rows: readonly OutputRow[]): readonly string[] {
  const texts = rows.map((row) => row.map(formatValue).join('\t'));
  return isOrdered ? texts : texts.sort();
}

/** A sum of doubles depends on the order of the rows, in its last digits; whole numbers are of several widths. */
function formatValue(value: OutputValue): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(14)));
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

function formatRows(columns: readonly string[], rows: readonly OutputRow[]): string {
  const lines = rows.map((row) => row.map((value) => formatValue(value)).join(', '));
  return `${columns.join(', ')}: ${lines.join(' | ')}`;
}

export async function compareAll(
  root: string,
  answers: readonly TrinoAnswer[],
): Promise<ReadonlyMap<string, Outcome>> {
  const engine = await openDuckDb(root);
  const outcomes = new Map<string, Outcome>();
  for (const answer of answers) outcomes.set(answer.text, await compare(engine, answer));
  engine.close();
  return outcomes;
}

/** The texts that only Athena answers, as a table of Markdown. */
export function formatDifferences(outcomes: ReadonlyMap<string, Outcome>): string {
  const rows = [...outcomes].flatMap(([text, outcome]) =>
    outcome.kind === 'refused'
      ? [`| \`${text.replaceAll('|', '\\|')}\` | ${outcome.error.message.replaceAll('|', '\\|')} |`]
      : [],
  );
  return ['| text | what the local lake says |', '|---|---|', ...rows].join('\n');
}

/** What needs mending: the texts to which both engines answer, differently. */
export function describeFaults(outcomes: ReadonlyMap<string, Outcome>): string {
  const lines = [...outcomes].flatMap(([text, outcome]) =>
    'local' in outcome
      ? [`${outcome.kind}: ${text}`, `  local: ${outcome.local}`, `  Trino: ${outcome.trino}`]
      : [],
  );
  const count = (kind: Outcome['kind']): number =>
    [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
  const counts = `${count('same')} the same, ${count('refused')} refused here, ${count('different')} different, ${count('accepted')} refused by Trino alone`;
  return [...lines, counts].join('\n');
}
