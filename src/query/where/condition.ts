/**
 * A condition on rows as data: parsed from `--where`, written as SQL. Pure.
 */
import type { Column, ColumnType } from '../../catalog/column.ts';

/** Another column, or a value as the text that is bound and the type that it is cast to. */
export type Operand =
  | { readonly column: Column }
  | { readonly type: ColumnType | 'integer'; readonly text: string };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly operator: Comparison;
      readonly value: Operand;
    }
  | {
      readonly kind: 'between';
      readonly column: Column;
      readonly low: Operand;
      readonly high: Operand;
    }
  | { readonly kind: 'in'; readonly column: Column; readonly values: readonly Operand[] }
  | { readonly kind: 'like'; readonly column: Column; readonly pattern: string }
  | { readonly kind: 'null'; readonly column: Column };

/** Holds where all of these do; one that is undefined holds always, as does none at all. */
export function allOf(conditions: readonly (Condition | undefined)[]): Condition | undefined {
  const [only, ...others] = conditions.filter((condition) => condition !== undefined);
  return only === undefined || others.length === 0
    ? only
    : { kind: 'and', parts: [only, ...others] };
}
