/**
 * The bundles in processes of their own, killed (SIGKILL) as one of their writes reaches AWS, or has just
 * been done there: nothing is lost, and the same event again comes to the same rows.
 */
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as dedupQuotes } from '../../lambda-src/dedup-financial-data-for-spec-ativos.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import type { FunctionName } from '../../src/aws/resource-names.ts';
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { hasAws } from '../support/aws-account.ts';
import { type AwsFront, type FrontRequest, startAwsFront } from '../support/aws-front.ts';
import { sendPreparedEvents, sendRawEvents } from '../support/chain.ts';
import { captureLog } from '../support/function-log.ts';
import { bundledFunctions, type FunctionEnded } from '../support/function-process.ts';
import { keysOf, messagesFor, useDays, useFunctions } from '../support/functions-under-test.ts';
import { rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { contextOf, s3Event, sqsEvent } from '../support/lambda-events.ts';
import { stocks, tickersOf } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-20');

/** Whether a request changes what AWS holds: an object put or removed, a partition told to the catalog. */
function isWrite({ method, path, action }: FrontRequest): boolean {
  if (action !== '') return !/^Get/.test(action);
  return method === 'PUT' || (method === 'POST' && path.includes('delete'));
}

describe.runIf(hasAws)('a function whose process is killed', () => {
  const under = useFunctions();
  const beginDay = useDays(under);
  captureLog();
  let front: AwsFront;
  let start: Awaited<ReturnType<typeof bundledFunctions>>;

  beforeAll(async () => {
    start = await bundledFunctions();
    front = await startAwsFront(process.env['AWS_ENDPOINT_URL'] ?? '');
  });
  afterAll(() => front?.close());

  /** How many writes the bundle that ran last had sent when it ended, or was killed. */
  let writes = 0;

  /** Runs a bundle; kills it at one of its writes, from 1, where one is named. */
  const run = async (
    name: FunctionName,
    event: object,
    death?: { readonly at: number; readonly side: 'before' | 'after' },
  ): Promise<FunctionEnded> => {
    const { child, ended } = start(name, event, {
      ...(Object.fromEntries(
        Object.entries(process.env).filter(([key]) => /^(AWS|PYNVEST)_/.test(key)),
      ) as Record<string, string>),
      AWS_ENDPOINT_URL: front.url,
    });
    writes = 0;
    const diesAt = (request: FrontRequest, side: 'before' | 'after'): boolean => {
      if (!isWrite(request) || (death?.side ?? 'after') !== side) return false;
      writes += 1;
      if (death === undefined || writes < death.at) return false;
      child.kill('SIGKILL');
      return true;
    };
    front.intercept = (request) =>
      diesAt(request, 'before') ? { status: 503, body: '' } : undefined;
    front.afterwards = (request) => {
      diesAt(request, 'after');
    };
    const how = await ended;
    front.intercept = () => undefined;
    front.afterwards = () => undefined;
    return how;
  };

  /** The stocks, and the first of them once more, so that there is something to merge. */
  const collected = async () => {
    await collect(sqsEvent(messagesFor(stocks, day)), contextOf());
    await collect(sqsEvent(messagesFor(stocks.slice(0, 1), day), Date.now() + 1), contextOf());
  };
  const typed = async () => {
    await collected();
    await sendRawEvents(under, day);
  };
  const asQuotes = async () => {
    await typed();
    await sendPreparedEvents(under, day);
  };
  const objectsOf = (table: Table) => async () =>
    s3Event(under.aws.buckets[table.layer], await keysOf(under.lake, table, day));

  interface Step {
    readonly name: FunctionName;
    readonly given: () => Promise<void>;
    readonly event: () => Promise<object>;
    /** The function in this process: it completes the day after a death. */
    readonly handler: (event: never, context: Context) => Promise<unknown>;
    /** Tables of which every ticker must be there at every moment. */
    readonly whole: readonly Table[];
  }
  const steps: readonly Step[] = [
    {
      name: 'prep-financial-data-for-acoes',
      given: collected,
      event: objectsOf(sorTables.acoes),
      handler: prepStocks,
      whole: [sorTables.acoes],
    },
    {
      name: 'specialize-financial-data',
      given: typed,
      event: objectsOf(sotTables.acoes),
      handler: specialize,
      whole: [sorTables.acoes, sotTables.acoes],
    },
    {
      name: 'dedup-financial-data-for-acoes',
      given: asQuotes,
      event: async () => ({ partition: day }),
      handler: dedupStocks,
      whole: [sorTables.acoes, sotTables.acoes, specTable],
    },
    {
      name: 'dedup-financial-data-for-spec-ativos',
      given: asQuotes,
      event: async () => ({ partition: day }),
      handler: dedupQuotes,
      whole: [sorTables.acoes, sotTables.acoes, specTable],
    },
  ];

  const begin = async ({ name, given, event }: Step): Promise<object> => {
    await beginDay(day, name, given);
    return event();
  };
  /** What comes of each function that lives, and by how many writes. */
  interface Undisturbed {
    readonly rows: Record<string, Row[]>;
    readonly writes: number;
  }
  const lives = new Map<string, Undisturbed>();
  const getUndisturbed = async (step: Step): Promise<Undisturbed> => {
    const known = lives.get(step.name);
    if (known !== undefined) return known;
    expect(await run(step.name, await begin(step))).toMatchObject({ status: 0 });
    const life = { writes, rows: await rowsOfAll(under.lake, day) };
    lives.set(step.name, life);
    return life;
  };

  test.each(
    steps.flatMap((step) => (['before', 'after'] as const).map((side) => ({ ...step, side }))),
  )('$name, $side each of its writes', async ({ side, ...step }) => {
    const { name, handler, whole } = step;
    const undisturbed = await getUndisturbed(step);
    // At least the file, and either the catalog or what is removed.
    expect(undisturbed.writes).toBeGreaterThanOrEqual(2);
    for (let at = 1; at <= undisturbed.writes; at += 1) {
      const sent = await begin(step);
      const { signal, stderr } = await run(name, sent, { at, side });
      expect(signal, stderr).toBe('SIGKILL');
      await Promise.all(
        whole.map(async (table) => {
          const there = new Set(await tickersIn(under.lake, table, day));
          expect([...there].sort(), table.name).toEqual(tickersOf(stocks));
        }),
      );
      await handler(sent as never, contextOf());
      const [rows] = await Promise.all([
        rowsOfAll(under.lake, day),
        ...tables.map(async (table) => {
          const [known, files] = await Promise.all([
            under.lake.partitions(table),
            under.lake.files(table, day),
          ]);
          expect(known.includes(day), table.name).toBe(files.length > 0);
        }),
      ]);
      expect(rows).toEqual(undisturbed.rows);
    }
  });
});
