/** What every command that changes a local lake does last: past years are copied for faster queries. */
import { specTable } from '../catalog/tables.ts';
import { removeStaleCopies } from '../lake/keep-year-copy.ts';
import { yearsToCopy } from '../lake/year-copies.ts';
import type { Terminal } from './terminal.ts';

/**
 * Brings the copies of the quotes' past years up to date; mostly there is nothing to do. What cannot be
 * copied is said and is no failure, for queries answer without it. For whoever holds the lake's lock.
 */
export async function copyPastYears(terminal: Terminal, root: string): Promise<void> {
  const failures: unknown[] = [];
  const attempt = (work: Promise<void>): Promise<unknown> =>
    work.catch((error: unknown) => failures.push(error));
  await attempt(removeStaleCopies(root, specTable));
  const years = yearsToCopy(root, specTable);
  if (years.length > 0) {
    const copying = import('../query/copy-years.ts');
    for (const year of years) {
      await attempt(copying.then(({ copyYear }) => copyYear(root, specTable, year)));
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const [reason] = (first instanceof Error ? first.message : String(first)).split('\n');
  terminal.notice(`Queries over past years stay slower: ${reason}`);
}
