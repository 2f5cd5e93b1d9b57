/**
 * Answers of the tools, all of one form: rows with the day and the source that they are of, a page at a time, so that
 * an answer never fills what an assistant can read at once.
 */
import * as z from 'zod';
import { PARTITION_COLUMN, toPartition } from '../catalog/partition.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { PynvestError, QueryError } from '../errors.ts';
import type { OutputRow, OutputValue, QueryEngine } from '../query/engine.ts';

/** What the tools read. */
export interface ToolContext {
  /** Where the lake is, as messages name it. */
  readonly place: string;
  /** An engine of its own for each call: calls may come at once. */
  openEngine(): Promise<QueryEngine>;
  /** Why the lake has nothing, and what fills it. */
  explainEmptyLake(): Promise<PynvestError>;
  readStatus(): Promise<LakeStatus>;
  /** Whether the factors of the last import are those of the prices: otherwise no adjustment is proved. */
  areAdjustmentsDerived(): Promise<boolean>;
  /** Since when the events of all these tickers have been read, YYYY-MM-DD; undefined if those of one never were. */
  findEventsReading(tickers: readonly Ticker[]): Promise<string | undefined>;
  /** After which a SELECT of the assistant is stopped. */
  readonly sqlTimeLimitMs: number;
}

/** The part of the report of `pynvest status` that a tool shows. */
interface LakeStatus {
  readonly due_day: string;
  readonly tables: readonly {
    readonly table: string;
    readonly last_partition: string | null;
    readonly trading_days_behind: number | null;
    readonly rows: number | null;
    readonly tickers: number | null;
    readonly missing_days: number;
  }[];
  readonly problems: readonly Concern[];
  readonly notes: readonly Concern[];
}

interface Concern {
  readonly what: string;
  readonly remedy: string;
}

/** Where rows come from, for a person to read. */
export const sourceNames: Readonly<Record<string, string>> = {
  fundamentus: 'fundamentus.com.br',
  b3: 'B3',
  bcb: 'Banco Central do Brasil',
};

export const SITE_SOURCE = 'fundamentus.com.br';

export interface Answer {
  readonly source: string;
  /** YYYY-MM-DD: the newest day that the rows are about; null if there are none. */
  readonly day: string | null;
  readonly columns: readonly string[];
  readonly rows: readonly OutputRow[];
  /** Of an answer whose rows may not say their day: the newest of the tables that they are from. */
  readonly lakeNewestDay?: string | null;
  /** Where the next page begins; undefined after the last one. */
  readonly nextOffset?: number | undefined;
  /** What a reader has to know besides, such as tickers that the lake does not have. */
  readonly notes?: readonly string[];
}

/** More rows than these are never read at once. */
const MAX_ROWS = 1_000;
const DEFAULT_ROWS = 50;

/** Of the rows of one answer, as JSON: some 10,000 tokens, which is what common assistants take from a tool. */
const MAX_CHARACTERS = 40_000;

/** Of one text in a row, as JSON: the rest is cut. */
const MAX_CELL_CHARACTERS = 4_000;

/** Of a whole answer: with the names of its columns and its notes. */
const MAX_ANSWER_CHARACTERS = 60_000;

/** Of what went wrong: a message may quote what it is about. */
const MAX_ERROR_CHARACTERS = 4_000;

export const pageInput = {
  limit: z
    .int()
    .min(1)
    .max(MAX_ROWS)
    .default(DEFAULT_ROWS)
    .describe('The most rows of this answer; a long answer has fewer, and next_offset'),
  offset: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe('How many rows to skip: next_offset of the answer before'),
};

interface Page {
  readonly limit: number;
  readonly offset: number;
}

interface PageOfRows {
  readonly rows: readonly OutputRow[];
  readonly nextOffset: number | undefined;
}

/** The rows of a page, and whether there are more. Reads no further than that. */
export async function takePage(
  rows: Iterable<OutputRow> | AsyncIterable<OutputRow>,
  { limit, offset }: Page,
): Promise<PageOfRows> {
  const taken: OutputRow[] = [];
  let at = 0;
  let size = 0;
  for await (const row of rows) {
    at += 1;
    if (at <= offset) continue;
    size += JSON.stringify(toJsonRow(row).cells).length;
    // A row that is longer than a page is one all the same: whether it fits an answer is seen there.
    if (taken.length === limit || (size > MAX_CHARACTERS && taken.length > 0)) {
      return { rows: taken, nextOffset: offset + taken.length };
    }
    taken.push(row);
  }
  return { rows: taken, nextOffset: undefined };
}

/** The newest day in a column of the rows, of partitions or of dates. */
export function findNewestDay(
  { columns, rows }: Pick<Answer, 'columns' | 'rows'>,
  column = PARTITION_COLUMN,
): string | null {
  const at = columns.indexOf(column);
  const days = rows.flatMap((row) => {
    const text = String(row[at] ?? '');
    if (toPartition(text) === undefined) return [];
    return [text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')];
  });
  return days.sort().at(-1) ?? null;
}

/** What the assistant gets as structured content; its text is the same as JSON. */
export const answerSchema = z.object({
  source: z.string().describe('Where the figures come from'),
  day: z
    .string()
    .nullable()
    .describe(
      'The newest day that the rows are about, YYYY-MM-DD. Figures are of that day, not live. Null where the rows do not say it',
    ),
  columns: z.array(z.string()).describe('The names of the columns of each row'),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  lake_newest_day: z
    .string()
    .nullable()
    .optional()
    .describe(
      'Of run_sql: the newest day, YYYY-MM-DD, of the tables that it read. No day of the rows: those have day, which is null where they do not carry it',
    ),
  next_offset: z
    .number()
    .nullable()
    .describe('If there are more rows: call again with this as offset, and all else the same'),
  notes: z.array(z.string()),
});

type JsonCell = string | number | boolean | null;

/** A whole number that JSON's readers would round is text, as is a list or a structure of SQL. */
function toJsonValue(value: OutputValue): JsonCell {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
}

interface JsonRow {
  readonly cells: JsonCell[];
  readonly isCut: boolean;
}

/** A row whose texts fit an answer. */
function toJsonRow(row: OutputRow): JsonRow {
  let isCut = false;
  const cells = row.map((value) => {
    const cell = toJsonValue(value);
    if (typeof cell !== 'string') return cell;
    const text = cutText(cell, MAX_CELL_CHARACTERS);
    isCut ||= text !== cell;
    return text;
  });
  return { cells, isCut };
}

/** At most so many characters as JSON, which needs six for some; what is cut says so. */
function cutText(text: string, most: number): string {
  const measure = (part: string): number => JSON.stringify(part).length - 2;
  if (text.length <= most && measure(text) <= most) return text;
  const end = `… (cut: ${text.length} characters)`;
  let part = text.slice(0, most - end.length);
  while (measure(part) > most - end.length) part = part.slice(0, Math.floor(part.length / 2));
  return `${part.toWellFormed()}${end}`;
}

/** A result of a tool, as the protocol has it. */
interface ToolResult {
  readonly [key: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: z.infer<typeof answerSchema>;
  readonly isError?: boolean;
}

/** @throws QueryError where it is too long for an answer even with its texts cut */
export function formatAnswer(answer: Answer): ToolResult {
  const { source, day, lakeNewestDay, nextOffset, notes = [] } = answer;
  const rows = answer.rows.map(toJsonRow);
  const isCut = rows.some((row) => row.isCut);
  const own = [
    ...notes,
    ...(isCut
      ? [
          `Texts of more than ${MAX_CELL_CHARACTERS} characters are cut; substr() in run_sql reads a part of one.`,
        ]
      : []),
    ...(nextOffset === undefined
      ? []
      : [`There are more rows: call again with offset ${nextOffset}, or ask for less.`]),
  ];
  const structuredContent = {
    ...{ source, day, columns: [...answer.columns] },
    ...(lakeNewestDay !== undefined && { lake_newest_day: lakeNewestDay }),
    rows: rows.map(({ cells }) => cells),
    next_offset: nextOffset ?? null,
    notes: own.map(toToolWords),
  };
  const text = JSON.stringify(structuredContent);
  if (text.length > MAX_ANSWER_CHARACTERS) {
    throw new QueryError(
      `the answer has ${text.length} characters, and at most ${MAX_ANSWER_CHARACTERS} are read at once`,
      { hint: 'Ask for fewer columns, or for a part of a long text by substr().' },
    );
  }
  return { content: [{ type: 'text', text }], structuredContent };
}

/** The arguments of the tools that take the place of options. */
const OPTION_WORDS: readonly (readonly [RegExp, string])[] = [
  [/--tipo\b/g, 'kind'],
  [/--min-liquidez\b/g, 'min_liquidity'],
  [/--as-of\b/g, 'as_of'],
  [/--(columns|where|sort|limit|from|to|last|ticker|by)\b/g, '$1'],
];

/** The tool of each command that it takes the place of. */
const TOOLS_OF_COMMANDS: Readonly<Record<string, string>> = {
  columns: 'describe_columns',
  'query sql': 'run_sql',
  'rank --list': 'list_screens',
  status: 'get_status',
  'query cotacoes': 'get_quotes',
  'query indicadores': 'get_indicators',
  'query historico': 'get_history',
  'query proventos': 'get_events',
  'query retorno': 'get_returns',
  tickers: 'find_assets',
  show: 'get_profile',
};

/**
 * A message of the command as the assistant can follow it. What fills or repairs a lake is a command for the person.
 */
function toToolWords(text: string): string {
  const named = text.replace(
    /`pynvest ((?:query )?[a-z]+(?: --list)?)`/g,
    (words, command: string) => TOOLS_OF_COMMANDS[command] ?? words,
  );
  return OPTION_WORDS.reduce((words, [pattern, ours]) => words.replace(pattern, ours), named);
}

/** What went wrong and what to do, as a result that the assistant reads; a bug of ours is thrown on. */
export function formatError(error: unknown): ToolResult {
  if (!(error instanceof PynvestError)) throw error;
  const { message, hint } = error;
  const words = toToolWords(hint === undefined ? message : `${message}\n${hint}`);
  const text = cutText(words, MAX_ERROR_CHARACTERS);
  return { content: [{ type: 'text', text }], isError: true };
}
