/**
 * Two systems in one account, the one's prefix the beginning of the other's: what becomes of one does not
 * reach the other. The tests follow one another: each begins where the one before it ended.
 */
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { formatIsoDate, type Partition, parsePartition } from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import type { StatusReport } from '../../src/health/status-report.ts';
import type { PrintedRow } from '../support/answers.ts';
import { hasAws } from '../support/aws-account.ts';
import {
  CHANGED_PARAMETERS,
  CLASHING_QUEUE,
  changedPackage,
  DONE_BEFORE,
} from '../support/changed-package.ts';
import type { CommandResult } from '../support/command.ts';
import { functionSettings } from '../support/deploying.ts';
import { useNamedSystems } from '../support/named-systems.ts';
import { funds, priced, stocks, tickersOf } from '../support/small-market.ts';
import { ARTIFACTS, keysIn, statusIn, withoutMoments } from '../support/stack-parts.ts';
import { specTable } from '../support/tables.ts';

const FIRST = 'pynvest';
const SECOND = 'pynvest-2';
const friday = parsePartition('20261120');
const saturday = parsePartition('20261121');
const sunday = parsePartition('20261122');

/** A stock and a fund are in both markets, at other prices. */
const markets: Readonly<Record<string, readonly DemoAsset[]>> = {
  [FIRST]: priced([...stocks.slice(0, 2), ...funds.slice(0, 1)], '11,25'),
  [SECOND]: priced([...stocks.slice(1), ...funds], '99,50'),
};

/** The quotes that a system's market has on these days. */
function quotesOf(name: string, ...days: Partition[]): PrintedRow[] {
  return days.flatMap((partition) =>
    tickersOf(markets[name] ?? []).map((ticker) => ({
      anomesdia_exec: partition,
      codigo_ticker_ativo: ticker,
      vlr_cot: name === FIRST ? 11.25 : 99.5,
    })),
  );
}

describe.runIf(hasAws)('two systems in one account', () => {
  const systems = useNamedSystems(markets);
  const { pynvest, succeeds, parts, collect, quotes } = systems;

  const queues = async (): Promise<string[]> => {
    const { QueueUrls = [] } = await systems.of(SECOND).sqs.send(new ListQueuesCommand({}));
    return QueueUrls.map((queue) => queue.split('/').at(-1) ?? '');
  };

  test('each collects into a lake of its own', async () => {
    await systems.deploy(FIRST);
    const forgotten = await pynvest(['deploy', '--yes', '--stack-name', SECOND]);
    expect(forgotten).toMatchObject({ status: 1, stdout: '' });
    expect(forgotten.stderr).toMatch(
      /error: the names with the prefix pynvest belong to the stack pynvest, not to pynvest-2\n.*NamePrefix=/,
    );
    expect(await statusIn(systems.account, SECOND)).toBeUndefined();

    await systems.deploy(SECOND, [
      ...[`NamePrefix=${SECOND}`, 'SorDatabaseName=db_2_sor', 'SotDatabaseName=db_2_sot'],
      'SpecDatabaseName=db_2_spec',
    ]);
    await Promise.all([collect(FIRST, friday), collect(SECOND, friday)]);
  }, 180_000);

  test('who asks is answered by the one that is named, else by the last one deployed', async () => {
    expect(await quotes('--stack-name', FIRST)).toEqual(quotesOf(FIRST, friday));
    expect(await quotes('--stack-name', SECOND)).toEqual(quotesOf(SECOND, friday));
    expect(await quotes()).toEqual(quotesOf(SECOND, friday));
    for (const name of [FIRST, SECOND]) {
      const asked = ['status', '--no-site', '--format', 'json', '--stack-name', name];
      const { place, tables: shown } = JSON.parse((await pynvest(asked)).stdout) as StatusReport;
      expect(place).toContain(`the stack ${name} in`);
      expect(shown.find(({ table }) => table === specTable.name)?.rows).toBe(markets[name]?.length);
    }
  }, 120_000);

  describe('an update that fails half-way', () => {
    let changed: string;
    const deployChanged = (): Promise<CommandResult> =>
      pynvest(['deploy', '--yes', '--stack-name', FIRST, ...CHANGED_PARAMETERS], changed);

    test('leaves the system as it was, and says the first cause', async () => {
      await systems.of(FIRST).sqs.send(new CreateQueueCommand({ QueueName: CLASHING_QUEUE }));
      changed = await changedPackage();
      const before = { first: await parts(FIRST), second: await parts(SECOND) };
      const { status, stdout, stderr } = await deployChanged();
      const after = { first: await parts(FIRST), second: await parts(SECOND) };

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(
        /\nerror: deploying pynvest failed: ClashingQueue \(AWS::SQS::Queue\): .*'audit' already exists/,
      );
      expect(stderr).toContain('\nThe update was rolled back: the system is as it was before.\n');
      expect(stderr).toContain('\nA resource of that name exists outside this stack');
      for (const done of [...DONE_BEFORE, ...['create failed  ClashingQueue', 'rolling back']]) {
        expect(stderr).toContain(`  ${done}`);
      }
      expect(stderr).not.toContain('complete  SpecializeFinancialData (');

      expect(await statusIn(systems.account, FIRST)).toBe('UPDATE_ROLLBACK_COMPLETE');
      const { [ARTIFACTS]: code, ...then } = withoutMoments(before.first);
      const { [ARTIFACTS]: codeNow, ...now } = withoutMoments(after.first);
      expect(now).toEqual(then);
      expect(keysIn(codeNow)).toEqual(expect.arrayContaining(keysIn(code)));
      expect(await queues()).not.toContain('pynvest-added');
      expect(after.second).toEqual(before.second);
      expect(await quotes('--stack-name', FIRST)).toEqual(quotesOf(FIRST, friday));
    }, 120_000);

    test('and the next day comes in both as the day before did', async () => {
      await Promise.all([collect(FIRST, saturday), collect(SECOND, saturday)]);
      const days = ['--from', formatIsoDate(friday)];
      expect(await quotes('--stack-name', FIRST, ...days)).toEqual(
        quotesOf(FIRST, friday, saturday),
      );
    }, 120_000);

    test('goes well once its cause is gone', async () => {
      const { sqs } = systems.of(FIRST);
      const theirs = new ListQueuesCommand({ QueueNamePrefix: CLASHING_QUEUE });
      const { QueueUrls: [QueueUrl] = [] } = await sqs.send(theirs);
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      const before = await parts(SECOND);
      const { status, stderr } = await deployChanged();
      expect(status, stderr).toBe(0);
      expect(await statusIn(systems.account, FIRST)).toBe('UPDATE_COMPLETE');
      const specialize = await functionSettings(
        systems.account,
        'pynvest-lambda-specialize-financial-data',
      );
      expect(specialize?.MemorySize).toBe(1024);
      expect(await queues()).toContain('pynvest-added');
      expect(await parts(SECOND)).toEqual(before);
      expect(await quotes('--stack-name', FIRST, '--last', '9')).toEqual(
        quotesOf(FIRST, friday, saturday),
      );
    }, 120_000);
  });

  describe('destroying', () => {
    test('a stack that is not there touches neither', async () => {
      const before = [await parts(FIRST), await parts(SECOND)];
      for (const more of [[], ['--delete-data', '--confirm', 'pinvest']]) {
        const misspelt = await pynvest(['destroy', '--yes', '--stack-name', 'pinvest', ...more]);
        expect(misspelt).toMatchObject({ status: 1, stdout: '' });
        expect(misspelt.stderr).toMatch(
          /error: there is no stack pinvest.*\n.*--stack-name pynvest/,
        );
      }
      expect([await parts(FIRST), await parts(SECOND)]).toEqual(before);
    }, 60_000);

    test('one, with its data, leaves the other alone', async () => {
      const before = await parts(SECOND);
      const all = ['--yes', '--delete-data', '--confirm', FIRST];
      await succeeds(['destroy', '--stack-name', FIRST, ...all]);
      expect(await parts(SECOND)).toEqual(before);
      expect(await statusIn(systems.account, FIRST)).toBeUndefined();
      const { Buckets = [] } = await systems.of(SECOND).s3.send(new ListBucketsCommand({}));
      expect(Buckets.filter(({ Name }) => !Name?.startsWith(`${SECOND}-`))).toEqual([]);
      expect((await queues()).filter((name) => !name.startsWith(`${SECOND}-`))).toEqual([]);
    }, 60_000);

    test('and the other goes on by itself', async () => {
      await collect(SECOND, sunday);
      expect(await quotes('--stack-name', SECOND, '--last', '9')).toEqual(
        quotesOf(SECOND, friday, saturday, sunday),
      );
    }, 120_000);
  });
});
