/**
 * Gathers the facts for `status`.
 */

import type { RunningSystem } from '../../aws/system.ts';
import type { Partition } from '../../catalog/partition.ts';
import { BrokenFileError } from '../../errors.ts';
import type { ColumnarLake, Lake, ReportFile } from '../../lake/lake.ts';
import { getLakeSize, isDemoLake, readFolderState } from '../../lake/local/layout.ts';
import { findUnfinishedDays } from '../../pipeline/unfinished-days.ts';
import type { Site } from '../../sources/fundamentus/site.ts';
import { findLastRun } from './last-run.ts';
import {
  attempt,
  createFacts,
  type Facts,
  isInUse,
  type Sections,
  type SectionsRead,
} from './model.ts';
import { readImports } from './read-imports.ts';
import { readSite } from './read-site.ts';
import { cachePartitions, readPreviousDays, readTables } from './read-tables.ts';

export interface StatusRequest {
  readonly lake: ColumnarLake;
  /** Where the lake is, for people to read. */
  readonly place: string;
  readonly at:
    | { readonly target: 'local'; readonly root: string }
    | {
        readonly target: 'aws';
        readonly system: RunningSystem;
        /** Whether to detect drift now, which takes a minute or more. */
        readonly detectDrift: boolean;
      };
  /** The site whose listings say which tickers there should be; without it the day before does. */
  readonly site: Site | undefined;
  readonly newestReports: (most: number) => Promise<ReportFile[]>;
  /** Leaves out how many files and bytes a folder has: for that each of them is looked at. */
  readonly withoutSize?: boolean;
  /** Whether the factors of the lake are those of its prices and events. */
  readonly areAdjustmentsDerived: () => Promise<boolean>;
  readonly now: Date;
}

/** A report that a full disk truncated is skipped; this many in a row are not an accident. */
const REPORTS_READ = 10;

/**
 * @throws LakeError where the tables cannot be listed
 */
export async function readStatusFacts(request: StatusRequest): Promise<Facts> {
  const { at, now } = request;
  // The site knows nothing of a fictional market.
  const isDemo = at.target === 'local' && (await isDemoLake(at.root));
  const lake = cachePartitions(request.lake);
  const [site, { tables: newestDays, pages }, lastRun, imports, surroundings] = await Promise.all([
    request.site === undefined || isDemo ? undefined : readSite(request.site, now),
    readTables(lake),
    attempt(async () => findLastRun(await request.newestReports(REPORTS_READ))),
    attempt(() => readImports(request.lake, request.areAdjustmentsDerived)),
    readSurroundings(request, lake),
  ]);
  const isListed =
    site !== undefined && Object.values(site.listings).every((listing) => 'value' in listing);
  const tables = isListed ? newestDays : await readPreviousDays(lake, newestDays);
  const sections = {
    ...surroundings,
    tables: { value: tables },
    pages: { value: pages },
    'last-run': lastRun,
    imports,
    ...(site === undefined ? {} : { site: { value: site } }),
  };
  return createFacts(at.target, now, sections, isDemo);
}

async function readSurroundings(
  { at, withoutSize = false }: StatusRequest,
  lake: Lake,
): Promise<Pick<Sections, SectionsRead['status']>> {
  if (at.target === 'local') {
    const folder = await readFolderState(at.root);
    // A run in progress will finish its days.
    const unfinished = isInUse(folder) ? [] : await findUnfinishedDays(lake).catch(emptyIfBroken);
    return {
      folder: { value: folder },
      'unfinished-days': { value: unfinished },
      size: withoutSize ? undefined : { value: getLakeSize(at.root) },
    };
  }
  const { readOperation } = await import('./read-system.ts');
  return readOperation(at.system, at);
}

/** A folder that cannot be read is reported with its table. */
function emptyIfBroken(error: unknown): Partition[] {
  if (error instanceof BrokenFileError) return [];
  throw error;
}
