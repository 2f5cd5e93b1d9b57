/** The newest indicators up to a day that was asked for, where they are much older than that day. */
import type { AssetKind } from '../catalog/asset.ts';
import { formatIsoDate, getPartition, type Partition } from '../catalog/partition.ts';
import { getTradingDays } from '../catalog/trading-days.ts';
import type { QueryEngine } from '../query/engine.ts';
import { formatQuantity } from '../text.ts';
import { getIndicatorTable, listDays } from './market-day.ts';

export interface StaleDay {
  readonly kind: AssetKind;
  readonly day: Partition;
  readonly asked: Partition;
  /** From that day to the day that was asked for. */
  readonly sessions: number;
  /** The newest collected day between both, which an asset may lack. */
  readonly later: Partition | undefined;
  /** The first collected day after that which was asked for. */
  readonly next: Partition | undefined;
}

/** Indicators change little in a week. */
const MOST_SESSIONS_BEFORE = 7;

/** @param day of the newest indicators up to `asked` */
export async function findStaleDay(
  engine: QueryEngine,
  kind: AssetKind,
  day: Partition,
  asked: Partition | undefined,
): Promise<StaleDay | undefined> {
  if (asked === undefined) return undefined;
  const sessions = getTradingDays(day, asked).filter((each) => each > day).length;
  if (sessions <= MOST_SESSIONS_BEFORE) return undefined;
  const stored = await listDays(engine, getIndicatorTable(kind));
  return {
    ...{ kind, day, asked, sessions },
    later: stored.findLast((each) => each > day && each <= asked),
    next: stored.find((each) => each > asked),
  };
}

/** @param what the indicators are of, such as Ações or a ticker */
export function describeStaleDay(
  what: string,
  { day, asked, sessions, later, next }: StaleDay,
  formatDay: (day: string) => string = String,
): string {
  const format = (each: Partition): string => formatDay(formatIsoDate(each));
  const remedy =
    asked > getPartition(new Date())
      ? 'That day is to come.'
      : later !== undefined
        ? `It is not among those of ${format(later)}.`
        : next === undefined
          ? 'The lake has none after it; `pynvest run` collects those of today.'
          : `Those of a past day cannot be brought; the next that the lake has are from ${format(next)}.`;
  return `${what}: the newest indicators are from ${format(day)}, ${formatQuantity(sessions, 'session')} before ${format(asked)}. ${remedy}`;
}
