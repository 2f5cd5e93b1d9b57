/**
 * The life of the whole system, by the command and the system's own events alone: as a process where it makes, changes
 * or removes something. The tests follow one another: each begins where the one before it ended.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../src/catalog/dataset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../support/aws-account.ts';
import { type CommandResult, commandFile } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';
import { installPackage } from '../support/installed-package.ts';
import { tickersIn } from '../support/lake-rows.ts';
import { copyOfPackage } from '../support/package-copy.ts';
import {
  ask,
  commandFor,
  deduplicate,
  type RunningSystem,
  startDay,
  systemFrom,
} from '../support/running-system.ts';
import { type Fault, startTestSite, type TestSite } from '../support/site.ts';
import { priced, tickersOf } from '../support/small-market.ts';
import {
  deadLetters,
  everyObject,
  everyRow,
  tickersByAthena,
  untilFilled,
} from '../support/system-contents.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';
import { wholeMarket } from '../support/whole-market.ts';

const COLLECTED_AT = '2026-11-20T21:45:00Z';
const DEDUPLICATED_AT = '2026-11-20T22:00:00Z';
const day = parsePartition('20261120');
const answeredTables = [sotTables.acoes, sotTables.fiis, specTable];

describe.runIf(hasAws)('the system in AWS, from nothing', () => {
  let account: AwsAccount;
  let site: TestSite;
  let pynvest: (args: readonly string[], command?: string) => Promise<CommandResult>;
  let system: RunningSystem;
  let fault: (what: string) => Fault | undefined = () => undefined;
  const market: DemoAsset[] = wholeMarket({ acoes: 24, fiis: 12 });

  beforeAll(async () => {
    account = newAccount();
    site = await startTestSite(market, { fault: (what) => fault(what) });
    pynvest = commandFor(account, await newFolder());
  });
  afterAll(async () => {
    await site?.close();
  });

  const succeeds = async (args: readonly string[], command?: string): Promise<CommandResult> => {
    const result = await pynvest(args, command);
    expect(result, result.stderr).toMatchObject({ status: 0 });
    return result;
  };
  /** What each table is to hold of the market as it is now. */
  const wanted = ({ name }: Table): string[] =>
    tickersOf(
      market.filter(({ kind }) =>
        [sorTables[kind], sotTables[kind], specTable].some((table) => table.name === name),
      ),
    );

  /** That Athena has exactly one row a ticker of the market in each table that it is asked about. */
  const expectOneRowEach = async (): Promise<void> => {
    for (const table of answeredTables) {
      expect(await tickersByAthena(system, table, day), table.name).toEqual(wanted(table));
    }
  };

  test('one command of the installed package makes it', async () => {
    const { command } = await installPackage();
    const options = [
      ...['deploy', '--yes', '--format', 'json'],
      ...['--parameter', `FundamentusUrl=${site.url}`, '--parameter', 'PauseMs=0'],
      ...['--parameter', 'Concurrency=4', '--parameter', 'Retries=0'],
      ...['--parameter', 'TimeoutMs=10000'],
      // The waits between the tries of a message are the deployed ones but for their length.
      ...['--parameter', 'QueueMaxReceiveCount=3', '--parameter', 'QueueRetryWait=1'],
    ];
    const { stdout } = await succeeds(options, command);
    system = systemFrom(account, stdout);
    expect(system.outputs).toMatchObject({ WorkGroup: 'pynvest', NotificationsNeeded: 'false' });
  });

  test('a day fills all five tables through queues, events and functions alone', async () => {
    await startDay(system, COLLECTED_AT);
    await untilFilled(system, day, { tickers: wanted });
    expect(wanted(sotTables.acoes)).toHaveLength(24);
    expect(wanted(sotTables.fiis)).toHaveLength(12);
    // The listings once, and every page once.
    expect(new Set(site.requests).size).toBe(site.requests.length);
    expect(site.requests).toHaveLength(2 + market.length);
  }, 120_000);

  test('after the state machine, Athena has one row a ticker, with typed values', async () => {
    expect(await deduplicate(system, DEDUPLICATED_AT)).toBe('SUCCEEDED');
    await expectOneRowEach();
    const { sot, spec } = system.databases;
    expect(
      await ask(
        system,
        `SELECT nome_empresa, vlr_ind_p_sobre_ativ_circ_liq, vlr_ind_div_yield, anomesdia_exec
         FROM ${sot}.${sotTables.acoes.name} WHERE nome_papel = 'TUCA3'`,
      ),
    ).toEqual([['TUCANARÉ MOTORES SA', '-394.9', '0.035', '20261120']]);
    expect(
      await ask(
        system,
        `SELECT vlr_div_yield, vlr_p_sobre_vp FROM ${sot}.${sotTables.fiis.name} WHERE fii = 'DEMO11'`,
      ),
    ).toEqual([['0.086', '0.96']]);
    expect(
      await ask(
        system,
        `SELECT tipo_ativo, count(*) FROM ${spec}.${specTable.name} GROUP BY 1 ORDER BY 2`,
      ),
    ).toEqual([
      ['Fundo Imobiliário', '12'],
      ['Ação', '24'],
    ]);
  }, 60_000);

  test('the same day again is replaced, and nothing of it doubled', async () => {
    const [gone] = market.splice(20, 1);
    market.splice(0, market.length, ...priced(market, '77,25'));
    await startDay(system, COLLECTED_AT);
    await untilFilled(system, day, { tickers: wanted, price: '77.25' });
    // Nothing removes duplicates of raw text: what the day had before is gone.
    for (const table of Object.values(sorTables)) {
      expect(await tickersIn(createS3Lake(system), table, day)).toEqual(wanted(table));
    }
    expect(await deduplicate(system, DEDUPLICATED_AT)).toBe('SUCCEEDED');
    await expectOneRowEach();
    expect(wanted(specTable)).not.toContain(gone?.ticker);
    const from = `${system.databases.spec}.${specTable.name}`;
    expect(await ask(system, `SELECT DISTINCT vlr_cot, anomesdia_exec FROM ${from}`)).toEqual([
      ['77.25', '20261120'],
    ]);
  }, 150_000);

  test('a page that always fails: a dead letter, and the others of its batch are stored', async () => {
    const failing = 'VREG3';
    fault = (what) => (what === failing ? 500 : undefined);
    market.splice(0, market.length, ...priced(market, '78,25'));
    const others = (table: Table): string[] => wanted(table).filter((ticker) => ticker !== failing);
    await startDay(system, COLLECTED_AT);
    await untilFilled(system, day, { tickers: others, price: '78.25' });
    const letters = await deadLetters(system, system.outputs['AcoesDeadLetterQueueUrl']);
    expect(letters).toEqual([{ ticker: failing, tipo: 'acoes', partition: day }]);
    expect(await deduplicate(system, DEDUPLICATED_AT)).toBe('SUCCEEDED');
    for (const table of answeredTables) {
      expect(await tickersByAthena(system, table, day), table.name).toEqual(others(table));
    }
  }, 150_000);

  test('deployed again, from the clone: no changes; other code: its bundle alone goes up', async () => {
    const again = await succeeds(['deploy', '--yes']);
    expect(again.stderr).toContain('No changes');
    expect(again.stderr).not.toMatch(/Uploaded|update complete/);

    const copy = await copyOfPackage({
      'lambda-src/get-tickers.ts': (source) => source.replace("'sent'", "'sent them'"),
    });
    const changed = await succeeds(['deploy', '--yes'], copy);
    expect(changed.stderr.match(/Uploaded .*/g)).toEqual([
      expect.stringMatching(/^Uploaded .*get-tickers/),
    ]);
    expect(changed.stderr).toMatch(/~ function pynvest-lambda-get-tickers/);
    const retention = await succeeds(
      ['deploy', '--yes', '--parameter', 'LogRetentionDays=7'],
      copy,
    );
    expect(retention.stderr).toMatch(/~ log group/);
    expect(retention.stderr).not.toContain('Uploaded');
  }, 120_000);

  test('destroyed and deployed once more, it has the data that it had', async () => {
    const before = await everyRow(system, answeredTables);
    const kept = await everyObject(system);
    expect(kept.length).toBeGreaterThan(4);
    const destroyed = await succeeds(['destroy', '--yes'], commandFile);
    expect(destroyed.stderr).toContain('The data is kept:');
    expect(await everyObject(system)).toEqual(kept);

    const options = [
      ...['deploy', '--yes', '--format', 'json'],
      ...['--parameter', `FundamentusUrl=${site.url}`, '--parameter', 'PauseMs=0'],
    ];
    const { stdout, stderr } = await succeeds(options, commandFile);
    expect(stderr).toContain('Reusing what an earlier stack left');
    system = systemFrom(account, stdout);
    expect(await everyObject(system)).toEqual(kept);
    expect(await everyRow(system, answeredTables)).toEqual(before);
  }, 120_000);

  test('and goes on collecting into it', async () => {
    fault = () => undefined;
    const next = parsePartition('20261121');
    await startDay(system, '2026-11-21T21:45:00Z');
    await untilFilled(system, next, { tickers: wanted });
    for (const table of Object.values(sorTables)) {
      expect(await tickersIn(createS3Lake(system), table, next)).toEqual(wanted(table));
    }
  }, 120_000);
});
