/** A day whose run died is completed by the next run, whenever that comes. */

import { describe, expect, it } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { demoMarket } from '../../src/demo/market.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collect } from '../../src/pipeline/collect.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import { run } from '../../src/pipeline/run.ts';
import { findUnfinishedDays, isLeftover } from '../../src/pipeline/unfinished-days.ts';
import { createSite, defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import { newFolder } from '../support/folders.ts';
import { startTestSite } from '../support/site.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const MONDAY = parsePartition('2026-11-23');
const TUESDAY = parsePartition('2026-11-24');
const signal = new AbortController().signal;

describe('a file from the midst of a run', () => {
  it.each([
    [false, sorTables.acoes, 'acoes-1.raw', true],
    [true, sorTables.acoes, 'acoes-1.raw', false],
    [true, sotTables.fiis, 'fiis-1.prep', true],
    [true, specTable, 'acoes-1.cotacao', true],
    [true, specTable, 'dedup', false],
  ])(
    'where a finished day may hold raw batches: %s, of $1.name: %s: %s',
    (mayHoldRawBatches, table, name, expected) => {
      expect(isLeftover({ mayHoldRawBatches }, { table, name })).toBe(expected);
    },
  );
});

describe('a day that was only collected', () => {
  it('is found, is completed by the run of another day, and is found no more', async () => {
    const server = await startTestSite(demoMarket);
    try {
      const settings = { ...defaultSiteSettings, baseUrl: server.url, pauseMs: 0, backoffMs: 1 };
      const lake = createLocalLake(await newFolder());
      const source = createFundamentusSource(createSite(settings, signal));
      const common = { source, lake, concurrency: 2, signal };
      const now = (): Date => new Date('2026-11-23T21:45:00Z');
      const { keys } = await source.list(assets.acoes.dataset);
      await collect({ ...common, partition: MONDAY, keys, now });
      expect(await findUnfinishedDays(lake)).toEqual([MONDAY]);
      expect(await findUnfinishedDays(lake, MONDAY)).toEqual([]);

      const completed: number[] = [];
      await run({
        ...common,
        partition: TUESDAY,
        selection: { datasets: [assets.fiis.dataset] },
        now,
        events: { onCompleted: (day) => completed.push(day) },
      });
      expect(completed).toEqual([MONDAY]);
      expect(await findUnfinishedDays(lake)).toEqual([]);
      for (const table of [sorTables.acoes, sotTables.acoes, specTable]) {
        const [file, ...more] = await lake.files(table, MONDAY);
        expect(more).toEqual([]);
        expect(file && (await lake.read(file)).length).toBe(keys.length);
      }
    } finally {
      await server.close();
    }
  });
});
