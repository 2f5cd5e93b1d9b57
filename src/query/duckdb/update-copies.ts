/** Brings the copies of past quarters up to date after a local lake has changed; they make queries faster. */
import { tables } from '../../catalog/datasets.ts';
import { removeStaleCopies, reviewQuarterCopies } from '../../lake/local/quarter-copies.ts';

/**
 * Mostly there is nothing to do, and DuckDB is not loaded. The caller has the lock of the lake.
 * @returns the errors; queries work without the copies, so none is thrown
 */
export async function updateQuarterCopies(root: string): Promise<unknown[]> {
  const errors: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => errors.push(error));
  };
  for (const table of tables.filter(({ hasQuarterCopies }) => hasQuarterCopies)) {
    const review = reviewQuarterCopies(root, table);
    await attempt(() => removeStaleCopies(review));
    for (const quarter of review.toCopy) {
      await attempt(async () => {
        const { copyQuarter } = await import('./copy-quarter.ts');
        await copyQuarter(root, table, quarter);
      });
    }
  }
  return errors;
}
