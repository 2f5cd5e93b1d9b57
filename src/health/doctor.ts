/**
 * Examines a lake for `doctor` and changes nothing: the facts are read, the rules applied. Days are read one after
 * another, since the rows of all days do not fit into memory.
 */

import pMap from 'p-map';
import { type Dataset, getTables, type Table } from '../catalog/dataset.ts';
import { datasets as allDatasets } from '../catalog/datasets.ts';
import { type DayBounds, getPartition, type Partition } from '../catalog/partition.ts';
import type { LakeInspector, TableContents } from '../lake/inspector.ts';
import type { Lake } from '../lake/lake.ts';
import type { FolderState } from '../lake/local/layout.ts';
import type { Site } from '../sources/fundamentus/site.ts';
import type { Code } from './codes.ts';
import { createFacts, type Facts, type Sections } from './facts/model.ts';
import {
  findDaysToRead,
  readCatalog,
  readContents,
  readDay,
  readFiles,
} from './facts/read-files.ts';
import { readSite } from './facts/read-site.ts';
import { createUnavailableFinding, type Finding } from './finding.ts';
import { assess, assessSection } from './rules/rules.ts';

export interface LakeRequest {
  readonly lake: Lake;
  readonly store: LakeInspector;
  /** The data sets to examine; those that pynvest knows unless others are given. */
  readonly datasets?: readonly Dataset[];
  readonly bounds: DayBounds;
  /** Whether to read every day in full, and not the newest alone. */
  readonly everyValue: boolean;
  readonly now: Date;
  /** Whether a run of today may be in progress: not where this process holds the lock. */
  readonly mayBeInProgress: boolean;
  /** Whether a demo made the lake. */
  readonly isDemo?: boolean;
  /** Rejects with its reason when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Shows the progress of reading so many days. */
  readonly progress?: (days: number) => { step(ok: boolean): void; stop(): void };
}

export interface Examination {
  readonly findings: readonly Finding[];
  readonly files: number;
  /** The days that were read in full. */
  readonly days: number;
}

const DAYS_AT_ONCE = { concurrency: 4 };

/** @param installation the sections of the system in AWS around the lake */
export async function examineLake(
  request: LakeRequest,
  installation: Sections = {},
): Promise<Examination> {
  const { lake, store, datasets = allDatasets, bounds, now, signal, isDemo } = request;
  const tables = getTables(datasets);
  const target = store.catalog === undefined ? 'local' : 'aws';
  const read = await readContents(store, tables);
  const contents = new Map<Table, TableContents>();
  const unavailable: Finding[] = [];
  for (const [table, result] of read) {
    if ('value' in result) contents.set(table, result.value);
    else unavailable.push(createUnavailableFinding(result.error, { table }));
  }
  // Without all of them every other judgement would be about what could not be seen.
  if (unavailable.length > 0) {
    const findings = assess('doctor', createFacts(target, now, installation));
    return { findings: [...findings, ...unavailable], files: 0, days: 0 };
  }
  const dayInProgress = request.mayBeInProgress ? getPartition(now) : undefined;
  const files = await readFiles({ datasets, lake, store, bounds, dayInProgress, signal }, contents);
  const sections = {
    ...installation,
    files: { value: files },
    ...(store.catalog === undefined
      ? {}
      : { catalog: { value: await readCatalog(store.catalog, tables) } }),
  };
  const facts = createFacts(target, now, sections, isDemo);
  const days = findDaysToRead(files, request.everyValue);
  const findings = [...assess('doctor', facts), ...(await examineDays(request, facts, days))];
  return {
    findings: withholdUnsafeFixes(findings),
    files: [...files.byDay.values()].reduce((sum, ofDay) => sum + ofDay.length, 0),
    days: days.length,
  };
}

async function examineDays(
  { lake, store, signal, progress }: LakeRequest,
  facts: Facts,
  days: readonly Partition[],
): Promise<Finding[]> {
  const { files } = facts.sections;
  if (files === undefined || 'error' in files) return [];
  const bar = progress?.(days.length);
  const findings = await pMap(
    days,
    async (partition) => {
      signal?.throwIfAborted();
      const day = await readDay({ lake, store }, files.value, partition);
      bar?.step(true);
      const sections = { ...facts.sections, day: { value: day } };
      return assessSection('doctor', { ...facts, sections }, 'day');
    },
    DAYS_AT_ONCE,
  ).finally(() => bar?.stop());
  return findings.flat();
}

/**
 * A rebuild or a quarantine is withheld from a day with columns or codecs that this version does not know, which it
 * would lose, and from one whose raw text lacks columns, which would empty the typed rows: a person decides first.
 */
function withholdUnsafeFixes(findings: readonly Finding[]): Finding[] {
  const obstacles = new Map<Partition | undefined, Code>();
  for (const { code, table, partition } of findings) {
    const isObstacle =
      code === 'columns-unknown' ||
      code === 'codec-unreadable' ||
      (code === 'columns-wrong' && table?.layer === 'sor');
    if (isObstacle) obstacles.set(partition, code);
  }
  return findings.map((each) => {
    const obstacle = obstacles.get(each.partition);
    const isUnsafe = each.fix?.kind === 'rebuild' || each.fix?.kind === 'quarantine';
    if (obstacle === undefined || !isUnsafe) return each;
    const remedy = `First resolve ${obstacle} of the same day: until then it is left alone.`;
    return { ...each, fix: undefined, remedy };
  });
}

export function examineFolder(folder: FolderState, now: Date): Finding[] {
  return assess('doctor', createFacts('local', now, { folder: { value: folder } }));
}

/** @param origin the site's address, such as `https://www.fundamentus.com.br` */
export async function examineSite(site: Site, origin: string, now: Date): Promise<Finding[]> {
  const facts = await readSite(site, now, origin);
  return assess('doctor', createFacts('local', now, { site: { value: facts } }));
}
