/** Brings the copies of past quarters up to date after a local lake has changed; they make queries faster. */
import { tables } from '../../catalog/datasets.ts';
import { removeStaleCopies, reviewQuarterCopies } from '../../lake/local/quarter-copies.ts';

interface CopiesProgress {
  step(ok: boolean): void;
  stop(): void;
}

/**
 * Mostly there is nothing to do, and DuckDB is not loaded. The caller has the lock of the lake.
 * @param startProgress is called with the number of quarters to copy, if there are any: after an update of pynvest
 * these may be all quarters of a table, and half a minute
 * @returns the errors; queries work without the copies, so none is thrown
 */
export async function updateQuarterCopies(
  root: string,
  startProgress?: (quarters: number) => Promise<CopiesProgress>,
): Promise<unknown[]> {
  const errors: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<boolean> =>
    work().then(
      () => true,
      (error: unknown) => {
        errors.push(error);
        return false;
      },
    );
  const copiedTables = tables.filter(({ hasQuarterCopies }) => hasQuarterCopies);
  const reviews = copiedTables.map((table) => [table, reviewQuarterCopies(root, table)] as const);
  for (const [, review] of reviews) await attempt(() => removeStaleCopies(review));
  const toCopy = reviews.flatMap(([table, review]) =>
    review.toCopy.map((quarter) => ({ table, quarter })),
  );
  if (toCopy.length === 0) return errors;
  const progress = await startProgress?.(toCopy.length);
  try {
    for (const { table, quarter } of toCopy) {
      const isCopied = await attempt(async () => {
        const { copyQuarter } = await import('./copy-quarter.ts');
        await copyQuarter(root, table, quarter);
      });
      progress?.step(isCopied);
    }
  } finally {
    progress?.stop();
  }
  return errors;
}
