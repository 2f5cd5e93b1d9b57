/**
 * Rules about the last run and the newest day's pages: failures, values that do not parse, changed labels. Pure.
 */

import { assetKinds } from '../../catalog/asset.ts';
import { isoDate } from '../../catalog/partition.ts';
import { groupUnparsedByColumn } from '../../pipeline/report.ts';
import { formatQuantity } from '../../text.ts';
import { isSignificant } from '../../transform/drift.ts';
import type { StatusFacts } from '../facts/facts.ts';
import type { LastRun } from '../facts/last-run.ts';
import { type Concern, type Concerns, formatFirst, formatMinute } from '../status-report.ts';

export function assessRun({ lastRun, siteListing: listed, tables }: StatusFacts): Concerns {
  const problems: Concern[] = [];
  const notes: Concern[] = [];
  const { run, broken } = 'value' in lastRun ? lastRun.value : { run: undefined, broken: [] };
  if (run !== undefined && run.error !== null) {
    problems.push({
      code: 'last-run-failed',
      what: `the last run (${run.command}, ${formatMinute(run.started_at)}) did not come to its end: ${run.error}`,
      remedy:
        run.command === 'run' && run.stored === 0
          ? '`pynvest run` collects the day.'
          : `\`pynvest backfill --date ${run.date}\` makes the tables follow.`,
    });
  } else if (run !== undefined && hasStoredNothing(run)) {
    const [first] = run.failed;
    problems.push({
      code: 'last-run-failed',
      what: `the last run (${formatMinute(run.started_at)}) stored none of ${formatQuantity(run.asked, 'ticker')}: ${first?.reason}`,
      remedy: 'Wait a while; `pynvest run` asks for them again.',
    });
  }
  if (run !== undefined && run.listing_faults.length > 0) {
    problems.push({
      code: 'listing-fault',
      what: `the last run (${run.command}, ${formatMinute(run.started_at)}) had no whole listing: ${run.listing_faults.join('; ')}`,
      remedy: '`pynvest run` asks for the listings again.',
    });
  }
  if (broken.length > 0) {
    notes.push({
      code: 'broken-report',
      what: `${formatQuantity(broken.length, 'report')} of runs cannot be read: ${formatFirst(broken)}`,
      remedy: 'Remove them from _runs: nothing else needs them.',
    });
  }
  if (listed.kind === 'no-answer') {
    notes.push({
      code: 'site-no-answer',
      what: `the site could not be asked what it lists: ${listed.reason}`,
      remedy: tables.some(({ previous: before }) => before?.readable)
        ? 'Tickers are compared with those of the day before.'
        : 'There is no day before to compare the tickers with: ask again when the site answers.',
    });
  }
  return { problems, notes };
}

/** Tickers that the site does not have are no fault of a run. */
function hasStoredNothing({ command, stored, failed }: LastRun): boolean {
  return command === 'run' && stored === 0 && failed.some(({ kind }) => kind !== 'not-found');
}

/** The site's own changes: no run of ours makes them undone, so that none is a problem. */
export function assessPages({ tables, pages: { unparsed, drift } }: StatusFacts): Concern[] {
  const notes: Concern[] = [];
  const [newest = 'DAY'] = tables
    .flatMap(({ table, newest: day }) =>
      day === undefined || table.layer !== 'sor' ? [] : [isoDate(day.partition)],
    )
    .sort()
    .reverse();
  for (const { column, values, examples } of groupUnparsedByColumn(unparsed)) {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${JSON.stringify(text)}`);
    const verbs = values === 1 ? 'does not parse and is' : 'do not parse and are';
    notes.push({
      code: 'unparsed',
      what: `${column}: ${formatQuantity(values, 'value')} ${verbs} null: ${formatFirst(shown, 3)}`,
      remedy: `The raw text is kept: a newer pynvest may read it, and \`pynvest backfill --date ${newest}\` then types it.`,
    });
  }
  for (const kind of assetKinds) {
    const unknown = drift.unknownLabels.filter((each) => each.kind === kind);
    if (unknown.length > 0) {
      const shown = unknown.map(
        ({ label, pages, firstTicker }) =>
          `${JSON.stringify(label)} on ${formatQuantity(pages, 'page')} (first ${firstTicker})`,
      );
      notes.push({
        code: 'unknown-label',
        what: `${kind}: no column for ${formatFirst(shown)}`,
        remedy: 'The text is kept in outros_indicadores; a newer pynvest may have a column for it.',
      });
    }
    const vanished = drift.vanishedColumns.filter(
      (each) => each.kind === kind && isSignificant(each),
    );
    const [first] = vanished;
    if (first !== undefined) {
      const labels = [...new Set(vanished.map(({ label }) => JSON.stringify(label)))];
      notes.push({
        code: 'vanished-label',
        what: `${kind}: on none of ${formatQuantity(first.pages, 'page')}: ${formatFirst(labels)}`,
        remedy: 'The site may have renamed them: look for labels without a column, update pynvest.',
      });
    }
  }
  return notes;
}
