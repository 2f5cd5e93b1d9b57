/** The positions of assets: equals share one (1, 2, 2, 4), and are listed by ticker. Pure. */
import { POSITION_PREFIX } from '../catalog/headings.ts';
import type { OutputValue } from '../query/engine.ts';
import type { Figures, RankKey, RankTerm } from './criterion.ts';
import type { AssetRow } from './market-day.ts';

export function formatPositionName({ figure }: RankTerm): string {
  return `${POSITION_PREFIX}${figure.replace(/^(?:vlr_ind_|vlr_|pct_)/, '')}`;
}

export function formatSumName(at: number): string {
  return at === 0 ? 'soma_posicoes' : `soma_posicoes_${at + 1}`;
}

interface ComputedAsset {
  readonly row: AssetRow;
  readonly figures: Figures;
}

export interface PlacedAsset extends ComputedAsset {
  readonly position: number;
  /** The positions and their sums, by the names of their columns. */
  readonly positions: Readonly<Record<string, number>>;
}

/** The assets in their order, with their positions. */
export function findPositions(
  computed: readonly ComputedAsset[],
  order: readonly RankKey[],
): PlacedAsset[] {
  const columns = new Map<string, readonly number[]>();
  const keys: { readonly values: readonly (number | string)[]; readonly descending: boolean }[] =
    [];
  let sums = 0;
  for (const { terms } of order) {
    const [only] = terms;
    if (only !== undefined && terms.length === 1) {
      const values = computed.map(({ figures }) => toComparable(figures[only.figure]));
      keys.push({ values, descending: only.descending });
      continue;
    }
    const positions = terms.map((term) => {
      const values = computed.map(({ figures }) => toComparable(figures[term.figure]));
      const own = countPositions(values, term.descending);
      columns.set(formatPositionName(term), own);
      return own;
    });
    const values = computed.map((_, at) => positions.reduce((sum, own) => sum + (own[at] ?? 0), 0));
    columns.set(formatSumName(sums), values);
    sums += 1;
    keys.push({ values, descending: false });
  }
  const compare = (a: number, b: number): number => {
    for (const { values, descending } of keys) {
      const difference = compareValues(values[a], values[b]);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
  const tickerOf = (at: number): string => computed[at]?.row.ticker ?? '';
  const sorted = computed
    .map((_, at) => at)
    .sort((a, b) => compare(a, b) || (tickerOf(a) < tickerOf(b) ? -1 : 1));
  let position = 0;
  return sorted.flatMap((at, index) => {
    const before = sorted[index - 1];
    if (before === undefined || compare(before, at) !== 0) position = index + 1;
    const own = computed[at];
    if (own === undefined) return [];
    const positions = Object.fromEntries([...columns].map(([name, all]) => [name, all[at] ?? 0]));
    return [{ ...own, position, positions }];
  });
}

/** The position of each value, from 1; equals share one. */
function countPositions(values: readonly (number | string)[], descending: boolean): number[] {
  const sorted = [...values].sort(compareValues);
  if (descending) sorted.reverse();
  const first = new Map<number | string, number>();
  for (const [index, value] of sorted.entries()) {
    if (!first.has(value)) first.set(value, index + 1);
  }
  return values.map((value) => first.get(value) ?? 0);
}

function toComparable(value: OutputValue | undefined): number | string {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : String(value ?? '');
}

function compareValues(a: number | string = '', b: number | string = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
