/** What the last run and the newest day's pages give to think about. Pure. */
import { isoInSaoPaulo } from '../../catalog/partition.ts';
import { unparsedByColumn } from '../../pipeline/report.ts';
import { isNews } from '../../transform/drift.ts';
import type { StatusFacts } from './facts.ts';
import { type Concern, counted, firstFew } from './report.ts';

export interface Concerns {
  readonly problems: readonly Concern[];
  readonly notes: readonly Concern[];
}

export function assessRun({ lastRun, listed }: StatusFacts): Concerns {
  const problems: Concern[] = [];
  const notes: Concern[] = [];
  const { run, broken } = 'value' in lastRun ? lastRun.value : { run: undefined, broken: [] };
  if (run !== undefined && run.error !== null) {
    problems.push({
      code: 'last-run-failed',
      what: `the last run (${run.command}, ${isoInSaoPaulo(new Date(run.started_at)).slice(0, 16).replace('T', ' ')}) did not come to its end: ${run.error}`,
      remedy: `\`pynvest backfill --date ${run.date}\` makes the tables follow.`,
    });
  }
  if (broken.length > 0) {
    notes.push({
      code: 'broken-report',
      what: `${counted(broken.length, 'report')} of runs cannot be read: ${firstFew(broken)}`,
      remedy: 'Remove them from _runs: nothing else needs them.',
    });
  }
  if (listed.kind === 'no-answer') {
    notes.push({
      code: 'site-no-answer',
      what: `the site could not be asked what it lists: ${listed.reason}`,
      remedy: 'Tickers are compared with those of the day before.',
    });
  }
  return { problems, notes };
}

/** The site's own changes: no run of ours makes them undone, so that none is a problem. */
export function assessPages({ pages: { unparsed, drift } }: StatusFacts): Concern[] {
  const notes: Concern[] = [];
  for (const { column, values, examples } of unparsedByColumn(unparsed)) {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${JSON.stringify(text)}`);
    const verbs = values === 1 ? 'does not parse and is' : 'do not parse and are';
    notes.push({
      code: 'unparsed',
      what: `${column}: ${counted(values, 'value')} ${verbs} null: ${firstFew(shown, 3)}`,
      remedy:
        'The raw text is kept: a newer pynvest may read it, and `pynvest backfill` then types it.',
    });
  }
  for (const { kind, label, pages, firstTicker } of drift.unknownLabels) {
    notes.push({
      code: 'unknown-label',
      what: `${kind}: ${JSON.stringify(label)} on ${counted(pages, 'page')} (first ${firstTicker}) has no column`,
      remedy: 'Its text is kept in outros_indicadores; a newer pynvest may have a column for it.',
    });
  }
  for (const { kind, label, column, pages } of drift.vanishedColumns.filter(isNews)) {
    notes.push({
      code: 'vanished-label',
      what: `${kind}: ${JSON.stringify(label)} is on none of ${counted(pages, 'page')}: ${column} is null`,
      remedy: 'The site may have renamed it: see the labels without a column, and update pynvest.',
    });
  }
  return notes;
}
