/** Brings the copies of past periods up to date after a local lake has changed; they make queries faster. */
import type { Table } from '../../catalog/dataset.ts';
import { tables } from '../../catalog/datasets.ts';
import type { Period } from '../../lake/local/copied-periods.ts';
import { removeStaleCopies, reviewCopies } from '../../lake/local/copies-review.ts';

interface CopiesProgress {
  step(ok: boolean): void;
  stop(): void;
}

/**
 * Mostly there is nothing to do, and DuckDB is not loaded. The caller has the lock of the lake.
 * @param startProgress is called with the number of copies to make, if there are any: after an update of pynvest these
 * may be all of a table, and half a minute
 * @returns the errors; queries work without the copies, so none is thrown
 */
export async function updatePeriodCopies(
  root: string,
  startProgress?: (copies: number) => Promise<CopiesProgress>,
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
  const copiedTables = tables.filter(({ hasPeriodCopies }) => hasPeriodCopies);
  const reviews = copiedTables.map((table) => [table, reviewCopies(root, table)] as const);
  for (const [, review] of reviews) await attempt(() => removeStaleCopies(review));
  const toCopy = reviews.flatMap(([table, review]) =>
    review.toCopy.map((period) => ({ table, period, quarters: review.quartersOf.get(period) })),
  );
  if (toCopy.length === 0) return errors;
  const progress = await startProgress?.(toCopy.length);
  const copy = async (table: Table, period: Period): Promise<boolean> => {
    const { copyPeriod } = await import('./copy-period.ts');
    return copyPeriod(root, table, period);
  };
  /** A file that cannot be copied, or too little memory for all of a year, leaves its quarters to be copied. */
  const copyYear = async (
    table: Table,
    year: Period,
    quarters: readonly Period[],
  ): Promise<boolean> => {
    if (quarters.length === 0) return attempt(async () => void (await copy(table, year)));
    if (await copy(table, year).catch(() => false)) return true;
    const results: boolean[] = [];
    for (const quarter of quarters) {
      results.push(await attempt(async () => void (await copy(table, quarter))));
    }
    return results.every(Boolean);
  };
  try {
    for (const { table, period, quarters } of toCopy) {
      const isDone =
        quarters === undefined
          ? await attempt(async () => void (await copy(table, period)))
          : await copyYear(table, period, quarters);
      progress?.step(isDone);
    }
  } finally {
    progress?.stop();
  }
  // A year or a quarter in one file has made the copies of its parts needless.
  for (const table of new Set(toCopy.map((each) => each.table))) {
    await attempt(() => removeStaleCopies(reviewCopies(root, table)));
  }
  return errors;
}
