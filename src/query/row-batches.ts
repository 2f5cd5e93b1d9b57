/**
 * Rows as engines have them: some thousands at a time, by column. Millions of rows are counted, reordered and printed a
 * batch at a time; one by one, each would be passed on by every step between the engine and the printer. Pure.
 */

import type { OutputRow, OutputValue } from './engine.ts';

export interface RowBatch {
  readonly rowCount: number;
  /** The values of each column, `rowCount` of them. */
  readonly columns: readonly (readonly OutputValue[])[];
}

/** Rows that can be read one by one or in batches, but only once. */
export class BatchedRows implements AsyncIterable<OutputRow> {
  readonly #batches: AsyncIterable<RowBatch>;

  constructor(batches: AsyncIterable<RowBatch>) {
    this.#batches = batches;
  }

  get batches(): AsyncIterable<RowBatch> {
    return this.#batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputRow> {
    for await (const batch of this.#batches) yield* getRows(batch);
  }

  /** The rows with each batch changed. */
  map(change: (batch: RowBatch) => RowBatch): BatchedRows {
    const batches = this.#batches;
    return new BatchedRows(
      (async function* () {
        for await (const batch of batches) yield change(batch);
      })(),
    );
  }
}

export function* getRows({ rowCount, columns }: RowBatch): Generator<OutputRow> {
  for (let at = 0; at < rowCount; at += 1) yield columns.map((column) => column[at] ?? null);
}

/** Rows that are no batches yet come in batches of this size. */
const BATCH_SIZE = 512;

/** @param columnCount how many values each row has */
export function toBatchedRows(
  rows: Iterable<OutputRow> | AsyncIterable<OutputRow>,
  columnCount: number,
  size = BATCH_SIZE,
): BatchedRows {
  if (rows instanceof BatchedRows) return rows;
  return new BatchedRows(groupRows(rows, columnCount, size));
}

async function* groupRows(
  rows: Iterable<OutputRow> | AsyncIterable<OutputRow>,
  columnCount: number,
  size: number,
): AsyncGenerator<RowBatch> {
  let group: OutputRow[] = [];
  const takeBatch = (): RowBatch => {
    const columns = Array.from({ length: columnCount }, (_, at) =>
      group.map((row) => row[at] ?? null),
    );
    const batch = { rowCount: group.length, columns };
    group = [];
    return batch;
  };
  for await (const row of rows) {
    group.push(row);
    if (group.length === size) yield takeBatch();
  }
  if (group.length > 0) yield takeBatch();
}

/** The columns at these positions, in this order. */
export function selectColumns(
  { rowCount, columns }: RowBatch,
  positions: readonly number[],
): RowBatch {
  return { rowCount, columns: positions.map((position) => columns[position] ?? []) };
}

/** The same rows, or undefined where there are none. Reads the first. */
export async function peekRows(
  rows: AsyncIterable<OutputRow>,
  columnCount: number,
): Promise<BatchedRows | undefined> {
  const iterator = toBatchedRows(rows, columnCount).batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return new BatchedRows(
    (async function* () {
      try {
        yield first.value;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
          yield next.value;
        }
      } finally {
        // Who stops reading does not leave the rest to be fetched.
        await iterator.return?.();
      }
    })(),
  );
}
