/** The end of every import: the adjustments that follow from all prices and events, and what is said of them. */
import { BrokenFileError, formatErrorWithHint, LakeError } from '../errors.ts';
import type { ColumnarLake } from '../lake/lake.ts';
import { createMarkingLake, noteDerived } from '../pipeline/adjustment-state.ts';
import type { DerivedAdjustments } from '../pipeline/derive-adjustments.ts';
import { formatNumber, type Locale } from '../presentation/notation.ts';
import type { Successions } from '../transform/lineage.ts';
import type { LakeHandle } from './open-lake.ts';
import { readSuccessions } from './successions.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The ledger and the factors follow from all prices and events of the lake, so every import ends with them. */
export async function deriveWithSpinner(
  terminal: Terminal,
  handle: LakeHandle,
): Promise<DerivedAdjustments | LakeError> {
  const { deriveAdjustments } = await import('../pipeline/derive-adjustments.ts');
  return runDerivation(terminal, handle, deriveAdjustments);
}

/** Runs a derivation of all adjustments, which may give more than them, and notes that it is done. */
export async function runDerivation<Derived>(
  terminal: Terminal,
  { lake, notes }: LakeHandle,
  derive: (lake: ColumnarLake, successions: Successions) => Promise<Derived>,
): Promise<Derived | LakeError> {
  const { createSpinner } = await import('./terminal/progress.ts');
  const successions = await readSuccessions();
  const withSpinner = createSpinner(terminal, 'Deriving adjustments');
  try {
    // A derivation that dies leaves factors of two kinds, also where the import changed nothing.
    const marking = createMarkingLake(lake, notes);
    const derived = await withSpinner(() => derive(marking, successions));
    await noteDerived(notes, successions);
    return derived;
  } catch (error) {
    // What was imported is stored: a damaged year only keeps it from being used.
    if (error instanceof BrokenFileError) return error;
    throw error;
  }
}

/** How many values that could not be read are named: all of them would hide what follows. */
const MAX_NOTICES = 5;

export function printDerived(terminal: Terminal, derived: DerivedAdjustments | LakeError): void {
  if (derived instanceof LakeError) {
    terminal.warn(`no adjustment was derived: ${formatErrorWithHint(derived)}`);
    return;
  }
  const { notices, events, rows, unproved } = derived;
  for (const { subject, reason, text } of notices.slice(0, MAX_NOTICES)) {
    terminal.warn(`${subject}: ${reason}: ${JSON.stringify(text)}`);
  }
  if (notices.length > MAX_NOTICES) {
    terminal.warn(`${notices.length - MAX_NOTICES} more values of events could not be read`);
  }
  // Of nothing nothing is proved.
  if (events + rows === 0) return;
  const { locale } = terminal;
  const nextStep =
    events === 0
      ? '`pynvest import eventos` brings the dividends and splits that explain them'
      : '`pynvest audit` names them';
  const proof =
    unproved === 0 ? 'all proved' : `${formatNumber(unproved, locale, 0)} not proved: ${nextStep}`;
  terminal.notice(
    `Adjustments: ${formatCount(events, 'event', locale)}, ${formatCount(rows, 'day', locale)} with a right or a new ticker, ${proof}`,
  );
}

function formatCount(count: number, noun: string, locale: Locale): string {
  return `${formatNumber(count, locale, 0)} ${noun}${count === 1 ? '' : 's'}`;
}
