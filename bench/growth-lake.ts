/**
 * Lakes of the five tables with many days of a whole market, made once and kept. The days repeat a few dozen different
 * ones, so that a lake of ten years is written in a minute; every file has bytes of its own on the disk.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssetKind, assetKinds, assets } from '../src/catalog/asset.ts';
import type { Row } from '../src/catalog/column.ts';
import { getTable, type Table } from '../src/catalog/dataset.ts';
import { quotes } from '../src/catalog/datasets/cotacoes.ts';
import {
  formatIsoDate,
  getYear,
  type Partition,
  parsePartition,
} from '../src/catalog/partition.ts';
import { parseTicker } from '../src/catalog/ticker.ts';
import { renderDetailsPage } from '../src/demo/site.ts';
import { getPartitionFolder } from '../src/lake/local/layout.ts';
import { encodeRows } from '../src/lake/parquet/encode.ts';
import { getStepsInto } from '../src/pipeline/steps.ts';
import { updatePeriodCopies } from '../src/query/duckdb/update-copies.ts';
import { readDetails } from '../src/sources/fundamentus/details.ts';
import { extractRow } from '../src/transform/extract.ts';
import { prepare } from '../src/transform/layers.ts';
import type { Context } from './context.ts';
import { MARKET_SIZE, marketOf } from './market.ts';
import { randomFrom } from './random.ts';

/** The newest day of every lake; a Friday. */
const LAST_DAY = Date.UTC(2026, 10, 27);
const DAY_MS = 86_400_000;
const DIFFERENT_DAYS = 40;

/** The folder of a lake with so many days, with copies of its past quarters, as a run leaves it. */
export async function createGrowthLake(context: Context, days: number): Promise<string> {
  // Another number in its name for other contents: what is there is used again.
  const root = join(context.cache, `growth-${days}-3`);
  if (!existsSync(join(root, 'complete'))) {
    console.error(`… writing ${days} days into ${root}`);
    await rm(root, { recursive: true, force: true });
    await writeDays(root, findDays(days));
    await writeFile(join(root, 'complete'), '');
  }
  const [error] = await updatePeriodCopies(root);
  if (error !== undefined) throw error;
  return root;
}

/** The weekdays up to the last one, in order. */
function findDays(count: number): Partition[] {
  return Array.from({ length: 2 * count }, (_, index) => new Date(LAST_DAY - index * DAY_MS))
    .filter((date) => ![0, 6].includes(date.getUTCDay()))
    .slice(0, count)
    .map((date) => parsePartition(date.toISOString().slice(0, 10)))
    .reverse();
}

async function writeDays(root: string, days: readonly Partition[]): Promise<void> {
  for (let start = 0; start < DIFFERENT_DAYS; start += 1) {
    const alike = days.filter((_, at) => (days.length - at) % DIFFERENT_DAYS === start);
    const [model] = alike.slice(-1);
    if (model === undefined) continue;
    for (const [table, rows] of createRows(model, start)) {
      for (const day of alike) {
        const folder = getPartitionFolder(root, table, day);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, 'dedup.parquet'), encodeRows(table, setDay(rows, table, day)));
      }
    }
  }
}

/**
 * The rows as they were read on a day: with its session, and its time in the tables that have one. A fifth of the
 * assets has not been traded for years.
 */
function setDay(rows: readonly Row[], { layer, tickerColumn }: Table, day: Partition): Row[] {
  const format = (iso: string): string =>
    layer === 'sor' ? iso.split('-').reverse().join('/') : iso;
  return rows.map((row) => ({
    ...row,
    dt_ult_cot: format(isUntraded(String(row[tickerColumn])) ? '2015-06-30' : formatIsoDate(day)),
    ...('datetime_exec' in row && { datetime_exec: `${formatIsoDate(day)}T18:45:00.000-03:00` }),
  }));
}

/** By its fourth letter, so that it is the same in all tables. */
function isUntraded(ticker: string): boolean {
  return ticker.charCodeAt(3) % 5 === 0;
}

/** The rows of a day by table, made by the pipeline's own steps. */
function createRows(day: Partition, seed: number): Map<Table, Row[]> {
  const rows = new Map<Table, Row[]>();
  const add = (table: Table, row: Row): void => {
    rows.set(table, [...(rows.get(table) ?? []), row]);
  };
  for (const kind of assetKinds) {
    const { dataset } = assets[kind];
    const raw = varyNumbers(readRawRows(kind, day), seed);
    rows.set(getTable(dataset, 'sor'), raw);
    rows.set(
      getTable(dataset, 'sot'),
      raw.map((row) => prepare(row, dataset).row),
    );
  }
  for (const { source, target, convert } of getStepsInto(quotes, 'spec')) {
    for (const row of rows.get(source) ?? []) add(target, convert(row).row);
  }
  return rows;
}

const pages = new Map<AssetKind, Row[]>();

/** The pages are read once: only their numbers change from day to day. */
function readRawRows(kind: AssetKind, day: Partition): Row[] {
  const market = marketOf(MARKET_SIZE).filter((asset) => asset.kind === kind);
  const known =
    pages.get(kind) ??
    market.map((asset) => {
      const details = readDetails(
        renderDetailsPage(asset, getYear(day)),
        parseTicker(asset.ticker),
      );
      return extractRow(details, day, new Date(LAST_DAY)).row;
    });
  pages.set(kind, known);
  return known;
}

function varyNumbers(rows: readonly Row[], seed: number): Row[] {
  const random = randomFrom(seed + 1);
  const vary = (text: string): string =>
    /^-?\d[\d.]*,\d+%?$/.test(text)
      ? text.replace(/(?<=\d[\d.,]*)\d/g, () => String(Math.floor(random() * 10)))
      : text;
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [
        name,
        typeof cell === 'string' ? vary(cell) : cell,
      ]),
    ),
  );
}
