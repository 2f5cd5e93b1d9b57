/** Systems in one stand-in for AWS, each with a stack, a site and a market of its own. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { jsonRows, type PrintedRow } from './answers.ts';
import { type AwsAccount, newAccount } from './aws-account.ts';
import type { CommandResult } from './command.ts';
import { CommandRecorder } from './command-recorder.ts';
import { newFolder } from './folders.ts';
import { tickersIn } from './lake-rows.ts';
import {
  commandFor,
  deduplicate,
  type RunningSystem,
  startDay,
  systemFrom,
} from './running-system.ts';
import { startTestSite, type TestSite } from './site.ts';
import { tickersOf } from './small-market.ts';
import { partsOf, type StackParts } from './stack-parts.ts';
import { untilFilled } from './system-contents.ts';
import { specTable } from './tables.ts';

export interface NamedSystems {
  readonly account: AwsAccount;
  /** The built command, of one who deploys them all; another one where its file is given. */
  pynvest(args: readonly string[], command?: string): Promise<CommandResult>;
  /** The same, where it has to end well. */
  succeeds(args: readonly string[], command?: string): Promise<CommandResult>;
  deploy(name: string, parameters?: readonly string[]): Promise<void>;
  of(name: string): RunningSystem;
  parts(name: string): Promise<StackParts>;
  /** A day of a system by its own events, from the rule's to the last file. */
  collect(name: string, partition: Partition): Promise<void>;
  /** What `query cotacoes` answers, in the order of days. */
  quotes(...options: readonly string[]): Promise<PrintedRow[]>;
}

/** Made once for a test file. @param markets by the name of the stack */
export function useNamedSystems(
  markets: Readonly<Record<string, readonly DemoAsset[]>>,
): NamedSystems {
  let account: AwsAccount | undefined;
  const recorder = new CommandRecorder();
  let run: ReturnType<typeof commandFor>;
  const sites: TestSite[] = [];
  const systems = new Map<string, RunningSystem>();
  beforeAll(async () => {
    account = newAccount();
    run = commandFor(account, await newFolder(), recorder);
  });
  afterAll(async () => {
    for (const site of sites) await site.close();
    await recorder.assertAllowed();
  });

  const wantedIn = (name: string, { name: table }: Table): string[] =>
    tickersOf(
      (markets[name] ?? []).filter(({ kind }) => table === specTable.name || table.includes(kind)),
    );
  const all: NamedSystems = {
    get account() {
      if (account === undefined) throw new Error('there is no account before the tests begin');
      return account;
    },
    pynvest: (...args) => run(...args),
    async succeeds(...args) {
      const result = await run(...args);
      expect(result, result.stderr).toMatchObject({ status: 0 });
      return result;
    },
    async deploy(name, parameters = []) {
      const site = await startTestSite(markets[name] ?? []);
      sites.push(site);
      const given = [`FundamentusUrl=${site.url}`, 'PauseMs=0', 'Retries=0', ...parameters];
      const { stdout } = await all.succeeds([
        ...['deploy', '--yes', '--format', 'json', '--stack-name', name],
        ...given.flatMap((each) => ['--parameter', each]),
      ]);
      systems.set(name, systemFrom(all.account, stdout));
    },
    of(name) {
      const found = systems.get(name);
      if (found === undefined) throw new Error(`${name} was not deployed`);
      return found;
    },
    parts: (name) => partsOf(all.of(name), name),
    async collect(name, partition) {
      const system = all.of(name);
      const date = formatIsoDate(partition);
      await startDay(system, `${date}T21:45:00Z`);
      await untilFilled(system, partition, { tickers: (table) => wantedIn(name, table) });
      expect(await deduplicate(system, `${date}T22:00:00Z`)).toBe('SUCCEEDED');
      for (const table of tables) {
        const there = await tickersIn(createS3Lake(system), table, partition);
        expect(there, `${table.name} of ${name}`).toEqual(wantedIn(name, table));
      }
    },
    async quotes(...options) {
      // Days of one session each have their rows here.
      const asked = [
        'query',
        'cotacoes',
        '--every-day',
        '--columns',
        'vlr_cot',
        '--format',
        'json',
      ];
      return jsonRows((await all.succeeds([...asked, ...options])).stdout).sort(
        (a, b) => Number(a['anomesdia_exec']) - Number(b['anomesdia_exec']),
      );
    },
  };
  return all;
}
