/**
 * The rows of a statement as DuckDB finds them: the first before anything is printed, the others as they are read.
 */

import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { QueryError } from '../../errors.ts';
import { numberRepeatedNames, type QueryResult, type Statement } from '../engine.ts';
import { BatchedRows, type RowBatch } from '../row-batches.ts';
import { nameResultColumns } from './athena-sql/translate.ts';
import type { ReadOnlyDatabase } from './connection.ts';
import { toQueryError } from './errors.ts';
import { convertColumn, convertToAthena, convertValue } from './values.ts';

/** What the error of a failed query names. */
interface QuerySource {
  readonly root: string;
  readonly tables: readonly Table[];
  readonly usesCopies: boolean;
}

/**
 * Runs a statement, and streams its rows.
 * @param workMeanwhile is done while DuckDB looks for the first rows
 * @throws DuckDB's error, if it fails before them
 */
export async function streamRows(
  database: ReadOnlyDatabase,
  { root, tables, usesCopies }: QuerySource,
  { sql, parameters = [], dialect, days }: Statement,
  workMeanwhile: () => Promise<void>,
): Promise<{ readonly result: QueryResult; readonly unread: UnreadRows }> {
  await database.beginTransaction();
  const prepared = await database.connection.prepare(sql);
  prepared.bind([...parameters]);
  const [stream] = await Promise.all([prepared.stream(), workMeanwhile()]);
  const converter = dialect === 'athena' ? convertToAthena : convertValue;
  const columnCount = stream.columnCount;
  const fetchBatch = async (): Promise<RowBatch | undefined> => {
    const chunk = await stream.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return undefined;
    const columns = Array.from({ length: columnCount }, (_, at) =>
      convertColumn(chunk, at, converter),
    );
    return { rowCount: chunk.rowCount, columns };
  };
  // The first rows are fetched before anything is printed: most failures show by then.
  const first = await fetchBatch();
  if (dialect === 'athena') assertPrintable(stream.columnTypes().map(String));
  if (first === undefined) await assertCompleteResult(database, prepared);

  const unread = new UnreadRows(first, async () => {
    try {
      const batch = await fetchBatch();
      if (batch === undefined) await assertCompleteResult(database, prepared);
      return batch;
    } catch (error) {
      throw await toQueryError(error, { root, tables, sql, days, usesCopies });
    }
  });
  const result = {
    columns: numberRepeatedNames(nameResultColumns(stream.columnNames())),
    types: stream.columnTypes().map(String),
    rows: new BatchedRows(unread.read()),
  };
  return { result, unread };
}

/**
 * The rows of a result as they are fetched. DuckDB ends a result at the next statement, and without an error: the rows
 * that are not read by then are fetched before it, and kept.
 */
export class UnreadRows {
  readonly #fetch: () => Promise<RowBatch | undefined>;
  readonly #kept: RowBatch[] = [];
  #isComplete = false;
  #failure: { readonly error: unknown } | undefined;
  #fetching: Promise<void> | undefined;

  /** @param first undefined where there are no rows */
  constructor(first: RowBatch | undefined, fetch: () => Promise<RowBatch | undefined>) {
    this.#fetch = fetch;
    if (first === undefined) this.#isComplete = true;
    else this.#kept.push(first);
  }

  async *read(): AsyncGenerator<RowBatch> {
    try {
      for (;;) {
        const batch = this.#kept.shift();
        if (batch !== undefined) yield batch;
        else if (this.#failure !== undefined) throw this.#failure.error;
        else if (this.#isComplete) return;
        else await this.#fetchNext();
      }
    } finally {
      // A reader that has enough needs no more of them.
      this.#isComplete = true;
    }
  }

  async keep(): Promise<void> {
    while (!this.#isComplete && this.#failure === undefined) await this.#fetchNext();
  }

  #fetchNext(): Promise<void> {
    this.#fetching ??= this.#fetch()
      .then(
        (batch) => {
          if (batch === undefined) this.#isComplete = true;
          else this.#kept.push(batch);
        },
        (error: unknown) => {
          this.#failure = { error };
        },
      )
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}

/** @throws QueryError if Athena prints values of a column otherwise */
function assertPrintable(types: readonly string[]): void {
  if (types.some((type) => type.startsWith('INTERVAL'))) {
    throw new QueryError('an interval is printed otherwise in Athena', {
      hint: 'Add it to a day or a time, or write date_diff.',
    });
  }
  if (types.some((type) => type.includes('STRUCT("" '))) {
    throw new QueryError('the local lake does not print a row without names of fields', {
      hint: 'Write CAST(ROW(1, 2) AS ROW(x integer, y integer)).',
    });
  }
}

/**
 * The binding ends the rows at a failure as if the result were complete; but a failure also breaks the transaction.
 *
 * @throws DuckDB's error, if the query failed
 */
async function assertCompleteResult(
  database: ReadOnlyDatabase,
  prepared: DuckDBPreparedStatement,
): Promise<void> {
  try {
    await database.connection.run('SELECT 1');
  } catch {
    await database.endTransaction();
    // Not streamed, it throws the reason. If it succeeds this time, the rows so far are incomplete nonetheless.
    await prepared.run();
    throw new QueryError('the query failed before its last row', { hint: 'Run it again.' });
  }
  await database.endTransaction();
}
