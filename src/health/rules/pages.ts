/**
 * Rules about the last run and the newest day's pages: failures, values that do not parse, changed labels. Pure.
 */

import { assetKinds } from '../../catalog/asset.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import { groupUnparsedByColumn } from '../../pipeline/report.ts';
import { formatFirst, formatQuantity } from '../../text.ts';
import { isSignificant } from '../../transform/drift.ts';
import { type Facts, getSection, type PageFacts } from '../facts/facts.ts';
import type { LastRun, LastRunFacts } from '../facts/last-run.ts';
import { type Finding, finding } from '../finding.ts';
import { formatMinute } from '../format.ts';

export function findFailedRun({ run }: LastRunFacts): Finding[] {
  if (run === undefined) return [];
  if (run.error !== null) {
    return [
      finding('last-run-failed', {
        detail: `the last run (${formatRun(run)}) failed: ${run.error}`,
        remedy:
          run.command === 'run' && run.stored === 0
            ? '`pynvest run` collects the day.'
            : `\`pynvest backfill --date ${run.date}\` updates the typed tables.`,
      }),
    ];
  }
  if (!hasStoredNothing(run)) return [];
  const [first] = run.failed;
  return [
    finding('last-run-failed', {
      detail: `the last run (${formatRun(run)}) stored none of ${formatQuantity(run.asked, 'ticker')}: ${first?.reason}`,
      remedy: 'Wait a while; `pynvest run` asks for them again.',
    }),
  ];
}

/** A run for tickers that the site does not have has not failed. */
function hasStoredNothing({ command, stored, failed }: LastRun): boolean {
  return command === 'run' && stored === 0 && failed.some(({ kind }) => kind !== 'not-found');
}

export function findListingFaults({ run }: LastRunFacts): Finding[] {
  if (run === undefined || run.listing_faults.length === 0) return [];
  const faults = run.listing_faults.join('; ');
  const detail = `the last run (${formatRun(run)}) got no complete listing: ${faults}`;
  return [finding('listing-fault', { detail })];
}

function formatRun({ command, started_at: startedAt }: LastRun): string {
  return `${command}, ${formatMinute(new Date(startedAt))}`;
}

export function findBrokenReports({ broken }: LastRunFacts): Finding[] {
  if (broken.length === 0) return [];
  const detail = `${formatQuantity(broken.length, 'report')} of runs cannot be read: ${formatFirst(broken)}`;
  const remedy = 'Remove them from _runs: nothing else needs them.';
  return [finding('broken-report', { detail, remedy })];
}

export function findUnparsedValues({ unparsed }: PageFacts, facts: Facts): Finding[] {
  const day = findNewestRawDay(facts);
  return groupUnparsedByColumn(unparsed).map(({ column, values, examples }) => {
    const shown = examples.map(({ ticker, text }) => `${ticker} ${JSON.stringify(text)}`);
    const verbs = values === 1 ? 'does not parse and is' : 'do not parse and are';
    const detail = `${column}: ${formatQuantity(values, 'value')} ${verbs} null: ${formatFirst(shown, 3)}`;
    return finding('unparsed', { detail, remedy: getUnparsedRemedy(day) });
  });
}

function getUnparsedRemedy(day: Partition | undefined): string | undefined {
  if (day === undefined) return undefined;
  return `The raw text is stored: a newer pynvest may parse it, and \`pynvest backfill --date ${isoDate(day)}\` then types it.`;
}

function findNewestRawDay(facts: Facts): Partition | undefined {
  const days = (getSection(facts, 'tables') ?? []).flatMap(({ table, newest }) =>
    table.layer === 'sor' && newest !== undefined ? [newest.partition] : [],
  );
  return days.sort((a, b) => a - b).at(-1);
}

export function findUnknownLabels({ drift }: PageFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const unknown = drift.unknownLabels.filter((each) => each.kind === kind);
    if (unknown.length === 0) return [];
    const shown = unknown.map(
      ({ label, pages, firstTicker }) =>
        `${JSON.stringify(label)} on ${formatQuantity(pages, 'page')} (first ${firstTicker})`,
    );
    return [finding('unknown-label', { detail: `${kind}: no column for ${formatFirst(shown)}` })];
  });
}

export function findVanishedLabels({ drift }: PageFacts): Finding[] {
  return assetKinds.flatMap((kind) => {
    const vanished = drift.vanishedColumns.filter(
      (each) => each.kind === kind && isSignificant(each),
    );
    const [first] = vanished;
    if (first === undefined) return [];
    const labels = [...new Set(vanished.map(({ label }) => JSON.stringify(label)))];
    const pages = formatQuantity(first.pages, 'page');
    return [
      finding('vanished-label', { detail: `${kind}: on none of ${pages}: ${formatFirst(labels)}` }),
    ];
  });
}
