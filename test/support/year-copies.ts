/** A lake with copies of its past years, and the same lake without them to compare with. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { specTable } from '../../src/catalog/tables.ts';
import { removeStaleCopies } from '../../src/lake/keep-year-copy.ts';
import { yearCopies, yearsToCopy } from '../../src/lake/year-copies.ts';
import { copyYear } from '../../src/query/copy-years.ts';
import { ask } from './engines.ts';
import { newFolder } from './folders.ts';

/** What a command that changes the lake does last; answers the years that were to be copied. */
export async function copyYears(root: string): Promise<number[]> {
  await removeStaleCopies(root, specTable);
  const years = yearsToCopy(root, specTable);
  for (const year of years) await copyYear(root, specTable, year);
  return years;
}

/** The years that a copy answers for now. */
export function copiedYears(root: string): string[] {
  return (yearCopies(root, specTable)?.paths ?? []).map((path) => path.slice(-45, -41));
}

/** The same daily files, seen from another folder without copies. */
export async function withoutCopies(root: string): Promise<string> {
  const twin = join(await newFolder(), 'lake');
  await mkdir(twin);
  await symlink(join(root, specTable.layer), join(twin, specTable.layer));
  return twin;
}

/** An answer, or the error in its place, as text in which 0.0 and -0.0 differ. */
export async function answerText(
  root: string,
  sql: string,
  options: { readonly ordered?: boolean; readonly sorted?: boolean } = {},
): Promise<string[]> {
  try {
    const { columns, rows } = await ask(root, sql, [], options);
    const lines = rows.map((row) => row.map((v) => (Object.is(v, -0) ? '-0' : `${v}`)).join('|'));
    return [columns.join('|'), ...(options.sorted ? lines.sort() : lines)];
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [text.replaceAll(root, 'LAKE')];
  }
}
