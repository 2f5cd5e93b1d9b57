/** What to do about a table that lacks something. Pure. */
import { isoDate, type Partition, partitionOf } from '../../catalog/partition.ts';
import { sorTables, type Table } from '../../catalog/tables.ts';
import { tradingDayUpTo } from '../../catalog/trading-days.ts';
import { messagesIn } from '../queues.ts';
import { type Coverage, kindsOf } from './coverage.ts';
import type { StatusFacts } from './facts.ts';
import type { Judged } from './judged.ts';

/** How days come from the raw text that the lake has of them; undefined where it has none. */
export function rebuildRemedy(
  { tables }: StatusFacts,
  table: Table,
  days: readonly Partition[],
): string | undefined {
  if (table.layer === 'sor') return undefined;
  const raw = kindsOf(table).map((kind) => tables.find((each) => each.table === sorTables[kind]));
  // A trading day may be there by the collection of a day after it, on which B3 did not trade.
  const partitions = raw.flatMap((each) => each?.partitions ?? []);
  const wanted = partitions
    .filter((each) => days.includes(tradingDayUpTo(each)))
    .sort((a, b) => a - b);
  const [first, last] = [wanted.at(0), wanted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const which =
    first === last ? `--date ${isoDate(first)}` : `--from ${isoDate(first)} --to ${isoDate(last)}`;
  return `\`pynvest backfill ${which}\` makes it from the raw text.`;
}

export function collectRemedy({ at, due, now }: StatusFacts): string {
  if (at.target === 'aws') {
    return '`pynvest logs` says what went wrong; `pynvest run` collects now.';
  }
  return due.day === partitionOf(now)
    ? '`pynvest run` collects today.'
    : '`pynvest run` collects what the site shows now.';
}

export function tickersRemedy(
  facts: StatusFacts,
  { facts: { table, newest } }: Judged,
  { missing, comparedWith }: Coverage,
): string {
  const raw = facts.tables.filter(
    (each) => each.table.layer === 'sor' && each.newest?.partition === newest?.partition,
  );
  const inRawText = missing.every((ticker) =>
    raw.some(({ newest: day }) => day?.readable && day.tickers.has(ticker)),
  );
  if (table.layer !== 'sor' && inRawText && newest !== undefined) {
    return `\`pynvest backfill --date ${isoDate(newest.partition)}\` makes them from the raw text.`;
  }
  const again = againRemedy(facts, missing, newest?.partition === partitionOf(facts.now));
  return comparedWith === 'site'
    ? `${again} Left out on purpose? --no-site compares with the day before.`
    : again;
}

function againRemedy(
  { at }: StatusFacts,
  [first = '']: readonly string[],
  isToday: boolean,
): string {
  if (at.target === 'local') {
    return isToday
      ? '`pynvest run` asks for them again.'
      : '`pynvest run` asks for them again, for today.';
  }
  const { queues } = at.system;
  const isWaiting =
    'value' in queues && queues.value.some((each) => !each.isDeadLetters && messagesIn(each) > 0);
  return isWaiting
    ? `Some wait in the queues, to be tried again. \`pynvest logs --ticker ${first}\` says why.`
    : `\`pynvest logs --ticker ${first}\` says why; \`pynvest redrive\` sends dead letters back.`;
}
