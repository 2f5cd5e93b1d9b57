/** Trading days that were not collected, of the whole lake or of one kind of asset. Pure. */
import { type AssetKind, assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { sorTables, sotTables, type Table } from '../../catalog/tables.ts';
import { missingTradingDays, tradingDaysBetween } from '../../catalog/trading-days.ts';
import { counted } from '../../counted.ts';
import { allDays, type Bounds, type FilesByDay, isWithin } from './days.ts';
import { type Finding, finding } from './finding.ts';

/**
 * The days before today that no table has, and those that all tables of one kind lack; a day that a single
 * layer lacks was left half-way, which is told as such.
 *
 * @param files those of every day, also beyond the bounds: a day may be there by a collection after it
 */
export function missingDays(files: FilesByDay, bounds: Bounds, today: Partition): Finding[] {
  const missingIn = (tables: readonly Table[]): Partition[] => {
    const held = new Map([...files].filter(([table]) => tables.includes(table)));
    return missingTradingDays(allDays(held), today).filter(
      (day) => day !== today && isWithin(bounds, day),
    );
  };
  const missing = missingIn([...files.keys()]);
  const everywhere = new Set(missing);
  return [
    ...findingsOf(missing, ''),
    ...assetKinds.flatMap((kind: AssetKind) => {
      const ofKind = missingIn([sorTables[kind], sotTables[kind]]);
      return findingsOf(
        ofKind.filter((day) => !everywhere.has(day)),
        kind,
      );
    }),
  ];
}

function findingsOf(missing: readonly Partition[], subject: AssetKind | ''): Finding[] {
  if (missing.length === 0) return [];
  const detail = `${counted(missing.length, 'trading day')} without rows: ${inRanges(missing)}`;
  return [finding('day-missing', { status: 'note', subject, detail })];
}

/** Of many gaps, so many of the newest are named. */
const RANGES_NAMED = 5;

function inRanges(missing: readonly Partition[]): string {
  const [first, last] = [missing.at(0), missing.at(-1)];
  const trading = first === undefined || last === undefined ? [] : tradingDaysBetween(first, last);
  const positions = new Map(trading.map((day, index) => [day, index]));
  const ranges: { from: Partition; to: Partition; next: number }[] = [];
  for (const day of missing) {
    const position = positions.get(day) ?? 0;
    const range = ranges.at(-1);
    if (range?.next === position) Object.assign(range, { to: day, next: position + 1 });
    else ranges.push({ from: day, to: day, next: position + 1 });
  }
  const named = ranges
    .slice(-RANGES_NAMED)
    .map(({ from, to }) => (from === to ? isoDate(from) : `${isoDate(from)} to ${isoDate(to)}`));
  const earlier = ranges.length > RANGES_NAMED ? ['earlier ones'] : [];
  return [...earlier, ...named].join(', ');
}
