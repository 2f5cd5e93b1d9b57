/**
 * A function dies at one of its writes, before AWS has it or after: nothing is lost, and the function,
 * which AWS calls again, completes what it began.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handler as clearDay } from '../../lambda-src/check-and-delete-partitions.ts';
import { handler as dedupStocks } from '../../lambda-src/dedup-financial-data-for-acoes.ts';
import { handler as dedupQuotes } from '../../lambda-src/dedup-financial-data-for-spec-ativos.ts';
import { places } from '../../lambda-src/lake.ts';
import { handler as prepStocks } from '../../lambda-src/prep-financial-data-for-acoes.ts';
import { handler as specialize } from '../../lambda-src/specialize-financial-data.ts';
import { collectBatch as collect } from '../../lambda-src/sqs-batch.ts';
import type { Row } from '../../src/catalog/column.ts';
import { READ_AT_COLUMN } from '../../src/catalog/datasets/shared-indicators.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { hasAws } from '../support/aws-account.ts';
import { captureLog } from '../support/function-log.ts';
import {
  clear,
  daysOfAll,
  keysOf,
  keysOfAll,
  messagesFor,
  sameDays,
  useDays,
  useFunctions,
} from '../support/functions-under-test.ts';
import { rowsOf, rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { contextOf, s3Event, sqsEvent } from '../support/lambda-events.ts';
import { stocks, tickersOf } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const day = parsePartition('2026-11-20');
const sor = sorTables.acoes;
const sot = sotTables.acoes;

/** Every call that changes what AWS holds. One that is new here must be one that these tests know. */
const WRITES = [
  'PutObjectCommand',
  'DeleteObjectsCommand',
  'CreatePartitionCommand',
  'UpdatePartitionCommand',
  'DeletePartitionCommand',
];
const READS = [
  'GetObjectCommand',
  'ListObjectsV2Command',
  'GetPartitionCommand',
  'GetPartitionsCommand',
  'GetTableCommand',
];

class Death extends Error {}

describe.runIf(hasAws)('a function that dies', () => {
  const under = useFunctions();
  const beginDay = useDays(under);
  captureLog();

  /** Where the next death is, counted in writes from 1; none at 0. */
  let dieAt = 0;
  let when: 'before' | 'after' = 'before';
  let writes = 0;
  /** Whether it has died: nothing it does any more reaches AWS. */
  let dead = false;

  const mortal = async <Answer>(name: string, send: () => Promise<Answer>): Promise<Answer> => {
    if (dead) throw new Death(`dead before ${name}`);
    if (READS.includes(name)) return send();
    if (!WRITES.includes(name)) throw new Error(`these tests do not know ${name}`);
    writes += 1;
    const dies = writes === dieAt;
    dead = dies && when === 'before';
    if (dead) throw new Death(`died before ${name}`);
    const answer = await send();
    dead = dies;
    if (dead) throw new Death(`died after ${name}`);
    return answer;
  };

  beforeAll(() => {
    const { s3, glue } = places();
    const options = { step: 'initialize', name: 'death' } as const;
    s3.middlewareStack.add(
      (next, { commandName = '' }) =>
        (call) =>
          mortal(commandName, () => next(call)),
      options,
    );
    glue.middlewareStack.add(
      (next, { commandName = '' }) =>
        (call) =>
          mortal(commandName, () => next(call)),
      options,
    );
  });
  afterAll(() => {
    for (const { middlewareStack } of [places().s3, places().glue]) {
      middlewareStack.remove('death');
    }
  });

  const alive = async (work: () => Promise<unknown>): Promise<number> => {
    dieAt = 0;
    dead = false;
    writes = 0;
    await work();
    return writes;
  };
  const dying = async (work: () => Promise<unknown>, at: number, side: typeof when) => {
    dieAt = at;
    when = side;
    dead = false;
    writes = 0;
    await expect(work()).rejects.toThrow();
    expect(dead).toBe(true);
    dieAt = 0;
    dead = false;
  };

  // A message that comes again says when it was first sent.
  const sentAt = Date.now();
  const collectStocks = () => collect(sqsEvent(messagesFor(stocks, day), sentAt), contextOf());
  const prepAll = async () => {
    const keys = await keysOf(under.lake, sor, day);
    await prepStocks(s3Event(under.aws.buckets.sor, keys), contextOf());
  };
  const specializeAll = async () => {
    const keys = await keysOf(under.lake, sot, day);
    await specialize(s3Event(under.aws.buckets.sot, keys), contextOf());
  };
  /** The stocks, and the first of them once more, so that there is something to merge. */
  const twoBatches = async () => {
    await collectStocks();
    const again = sqsEvent(messagesFor(stocks.slice(0, 1), day), Date.now() + 1);
    await collect(again, contextOf());
  };

  interface Step {
    readonly name: string;
    /** The day before the step. */
    readonly given: () => Promise<void>;
    readonly step: () => Promise<unknown>;
    /** Writes of the step when it lives. */
    readonly writes: number;
    /** Tables of which every ticker must be there at every moment. */
    readonly whole: readonly (typeof sor)[];
  }
  const steps: readonly Step[] = [
    {
      name: 'get-financial-data',
      given: async () => undefined,
      step: collectStocks,
      writes: 2,
      whole: [],
    },
    { name: 'prep', given: twoBatches, step: prepAll, writes: 3, whole: [sor] },
    {
      name: 'specialize',
      given: async () => {
        await twoBatches();
        await prepAll();
      },
      step: specializeAll,
      writes: 3,
      whole: [sor, sot],
    },
    {
      name: 'dedup of typed rows',
      given: async () => {
        await twoBatches();
        await prepAll();
        await specializeAll();
      },
      step: () => dedupStocks({ partition: day }, contextOf()),
      writes: 2,
      whole: [sor, sot, specTable],
    },
    {
      name: 'dedup of quotes',
      given: async () => {
        await twoBatches();
        await prepAll();
        await specializeAll();
        await dedupStocks({ partition: day }, contextOf());
      },
      step: () => dedupQuotes({ partition: day }, contextOf()),
      writes: 2,
      whole: [sor, sot, specTable],
    },
  ];
  const deaths = steps.flatMap((each) =>
    Array.from({ length: each.writes }, (_, index) => index + 1).flatMap((at) =>
      (['before', 'after'] as const).map((side) => ({ ...each, at, side })),
    ),
  );

  /** All rows as the lake has them, without what differs from one collection to the next. */
  const state = async (): Promise<Record<string, Row[]>> => {
    const { lake } = under;
    const [rows, days, keys] = await Promise.all([
      rowsOfAll(lake, day),
      daysOfAll(lake),
      Promise.all(tables.map((table) => keysOf(lake, table, day))),
    ]);
    for (const [index, { name }] of tables.entries()) {
      if (!days[name]?.includes(day)) expect(keys[index], name).toEqual([]);
    }
    return rows;
  };

  const begin = ({ name, given }: Pick<Step, 'name' | 'given'>) =>
    beginDay(day, name, () => alive(given));

  test.each(steps)('$name makes $writes writes', async ({ step, writes: expected, ...each }) => {
    await begin(each);
    expect(await alive(step)).toBe(expected);
  });

  /** What comes of each step that lives. */
  const states = new Map<string, Awaited<ReturnType<typeof state>>>();
  const getUndisturbed = async ({ name, given, step }: Step) => {
    const known = states.get(name);
    if (known !== undefined) return known;
    await begin({ name, given });
    await alive(step);
    const now = await state();
    states.set(name, now);
    return now;
  };

  test.each(deaths)('$name, $side write $at', async ({ at, side, ...each }) => {
    const { step, whole } = each;
    const undisturbed = await getUndisturbed(each);
    await begin(each);
    await dying(step, at, side);
    await Promise.all(
      whole.map(async (table) => {
        const [tickers, days] = await Promise.all([
          tickersIn(under.lake, table, day),
          under.lake.partitions(table),
        ]);
        expect([...new Set(tickers)]).toEqual(tickersOf(stocks));
        expect(days).toEqual([day]);
      }),
    );
    await alive(step);
    expect(await state()).toEqual(undisturbed);
  });

  test('clearing a day, at any of its writes, is completed by the next', async () => {
    const given = async () => {
      await twoBatches();
      await prepAll();
      await specializeAll();
    };
    const fill = () => begin({ name: 'clearing', given });
    await fill();
    const count = await alive(() => clearDay({ partition: day }, contextOf()));
    // Objects of three tables, and all five entries in the catalog, whether they are there or not.
    expect(count).toBe(8);
    for (let at = 1; at <= count; at += 1) {
      for (const side of ['before', 'after'] as const) {
        await fill();
        await dying(() => clearDay({ partition: day }, contextOf()), at, side);
        await alive(() => clearDay({ partition: day }, contextOf()));
        const left = await Promise.all([keysOfAll(under.lake, day), daysOfAll(under.lake)]);
        expect(left).toEqual([[], sameDays([])]);
      }
    }
  });

  test('rows that the catalog did not hear of are written again, and then it has', async () => {
    await clear(under.aws, day);
    await dying(collectStocks, 1, 'after');
    const [before] = await rowsOf(under.lake, sor, day);
    expect(await under.lake.partitions(sor)).toEqual([]);
    await alive(collectStocks);
    const after = await rowsOf(under.lake, sor, day);
    expect(after).toHaveLength(stocks.length);
    expect(await under.lake.partitions(sor)).toEqual([day]);
    expect(String(after[0]?.[READ_AT_COLUMN]) > String(before?.[READ_AT_COLUMN])).toBe(true);
  });
});
