/**
 * Everything that the doctor can find: the one list from which its answers, `doctor --list` and the README
 * follow. Codes are stable: scripts depend on them. Pure data.
 */
import type { CodeEntry } from './code-entry.ts';
import { lakeCodes } from './lake-codes.ts';
import { systemCodes } from './system-codes.ts';

const entries = { ...lakeCodes, ...systemCodes };

export type Code = keyof typeof entries;

export const codes: Readonly<Record<Code, CodeEntry>> = entries;

export const allCodes = Object.keys(entries) as readonly Code[];

/** The list as a Markdown table. */
export function codesAsMarkdown(): string {
  const lines = allCodes.map((code) => {
    const { meaning, remedy, fix = '' } = codes[code];
    return `| \`${code}\` | ${meaning} | ${remedy} | ${fix} |`;
  });
  return ['| code | what is so | what to do | `--fix` |', '|---|---|---|---|', ...lines, ''].join(
    '\n',
  );
}
