/** The indicators of all assets over days: years of them do not fit into memory, so they stream. */
import { assetKinds } from '../catalog/asset.ts';
import { sotTables } from '../catalog/tables.ts';
import type { OutputValue, QueryEngine } from './engine.ts';
import {
  columnsOf,
  expressionIn,
  headingOf,
  positionsIn,
  sortKeysIn,
} from './indicator-columns.ts';
import { type IndicatorsForm, indicatorsOf } from './indicators.ts';
import { columnsNamed, indicatorAnswerColumns } from './known-columns.ts';
import { withinKnownDays } from './known-days.ts';
import { type Days, questionOf } from './quotes.ts';

export interface AllIndicators {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly OutputValue[]>;
}

/**
 * Stocks first, then funds. The heading has the columns of the kinds asked for, whether they have rows or
 * not: that shows only at the end. Both kinds in one order are held in memory, `limit` rows of each.
 *
 * @throws UsageError where a column is none of either kind
 */
export async function allIndicators(
  engine: QueryEngine,
  columns: readonly string[] | undefined,
  days: Days,
  form: IndicatorsForm,
): Promise<AllIndicators> {
  const { kinds = assetKinds, where, sort = [], limit } = form;
  if (sort.length > 0 && kinds.length > 1) {
    const { rows, ...heading } = await indicatorsOf(engine, [], columns, days, form);
    return { ...heading, rows: streamed(rows) };
  }
  const asked = columns && columnsNamed(columns, indicatorAnswerColumns).map(({ name }) => name);
  const shown = kinds.map((kind) => columnsOf(kind, asked));
  const heading = headingOf(shown, asked);

  async function* rows(): AsyncGenerator<readonly OutputValue[]> {
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const [at, kind] of kinds.entries()) {
      if (left <= 0) return;
      const own = shown[at] ?? [];
      const within = await withinKnownDays(engine, sotTables[kind], days);
      const { sql, parameters } = questionOf(sotTables[kind], own, [], within, {
        where,
        sort: sortKeysIn(kind, sort),
        limit: limit === undefined ? undefined : left,
        expressionOf: expressionIn(kind),
        from: engine.nameOf(sotTables[kind]),
      });
      const positions = positionsIn(own, heading);
      const answer = await engine.query(sql, parameters, { days: within });
      for await (const row of answer.rows) {
        left -= 1;
        yield positions.map((position) => row[position] ?? null);
      }
    }
  }
  return { columns: heading, rows: rows() };
}

async function* streamed<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}
