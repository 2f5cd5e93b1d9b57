/**
 * The lake of the golden files: three sessions of a few assets of the demo's market, and the history of a small
 * exchange. Nothing in it depends on the clock.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { formatCotahist, formatRecord } from './cotahist.ts';
import { collectDay } from './days.ts';
import { demoAsset } from './demo-assets.ts';
import { writeExchange } from './exchange.ts';
import { newFolder } from './folders.ts';
import { day } from './made-up-lake.ts';
import { withValues } from './small-market.ts';

/** Stocks, one with minus signs, a bank, a fund with properties and one without. */
export const goldenTickers = ['TUCA3', 'MANG3', 'BSAB4', 'DEMO11', 'FIKT11'] as const;

const SESSIONS: readonly (readonly [
  iso: string,
  printed: string,
  price: string,
  change: string,
])[] = [
  ['2026-11-17', '17/11/2026', '38,10', '-0,66%'],
  ['2026-11-18', '18/11/2026', '38,50', '1,05%'],
  ['2026-11-19', '19/11/2026', '38,72', '0,57%'],
];

/** A folder with files of B3's prices, of two years. */
export async function writeGoldenFiles(): Promise<string> {
  const folder = await newFolder();
  for (const year of [2023, 2024]) {
    const records = [`${year}0103`, `${year}0104`].map((each) => formatRecord({ day: each }));
    await writeFile(join(folder, `COTAHIST_A${year}.TXT`), formatCotahist(records, { year }));
  }
  return folder;
}

/** A new lake with the same rows each time. */
export async function createGoldenLake(): Promise<string> {
  const root = await newFolder();
  const assets = goldenTickers.map(demoAsset);
  for (const [iso, printed, price, change] of SESSIONS) {
    const market = assets.map((asset) =>
      withValues(asset, {
        'Data últ cot': printed,
        ...(asset.ticker === 'TUCA3' ? { Cotação: price, Dia: change } : {}),
      }),
    );
    const readAt = new Date(`${iso}T21:45:00.000Z`);
    await collectDay(root, market, { partition: day(iso), now: () => readAt });
  }
  await writeExchange(createLocalLake(root));
  return root;
}
