/** What fills a lake and mends it, on the lake in a folder and on the one in AWS: the same rows come of it. */
import { writeFile } from 'node:fs/promises';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { getPartition, parsePartition } from '../../src/catalog/partition.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { formatObjectKey } from '../../src/lake/s3/layout.ts';
import { csvLines, jsonRows } from '../support/answers.ts';
import { hasAws } from '../support/aws-account.ts';
import type { CommandResult } from '../support/command.ts';
import { rowsOfAll, tickersIn } from '../support/lake-rows.ts';
import { smallMarket, tickersOf } from '../support/small-market.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';
import { startTwinLakes, type TargetName, type TwinLakes } from '../support/twin-lakes.ts';

const FRIDAY = parsePartition('20261120');
const typedTables = [...Object.values(sotTables), specTable];

describe.runIf(hasAws)('work on both lakes', () => {
  let twins: TwinLakes;
  beforeAll(async () => {
    twins = await startTwinLakes();
  }, 120_000);
  afterAll(() => twins?.close());

  /** Does it to both; answers how each ended, local first. */
  const both = async (...args: string[]): Promise<[CommandResult, CommandResult]> => [
    await twins.on('local', args),
    await twins.on('aws', args),
  ];
  /** That both ended well and printed the same. */
  const same = async (...args: string[]): Promise<CommandResult> => {
    const [local, aws] = await both(...args);
    expect(local, local.stderr).toMatchObject({ status: 0 });
    expect(aws, aws.stderr).toMatchObject({ status: 0 });
    expect(aws.stdout).toBe(local.stdout);
    return aws;
  };
  const rowsOn = (target: TargetName, day = FRIDAY) => rowsOfAll(twins.lakes[target], day);
  const kept = async (): Promise<number> => {
    const { s3, buckets } = twins.system;
    const { KeyCount: count = 0 } = await s3.send(
      new ListObjectsV2Command({ Bucket: buckets.sor, Prefix: '_runs/' }),
    );
    return count;
  };

  test('dedup now removes what is there twice', async () => {
    for (const lake of Object.values(twins.lakes)) {
      for (const table of typedTables) {
        for (const file of await lake.files(table, FRIDAY)) {
          await lake.write(
            { table, partition: FRIDAY, name: `${file.name}-again` },
            await lake.read(file),
          );
        }
      }
    }
    expect(await rowsOn('aws')).toEqual(await rowsOn('local'));
    const { stdout, stderr } = await same('dedup', 'now', '--date', '2026-11-20');
    expect(csvLines(stdout).slice(1)).toEqual([
      ['20261120', sotTables.acoes.name, '6', '3'],
      ['20261120', sotTables.fiis.name, '4', '2'],
      ['20261120', specTable.name, '10', '5'],
    ]);
    expect(stderr).toContain('2026-11-20: 10 duplicate rows removed');
    const rows = await rowsOn('aws');
    expect(rows).toEqual(await rowsOn('local'));
    expect(rows[specTable.name]).toHaveLength(5);
  });

  test('dedup now of a day without rows: status 1, and the newest day', async () => {
    for (const { status, stderr } of await both('dedup', 'now', '--date', '2026-11-18')) {
      expect({ status }).toEqual({ status: 1 });
      expect(stderr).toContain('--date 2026-11-20');
    }
  });

  test('backfill makes the typed tables again from the raw text', async () => {
    const before = await rowsOn('local');
    for (const lake of Object.values(twins.lakes)) {
      for (const table of typedTables) await lake.remove(await lake.files(table, FRIDAY));
    }
    const reports = (await kept()) + 1;
    const [local, aws] = await both('backfill', '--date', '2026-11-20', '--format', 'json');
    expect(local, local.stderr).toMatchObject({ status: 0 });
    expect(aws, aws.stderr).toMatchObject({ status: 0 });
    const told = [local, aws].map(({ stdout }) => {
      const report = JSON.parse(stdout) as Record<string, unknown>;
      return { ...report, started_at: '', seconds: 0 };
    });
    expect(told[1]).toEqual(told[0]);
    expect(await rowsOn('local')).toEqual(before);
    expect(await rowsOn('aws')).toEqual(before);
    expect(await kept()).toBe(reports);
  });

  test('run collects today, in S3 and in the catalog of Glue, and Athena answers of it', async () => {
    const today = getPartition(new Date());
    const reports = (await kept()) + 1;
    const [local, aws] = await both('run');
    expect(local, local.stderr).toMatchObject({ status: 0 });
    expect(aws, aws.stderr).toMatchObject({ status: 0 });
    expect(aws.stderr).toContain('into the stack pynvest in sa-east-1');
    const rows = await rowsOn('aws', today);
    expect(rows).toEqual(await rowsOn('local', today));
    for (const table of tables) {
      expect(await twins.lakes.aws.partitions(table), table.name).toContain(today);
    }
    expect(await kept()).toBe(reports);
    for (const { database, name } of tables) {
      const sql = `SELECT anomesdia_exec, count(*) AS n FROM ${database}.${name} GROUP BY 1 ORDER BY 1`;
      await same('query', 'sql', sql);
    }
    const quotes = await same('query', 'cotacoes', '--format', 'json');
    const tickers = jsonRows(quotes.stdout).map((row) => row[specTable.tickerColumn]);
    expect(tickers.sort()).toEqual(tickersOf(smallMarket));
  });

  test('run once more replaces the day and doubles nothing', async () => {
    const today = getPartition(new Date());
    const before = await rowsOn('aws', today);
    const aws = await twins.on('aws', ['run', '--tickers', 'TUCA3', '--quiet']);
    expect(aws, aws.stderr).toMatchObject({ status: 0 });
    expect(await rowsOn('aws', today)).toEqual(before);
  });

  test('run collects today where an old day is broken, says so, and ends with status 3', async () => {
    const table = sorTables.acoes;
    const file = { table, partition: parsePartition('20261118'), name: 'acoes-1' };
    const [model] = await twins.lakes.local.files(table, FRIDAY);
    if (model === undefined) throw new Error('the lakes have no raw text');
    for (const lake of Object.values(twins.lakes)) await lake.write(file, await lake.read(model));
    await writeFile(getFilePath(twins.root, file), 'junk');
    const { s3, buckets } = twins.system;
    const Key = formatObjectKey(file);
    await s3.send(new PutObjectCommand({ Bucket: buckets.sor, Key, Body: 'junk' }));
    const today = getPartition(new Date());
    for (const lake of Object.values(twins.lakes)) {
      await lake.remove(await lake.files(specTable, today));
    }
    for (const { status, stderr } of await both('run')) {
      expect({ status }).toEqual({ status: 3 });
      expect(stderr).toMatch(
        /! 2026-11-18, left unfinished by a run, was not completed: .*acoes-1\.parquet cannot be read as /,
      );
    }
    expect(await rowsOn('aws', today)).toEqual(await rowsOn('local', today));
    expect(await tickersIn(twins.lakes.aws, specTable, today)).toEqual(tickersOf(smallMarket));
  });
});
