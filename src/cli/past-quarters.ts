/** What every command that changes a local lake does last: past quarters are copied for faster queries. */
import { specTable } from '../catalog/tables.ts';
import { removeStaleCopies } from '../lake/keep-quarter-copy.ts';
import { quartersToCopy } from '../lake/quarter-copies.ts';
import type { Terminal } from './terminal.ts';

/**
 * Brings the copies of the quotes' past quarters up to date; mostly there is nothing to do. What cannot be
 * copied is said and is no failure, for queries answer without it. For whoever holds the lake's lock.
 */
export async function copyPastQuarters(terminal: Terminal, root: string): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (work: Promise<void>): Promise<unknown> =>
    work.catch((error: unknown) => failures.push(error));
  await attempt(removeStaleCopies(root, specTable));
  const quarters = quartersToCopy(root, specTable);
  if (quarters.length > 0) {
    const copying = import('../query/copy-quarter.ts');
    for (const quarter of quarters) {
      await attempt(copying.then(({ copyQuarter }) => copyQuarter(root, specTable, quarter)));
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const [reason] = (first instanceof Error ? first.message : String(first)).split('\n');
  terminal.notice(`Queries over past quarters stay slower: ${reason}`);
}
