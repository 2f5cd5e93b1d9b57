/** The values of `--columns`, `--where`, `--sort` and `--limit`, checked against the catalog. */
import type { Column } from '../catalog/column.ts';
import { allOf } from '../query/condition.ts';
import { parseColumns } from '../query/known-columns.ts';
import { mentionedColumns } from '../query/mentioned.ts';
import { FIRST_ON_SCREEN, type Refinements } from '../query/quotes.ts';
import { parseSort } from '../query/sort.ts';
import { parseWhere } from '../query/where.ts';
import type { RefiningOptions } from './options.ts';
import { parseLimit } from './settings.ts';

export interface Refined extends Refinements {
  /** What a screen that cannot show every column shows first: what was asked about. */
  readonly first: readonly string[];
  readonly columns: readonly string[] | undefined;
}

/**
 * @param doubt is told what is hardly meant as it is written
 * @throws UsageError
 */
export function parseRefining(
  options: RefiningOptions,
  known: readonly Column[],
  doubt?: (what: string) => void,
): Refined {
  const { columns, where, sort } = options;
  const limit = parseLimit(options.limit);
  const refinements: Refinements = {
    where: allOf((where ?? []).map((condition) => parseWhere(condition, known, doubt))),
    sort: sort === undefined ? undefined : parseSort(sort, known),
    limit,
  };
  return {
    ...refinements,
    first: [...mentionedColumns(refinements), ...FIRST_ON_SCREEN],
    columns:
      columns === undefined ? undefined : parseColumns(columns, known).map(({ name }) => name),
  };
}
