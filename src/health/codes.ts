/**
 * The one catalogue of codes: what a finding means, how severe it is, what to do about it. `status`, `doctor`, their
 * `--list` and the documentation follow from it. Codes are stable, since scripts depend on them: a code that is
 * renamed stays as an alias of its successor. Pure data.
 */
import { lakeCodes } from './codes-lake.ts';
import { doctorParts, statusParts, systemCodes } from './codes-system.ts';

/**
 *     ok           a check that passed
 *     note         worth knowing, and no fault: it leaves the exit status at 0
 *     problem      a fault
 *     unavailable  a part that could not be read, and was not checked
 */
export type Severity = 'ok' | 'note' | 'problem' | 'unavailable';

interface CodeEntry {
  /** The same in `status` and in `doctor`. */
  readonly severity: Severity;
  /** When a problem counts as a note, as the rest of "a note where …"; absent where it never does. */
  readonly noteWhere?: string;
  /** Earlier names of it, which scripts may know. */
  readonly aliases?: readonly string[];
  /** As a sentence that is true when the code is reported. */
  readonly meaning: string;
  /** What a person does about it; DAY means the day of the finding. "" where there is nothing to do. */
  readonly remedy: string;
  /** What `doctor --fix` does about it; absent where it does nothing. */
  readonly fix?: string;
}

const entries = { ...lakeCodes, ...systemCodes } satisfies Readonly<Record<string, CodeEntry>>;

export type Code = keyof typeof entries;

/** The codes of problems that count as notes in the circumstances that the catalogue names. */
export type CodeWithNote = {
  [C in Code]: (typeof entries)[C] extends { readonly noteWhere: string } ? C : never;
}[Code];

export const codes: Readonly<Record<Code, CodeEntry>> = entries;

export const allCodes = Object.keys(entries) as readonly Code[];

/** A part of a lake or of the system around it that may be impossible to read by itself. */
export type Part = StatusPart | keyof typeof doctorParts;

export type StatusPart = keyof typeof statusParts;

export const partNames: Readonly<Record<Part, string>> = { ...statusParts, ...doctorParts };

export const allParts = Object.keys(partNames) as readonly Part[];

export const allStatusParts = Object.keys(statusParts) as readonly StatusPart[];
