/** What failed in a run, by its causes, and what to do about it. Pure. */
import { counted } from '../counted.ts';
import type { FailedTicker } from '../pipeline/collect.ts';
import type { RunReport } from '../pipeline/report.ts';

/** A cause that more tickers share is said once. */
const MOST_LINES = 5;
/** Of a cause that is said once no more tickers are named: a site that refuses us refuses hundreds. */
const MOST_NAMED = 40;

/**
 * A line a ticker and its cause; of a cause that many share one line with their names.
 * @param everyone names them all
 */
export function failureLines(failed: readonly FailedTicker[], everyone: boolean): string[] {
  const byCause = new Map<string, string[]>();
  let notAsked = 0;
  for (const { ticker, kind, reason } of failed) {
    if (kind === 'not-asked') {
      notAsked += 1;
      continue;
    }
    const cause = reason.startsWith(`${ticker}: `) ? reason.slice(ticker.length + 2) : reason;
    byCause.set(cause, [...(byCause.get(cause) ?? []), ticker]);
  }
  const lines = [...byCause].flatMap(([cause, tickers]) =>
    everyone || tickers.length <= MOST_LINES
      ? tickers.map((ticker) => `${ticker}: ${cause}`)
      : [`${counted(tickers.length, 'ticker')}: ${cause} (${someOf(tickers)})`],
  );
  if (notAsked > 0) {
    const were = notAsked === 1 ? 'was' : 'were';
    lines.push(
      `${counted(notAsked, 'ticker')} ${were} not asked for: the site refused those before them`,
    );
  }
  return lines;
}

function someOf(tickers: readonly string[]): string {
  const named = tickers.slice(0, MOST_NAMED).join(', ');
  return tickers.length <= MOST_NAMED ? named : `${named}, …; --verbose names all`;
}

/** What to do about it: a line each; none where all went well. */
export function whatToDo({ failed, stored }: RunReport['tickers']): string[] {
  const lines: string[] = [];
  const stays = stored > 0 ? '; what is stored stays' : '';
  if (failed.some(({ kind }) => kind === 'not-found')) {
    lines.push('`pynvest tickers` lists the tickers that the site has.');
  }
  if (failed.some(({ kind }) => kind === 'blocked')) {
    lines.push(
      'The site refuses us for now: wait a while, then run again more slowly, with ' +
        `--concurrency 2 --pause 2000${stays}.`,
    );
  } else if (failed.some(({ kind }) => kind !== 'not-found')) {
    lines.push(`Run again to complete the day${stays}.`);
  }
  return lines;
}
