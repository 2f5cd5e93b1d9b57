/**
 * A condition on rows as data: parsed from `--where`, formatted as SQL. Pure.
 */
import type { ResultColumn } from '../columns.ts';

/** Another column, or the text of a parameter and the type that it is cast to. */
export type Operand =
  | { readonly column: ResultColumn }
  | { readonly type: ResultColumn['type']; readonly text: string };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly column: ResultColumn;
      readonly operator: Comparison;
      readonly value: Operand;
    }
  | {
      readonly kind: 'between';
      readonly column: ResultColumn;
      readonly low: Operand;
      readonly high: Operand;
    }
  | { readonly kind: 'in'; readonly column: ResultColumn; readonly values: readonly Operand[] }
  | { readonly kind: 'like'; readonly column: ResultColumn; readonly pattern: string }
  | { readonly kind: 'null'; readonly column: ResultColumn };

/** The conjunction of the conditions that are defined; undefined if none is. */
export function joinConditions(
  conditions: readonly (Condition | undefined)[],
): Condition | undefined {
  const [only, ...others] = conditions.filter((condition) => condition !== undefined);
  return only === undefined || others.length === 0
    ? only
    : { kind: 'and', parts: [only, ...others] };
}
