/**
 * Updates the copies of past quarters after a command has changed a local lake; they make queries faster.
 */

import { specTable } from '../catalog/tables.ts';
import { findQuartersToCopy, removeStaleCopies } from '../lake/local/quarter-copies.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * Brings the copies of the quotes' past quarters up to date; mostly there is nothing to do. What cannot be
 * copied is said and is no failure, for queries answer without it. For whoever holds the lake's lock.
 */
export async function updateQuarterCopies(terminal: Terminal, root: string): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (work: Promise<void>): Promise<unknown> =>
    work.catch((error: unknown) => failures.push(error));
  await attempt(removeStaleCopies(root, specTable));
  const quarters = findQuartersToCopy(root, specTable);
  if (quarters.length > 0) {
    const copying = import('../query/duckdb/copy-quarter.ts');
    for (const quarter of quarters) {
      await attempt(copying.then(({ copyQuarter }) => copyQuarter(root, specTable, quarter)));
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const [reason] = (first instanceof Error ? first.message : String(first)).split('\n');
  terminal.notice(`Queries over past quarters stay slower: ${reason}`);
}
