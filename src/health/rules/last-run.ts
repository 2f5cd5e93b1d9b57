/**
 * Rules on the last run, by its report in the lake, and on imports.
 */

import { formatFirst, formatQuantity } from '../../text.ts';
import type { LastRun, LastRunFacts } from '../facts/last-run.ts';
import type { Facts } from '../facts/model.ts';
import type { ImportFacts } from '../facts/read-imports.ts';
import { createFinding, type Finding, formatMinute } from '../finding.ts';
import { isCompletedByRun } from './days.ts';

export function findFailedRun({ run }: LastRunFacts, facts: Facts): Finding[] {
  if (run === undefined) return [];
  if (run.error !== null) {
    return [
      createFinding('last-run-failed', {
        detail: `the last run (${formatRun(run)}) failed: ${run.error}`,
        remedy: getFailedRunRemedy(run, facts),
      }),
    ];
  }
  if (!hasStoredNothing(run)) return [];
  const [first] = run.failed;
  return [
    createFinding('last-run-failed', {
      detail: `the last run (${formatRun(run)}) stored none of ${formatQuantity(run.asked, 'ticker')}: ${first?.reason}`,
      remedy: getUnstoredRemedy(run),
    }),
  ];
}

export function findInterruptedRun({ run }: LastRunFacts, facts: Facts): Finding[] {
  if (run?.interrupted !== true) return [];
  const notAsked = Math.max(0, run.asked - run.stored - run.failed.length);
  const were = notAsked === 1 ? 'was' : 'were';
  return [
    createFinding('last-run-interrupted', {
      detail:
        `the last run (${formatRun(run)}) was interrupted: ${notAsked} of ` +
        `${formatQuantity(run.asked, 'ticker')} ${were} not asked for`,
      remedy: isCompletedByRun(facts, run.date)
        ? undefined
        : `\`pynvest backfill --date ${run.date}\` completes what was read; the other pages of that day cannot be read again.`,
    }),
  ];
}

export function findInterruptedImport({ isDerived }: ImportFacts): Finding[] {
  if (isDerived) return [];
  return [
    createFinding('import-interrupted', {
      detail: 'the last import was not completed: no adjusted price is proved',
    }),
  ];
}

function getFailedRunRemedy({ command, date, stored }: LastRun, facts: Facts): string {
  if (command === 'run' && stored === 0) return '`pynvest run` collects the day.';
  return isCompletedByRun(facts, date)
    ? '`pynvest run` completes it.'
    : `\`pynvest backfill --date ${date}\` updates the typed tables.`;
}

/** As the run itself has said: some failures do not pass by waiting. */
function getUnstoredRemedy({ failed }: LastRun): string {
  const kinds = new Set(failed.map(({ kind }) => kind));
  kinds.delete('not-found');
  kinds.delete('not-asked');
  const [only] = kinds.size === 1 ? kinds : [];
  if (only === 'layout-changed') {
    return 'Another attempt does not help: install the newest version of pynvest, which may know the new layout, then `pynvest run`.';
  }
  if (only === 'redirected') {
    return 'Check PYNVEST_FUNDAMENTUS_URL, set it if the site has moved, then `pynvest run`.';
  }
  return 'Wait a while; `pynvest run` asks for them again.';
}

/** A run for tickers that the site does not have has not failed. */
function hasStoredNothing({ command, stored, failed }: LastRun): boolean {
  return command === 'run' && stored === 0 && failed.some(({ kind }) => kind !== 'not-found');
}

export function findListingFaults({ run }: LastRunFacts): Finding[] {
  if (run === undefined || run.listing_faults.length === 0) return [];
  const faults = run.listing_faults.join('; ');
  const detail = `the last run (${formatRun(run)}) got no complete listing: ${faults}`;
  return [createFinding('listing-fault', { detail })];
}

function formatRun({ command, started_at: startedAt }: LastRun): string {
  return `${command}, ${formatMinute(new Date(startedAt))}`;
}

export function findBrokenReports({ broken }: LastRunFacts): Finding[] {
  if (broken.length === 0) return [];
  const detail = `${formatQuantity(broken.length, 'report')} of runs cannot be read: ${formatFirst(broken)}`;
  const remedy = 'Remove them from _runs: nothing else needs them.';
  return [createFinding('broken-report', { detail, remedy })];
}
