/** A day of the catalog without files, for which a file comes at the last moment. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createFinding } from '../../src/health/finding.ts';
import { applyFixes } from '../../src/health/repair.ts';
import type { LakeCatalog } from '../../src/lake/inspector.ts';
import { createS3Inspector, createS3Lake } from '../../src/lake/s3/lake.ts';
import { type AwsAccount, hasAws, newAccount } from '../support/aws-account.ts';
import { type AwsLake, makeAwsLake } from '../support/aws-lake.ts';
import { day } from '../support/made-up-lake.ts';
import { specTable } from '../support/tables.ts';

describe.runIf(hasAws)('a day that is taken out of the catalog', () => {
  const partition = day('2026-11-20');
  let account: AwsAccount;
  let places: AwsLake;

  beforeAll(async () => {
    account = newAccount();
    places = await makeAwsLake(account);
  }, 60_000);

  test('is put back where its file comes between the last look and that', async () => {
    const lake = createS3Lake(places);
    const store = createS3Inspector(places);
    const { catalog } = store;
    if (catalog === undefined) throw new Error('a lake in AWS has a catalog');
    await catalog.register(specTable, partition);
    const file = { table: specTable, partition, name: 'acoes-01.cotacao' };
    const overtaken: LakeCatalog = {
      columns: (table) => catalog.columns(table),
      partitions: (table) => catalog.partitions(table),
      locationOf: (...of) => catalog.locationOf(...of),
      register: (...of) => catalog.register(...of),
      describe: (table) => catalog.describe(table),
      async forget(...of) {
        await lake.write(file, [{ codigo_ticker_ativo: 'TUCA3' }]);
        await catalog.forget(...of);
      },
    };
    const fix = { kind: 'unregister', table: specTable, partition } as const;
    const found = createFinding('partition-empty', { detail: '', partition, fix });
    const { repaired } = await applyFixes([found], {
      lake,
      store: { ...store, catalog: overtaken },
    });
    expect(repaired.map(({ outcome }) => outcome)).toEqual(['it has files by now']);
    expect(await lake.partitions(specTable)).toEqual([partition]);
  });
});
