/** What is wrong with a table. Pure. */
import { isoDate, type Partition } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import { tradingDaysBetween } from '../../catalog/trading-days.ts';
import { counted } from '../../counted.ts';
import type { StatusCode } from './codes.ts';
import { isTolerable } from './coverage.ts';
import type { StatusFacts } from './facts.ts';
import type { Judged } from './judged.ts';
import { type Concern, firstFew } from './report.ts';
import { collectRemedy, rebuildRemedy, tickersRemedy } from './table-remedies.ts';

/** A gap of the past cannot be filled: it is a problem only as long as it is news. */
export const RECENT_TRADING_DAYS = 5;

/** A concern of one table; the same of several becomes one sentence. */
export interface TableConcern extends Concern {
  readonly table: Table;
  readonly isProblem: boolean;
}

export function concernsOf(facts: StatusFacts, judged: Judged): TableConcern[] {
  const { table, newest } = judged.facts;
  const about = (
    isProblem: boolean,
    code: StatusCode,
    what: string,
    remedy: string,
  ): TableConcern => ({ table, isProblem, code, what, remedy });
  if (newest === undefined) {
    return [about(true, 'empty', 'nothing is stored yet', collectRemedy(facts))];
  }
  const concerns: TableConcern[] = [];
  const day = isoDate(newest.partition);
  if (!newest.readable) concerns.push(about(true, 'unreadable', newest.reason, newest.remedy));
  const { behind = 0, missing, coverage } = judged;
  if (behind > 0) {
    const due = isoDate(facts.due.day);
    const what = `the last day is ${day}, ${counted(behind, 'trading day')} behind ${due}`;
    const after = missing.filter((each) => each > newest.partition);
    const remedy = rebuildRemedy(facts, table, after) ?? collectRemedy(facts);
    concerns.push(about(true, 'stale', what, remedy));
  }
  const gaps = missing.filter((each) => each < newest.partition);
  for (const [recent, days] of byRecency(gaps, facts.due.day)) {
    const what = `${counted(days.length, 'trading day')} missing: ${firstFew(days.map(isoDate))}`;
    const remedy =
      rebuildRemedy(facts, table, days) ??
      'The pages of a past day are gone: nothing brings it back.';
    concerns.push(about(recent, recent ? 'missing-days' : 'old-gaps', what, remedy));
  }
  // Of a day that is still at work nobody can say yet what it lacks.
  const isSettled = newest.partition !== facts.due.unsettled && !isAtWork(facts);
  if (coverage !== undefined && coverage.missing.length > 0) {
    const { missing: tickers, basis } = coverage;
    const are = tickers.length === 1 ? 'is' : 'are';
    const what = `${counted(tickers.length, 'ticker')} ${basis} ${are} missing on ${day}: ${firstFew(tickers)}`;
    const isProblem = isSettled && !isTolerable(coverage);
    concerns.push(
      about(isProblem, 'missing-tickers', what, tickersRemedy(facts, judged, coverage)),
    );
  }
  if (newest.readable && newest.rows > newest.tickers.size && !isRawInAws(facts, table)) {
    const what = `${newest.rows} rows of ${newest.tickers.size} tickers on ${day}: some are there twice`;
    const remedy =
      table.layer === 'sor'
        ? `\`pynvest backfill --date ${day}\` leaves one row a ticker.`
        : `\`pynvest dedup now --date ${day}\` leaves one row a ticker.`;
    concerns.push(about(isSettled, 'duplicates', what, remedy));
  }
  return concerns;
}

/** In AWS nothing removes duplicates of raw text: the typed tables are made of the newest. */
function isRawInAws({ at }: StatusFacts, { layer }: Table): boolean {
  return at.target === 'aws' && layer === 'sor';
}

function isAtWork({ at }: StatusFacts): boolean {
  if (at.target === 'local') return at.folder.holder !== undefined && !at.folder.holder.dead;
  const { stateMachine } = at.system;
  return 'value' in stateMachine && stateMachine.value?.status === 'RUNNING';
}

/** The gaps of the last few trading days up to the due day, and those before them. */
function byRecency(
  gaps: readonly Partition[],
  due: Partition,
): (readonly [recent: boolean, days: readonly Partition[]])[] {
  const [oldest = due] = gaps;
  const [firstRecent = due] = tradingDaysBetween(oldest, due).slice(-RECENT_TRADING_DAYS);
  const recent = gaps.filter((day) => day >= firstRecent);
  const old = gaps.filter((day) => day < firstRecent);
  return (
    [
      [true, recent],
      [false, old],
    ] as const
  ).filter(([, days]) => days.length > 0);
}
