/**
 * What `doctor` knows of the files that it has read before: `<root>/_checked/files.json`. A file that has kept its size
 * and times since then is not read again. The record can be deleted at any time: the next `doctor` then reads every
 * file.
 */

import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnType } from '../../catalog/column.ts';
import type { FileShape } from '../inspector.ts';
import { writeLakeFile } from './disk.ts';

/** Increased when files are checked or shapes are read in another way: what was recorded before counts no more. */
const FORMAT_VERSION = 1;

/** With fewer files, reading them all is as fast. */
const MIN_FILES = 500;

/** A file that was changed so shortly before it was read may be changed again and keep its times. */
export const MIN_AGE_NS = 2_000_000_000n;

/** A listed file: its state changes when another program writes it. */
interface ListedState {
  readonly text: string;
  readonly changedAt: bigint;
}

interface CheckedFile {
  readonly state: string;
  readonly shape: FileShape;
}

export interface CheckedFiles {
  /** Remembers the state of a file as it was listed, before it is read. */
  list(path: string, stats: BigIntStats): void;
  /** The shape of a listed file that has not changed since it was read. */
  find(path: string): FileShape | undefined;
  add(path: string, shape: FileShape): void;
  /** Writes the record of the listed files. It only saves time, so a failure has no consequence. */
  save(): Promise<void>;
}

interface CheckedFilesSettings {
  /** Whether every file is read again, also where the record has it. */
  readonly rereads: boolean;
  /** When the look at the files began, in milliseconds since 1970. */
  readonly now: number;
}

export function openCheckedFiles(
  root: string,
  { rereads, now }: CheckedFilesSettings,
): CheckedFiles {
  let known: ReadonlyMap<string, CheckedFile> | undefined;
  const listed = new Map<string, ListedState>();
  const added = new Map<string, CheckedFile>();
  const startedAt = BigInt(now) * 1_000_000n;
  const findKnown = (path: string): CheckedFile | undefined => {
    known ??= readRecord(root);
    const found = known.get(path);
    return found?.state === listed.get(path)?.text ? found : undefined;
  };
  return {
    list(path, stats) {
      listed.set(path, { text: formatState(stats), changedAt: stats.ctimeNs });
    },
    find: (path) => (rereads ? undefined : findKnown(path)?.shape),
    add(path, shape) {
      const state = listed.get(path);
      if (state === undefined || startedAt - state.changedAt < MIN_AGE_NS) return;
      added.set(path, { state: state.text, shape });
    },
    async save() {
      if (added.size === 0 || listed.size < MIN_FILES) return;
      const files = new Map<string, CheckedFile>();
      for (const path of listed.keys()) {
        const checked = added.get(path) ?? findKnown(path);
        if (checked !== undefined) files.set(path, checked);
      }
      await writeLakeFile(root, recordPath(root), formatRecord(files)).catch(() => undefined);
    },
  };
}

/** What changes whenever a program writes a file, or another takes its place. */
export function formatState({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

function recordPath(root: string): string {
  return getRecordPath(root, 'files.json');
}

/** Records can be deleted at any time. */
export function getRecordPath(root: string, name: string): string {
  return join(root, '_checked', name);
}

type ShapeColumns = readonly (readonly [name: string, type: ColumnType | 'other'])[];

interface StoredRecord {
  readonly version: number;
  /** Thousands of files have the columns of one of a few tables. */
  readonly columns: readonly ShapeColumns[];
  readonly files: readonly (readonly [
    path: string,
    state: string,
    rows: number,
    columns: number,
  ])[];
}

function formatRecord(checked: ReadonlyMap<string, CheckedFile>): string {
  const positions = new Map<string, number>();
  const files = [...checked].map(([path, { state, shape }]) => {
    const columns = JSON.stringify([...shape.columns]);
    const position = positions.get(columns) ?? positions.size;
    positions.set(columns, position);
    return [path, state, shape.rows, position] as const;
  });
  const columns = [...positions.keys()].map((text) => JSON.parse(text) as ShapeColumns);
  const text = JSON.stringify({ version: FORMAT_VERSION, columns, files } satisfies StoredRecord);
  return sealText(text);
}

function readRecord(root: string): ReadonlyMap<string, CheckedFile> {
  const none = new Map<string, CheckedFile>();
  try {
    const text = readSealedText(recordPath(root));
    if (text === undefined) return none;
    const { version, columns, files } = JSON.parse(text) as StoredRecord;
    if (version !== FORMAT_VERSION) return none;
    const columnMaps = columns.map((each) => new Map(each));
    return new Map(
      files.map(([path, state, rows, position]) => {
        const shape = { rows, columns: columnMaps[position] ?? new Map() };
        return [path, { state, shape }] as const;
      }),
    );
  } catch {
    return none;
  }
}

/** A text after its checksum: a damaged record must not pass for a look at the files. */
export function sealText(text: string): string {
  return `${computeChecksum(text)}\n${text}`;
}

/** The text of a record; undefined if there is none, or it is damaged. */
export function readSealedText(path: string): string | undefined {
  try {
    const sealed = readFileSync(path, 'utf8');
    const end = sealed.indexOf('\n');
    const text = sealed.slice(end + 1);
    return end >= 0 && sealed.slice(0, end) === computeChecksum(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function computeChecksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
