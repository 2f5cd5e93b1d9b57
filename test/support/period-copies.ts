/** A lake with copies of its past periods, and the same lake without them to compare with. */
import { cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { computePeriodFingerprint, type Period } from '../../src/lake/local/copied-periods.ts';
import { removeStaleCopies, reviewCopies } from '../../src/lake/local/copies-review.ts';
import {
  findPeriodCopies,
  getCopiesFolder,
  getCopyPath,
  listCopyNames,
} from '../../src/lake/local/period-copies.ts';
import { copyPeriod } from '../../src/query/duckdb/copy-period.ts';
import { ask } from './engines.ts';
import { newFolder } from './folders.ts';
import { specTable } from './tables.ts';

/** What a command that changes the lake does last; answers the quarters that were to be copied. */
export async function copyPeriods(root: string): Promise<string[]> {
  const review = reviewCopies(root, specTable);
  await removeStaleCopies(review);
  for (const quarter of review.toCopy) await copyPeriod(root, specTable, quarter);
  return [...review.toCopy];
}

/** The quarters, and the years, that a copy answers for now. */
export function copiedPeriods(root: string): string[] {
  return [...findPeriodCopies(root, specTable).values()].map((path) =>
    basename(path).replace(HASH_AND_EXTENSION, ''),
  );
}

const HASH_AND_EXTENSION = /-[0-9a-f]{32}\.parquet$/;

/**
 * Puts the lake at `model` in place of that at `root`, with its copies of periods. They get the names that belong to
 * the daily files as they are there: to make them again takes most of the time of a test.
 */
export async function replaceLake(root: string, model: string): Promise<void> {
  rmSync(root, { recursive: true, force: true });
  // Some hundreds of small files: one after the other that takes a tenth of the time.
  cpSync(model, root, { recursive: true });
  const names = listCopyNames(root, specTable);
  for (const name of names) {
    const path = join(getCopiesFolder(root, specTable), name);
    const period = name.replace(HASH_AND_EXTENSION, '') as Period;
    const fingerprint = computePeriodFingerprint(root, specTable, period);
    if (fingerprint === undefined) throw new Error(`${model} has no files of ${period}`);
    const stats = statSync(path, { bigint: true });
    renameSync(path, getCopyPath(root, specTable, period, fingerprint, stats));
  }
  // As long as the lake waits before it makes a copy: a file that is changed sooner may keep its time.
  if (names.length > 0) await sleep(50);
}

/** The same daily files, seen from another folder without copies. */
export async function withoutCopies(root: string): Promise<string> {
  const twin = join(await newFolder(), 'lake');
  await mkdir(twin);
  await symlink(join(root, specTable.layer), join(twin, specTable.layer));
  return twin;
}

/**
 * Several questions as one statement, whose view of the table is made once: that takes as long as an answer. The rows
 * of each begin with its number.
 */
export function joinQuestions(sqls: readonly string[]): string {
  const parts = sqls.map((sql, at) => `(SELECT ${at} AS question, * FROM (${sql}))`);
  return parts.join(' UNION ALL BY NAME ');
}

/** An answer, or the error in its place, as text in which 0.0 and -0.0 differ. */
export async function answerText(
  root: string,
  sql: string,
  options: { readonly sorted?: boolean } = {},
): Promise<string[]> {
  try {
    const { columns, rows } = await ask(root, sql);
    const lines = rows.map((row) => row.map((v) => (Object.is(v, -0) ? '-0' : `${v}`)).join('|'));
    return [columns.join('|'), ...(options.sorted ? lines.sort() : lines)];
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [text.replaceAll(root, 'LAKE')];
  }
}

/** The answer of the daily files alone: without the copies, which are elsewhere meanwhile. */
export async function plainAnswerText(
  root: string,
  ...query: [sql: string, options?: { readonly sorted?: boolean }]
): Promise<string[]> {
  const [copies, elsewhere] = [join(root, '_quarters'), join(root, '_elsewhere')];
  if (!existsSync(copies)) return answerText(root, ...query);
  await rename(copies, elsewhere);
  try {
    return await answerText(root, ...query);
  } finally {
    await rename(elsewhere, copies);
  }
}

/**
 * Asks with the copies and without, expects the same, and returns it. Without them all questions are answered from one
 * read of the daily files, since to open hundreds of files for each of them takes longer than all else.
 */
export async function expectSameAnswers(
  root: string,
  sqls: readonly string[],
): Promise<readonly string[]> {
  // Rows of one asset and day stand in no order of their own.
  const options = { sorted: true };
  const joined = joinQuestions(sqls);
  const answer = await answerText(root, joined, options);
  if (answer.length > 1) {
    expect(answer).toEqual(await plainAnswerText(root, readOnce(sqls), options));
    return answer;
  }
  // It is an error, which not every one of them has to be, unless there is no view of the table to ask.
  const description = sqls.find((sql) => sql.startsWith('DESCRIBE '));
  if (description === undefined) throw new Error('no question tells whether the table has a view');
  const answers = new Map([[joined, answer]]);
  answers.set(description, await answerText(root, description, options));
  const hasView = (answers.get(description)?.length ?? 0) > 1;
  // Without a view every question fails alike, so that one stands for all.
  if (!hasView) expect(answers.get(description)).toEqual(answer);
  for (const sql of new Set([...answers.keys(), ...(hasView ? sqls : [])])) {
    const found = answers.get(sql) ?? (await answerText(root, sql, options));
    expect(found).toEqual(await plainAnswerText(root, sql, options));
  }
  return answer;
}

function readOnce(sqls: readonly string[]): string {
  const table = `${specTable.database}.${specTable.name}`;
  const questions = sqls.map((sql) =>
    sql.startsWith('DESCRIBE ') ? sql : sql.replaceAll(table, 'every_row'),
  );
  return `WITH every_row AS MATERIALIZED (FROM ${table}) ${joinQuestions(questions)}`;
}
