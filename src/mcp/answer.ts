/**
 * Answers of the tools, all of one form: rows with the day and the source that they are of, a page at a time, so that an
 * answer never fills what an assistant can read at once.
 */
import * as z from 'zod';
import { PARTITION_COLUMN, toPartition } from '../catalog/partition.ts';
import { PynvestError } from '../errors.ts';
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
  /** After which a SELECT of the assistant is stopped. */
  readonly sqlTimeLimitMs: number;
}

/** The part of the report of `pynvest status` that a tool shows. */
export interface LakeStatus {
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

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface PageOfRows {
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
    size += JSON.stringify(row.map(toJsonValue)).length;
    // A row that is longer than an answer is one all the same: there is no other way to read it.
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
      'The newest day that the rows are about, YYYY-MM-DD. Figures are of that day, not live',
    ),
  columns: z.array(z.string()).describe('The names of the columns of each row'),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
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

/** A result of a tool, as the protocol has it. */
export interface ToolResult {
  readonly [key: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: z.infer<typeof answerSchema>;
  readonly isError?: boolean;
}

export function formatAnswer(answer: Answer): ToolResult {
  const { source, day, nextOffset, notes = [] } = answer;
  const more =
    nextOffset === undefined
      ? []
      : [`There are more rows: call again with offset ${nextOffset}, or ask for less.`];
  const structuredContent = {
    ...{ source, day, columns: [...answer.columns] },
    rows: answer.rows.map((row) => row.map(toJsonValue)),
    next_offset: nextOffset ?? null,
    notes: [...notes, ...more],
  };
  return {
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

/** Where a message names an option or a command whose place a tool takes. */
const TOOL_WORDS: readonly (readonly [RegExp, string])[] = [
  [/--(columns|where|sort|limit|from|to|last|ticker)\b/g, '$1'],
  [/`pynvest columns` lists/g, 'describe_columns lists'],
  [/`pynvest tickers` lists/g, 'find_assets finds'],
];

/** What went wrong and what to do, as a result that the assistant reads; a bug of ours is thrown on. */
export function formatError(error: unknown): ToolResult {
  if (!(error instanceof PynvestError)) throw error;
  const { message, hint } = error;
  const text = TOOL_WORDS.reduce(
    (words, [pattern, ours]) => words.replace(pattern, ours),
    hint === undefined ? message : `${message}\n${hint}`,
  );
  return { content: [{ type: 'text', text }], isError: true };
}
