/** Days collected in this process: the real lake, the real client, the tests' site. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { indicators } from '../../src/catalog/datasets.ts';
import {
  formatIsoDate,
  getPartition,
  type Partition,
  parsePartition,
} from '../../src/catalog/partition.ts';
import type { DemoAsset } from '../../src/demo/market.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { createFundamentusSource } from '../../src/pipeline/data-source.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { type RunRequest, run } from '../../src/pipeline/run.ts';
import { createSite, defaultSiteSettings } from '../../src/sources/fundamentus/site.ts';
import { filesBelow, newFolder } from './folders.ts';
import { startTestSite, type TestSiteOptions } from './site.ts';
import { smallMarket } from './small-market.ts';

export const someDay = parsePartition('2026-11-20');

/** Never aborted. */
export const noSignal = new AbortController().signal;

/** A clock that goes on by a second each time it is asked. */
export function clockFrom(iso: string): () => Date {
  let next = Date.parse(iso);
  return () => {
    next += 1000;
    return new Date(next);
  };
}

const startedAt = Date.now();

/**
 * A clock at 18:45 of a day in São Paulo, or as late as it is where that is yet to come. It goes on as the real
 * one does: a later run reads later.
 */
export function eveningOf(partition: Partition): () => Date {
  const evening = Math.min(Date.parse(`${formatIsoDate(partition)}T21:45:00Z`), startedAt);
  return () => new Date(evening + Date.now() - startedAt);
}

/** The client of a site, hurried; a request that fails is sent again once unless said otherwise. */
export function clientOf(url: string, { retries = 1, signal = noSignal } = {}) {
  const settings = { ...defaultSiteSettings, baseUrl: url, pauseMs: 0, backoffMs: 1, retries };
  return createSite(settings, signal);
}

export interface DayOptions extends Partial<Omit<RunRequest, 'source' | 'lake'>>, TestSiteOptions {
  readonly retries?: number;
}

/** Collects a day of a market into the lake at `root`, with a site that is there for it alone. */
export async function collectDay(
  root: string,
  assets: readonly DemoAsset[],
  { retries = 1, year = 2026, fault, latencyMs = 0, ...request }: DayOptions = {},
): Promise<RunReport> {
  const site = await startTestSite(assets, { year, latencyMs, ...(fault ? { fault } : {}) });
  const signal = request.signal ?? noSignal;
  try {
    return await run({
      source: createFundamentusSource(clientOf(site.url, { retries, signal })),
      lake: createLocalLake(root),
      partition: someDay,
      selection: { datasets: indicators },
      concurrency: 4,
      now: eveningOf(request.partition ?? someDay),
      ...request,
      signal,
    });
  } finally {
    await site.close();
  }
}

/** The files of a lake with `someDay` of the small market, by their paths in it. */
let smallDay: Promise<ReadonlyMap<string, Buffer>> | undefined;

async function collectSmallDay(): Promise<ReadonlyMap<string, Buffer>> {
  const root = await newFolder();
  await collectDay(root, smallMarket);
  const paths = await filesBelow(root);
  return new Map(paths.map((path) => [path, readFileSync(join(root, path))]));
}

/** A lake with `someDay` of the small market, where a test does not need the collection itself. */
export async function newCollectedLake(): Promise<string> {
  smallDay ??= collectSmallDay();
  const root = await newFolder();
  for (const [path, bytes] of await smallDay) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  return root;
}

/** Waits where midnight in São Paulo is so near that a test of today could begin before and end after. */
export async function awayFromMidnight(minutes: number): Promise<void> {
  const soon = (): Date => new Date(Date.now() + minutes * 60_000);
  while (getPartition(soon()) !== getPartition(new Date())) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
