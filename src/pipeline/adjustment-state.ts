/**
 * Whether the factors that the lake has are those of its prices, events and successions. A note beside the tables says
 * it: it is written before an import changes any of them, and replaced once the factors that follow are stored. After a
 * process that died in between, no price must be taken for adjusted.
 */
import { createHash } from 'node:crypto';
import { adjustmentState } from '../catalog/datasets/b3.ts';
import type { ColumnarLake } from '../lake/lake.ts';
import type { Successions } from '../transform/lineage.ts';
import type { ImportNotes } from './imported-years.ts';

const NOTE = `${adjustmentState.folder}/${adjustmentState.file}`;
const PENDING = adjustmentState.pending;
/** Where earlier versions wrote it. */
const FORMER_NOTE = 'adjustments';
const DERIVED = 'derived';

async function readState(notes: Pick<ImportNotes, 'read'>): Promise<string | undefined> {
  return (await notes.read(NOTE)) ?? (await notes.read(FORMER_NOTE));
}

/** False after an import that was not completed. */
export async function areAdjustmentsDerived(notes: Pick<ImportNotes, 'read'>): Promise<boolean> {
  return (await readState(notes)) !== PENDING;
}

/** Whether the factors were derived with other successions than these. */
export async function areDerivedOtherwise(
  notes: Pick<ImportNotes, 'read'>,
  successions: Successions,
): Promise<boolean> {
  const note = await readState(notes);
  return note !== PENDING && (note ?? DERIVED) !== formatDerived(successions);
}

/**
 * Notes that the factors are those of all that the lake has; the note of an earlier import with the same is left alone.
 */
export async function noteDerived(notes: ImportNotes, successions: Successions): Promise<void> {
  const derived = formatDerived(successions);
  const note = await readState(notes);
  if (note !== derived && !(note === undefined && derived === DERIVED)) {
    await notes.write(NOTE, derived);
  }
}

/** The lake for an import, which notes before its first change that adjustments are to be derived. */
export function createMarkingLake(lake: ColumnarLake, notes: ImportNotes): ColumnarLake {
  let marked: Promise<void> | undefined;
  const mark = (): Promise<void> => {
    marked ??= notes.write(NOTE, PENDING);
    return marked;
  };
  return {
    ...lake,
    async write(...change) {
      await mark();
      return lake.write(...change);
    },
    async writeColumns(...change) {
      await mark();
      return lake.writeColumns(...change);
    },
    async remove(files) {
      if (files.length > 0) await mark();
      return lake.remove(files);
    },
  };
}

/** The same for the same statements in any order. */
function formatDerived(successions: Successions): string {
  const lines = [...successions].map(([from, to = '']) => `${from},${to}`).sort();
  if (lines.length === 0) return DERIVED;
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex');
  return `${DERIVED} ${hash.slice(0, 16)}`;
}
