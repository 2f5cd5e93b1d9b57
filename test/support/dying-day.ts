/** A lake with an earlier day's work in it, and commands that die or fail on the way to the new work. */
import pMap from 'p-map';
import { expect } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { getPartition, type Partition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { withLock } from '../../src/lake/local/lock.ts';
import { awayFromMidnight } from './days.ts';
import { filesBelow } from './folders.ts';
import {
  type CopiedKills,
  type copyAtChange,
  copyAtEachChange,
  copyOf,
  expectKillsToLeaveTheCopies,
  type Kill,
  type KilledLake,
  type killAtChange,
  letLockGrowOld,
  runOnFullDisk,
  takeOverEach,
} from './kills.ts';
import { rowsOfAll, tickersIn } from './lake-rows.ts';
import { sotTables, specTable } from './tables.ts';

export interface Work {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The exit status of the command where nothing comes in between. */
  readonly status: number;
  /** The same work in this process. */
  again(root: string): Promise<unknown>;
}

export interface Undisturbed {
  /** The lake before the work. */
  readonly before: string;
  readonly kills: CopiedKills;
  readonly rows: Readonly<Record<string, Row[]>>;
  /** Every file but the reports. */
  readonly files: readonly string[];
}

// Before the day is fixed: the command reads the clock for itself.
await awayFromMidnight(4);
export const today: Partition = getPartition(new Date());

const argsOf = ({ args }: Work): string[] => [...args, '--quiet'];
const envOf = ({ env }: Work): Record<string, string> => ({ ...env, PYNVEST_RETRIES: '0' });

const filesOf = async (root: string): Promise<string[]> =>
  (await filesBelow(root)).filter((path) => !path.startsWith('_runs'));

/** Lets the command do its work in a copy of the lake, and tells what it did. */
export async function undisturbed(before: string, work: Work): Promise<Undisturbed> {
  const root = await copyOf(before);
  const kills = await copyAtEachChange(root, argsOf(work), envOf(work));
  expect(kills.result.status, kills.result.stderr).toBe(work.status);
  const rows = await rowsOfAll(createLocalLake(root), today);
  return { before, kills, rows, files: await filesOf(root) };
}

/** The tickers of a table of the day by lake, of lakes that nothing changes: each is asked after every death. */
const tickersBefore = new Map<string, Promise<string[]>>();

function readTickersBefore(before: string, table: Table): Promise<string[]> {
  const key = `${before} ${table.name}`;
  const known = tickersBefore.get(key) ?? tickersIn(createLocalLake(before), table, today);
  tickersBefore.set(key, known);
  return known;
}

/** Every file reads as its table, and no ticker of `before` is missing from typed rows and quotes. */
async function expectNothingLost(root: string, before: string): Promise<void> {
  await expectNoTablesElsewhere(root);
  const lake = createLocalLake(root);
  const mustHave: readonly Table[] = [...Object.values(sotTables), specTable];
  for (const table of tables) {
    const there = new Set(await tickersIn(lake, table, today));
    if (!mustHave.includes(table)) continue;
    const missing = (await readTickersBefore(before, table)).filter((each) => !there.has(each));
    expect(missing, table.name).toEqual([]);
  }
}

/** Files that a reader would take for rows stand nowhere but in the tables. */
async function expectNoTablesElsewhere(root: string): Promise<void> {
  const elsewhere = (await filesBelow(root)).filter(
    (path) => path.endsWith('.parquet') && !tables.some(({ name }) => path.includes(name)),
  );
  expect(elsewhere).toEqual([]);
}

/** Does the work again, undisturbed: everything is as if nothing had come in between. */
async function expectCompleted(root: string, work: Work, expected: Undisturbed): Promise<void> {
  await letLockGrowOld(root);
  await withLock(root, 'pynvest test', () => work.again(root));
  expect(await rowsOfAll(createLocalLake(root), today)).toEqual(expected.rows);
  expect(await filesOf(root)).toEqual(expected.files);
}

/** What a kill at each of the command's changes leaves has lost nothing, and is completed by the next. */
export async function completeEachKill(work: Work, expected: Undisturbed): Promise<void> {
  const { lakes } = expected.kills;
  for (const { root } of lakes) await expectNoTablesElsewhere(root);
  const named = (check: (root: string) => Promise<void>) => (lake: KilledLake) =>
    check(lake.root).catch((error: unknown) => {
      throw new Error(`killed ${lake.when} change ${lake.at}`, { cause: error });
    });
  // Whoever reads does so beside what the kill left: taking the lock removes it, and changes no table.
  const readable = named((root) => expectNothingLost(root, expected.before));
  const complete = named((root) => expectCompleted(root, work, expected));
  await pMap(await takeOverEach(lakes, readable), complete, { concurrency: 4 });
}

/** That the copies, before they are completed, are what a kill leaves. */
export function expectKillsToLeaveCopies(work: Work, expected: Undisturbed): Promise<void> {
  const { before, kills } = expected;
  return expectKillsToLeaveTheCopies(before, kills, argsOf(work), envOf(work), (root) =>
    rowsOfAll(createLocalLake(root), today),
  );
}

/**
 * Lets the command die at one change or more, each time in what the last death left.
 * @param die as a process that is killed, or as a copy of what a kill leaves
 */
export async function dieAndComplete(
  work: Work,
  expected: Undisturbed,
  deaths: readonly Kill[],
  die: typeof killAtChange | typeof copyAtChange,
): Promise<void> {
  let root = await copyOf(expected.before);
  for (const death of deaths) {
    await letLockGrowOld(root);
    root = await die(root, argsOf(work), envOf(work), death);
    await expectNothingLost(root, expected.before);
  }
  await expectCompleted(root, work, expected);
}

/** Lets the disk be full from one change on; the command must say so, and the next one complete it. */
export async function failAndComplete(
  work: Work,
  expected: Undisturbed,
  at: number,
): Promise<void> {
  const root = await copyOf(expected.before);
  const result = await runOnFullDisk(root, argsOf(work), envOf(work), at);
  const { status, stdout, stderr } = result;
  expect(stderr).toMatch(
    /^error: cannot write \S+: the disk is full\nFree some space and run the command again\.\n$/,
  );
  expect([status, stdout]).toEqual([1, '']);
  // What could not be written whole has been taken away, and the lake let go.
  const leftOver = (await filesOf(root)).filter((path) => path.startsWith('_'));
  expect(leftOver).toEqual([]);
  await expectNothingLost(root, expected.before);
  await expectCompleted(root, work, expected);
}
