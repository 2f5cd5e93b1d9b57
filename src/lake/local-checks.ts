/** What can be wrong with a lake in a folder, looked for without changing anything. */
import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isoDate, type Partition } from '../catalog/partition.ts';
import { type Table, tables } from '../catalog/tables.ts';
import { LakeError } from '../errors.ts';
import type { Lake, LakeFile } from './lake.ts';
import { createLocalLake, filePath, temporaryFolder } from './local-lake.ts';
import { describeHolder } from './lock.ts';
import { unfinishedDays } from './unfinished.ts';

export interface Finding {
  /** What was looked at: a stable word. */
  readonly check: string;
  readonly status: 'ok' | 'note' | 'problem';
  readonly detail: string;
  /** What to do about it; "" where nothing is to be done. */
  readonly remedy: string;
}

export async function checkLocalLake(root: string): Promise<Finding[]> {
  const folder = await checkFolder(root);
  if (folder.status === 'problem') return [folder];
  const holder = await describeHolder(root);
  const findings: Finding[] = [folder, lockFinding(holder), await checkLeftovers(root)];
  // Files come and go under a run at work: what one saw now would be no fault.
  if (holder !== undefined && !holder.dead) return findings;
  const lake = createLocalLake(root);
  for (const table of tables) findings.push(await checkTable(lake, root, table));
  findings.push(await checkUnfinished(lake));
  return findings;
}

async function checkFolder(root: string): Promise<Finding> {
  const check = 'lake-folder';
  let nearest = root;
  while (!(await isThere(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      check,
      status: 'problem',
      detail: `${nearest} cannot be written`,
      remedy: 'Name a folder that you may write: --lake DIR.',
    };
  }
  return nearest === root
    ? { check, status: 'ok', detail: root, remedy: '' }
    : {
        check,
        status: 'note',
        detail: `${root} is not there yet`,
        remedy: '`pynvest run` makes it.',
      };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function lockFinding(holder: Awaited<ReturnType<typeof describeHolder>>): Finding {
  return holder === undefined
    ? { check: 'lake-lock', status: 'ok', detail: 'no run holds the lake', remedy: '' }
    : {
        check: 'lake-lock',
        status: 'note',
        detail: `held by ${holder.who}`,
        remedy: holder.dead
          ? 'That run died: the next `pynvest run` completes it.'
          : 'The tables are not looked at while a run is at work.',
      };
}

async function checkLeftovers(root: string): Promise<Finding> {
  const names = await readdir(temporaryFolder(root)).catch(() => []);
  return names.length === 0
    ? { check: 'lake-leftovers', status: 'ok', detail: 'no half-written file', remedy: '' }
    : {
        check: 'lake-leftovers',
        status: 'note',
        detail: `${names.length} half-written files of a run under way or dead`,
        remedy: 'The next run clears them away.',
      };
}

/** Every file must begin and end as Parquet does; the newest day's must read as their table. */
async function checkTable(lake: Lake, root: string, table: Table): Promise<Finding> {
  const check = table.name;
  try {
    const days = await lake.partitions(table);
    const newest = days.at(-1);
    if (newest === undefined) {
      const remedy = '`pynvest run` collects today.';
      return { check, status: 'note', detail: 'no rows yet', remedy };
    }
    for (const day of days) {
      for (const file of await lake.files(table, day)) {
        if (await looksLikeParquet(filePath(root, file))) continue;
        const detail = `${filePath(root, file)} is no whole Parquet file`;
        return { check, status: 'problem', detail, remedy: remedyOf(table, day) };
      }
    }
    return await checkNewestDay(lake, table, newest, days.length);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    return { check, status: 'problem', detail: error.message, remedy: error.hint ?? '' };
  }
}

function remedyOf({ layer }: Table, day: Partition): string {
  return layer === 'sor'
    ? 'Move it out of the lake. `pynvest run` reads the pages of today again; a past day is gone.'
    : `Move it out of the lake, then \`pynvest backfill --date ${isoDate(day)}\`.`;
}

async function checkUnfinished(lake: Lake): Promise<Finding> {
  const check = 'lake-days';
  const days = await unfinishedDays(lake).catch((error: unknown) => {
    if (error instanceof LakeError) return [];
    throw error;
  });
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) {
    return { check, status: 'ok', detail: 'every day that began is whole', remedy: '' };
  }
  return {
    check,
    status: 'problem',
    detail: `left unfinished: ${days.map(isoDate).join(', ')}`,
    remedy: `\`pynvest backfill --from ${isoDate(first)} --to ${isoDate(last)}\` completes them.`,
  };
}

async function checkNewestDay(
  lake: Lake,
  table: Table,
  newest: Partition,
  days: number,
): Promise<Finding> {
  const files: LakeFile[] = await lake.files(table, newest);
  const tickers: unknown[] = [];
  for (const file of files) {
    for (const row of await lake.read(file)) tickers.push(row[table.tickerColumn]);
  }
  const different = new Set(tickers).size;
  const detail = `${days} days, the newest ${isoDate(newest)} with ${different} tickers`;
  if (different === tickers.length) return { check: table.name, status: 'ok', detail, remedy: '' };
  return {
    check: table.name,
    status: 'problem',
    detail: `${detail} in ${tickers.length} rows`,
    remedy: `\`pynvest backfill --date ${isoDate(newest)}\` leaves one row a ticker.`,
  };
}

async function looksLikeParquet(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size < 12) return false;
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(4);
    await handle.read(head, 0, 4, 0);
    await handle.read(tail, 0, 4, size - 4);
    return head.toString('latin1') === 'PAR1' && tail.toString('latin1') === 'PAR1';
  } finally {
    await handle.close();
  }
}
