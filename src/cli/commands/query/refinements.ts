/**
 * Parses `--columns`, `--where`, `--sort` and `--limit` against the catalog.
 */

import type { Column } from '../../../catalog/column.ts';
import { parseColumns } from '../../../query/columns.ts';
import { PREFERRED_COLUMNS } from '../../../query/quotes.ts';
import { getReferencedColumns, parseSort, type Refinements } from '../../../query/refinements.ts';
import { allOf } from '../../../query/where/condition.ts';
import { parseWhere } from '../../../query/where/parser.ts';
import type { RefinementOptions } from '../../options.ts';
import { parseLimit } from '../../settings.ts';

interface ParsedRefinements extends Refinements {
  /** What a screen that cannot show every column shows first: what was asked about. */
  readonly firstColumns: readonly string[];
  readonly columns: readonly string[] | undefined;
}

/**
 * @param doubt is told what is hardly meant as it is written
 * @throws UsageError
 */
export function parseRefinements(
  options: RefinementOptions,
  known: readonly Column[],
  doubt?: (what: string) => void,
): ParsedRefinements {
  const { columns, where, sort } = options;
  const limit = parseLimit(options.limit);
  const refinements: Refinements = {
    where: allOf((where ?? []).map((condition) => parseWhere(condition, known, doubt))),
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
