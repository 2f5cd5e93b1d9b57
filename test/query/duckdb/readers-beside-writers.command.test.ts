/**
 * Queries while another process runs, deduplicates, rebuilds a past day and copies past periods: never an error, and
 * never fewer rows than before. A row may come twice for a moment.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tables } from '../../../src/catalog/datasets.ts';
import { PARTITION_COLUMN, type Partition } from '../../../src/catalog/partition.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import { updatePeriodCopies } from '../../../src/query/duckdb/update-copies.ts';
import type { QueryEngine, Statement } from '../../../src/query/engine.ts';
import { pynvest } from '../../support/command.ts';
import { awayFromMidnight, collectDay } from '../../support/days.ts';
import { today } from '../../support/dying-day.ts';
import { selectQuotes } from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { day } from '../../support/made-up-lake.ts';
import { copiedPeriods } from '../../support/period-copies.ts';
import { startTestSite, type TestSite } from '../../support/site.ts';
import { smallMarket, tickersOf } from '../../support/small-market.ts';
import { specTable } from '../../support/tables.ts';

const PAST = [day('2026-03-02'), day('2026-03-03')];
const DAYS: readonly Partition[] = [...PAST, today];
/** So often each question is asked of each engine. */
const ANSWERS = 20;
/**
 * So long an engine waits for a command that holds the lake: without one, nothing should change. The first never waits,
 * and so sees what changes all the same.
 */
const MAX_WAITS_MS = [0, 200];
/** So many rounds of the commands come about beside it. */
const ROUNDS = 1;

const TABLE = `${specTable.database}.${specTable.name}`;
const [ticker = ''] = tickersOf(smallMarket);

let root: string;
let site: TestSite;

beforeAll(async () => {
  await awayFromMidnight(2);
  root = await newFolder();
  for (const partition of DAYS) await collectDay(root, smallMarket, { partition });
  expect(await updatePeriodCopies(root)).toEqual([]);
  expect(copiedPeriods(root)).toEqual(['2026-q1']);
  site = await startTestSite(smallMarket);
});

afterAll(() => site.close());

/** What a question must find: day and ticker, each at least once. */
interface Question {
  readonly statement: Statement;
  readonly expected: readonly string[];
}

const formatKey = (partition: unknown, name: unknown): string => `${partition} ${name}`;

const questions: readonly Question[] = [
  {
    statement: {
      sql: `SELECT ${PARTITION_COLUMN}, codigo_ticker_ativo FROM ${TABLE} WHERE codigo_ticker_ativo = '${ticker}'`,
    },
    expected: DAYS.map((partition) => formatKey(partition, ticker)),
  },
  ...[today, ...PAST.slice(0, 1)].map((partition) => ({
    statement: selectQuotes([], { from: partition, to: partition }),
    expected: tickersOf(smallMarket).map((name) => formatKey(partition, name)),
  })),
];

async function findMissing(engine: QueryEngine, question: Question): Promise<readonly string[]> {
  const { columns, rows } = await engine.query(question.statement);
  const [dayAt, tickerAt] = [PARTITION_COLUMN, 'codigo_ticker_ativo'].map((name) =>
    columns.indexOf(name),
  );
  const found = new Set<string>();
  for await (const row of rows) found.add(formatKey(row[dayAt ?? 0], row[tickerAt ?? 0]));
  return question.expected.filter((key) => !found.has(key));
}

test('never see fewer rows, with copies of quarters and without', async () => {
  const withoutCopies = tables.map((table) => ({ ...table, hasPeriodCopies: false }));
  const engines = [await openDuckDb(root), await openDuckDb(root, { tables: withoutCopies })];
  const statuses: string[] = [];
  const answers = engines.map(() => 0);
  let isWriting = true;
  let isReading = true;
  const waitForWriter = async (maxWaitMs: number): Promise<void> => {
    const end = Date.now() + maxWaitMs;
    while (isWriting && Date.now() < end && !existsSync(join(root, '_lock'))) await sleep(2);
  };
  const read = async (engine: QueryEngine, index: number): Promise<void> => {
    while (isWriting) {
      for (const question of questions) {
        await waitForWriter(MAX_WAITS_MS[index] ?? 0);
        const missing = await findMissing(engine, question);
        expect(missing, question.statement.sql).toEqual([]);
      }
      answers[index] = (answers[index] ?? 0) + 1;
    }
  };
  const write = async (): Promise<void> => {
    try {
      for (
        let round = 1;
        isReading && (round <= ROUNDS || Math.min(...answers) < ANSWERS);
        round += 1
      ) {
        for (const args of [
          ['run'],
          // A quarter changes: its copy is removed, and made again.
          ['backfill', '--date', '2026-03-02'],
          ['dedup', 'now'],
        ]) {
          const options = { env: { PYNVEST_LAKE: root, PYNVEST_FUNDAMENTUS_URL: site.url } };
          const { status, stderr } = await pynvest(args, options);
          statuses.push(`${args[0]} ${status}${status === 0 ? '' : `: ${stderr}`}`);
        }
      }
    } finally {
      isWriting = false;
    }
  };
  const outcomes = await Promise.allSettled([
    write(),
    ...engines.map((engine, index) =>
      read(engine, index).finally(() => {
        isReading = false;
      }),
    ),
  ]);
  for (const engine of engines) engine.close();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  expect(new Set(statuses)).toEqual(new Set(['run 0', 'backfill 0', 'dedup 0']));
  expect(Math.min(...answers)).toBeGreaterThanOrEqual(ANSWERS);
  expect(copiedPeriods(root)).toEqual(['2026-q1']);
});
