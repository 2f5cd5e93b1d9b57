/**
 * The same text, the same rows: what the local lake answers, beside the answers of Trino 435 that
 * `npm run check:trino` has stored.
 */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QueryError } from '../../../src/errors.ts';
import { functionNames } from '../../../src/query/duckdb/athena-sql/functions.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../../src/query/engine.ts';
import { newFolder } from '../../support/folders.ts';
import {
  compare,
  formatDifferences,
  type Outcome,
  readAnswers,
  readTexts,
  recordQuestions,
  writeComparedLake,
} from './lake.ts';

const answers = readAnswers();
const outcomes = new Map<string, Outcome>();
let root: string;
let engine: QueryEngine;

beforeAll(async () => {
  root = await newFolder();
  await writeComparedLake(root);
  engine = await openDuckDb(root);
});
afterAll(() => engine.close());

describe.each(answers)('$text', (answer) => {
  test('has the rows and the names of Athena, or is refused', async () => {
    const outcome = await compare(engine, answer);
    outcomes.set(answer.text, outcome);
    if (outcome.kind === 'refused') {
      expect(outcome.error).toBeInstanceOf(QueryError);
      // In words of ours, which name the difference.
      expect(outcome.error.message).toMatch(/Athena|local lake/);
      return;
    }
    expect(outcome).toEqual({ kind: 'same' });
  });
});

test('every function that is translated is in a text with the same answer', () => {
  const same = answers
    .filter(({ text }) => outcomes.get(text)?.kind === 'same')
    .filter((answer) => 'rows' in answer)
    .map(({ text }) => text.toLowerCase())
    .join('\n');
  expect(functionNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(same))).toEqual([]);
});

test('the answers are of the texts and the questions as they are today', async () => {
  expect(answers.map(({ text }) => text)).toEqual([
    ...readTexts(),
    ...(await recordQuestions(root)),
  ]);
});

test.each(['docs/athena-sql.md', 'docs/pt-BR/sql-do-athena.md'])(
  '%s lists what is refused',
  (file) => {
    expect(readFileSync(file, 'utf8')).toContain(formatDifferences(outcomes));
  },
);
