/**
 * Parses `--columns`, `--where`, `--sort` and `--limit` against the catalog.
 */

import { parseColumns, type ResultColumn } from '../../../query/columns.ts';
import { getReferencedColumns, parseSort, type Refinements } from '../../../query/refinements.ts';
import { allOf } from '../../../query/where/condition.ts';
import { parseWhere } from '../../../query/where/parser.ts';
import type { RefinementOptions } from '../../options.ts';
import { PREFERRED_COLUMNS } from '../../output/rows.ts';
import { parseLimit } from '../../settings.ts';

interface ParsedRefinements extends Refinements {
  /** The columns to show first on a screen that cannot show all: those that the query refers to. */
  readonly firstColumns: readonly string[];
  readonly columns: readonly string[] | undefined;
}

/**
 * @param warn is called with a warning for each value that is probably a mistake
 * @throws UsageError
 */
export function parseRefinements(
  options: RefinementOptions,
  known: readonly ResultColumn[],
  warn?: (message: string) => void,
): ParsedRefinements {
  const { columns, where, sort } = options;
  const limit = parseLimit(options.limit);
  const refinements: Refinements = {
    where: allOf((where ?? []).map((condition) => parseWhere(condition, known, warn))),
    sort: sort === undefined ? undefined : parseSort(sort, known),
    limit,
  };
  return {
    ...refinements,
    firstColumns: [...getReferencedColumns(refinements), ...PREFERRED_COLUMNS],
    columns:
      columns === undefined ? undefined : parseColumns(columns, known).map(({ name }) => name),
  };
}
