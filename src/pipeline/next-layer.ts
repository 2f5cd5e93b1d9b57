/**
 * One file of a layer to the file of the next. A rebuild writes it always; an event, which may come late or twice, writes
 * only what the deduplicated table does not hold.
 */

import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import type { Row } from '../catalog/column.ts';
import { sorTables, sotTables, specTable } from '../catalog/tables.ts';
import { FileChangedError, MissingFileError } from '../errors.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import {
  DEDUP_NAME,
  preparedName,
  quotesName,
  triggersPreparation,
  triggersSpecialization,
} from '../lake/names.ts';
import { createMissingRowFilter, isSameRow } from '../transform/deduplicate.ts';
import { prepare, specialize, type UnparsedValue } from '../transform/layers.ts';
import { deriveQuotes, retryOnConflict } from './deduplicate-partition.ts';

export type FollowResult =
  | {
      readonly outcome: 'written';
      readonly file: LakeFile;
      readonly bytes: number;
      readonly unparsed: readonly UnparsedValue[];
    }
  | { readonly outcome: 'skipped'; readonly reason: string };

/** Types the raw text of a file, where it is a batch of this kind that is still there. */
export async function prepareNewFile(
  lake: Lake,
  kind: AssetKind,
  source: LakeFile,
): Promise<FollowResult> {
  const table = sotTables[kind];
  if (source.table !== sorTables[kind] || !triggersPreparation(source.name)) {
    return createSkipped(`it is no batch of ${sorTables[kind].name}`);
  }
  const target = { table, partition: source.partition, name: preparedName(source.name) };
  return writeDerivedFile(lake, source, target, async (raw, merged) => {
    const prepared = raw
      .filter(createMissingRowFilter(merged ?? [], table))
      .map((row) => prepare(row, assets[kind].dataset));
    return {
      rows: prepared.map(({ row }) => row),
      unparsed: prepared.flatMap(({ unparsed }) => unparsed),
    };
  });
}

/** Makes quotes of the typed rows of a file, where they are a batch that is still there. */
export async function specializeNewFile(lake: Lake, source: LakeFile): Promise<FollowResult> {
  const kind = assetKinds.find((each) => sotTables[each] === source.table);
  if (kind === undefined || !triggersSpecialization(source.name)) {
    return createSkipped('it is no batch of typed rows');
  }
  const { partition } = source;
  const target = { table: specTable, partition, name: quotesName(kind, source.name) };
  return writeDerivedFile(lake, source, target, async (typed, merged) => {
    const quotes = typed.map((row) => specialize(row, assets[kind].dataset));
    if (merged === undefined) return { rows: quotes, unparsed: [] };
    const isNews = createQuoteFilter(merged, await deriveQuotes(lake, kind, partition));
    return { rows: quotes.filter(isNews), unparsed: [] };
  });
}

/**
 * Which quotes the deduplicated ones lack. Quotes carry no time, but they follow from the typed rows:
 * where the deduplicated quote is that of the newest typed row, no other one is news; and where it is
 * not, only the quote of that row is.
 */
function createQuoteFilter(
  merged: readonly Row[],
  newest: readonly Row[],
): (quote: Row) => boolean {
  const byTicker = (rows: readonly Row[]) =>
    new Map(rows.map((row) => [row[specTable.tickerColumn], row]));
  const [held, current] = [byTicker(merged), byTicker(newest)];
  return (quote) => {
    const ticker = quote[specTable.tickerColumn];
    const [had, has] = [held.get(ticker), current.get(ticker) ?? quote];
    if (had === undefined) return true;
    const { columns } = specTable;
    return !isSameRow(had, has, columns) && isSameRow(quote, has, columns);
  };
}

interface DerivedRows {
  readonly rows: readonly Row[];
  readonly unparsed: readonly UnparsedValue[];
}

/**
 * Writes what follows from `source` as `target`, without what the deduplicated file beside it holds: an
 * event may come late, or again, and must not bring back a second row. The day may be deduplicated at any
 * moment in between, so that the look is repeated after the write: where the deduplicated file is
 * another by then, all begins anew, and `target` goes where nothing of it is news any more. (A
 * deduplication that comes after that look finds `target` itself.)
 *
 * @param lacking what follows from the rows of `source` and is not in those deduplicated, which are
 * undefined where the day has none
 */
function writeDerivedFile(
  lake: Lake,
  source: LakeFile,
  target: LakeFile,
  lacking: (rows: readonly Row[], merged: readonly Row[] | undefined) => Promise<DerivedRows>,
): Promise<FollowResult> {
  return retryOnConflict(async () => {
    const { own, dedup } = await findTargetFiles(lake, target);
    const from = await readIfPresent(lake, source);
    // The day was cleared, or deduplicated, since the event was sent.
    if (from === undefined) return createSkipped('it is no longer there');
    const merged = dedup === undefined ? undefined : await lake.read(dedup);
    const { rows, unparsed } = await lacking(from, merged);
    let bytes = 0;
    if (rows.length > 0) bytes = await lake.write(target, rows, { expected: own });
    else if (own !== undefined) await lake.remove([own]);
    const after = await findTargetFiles(lake, target);
    if (after.dedup?.version !== dedup?.version) {
      throw new FileChangedError(`${target.table.name} was deduplicated meanwhile`);
    }
    if (rows.length === 0) return createSkipped('its rows are in the table already');
    return { outcome: 'written', file: target, bytes, unparsed };
  });
}

/** The file that is to be written, as it stands there, and the deduplicated one beside it. */
async function findTargetFiles(
  lake: Lake,
  { table, partition, name }: LakeFile,
): Promise<{ readonly own: LakeFile | undefined; readonly dedup: LakeFile | undefined }> {
  const files = await lake.files(table, partition);
  return {
    own: files.find((file) => file.name === name),
    dedup: files.find((file) => file.name === DEDUP_NAME),
  };
}

async function readIfPresent(lake: Lake, file: LakeFile): Promise<Row[] | undefined> {
  try {
    return await lake.read(file);
  } catch (error) {
    if (error instanceof MissingFileError) return undefined;
    throw error;
  }
}

function createSkipped(reason: string): FollowResult {
  return { outcome: 'skipped', reason };
}

interface PreparedFile {
  readonly file: LakeFile;
  readonly unparsed: readonly UnparsedValue[];
  readonly bytes: number;
}

/** Types the rows of a file. */
export async function prepareFile(
  lake: Lake,
  kind: AssetKind,
  rawFile: LakeFile,
): Promise<PreparedFile> {
  const prepared = (await lake.read(rawFile)).map((row) => prepare(row, assets[kind].dataset));
  const file: LakeFile = {
    table: sotTables[kind],
    partition: rawFile.partition,
    name: preparedName(rawFile.name),
  };
  const bytes = await lake.write(
    file,
    prepared.map(({ row }) => row),
  );
  return { file, unparsed: prepared.flatMap(({ unparsed }) => unparsed), bytes };
}

export async function specializeFile(
  lake: Lake,
  kind: AssetKind,
  preparedFile: LakeFile,
): Promise<{ readonly file: LakeFile; readonly bytes: number }> {
  const rows = (await lake.read(preparedFile)).map((row) => specialize(row, assets[kind].dataset));
  const file: LakeFile = {
    table: specTable,
    partition: preparedFile.partition,
    name: quotesName(kind, preparedFile.name),
  };
  return { file, bytes: await lake.write(file, rows) };
}
