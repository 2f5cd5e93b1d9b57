/** A past day that the deployed chain itself collected: it is finished, though its raw text stays in batches. */
import { CopyObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../src/catalog/datasets.ts';
import { formatIsoDate, getPartition, type Partition } from '../../src/catalog/partition.ts';
import { findLastTradingDay } from '../../src/catalog/trading-days.ts';
import { GlueCatalog } from '../../src/lake/s3/glue-catalog.ts';
import { createS3Lake } from '../../src/lake/s3/lake.ts';
import { jsonRows } from '../support/answers.ts';
import { hasAws } from '../support/aws-account.ts';
import { bytesInBuckets } from '../support/lake-bytes.ts';
import { rowsOf } from '../support/lake-rows.ts';
import { useOperatedSystem } from '../support/operated-system.ts';
import { sorTables, sotTables } from '../support/tables.ts';

const ISO_DAY_MS = 86_400_000;

describe.runIf(hasAws)('a past day as the chain leaves it', () => {
  const system = useOperatedSystem();
  const today = getPartition(new Date());
  const past = findLastTradingDay(getPartition(new Date(Date.now() - ISO_DAY_MS)));
  const run = (args: readonly string[]) =>
    system().run(args, { env: { PYNVEST_FUNDAMENTUS_URL: system().site.url } });

  /** Makes today a past day as well, from the quotes back: the chain finds nothing to do about it then. */
  async function copyDay(from: Partition, to: Partition): Promise<void> {
    const { s3, buckets } = system();
    const partitions = new GlueCatalog(system());
    for (const table of [...tables].reverse()) {
      const Bucket = buckets[table.layer];
      const question = { Bucket, Prefix: `${table.name}/anomesdia_exec=${from}/` };
      const { Contents = [] } = await s3.send(new ListObjectsV2Command(question));
      for (const { Key = '' } of Contents) {
        const copy = Key.replace(String(from), String(to));
        const CopySource = `${Bucket}/${Key}`;
        await s3.send(new CopyObjectCommand({ Bucket, Key: copy, CopySource }));
      }
      await partitions.register(table, to);
    }
  }

  const problems = async (...args: string[]) => {
    const { stdout, stderr, status } = await run([
      'doctor',
      '--no-site',
      '--format',
      'json',
      ...args,
    ]);
    const rows = jsonRows(stdout).filter(
      ({ status: each }) => each === 'problem' || each === 'mended',
    );
    return { rows, status, stderr };
  };

  beforeAll(async () => {
    // A ticker that is read again stays twice in the raw text.
    for (const more of [[], ['--tickers', 'TUCA3']]) {
      const { status, stderr } = await run(['run', '--remote', ...more]);
      if (status !== 0) throw new Error(stderr);
    }
    await copyDay(today, past);
  }, 180_000);

  test('has its raw text in batches, and nothing else', async () => {
    const lake = createS3Lake(system());
    const names = async (table: (typeof tables)[number]): Promise<string[]> =>
      (await lake.files(table, past)).map(({ name }) => name);
    expect(await names(sorTables.acoes)).toHaveLength(2);
    expect(await names(sotTables.acoes)).toEqual(['dedup']);
  });

  test('is no finding of the doctor, and --fix leaves every byte', async () => {
    const before = await bytesInBuckets(system()).contents();
    expect(await problems()).toMatchObject({ rows: [], status: 0 });
    expect(await problems('--fix')).toMatchObject({ rows: [], status: 0 });
    expect(await bytesInBuckets(system()).contents()).toEqual(before);
  });

  test('is not completed by the run of another day', async () => {
    const before = Object.entries(await bytesInBuckets(system()).contents());
    const { status, stderr } = await run(['run', '--target', 'aws', '--pause', '0']);
    expect(status, stderr).toBe(0);
    expect(stderr).not.toContain('Completed');
    const after = await bytesInBuckets(system()).contents();
    const ofPast = before.filter(([path]) => path.includes(String(past)));
    expect(ofPast.map(([path]) => [path, after[path]])).toEqual(ofPast);
  }, 90_000);

  test('is judged by its rows: a typed row that is not what follows is found and repaired', async () => {
    const lake = createS3Lake(system());
    const file = { table: sotTables.acoes, partition: past, name: 'dedup' };
    const rows = await rowsOf(lake, sotTables.acoes, past);
    await lake.write(
      file,
      rows.map((row) => ({ ...row, vlr_cot: 1 })),
    );
    const found = await problems();
    expect(found.rows.map(({ code }) => code)).toEqual(['typed-differs', 'quotes-differ']);
    const fixed = await problems('--fix');
    expect(fixed.status, fixed.stderr).toBe(0);
    expect(await rowsOf(lake, sotTables.acoes, past)).toEqual(rows);
  }, 90_000);

  test('has its raw text merged by a backfill, which is no finding of the doctor either', async () => {
    const { status, stderr } = await run([
      'backfill',
      '--date',
      formatIsoDate(past),
      '--target',
      'aws',
    ]);
    expect(status, stderr).toBe(0);
    const lake = createS3Lake(system());
    for (const table of [sorTables.acoes, sorTables.fiis]) {
      expect((await lake.files(table, past)).map(({ name }) => name)).toEqual(['dedup']);
    }
    expect(await problems()).toMatchObject({ rows: [], status: 0 });
  }, 90_000);
});
