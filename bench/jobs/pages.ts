/** From pages to values: one asset's page, and a listing. The peer is the Python original. */

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assets } from '../../src/catalog/asset.ts';
import { getPartition, type Partition } from '../../src/catalog/partition.ts';
import { type Ticker, toTicker } from '../../src/catalog/ticker.ts';
import { renderDetailsPage, renderListingPage } from '../../src/demo/site.ts';
import { readDetails, readLabelledValues } from '../../src/sources/fundamentus/details.ts';
import { decodePage } from '../../src/sources/fundamentus/page.ts';
import { readListing } from '../../src/sources/fundamentus/site.ts';
import { extractRow } from '../../src/transform/extract.ts';
import { prepare } from '../../src/transform/layers.ts';
import type { Context } from '../context.ts';
import type { Figure, Findings } from '../figures.ts';
import { MARKET_SIZE, marketOf } from '../market.ts';
import { type Contestant, interleave, timing } from '../measure.ts';
import { ORIGINAL_NAME, type Original, type OriginalJob, startOriginal } from '../original.ts';

interface SavedPage {
  readonly what: string;
  readonly path: string;
  readonly bytes: Buffer;
}

interface PageJob {
  readonly name: string;
  readonly work: () => unknown;
  readonly times: number;
  readonly rounds: number;
  readonly peer: { readonly job: OriginalJob; readonly times: number };
  readonly target: number;
}

export async function pagesJob(context: Context): Promise<Findings> {
  const started = await startOriginal(context);
  const original = 'original' in started ? started.original : undefined;
  const figures: Figure[] = [];
  const partition = getPartition(new Date());
  const { details, listings } = await savedPages(context);
  for (const page of details) {
    for (const job of detailsJobs(page, partition)) {
      figures.push(await compare(context, job, page, original));
    }
  }
  for (const page of listings) {
    figures.push(await compare(context, listingJob(page), page, original));
  }
  original?.close();
  return { figures, remarks: 'missing' in started ? [started.missing] : [] };
}

function detailsJobs({ what, path, bytes }: SavedPage, partition: Partition): PageJob[] {
  const ticker = tickerIn(path);
  const readAt = new Date();
  return [
    {
      name: `${what}: pairs`,
      work: () => readLabelledValues(decodePage(bytes)),
      times: 20,
      rounds: 15,
      peer: { job: 'raw', times: 2 },
      target: 0.9 / 9,
    },
    {
      name: `${what}: typed row`,
      work: () => {
        const page = readDetails(decodePage(bytes), ticker);
        return prepare(extractRow(page, partition, readAt).row, assets[page.kind].dataset);
      },
      times: 20,
      rounds: 15,
      peer: { job: 'typed', times: 2 },
      target: 0.9 / 27,
    },
  ];
}

function listingJob({ what, bytes }: SavedPage): PageJob {
  const { length } = readListing(decodePage(bytes), 'acoes').tickers;
  return {
    name: `${what}: ${length} tickers`,
    work: () => readListing(decodePage(bytes), 'acoes'),
    times: 1,
    rounds: 9,
    peer: { job: 'listing', times: 1 },
    target: 40 / 435,
  };
}

async function compare(
  context: Context,
  { name, work, times, rounds: full, peer, target }: PageJob,
  { path }: SavedPage,
  original: Original | undefined,
): Promise<Figure> {
  const rounds = context.rounds(full);
  const ours: Contestant = timing(work, times);
  if (original === undefined) {
    return { job: name, ours: (await interleave(rounds, { ours }, 3)).ours };
  }
  const theirs = original.timing(peer.job, { path, ticker: tickerIn(path) }, peer.times);
  const samples = await interleave(rounds, { ours, theirs }, 3);
  return {
    job: name,
    ours: samples.ours,
    peer: { name: ORIGINAL_NAME, sample: samples.theirs },
    target: { ratio: target },
  };
}

/** Our own pages, and real ones where PYNVEST_REFERENCE names a folder that holds them. */
async function savedPages(
  context: Context,
): Promise<{ details: SavedPage[]; listings: SavedPage[] }> {
  const folder = join(context.cache, 'pages');
  await mkdir(folder, { recursive: true });
  const market = marketOf(MARKET_SIZE);
  const year = new Date().getFullYear();
  const [stock] = market;
  const fund = market.find(({ kind }) => kind === 'fiis');
  const keep = async (what: string, name: string, html: string): Promise<SavedPage> => {
    const page = { what, path: join(folder, name), bytes: Buffer.from(html, 'latin1') };
    await writeFile(page.path, page.bytes);
    return page;
  };
  const details: SavedPage[] = [];
  for (const asset of [stock, fund]) {
    if (asset === undefined) continue;
    const what = asset.kind === 'acoes' ? 'stock page' : 'fund page';
    details.push(await keep(what, `${asset.ticker}_details.html`, renderDetailsPage(asset, year)));
  }
  const listings = [await keep('listing', 'resultado.html', renderListingPage('acoes', market))];

  const reference = process.env['PYNVEST_REFERENCE'];
  const real = async (what: string, name: string, into: SavedPage[]): Promise<void> => {
    const path = join(reference ?? '', 'site', 'pages', name);
    if (reference && existsSync(path)) into.push({ what, path, bytes: await readFile(path) });
  };
  await real('real stock page', 'wege3_details.html', details);
  await real('real listing', 'resultado.html', listings);
  return { details, listings };
}

/** The files are called after what they show. */
function tickerIn(path: string): Ticker {
  return toTicker(/(\w+)_details\.html$/.exec(path)?.[1] ?? '') ?? ('' as Ticker);
}
