/**
 * A lake with ten assets of the demo's market over ten years, as a report shows them. Nothing in it depends on the
 * clock.
 */
import type { DemoAsset } from '../../src/demo/market.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { collectDay } from './days.ts';
import { demoAsset } from './demo-assets.ts';
import { newFolder } from './folders.ts';
import { writeLongHistory } from './long-history.ts';
import { day } from './made-up-lake.ts';

export const reportTickers = [
  ...['TUCA3', 'JABU4', 'ARAF4', 'PEQI3', 'MANG3', 'IPED3', 'BSAB4'],
  ...['DEMO11', 'XPTO11', 'FIKT11'],
];

/** @param others assets whose pages alone are in the lake */
export async function createReportLake(
  tickers: readonly string[] = reportTickers,
  from = '2016-11-21',
  others: readonly DemoAsset[] = [],
): Promise<string> {
  const root = await newFolder();
  const readAt = new Date('2026-11-19T21:45:00.000Z');
  await collectDay(root, [...tickers.map(demoAsset), ...others], {
    partition: day('2026-11-19'),
    now: () => readAt,
  });
  await writeLongHistory(createLocalLake(root), { tickers, from, to: '2026-11-19' });
  return root;
}
