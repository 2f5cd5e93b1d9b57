/** What to say of a ticker that the lake does not have. */
import { specTable } from '../catalog/tables.ts';
import type { Ticker } from '../catalog/ticker.ts';
import { QueryError } from '../errors.ts';
import type { QueryEngine } from '../query/engine.ts';
import { quotesQuestion } from '../query/quotes.ts';
import { closestTo } from '../suggest.ts';
import type { LakeAtHand } from './lake-at-hand.ts';
import type { Terminal } from './terminal.ts';

export function emptyLake({ place }: LakeAtHand): QueryError {
  return new QueryError(`the lake at ${place} is empty`, {
    hint: '`pynvest run` collects today; --lake DIR or --target names another lake.',
  });
}

/**
 * Names each ticker without a row, and the one of the newest day that it may be a slip for. In a
 * `narrowed` answer (by a condition or a limit) a ticker of the newest day may well have none. Answers
 * how many were named.
 */
export async function sayMissing(
  terminal: Terminal,
  engine: QueryEngine,
  missing: readonly Ticker[],
  { place }: LakeAtHand,
  narrowed = false,
): Promise<number> {
  if (missing.length === 0) return 0;
  const newest = await engine.newestPartition(specTable);
  const known: string[] = [];
  if (newest !== undefined) {
    const { sql } = quotesQuestion([], { from: newest }, { from: engine.nameOf(specTable) });
    const { columns, rows } = await engine.query(sql, [], { ordered: true });
    const position = columns.indexOf(specTable.tickerColumn);
    for await (const row of rows) known.push(String(row[position]));
  }
  const named = narrowed ? missing.filter((ticker) => !known.includes(ticker)) : missing;
  for (const ticker of named) {
    const near = known.includes(ticker) ? undefined : closestTo(ticker, known);
    const where = known.includes(ticker) ? 'in the days asked for' : `in the lake at ${place}`;
    terminal.warn(`${ticker}: no row ${where}${near ? `. Did you mean ${near}?` : ''}`);
  }
  return named.length;
}
