/**
 * The pages of a result of Athena as rows, with the same values that DuckDB gives. Pure but for the pages asked for.
 */
import type { GetQueryResultsOutput } from '@aws-sdk/client-athena';
import { type OutputValue, parseDecimal, type QueryResult } from '../engine.ts';

type FetchPage = (after: string | undefined) => Promise<GetQueryResultsOutput>;

/**
 * An answer whose rows are fetched as they are read, a page of at most a thousand ahead: never more than
 * two pages are held. `headed` says that the first row of all repeats the columns' names, as it does for
 * SELECT and not for SHOW or DESCRIBE.
 *
 * The pages are asked of Athena rather than read as the CSV file that it leaves in S3: only they tell the
 * columns' types, and a null from an empty text without a CSV reader that keeps quotes apart.
 */
export async function createResult(fetchPage: FetchPage, headed: boolean): Promise<QueryResult> {
  const first = await fetchPage(undefined);
  const info = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const types = info.map(({ Type: type = '' }) => type);
  const readers = types.map(getValueParser);

  const valuesOf = (texts: readonly (string | undefined)[]): OutputValue[] =>
    readers.map((read, index) => {
      const text = texts[index];
      return text === undefined ? null : read(text);
    });

  async function* rows(): AsyncGenerator<readonly OutputValue[]> {
    let page = first;
    let skip = headed ? 1 : 0;
    for (;;) {
      const { NextToken: after } = page;
      const next = after ? fetchPage(after) : undefined;
      // Whoever reads gets to this failure after the rows before it; till then nobody waits for it.
      next?.catch(() => undefined);
      for (const { Data: cells = [] } of (page.ResultSet?.Rows ?? []).slice(skip)) {
        yield valuesOf(
          splitDescribeCells(
            cells.map(({ VarCharValue: text }) => text),
            readers.length,
          ),
        );
      }
      if (next === undefined) return;
      page = await next;
      skip = 0;
    }
  }
  const columns = dedupeNames(info.map(({ Name: name = '' }) => name));
  return { columns, types, rows: rows() };
}

/** DESCRIBE has several columns, and their values in one cell, apart by tabs and padded. */
function splitDescribeCells(
  texts: readonly (string | undefined)[],
  columns: number,
): readonly (string | undefined)[] {
  const [only] = texts;
  if (texts.length !== 1 || columns < 2 || only === undefined) return texts;
  return only.split('\t').map((text) => text.trim());
}

/** Names that come twice are numbered, as in DuckDB's answers. */
function dedupeNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}:${before}`;
  });
}

type ValueParser = (text: string) => OutputValue;

/** A double that is no number is text from DuckDB, too: JSON has no number for it. */
const parseDouble: ValueParser = (text) => {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
};

/** Athena pads fractions of a second with zeros, and spells the zone out; DuckDB does neither. */
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
  parseTime,
  'time with time zone': parseTime,
  timestamp: parseTime,
  'timestamp with time zone': parseTime,
};

/**
 * How to read a column of this type (as `ColumnInfo.Type` names it). Dates and texts are as they are
 * printed; so are arrays, rows, maps and bytes, whose notation cannot be read back without loss.
 */
function getValueParser(type: string): ValueParser {
  return VALUE_PARSERS[type.toLowerCase()] ?? ((text) => text);
}
