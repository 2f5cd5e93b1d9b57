/**
 * The pages of a result of Athena as rows, with the same values that DuckDB gives.
 */
import type { GetQueryResultsOutput } from '@aws-sdk/client-athena';
import { type OutputRow, type OutputValue, parseDecimal, type QueryResult } from '../engine.ts';

/** Fetches the first page, or the one of a token. */
export type FetchPage = (token: string | undefined) => Promise<GetQueryResultsOutput>;

/**
 * A result whose rows are fetched as they are read, at most a page of a thousand ahead: no more than two pages are
 * in memory.
 *
 * The pages come from the API and not from the CSV file in S3: only they have the columns' types, and tell a null
 * from an empty text without a CSV reader that does.
 *
 * @param hasHeader whether the first row repeats the names of the columns, as for SELECT and not for SHOW or DESCRIBE
 */
export async function createResult(fetchPage: FetchPage, hasHeader: boolean): Promise<QueryResult> {
  const first = await fetchPage(undefined);
  const info = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const types = info.map(({ Type: type = '' }) => type);
  const parsers = types.map(getValueParser);

  const parseRow = (texts: readonly (string | undefined)[]): OutputRow =>
    parsers.map((parse, index) => {
      const text = texts[index];
      return text === undefined ? null : parse(text);
    });

  async function* rows(): AsyncGenerator<OutputRow> {
    let page = first;
    let skipped = hasHeader ? 1 : 0;
    for (;;) {
      const { NextToken: token } = page;
      const next = token ? fetchPage(token) : undefined;
      // Its failure is thrown below, after the rows of this page; until then it must not count as unhandled.
      next?.catch(() => undefined);
      for (const { Data: cells = [] } of (page.ResultSet?.Rows ?? []).slice(skipped)) {
        const texts = cells.map(({ VarCharValue: text }) => text);
        yield parseRow(splitDescribeCells(texts, parsers.length));
      }
      if (next === undefined) return;
      page = await next;
      skipped = 0;
    }
  }
  const columns = dedupeNames(info.map(({ Name: name = '' }) => name));
  return { columns, types, rows: rows() };
}

/** DESCRIBE has several columns, but one cell with all their values, separated by tabs and padded. */
function splitDescribeCells(
  texts: readonly (string | undefined)[],
  columns: number,
): readonly (string | undefined)[] {
  const [only] = texts;
  if (texts.length !== 1 || columns < 2 || only === undefined) return texts;
  return only.split('\t').map((text) => text.trim());
}

/** Repeated names are numbered, as in DuckDB's results. */
function dedupeNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}:${before}`;
  });
}

type ValueParser = (text: string) => OutputValue;

/** NaN and the infinities stay text, as from DuckDB: JSON has no numbers for them. */
const parseDouble: ValueParser = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

/** Athena pads fractions of a second with zeros and writes `UTC` out; DuckDB does neither. */
const parseTime: ValueParser = (text) =>
  text
    .replace(/(\d\d:\d\d:\d\d)\.(\d*?)0*(?=$| )/, (_, clock: string, digits: string) =>
      digits === '' ? clock : `${clock}.${digits}`,
    )
    .replace(/ UTC$/, '+00');

const VALUE_PARSERS: Readonly<Record<string, ValueParser>> = {
  boolean: (text) => text === 'true',
  tinyint: Number,
  smallint: Number,
  int: Number,
  integer: Number,
  bigint: BigInt,
  float: parseDouble,
  real: parseDouble,
  double: parseDouble,
  decimal: parseDecimal,
  time: parseTime,
  'time with time zone': parseTime,
  timestamp: parseTime,
  'timestamp with time zone': parseTime,
};

/**
 * The parser for a type as `ColumnInfo.Type` names it. Dates and texts stay as they are printed; so do arrays, rows,
 * maps and bytes, whose notation cannot be parsed without loss.
 */
function getValueParser(type: string): ValueParser {
  return VALUE_PARSERS[type.toLowerCase()] ?? ((text) => text);
}
