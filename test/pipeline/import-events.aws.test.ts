import { beforeAll, describe, expect, test } from 'vitest';
import { getTable } from '../../src/catalog/dataset.ts';
import { companyEvents, dividends } from '../../src/catalog/datasets/corporate-events.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import type { ColumnarLake } from '../../src/lake/lake.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createS3Lake, readS3Note, writeS3Note } from '../../src/lake/s3/lake.ts';
import { importEvents } from '../../src/pipeline/import-events.ts';
import type { ImportNotes } from '../../src/pipeline/imported-years.ts';
import { hasAws, newAccount } from '../support/aws-account.ts';
import { type AwsLake, makeAwsLake } from '../support/aws-lake.ts';
import { newFolder } from '../support/folders.ts';

const tables = [getTable(dividends, 'sor'), getTable(companyEvents, 'sor')];

function importInto(lake: ColumnarLake, notes: ImportNotes, amount: string) {
  return importEvents({
    assets: [{ ticker: parseTicker('TUCA3'), kind: 'acoes' }],
    ...{ lake, notes, concurrency: 2, again: true, signal: new AbortController().signal },
    now: () => new Date('2026-11-20T12:00:00Z'),
    onKey: () => undefined,
    site: {
      dividends: async () => [
        {
          ...{ comDay: '15/03/2024', type: 'DIVIDENDO', amount, paymentDay: '-', unitCount: '1' },
          others: {},
        },
      ],
    },
    companies: { events: async () => [] },
  });
}

async function readTables(lake: ColumnarLake): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const table of tables) {
    for (const year of await lake.partitions(table)) {
      for (const file of await lake.files(table, year)) found.push([year, await lake.read(file)]);
    }
  }
  return found;
}

describe.runIf(hasAws)('an import of events into AWS', () => {
  let aws: AwsLake;

  beforeAll(async () => {
    aws = await makeAwsLake(newAccount());
  });

  test('stores and marks the rows of a local lake, in partitions of the catalog', async () => {
    const remote = createS3Lake(aws);
    const local = createLocalLake(await newFolder());
    const notes: ImportNotes = {
      read: (name) => readS3Note(aws.s3, aws.buckets.sor, name),
      write: (name, text) => writeS3Note(aws.s3, aws.buckets.sor, name, text),
    };
    const noNotes: ImportNotes = { read: async () => undefined, write: async () => undefined };
    for (const amount of ['0,10', '0,20', '0,20']) {
      const expected = await importInto(local, noNotes, amount);
      expect(await importInto(remote, notes, amount)).toEqual(expected);
      const rows = await readTables(remote);
      expect(rows).toEqual(await readTables(local));
    }
    expect(await readTables(remote)).toMatchObject([
      [2024, [{ situacao: 'ausente' }, { situacao: 'vigente' }]],
    ]);
  });
});
