/** The pages of an answer of Athena as rows. */
import type { GetQueryResultsOutput } from '@aws-sdk/client-athena';
import { readerOf } from './athena-values.ts';
import type { OutputValue, QueryResult } from './engine.ts';

export type FetchPage = (after: string | undefined) => Promise<GetQueryResultsOutput>;

/**
 * An answer whose rows are fetched as they are read, a page of at most a thousand ahead: never more than
 * two pages are held. `headed` says that the first row of all repeats the columns' names, as it does for
 * SELECT and not for SHOW or DESCRIBE.
 *
 * The pages are asked of Athena rather than read as the CSV file that it leaves in S3: only they tell the
 * columns' types, and a null from an empty text without a CSV reader that keeps quotes apart.
 */
export async function resultOf(fetchPage: FetchPage, headed: boolean): Promise<QueryResult> {
  const first = await fetchPage(undefined);
  const info = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const types = info.map(({ Type: type = '' }) => type);
  const readers = types.map(readerOf);

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
          splitCells(
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
  const columns = eachOnce(info.map(({ Name: name = '' }) => name));
  return { columns, types, rows: rows() };
}

/** DESCRIBE has several columns, and their values in one cell, apart by tabs and padded. */
function splitCells(
  texts: readonly (string | undefined)[],
  columns: number,
): readonly (string | undefined)[] {
  const [only] = texts;
  if (texts.length !== 1 || columns < 2 || only === undefined) return texts;
  return only.split('\t').map((text) => text.trim());
}

/** Names that come twice are numbered, as in DuckDB's answers. */
function eachOnce(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}:${before}`;
  });
}
