/** The state of a lake, wherever it is: everything is asked for at once, then judged. */
import { SiteError } from '../../errors.ts';
import type { Site } from '../../fundamentus/client.ts';
import type { Lake } from '../../lake/lake.ts';
import type { ReportFile } from '../../lake/reports.ts';
import type { RunningSystem } from '../running-system.ts';
import { assess } from './assess.ts';
import { dueDay } from './due-day.ts';
import type { Listed, StatusFacts } from './facts.ts';
import { lastRunIn } from './last-run.ts';
import { readFolder } from './read-folder.ts';
import type { SystemFacts } from './read-system.ts';
import { readTables, remembering, withDayBefore } from './read-tables.ts';
import type { StatusReport } from './report.ts';
import { told } from './told.ts';

export interface StatusRequest {
  readonly lake: Lake;
  /** Where it is, as people write it. */
  readonly place: string;
  readonly at:
    | { readonly target: 'local'; readonly root: string }
    | {
        readonly target: 'aws';
        readonly system: RunningSystem;
        /** Whether to look for drift anew, which takes a minute or more. */
        readonly detectDrift: boolean;
      };
  /** Whom to ask which tickers there are; the day before is compared with where nobody is. */
  readonly site: Site | undefined;
  readonly newestReports: (most: number) => Promise<ReportFile[]>;
  readonly now: Date;
}

/** A report that a full disk cut short is passed over; so many of them are not chance. */
const REPORTS_TRIED = 10;

/**
 * @throws LakeError where the tables cannot be listed
 */
export async function status(request: StatusRequest): Promise<StatusReport> {
  const { place, site, now } = request;
  const lake = remembering(request.lake);
  const [listed, read, lastRun, at] = await Promise.all([
    listingOf(site),
    readTables(lake),
    told(async () => lastRunIn(await request.newestReports(REPORTS_TRIED))),
    readPlace(request, lake),
  ]);
  const tables = listed.kind === 'listed' ? read.tables : await withDayBefore(lake, read.tables);
  const due = dueDay(now, at.target === 'aws' ? dedupSchedule(at.system) : undefined);
  return assess({ now, place, due, listed, lastRun, at, tables, pages: read.pages });
}

async function listingOf(site: Site | undefined): Promise<Listed> {
  if (site === undefined) return { kind: 'not-asked' };
  try {
    const [acoes, fiis] = await Promise.all([site.listing('acoes'), site.listing('fiis')]);
    return {
      kind: 'listed',
      tickers: { acoes: acoes.tickers, fiis: fiis.tickers },
    };
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    return { kind: 'no-answer', reason: error.message };
  }
}

async function readPlace({ at, now }: StatusRequest, lake: Lake): Promise<StatusFacts['at']> {
  if (at.target === 'local') {
    const folder = await readFolder(at.root, lake, dueDay(now).unsettled);
    return { target: 'local', folder };
  }
  const { readSystem } = await import('./read-system.ts');
  return { target: 'aws', system: await readSystem(at.system, at) };
}

/** The schedule that ends a day's collection, where it is known and goes off. */
function dedupSchedule({ schedules }: SystemFacts): string | undefined {
  if (!('value' in schedules)) return undefined;
  return schedules.value.find(({ purpose }) => purpose === 'dedup')?.expression;
}
