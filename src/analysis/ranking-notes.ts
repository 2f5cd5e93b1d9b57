/** What a ranking says beside its rows: what the order means, what it leaves out, and what it rests on. Pure. */
import type { AssetKind } from '../catalog/asset.ts';
import { formatIsoDate, getDayBefore, type Partition } from '../catalog/partition.ts';
import { formatFirst, formatQuantity } from '../text.ts';
import type { Criterion } from './criterion.ts';
import type { Ranking } from './ranking.ts';
import type { Screen } from './screens.ts';
import { describeStaleDay } from './stale-day.ts';

interface RankingNoteOptions {
  readonly allPapersOption: string;
  readonly namesAll?: boolean;
  readonly formatDay?: (day: string) => string;
  /** When the events of the assets were read last, YYYY-MM-DD; undefined where nothing says it. */
  readonly eventsReadOn?: string | undefined;
}

const NAMES: Readonly<Record<AssetKind, string>> = { acoes: 'Ações', fiis: 'FIIs' };

/** What `--as-of` cannot know of the ledger. */
export const PAST_EVENTS_NOTE =
  'Events count up to the day of the indicators, by their last day with the right, as the ledger has them now: it does not record when an event was first read or corrected, and one that its source has ceased to show still counts.';

/** Of events that were read in so many days before the indicators, another import would bring little. */
const FRESH_DAYS = 10;

/** The notes of a ranking, a line each; those of a list are indented. */
export function describeRanking(
  criterion: Criterion | Screen,
  ranking: Ranking,
  { allPapersOption, namesAll = false, formatDay = String, eventsReadOn }: RankingNoteOptions,
): string[] {
  const { days, ranked, unranked, otherPapers, newestEvent, isOfPastDay } = ranking;
  const left = unranked.reduce((sum, { tickers }) => sum + tickers.length, 0);
  const when = [...days]
    .map(([kind, day]) => `${NAMES[kind]} of ${formatDay(formatIsoDate(day))}`)
    .join(', ');
  const notes = [
    ...ranking.stale.map((each) => describeStaleDay(NAMES[each.kind], each, formatDay)),
    ...('formula' in criterion ? [`${criterion.title}: ${criterion.formula}.`] : []),
    `${when}: ${ranked} ranked, ${left} not${left === 0 ? '.' : ':'}`,
    ...unranked.map(
      ({ reason, tickers }) =>
        `  ${tickers.length} ${reason.en}: ${namesAll ? tickers.join(' ') : formatFirst(tickers, 3)}`,
    ),
    ...(otherPapers.length === 0
      ? []
      : [
          `${formatQuantity(otherPapers.length, 'other paper')} of these companies: ${allPapersOption} ranks every one.`,
        ]),
  ];
  if (criterion.needs !== 'income') return notes;
  const known = eventsReadOn ?? newestEvent;
  const fresh = formatIsoDate(getDayBefore(Math.max(...days.values()) as Partition, FRESH_DAYS));
  const mayImport = known === undefined || known < fresh;
  if (newestEvent === undefined) {
    const none = 'The lake has no events of these years: dividends are Div. Yield × price.';
    return [...notes, mayImport ? `${none} \`pynvest import eventos\` brings them.` : none];
  }
  const newest = `The newest event is from ${formatDay(newestEvent)}`;
  return [
    ...notes,
    mayImport ? `${newest}; \`pynvest import eventos\` brings those since.` : `${newest}.`,
    ...(isOfPastDay ? [PAST_EVENTS_NOTE] : []),
  ];
}
