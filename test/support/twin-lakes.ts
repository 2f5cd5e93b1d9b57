/**
 * One lake twice: in a folder on this machine, and the same files in the system that the built command
 * has deployed into the stand-in. What the command says of the one it must say of the other.
 */

import { join } from 'node:path';
import type { Table } from '../../src/catalog/dataset.ts';
import { indicators, dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import type { ColumnarLake, Lake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createS3Inspector, createS3Lake } from '../../src/lake/s3/lake.ts';
import type { S3LakeLocation } from '../../src/lake/s3/layout.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { run } from '../../src/pipeline/run.ts';
import { newAccount } from './aws-account.ts';
import { callAws } from './aws-calls.ts';
import {
  type CommandOptions,
  type CommandResult,
  type RunningCommand,
  startPynvest,
} from './command.ts';
import { CommandRecorder } from './command-recorder.ts';
import { newFolder } from './folders.ts';
import { clientOf } from './impatient-client.ts';
import { pynvest } from './in-process.ts';
import { bytesInBuckets, bytesInFolder, type LakeInAccount, pathOf } from './lake-bytes.ts';
import { deploySystem, type RunningSystem } from './running-system.ts';
import { startTestSite, type TestSite, type TestSiteOptions } from './site.ts';
import { smallMarket } from './small-market.ts';

export type TargetName = 'local' | 'aws';

export interface TwinLakes {
  readonly site: TestSite;
  readonly system: RunningSystem;
  /** The folder of the lake on this machine. */
  readonly root: string;
  readonly lakes: Readonly<Record<TargetName, ColumnarLake>>;
  /** Runs a command on one of the two, in this process; its arguments are the same for both. */
  on(target: TargetName, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts it as a process of its own, without waiting for its end. */
  start(target: TargetName, args: readonly string[], options?: CommandOptions): RunningCommand;
  close(): Promise<void>;
}

/** Two lakes that hold `days` of a market; the default days are a Thursday and a Friday. */
export async function startTwinLakes({
  market = smallMarket,
  days = [20261119, 20261120] as Partition[],
  fault = () => undefined,
}: {
  readonly market?: readonly DemoAsset[];
  readonly days?: readonly Partition[];
} & Pick<TestSiteOptions, 'fault'> = {}): Promise<TwinLakes> {
  const account = newAccount();
  const recorder = new CommandRecorder();
  const [site, folder] = await Promise.all([startTestSite(market, { fault }), newFolder()]);
  try {
    const root = join(folder, 'lake');
    const local = createLocalLake(root);
    for (const day of days) await collectInto(local, site, day);
    const system = await deploySystem(account, join(folder, 'config'), [
      `FundamentusUrl=${site.url}`,
      ...['PauseMs=0', 'Retries=0'],
    ]);
    const aws = createS3Lake(system);
    await copyLake(root, system);
    // The folder of the settings of who has never deployed.
    const own = join(folder, 'never-deployed');
    const environmentOf = (target: TargetName, options: CommandOptions) => ({
      ...account.environment,
      PYNVEST_FUNDAMENTUS_URL: site.url,
      PYNVEST_TARGET: target,
      PYNVEST_LAKE: root,
      XDG_CONFIG_HOME: target === 'aws' ? join(folder, 'config') : own,
      ...options.env,
    });
    return {
      site,
      system,
      root,
      lakes: { local, aws },
      on: (target, args, options = {}) =>
        pynvest(args, {
          ...options,
          around: recorder.around(args),
          env: environmentOf(target, options),
        }),
      start: (target, args, options = {}) =>
        startPynvest(args, { ...options, env: environmentOf(target, options) }),
      async close() {
        await site.close();
        await recorder.assertAllowed();
      },
    };
  } catch (error) {
    await site.close();
    throw error;
  }
}

async function collectInto(lake: Lake, site: TestSite, partition: Partition): Promise<void> {
  const report = await run({
    source: createFundamentusSource(clientOf(site.url)),
    lake,
    partition,
    selection: { datasets: indicators },
    concurrency: 4,
    signal: new AbortController().signal,
    now: () => new Date(`${formatIsoDate(partition)}T21:45:00Z`),
  });
  if (report.error !== undefined) throw new Error(report.error);
}

/**
 * Every file of the lake at `root`, under its own name, and its days in the catalog: no name sets the chain off. The
 * newest day of each table is written and registered as pynvest does it, which takes longer.
 */
export async function copyLake(root: string, to: LakeInAccount & S3LakeLocation): Promise<void> {
  const local = createLocalLake(root);
  const remote = createS3Lake(to);
  const [from, into] = [bytesInFolder(root), bytesInBuckets(to)];
  await Promise.all(
    tables.map(async (table) => {
      const days = await local.partitions(table);
      const newest = days.pop();
      for (const day of days) {
        for (const { name } of await local.files(table, day)) {
          const path = pathOf(table, day, `${name}.parquet`);
          await into.put(path, await from.get(path));
        }
      }
      await registerDays(to, table, days);
      if (newest === undefined) return;
      for (const file of await local.files(table, newest)) {
        const { name } = file;
        await remote.write({ table, partition: newest, name }, await local.read(file));
      }
    }),
  );
}

/** Adds days to the catalog, as writers do it one by one: of that, a table is asked once. */
export async function registerDays(
  location: LakeInAccount & S3LakeLocation,
  table: Table,
  days: readonly Partition[],
): Promise<void> {
  if (days.length === 0) return;
  const { account, databases } = location;
  const { catalog } = createS3Inspector(location);
  const DatabaseName = databases[table.layer];
  const known = { DatabaseName, Name: table.name };
  const { Table: entry } = (await callAws(account, 'AWSGlue.GetTable', known)) as {
    readonly Table: { readonly StorageDescriptor: object };
  };
  const { Errors: errors } = await callAws(account, 'AWSGlue.BatchCreatePartition', {
    ...{ DatabaseName, TableName: table.name },
    PartitionInputList: days.map((day) => ({
      Values: [String(day)],
      StorageDescriptor: { ...entry.StorageDescriptor, Location: catalog?.locationOf(table, day) },
    })),
  });
  if (!Array.isArray(errors) || errors.length > 0) throw new Error(JSON.stringify(errors));
}
