/**
 * Pages made to exhaust their reader, each as large as the limits allow. Whatever a page has, it is read, or refused as
 * no page of the site, in a bounded multiple of the time that an ordinary page takes: what the bounds replaced took
 * 50,000 times as long and more.
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../bench/random.ts';
import { assets } from '../../../src/catalog/asset.ts';
import { demoMarket } from '../../../src/demo/market.ts';
import { renderDetailsPage, renderListingPage } from '../../../src/demo/site.ts';
import { NotAPageError, SiteError } from '../../../src/errors.ts';
import { readDetails } from '../../../src/sources/fundamentus/details.ts';
import { DETAILS_LIMITS, LISTING_LIMITS } from '../../../src/sources/fundamentus/html.ts';
import { decodePage } from '../../../src/sources/fundamentus/page.ts';
import { readListing } from '../../../src/sources/fundamentus/site.ts';
import { extractRow } from '../../../src/transform/extract.ts';
import { prepare } from '../../../src/transform/layers.ts';
import { someDay } from '../../support/days.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { clientOf, reasonOf, TUCA3 } from '../../support/impatient-client.ts';
import { serve } from '../../support/raw-server.ts';

const END = '</html>';
const ordinary = renderDetailsPage(demoAsset('TUCA3'), 2026);

/** The typed row of a page, as `run` makes it; a page that cannot be read ends in an error of the site alone. */
function readToRow(html: string): 'read' | SiteError {
  try {
    const page = readDetails(decodePage(Buffer.from(html, 'latin1')), TUCA3);
    prepare(extractRow(page, someDay, new Date()).row, assets[page.kind].dataset);
    return 'read';
  } catch (error) {
    if (error instanceof SiteError) return error;
    throw error;
  }
}

function readAsListing(html: string): 'read' | SiteError {
  try {
    readListing(decodePage(Buffer.from(html, 'latin1')), 'acoes');
    return 'read';
  } catch (error) {
    if (error instanceof SiteError) return error;
    throw error;
  }
}

/**
 * The shortest of a few times, in milliseconds: the machine has other work, too. One that is within a limit is short
 * enough, and the last.
 */
function timeOf(work: () => unknown, { rounds = 3, limit = 0 } = {}): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds && shortest >= limit; round += 1) {
    const start = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

/** Far above what is measured here (at most some 500), since the machine may be busy, and far below the 50,000. */
const MAX_RATIO = 4_000;

/** A tag, repeated until the page is as large as it may be. */
function fill(start: string, repeated: string, { bytes }: { readonly bytes: number }): string {
  const times = Math.floor((bytes - start.length - END.length) / repeated.length);
  return `${start}${repeated.repeat(Math.max(times, 0))}${END}`;
}

const inPage = (start: string, repeated: string): string => fill(start, repeated, DETAILS_LIMITS);
const TABLE = '<table class="w728"><tr>';
const OPEN_CELL = `${TABLE}<td class="data">`;
const pair = (label: string, value: string): string =>
  `<td class="label"><span class="txt">${label}</span></td><td class="data"><span class="txt">${value}</span></td>`;

/** Refused before they are read to their end. */
const endless: Readonly<Record<string, string>> = {
  'nested divisions': inPage('', '<div>'),
  'nested tables': inPage('', TABLE),
  'nested words': inPage(OPEN_CELL, '<b>x'),
  'more labels than a page has': inPage(TABLE, `${pair('P/L', '1')}</tr><tr>`),
  'cells that span all rows and many columns': inPage(
    `${TABLE}${'<td class="label" rowspan="0" colspan="1000">L</td>'.repeat(300)}</tr>`,
    '<tr><td class="data">1</td></tr>',
  ),
  'cells that span all rows': inPage(
    `${TABLE}${'<td class="label" rowspan="0">L</td>'.repeat(900)}</tr>`,
    '<tr><td class="data">1</td></tr>',
  ),
  'text inside many cells': `${OPEN_CELL.repeat(16)}${'x '.repeat(240_000)}${END}`,
  'character references inside many cells': `${OPEN_CELL.repeat(16)}${'&'.repeat(480_000)}${END}`,
};

/** Read in full: what they have is bounded by their size alone. */
const costly: Readonly<Record<string, string>> = {
  'white space in a value': ordinary.replace('</td>', `${' '.repeat(450_000)}</td>`),
  'digits in a value': ordinary.replace(/\d+,\d\d/, `1${'.234'.repeat(110_000)}x`),
  'a long name': ordinary.replace('</title>', `${'N'.repeat(450_000)}</title>`),
  'a long style': inPage(`${TABLE}<td class="label" style="`, ';'),
  'long styles around a text': `${`${TABLE}<td class="data" style="${';'.repeat(30_000)}">`.repeat(16)}x${END}`,
  'many attributes': `${TABLE}<td ${Array.from({ length: 70_000 }, (_, index) => `a${index}`).join(' ')}>${END}`,
  'tables inside deep elements': `${OPEN_CELL}${'<div>'.repeat(40)}${'<table></table>'.repeat(19_000)}${END}`,
  'headings inside headings': inPage('<h1>'.repeat(45), 'erro x '),
  'many headings': `${'<h1>x</h1>'.repeat(9_900)}${END}`,
  'brackets without a tag': inPage('', '<'),
  'comments that do not end': inPage('', '<!--'),
  'end tags without a start': inPage(`${OPEN_CELL}${'<div>'.repeat(40)}`, '</x>'),
  'half of a character': inPage('', '\u00E2\u0082'),
  'marks inside labels': `${TABLE}${`<td class="label">${'<span class="txt">'.repeat(40)}</td>`.repeat(400)}${END}`,
};

describe('a hostile page', () => {
  readToRow(ordinary);
  const limit = MAX_RATIO * timeOf(() => readToRow(ordinary), { rounds: 20 });

  it.each(Object.entries(endless))('(%s) is refused, in bounded time', (_, html) => {
    let outcome: unknown;
    const read = (): void => {
      outcome = readToRow(html);
    };
    expect(timeOf(read, { limit })).toBeLessThan(limit);
    expect(outcome).toBeInstanceOf(NotAPageError);
    expect(outcome).toMatchObject({
      kind: 'not-a-page',
      message: expect.stringMatching(/^TUCA3: the answer is not a page of the site: /),
    });
  });

  it.each(Object.entries(costly))('(%s) is read in bounded time', (_, html) => {
    expect(html.length).toBeLessThanOrEqual(DETAILS_LIMITS.bytes);
    expect(timeOf(() => readToRow(html), { limit })).toBeLessThan(limit);
  });

  it('of any parts is read or refused in bounded time', () => {
    const random = randomFrom(20261120);
    const parts = [
      ...['<table class="w728">', '<tr>', '<td class="label">', '<td class="data">', '</td>'],
      ...['<td class="nivel1" colspan="900">', '<td rowspan="0">', '</tr>', '</table>', '<h2>'],
      ...['<span class="txt">', '<b style="display:none">', '&amp;', '&#', '<!--', '-->', '<svg>'],
      ...['Papel', 'TUCA3', '1.234,56', '%', ' ', '"', "'", '<script>', '</script>', '<p>', '<'],
    ];
    const any = (): string => parts[Math.floor(random() * parts.length)] ?? '';
    for (let page = 0; page < 30; page += 1) {
      const head = Array.from({ length: 40 }, any).join('');
      const repeated = Array.from({ length: 1 + Math.floor(random() * 8) }, any).join('');
      const html = inPage(head, repeated === '' ? 'x' : repeated);
      expect(
        timeOf(() => readToRow(html), { rounds: 1 }),
        html.slice(0, 900),
      ).toBeLessThan(limit);
    }
  });
});

describe('a hostile listing', () => {
  const market = Array.from({ length: 60 }, () => demoMarket).flat();
  const listing = renderListingPage('acoes', market);
  const limit =
    100 * timeOf(() => readAsListing(listing)) * (LISTING_LIMITS.bytes / listing.length);
  const link = '<a href="?papel=ABCD3"></a>';
  const deep = '<div>'.repeat(40);

  it.each([
    ['links', fill('<table class="resultado">', link, LISTING_LIMITS)],
    ['links in deep elements', fill(`<table class="resultado">${deep}`, link, LISTING_LIMITS)],
    ['links without a table', fill(deep, link, LISTING_LIMITS)],
    ['text in headings', fill('<h1>'.repeat(45), 'erro ', LISTING_LIMITS)],
    ['nested divisions', fill('<table class="resultado">', '<div>', LISTING_LIMITS)],
    ['rows', fill('<table class="resultado">', '<tr><td>', LISTING_LIMITS)],
  ])('(%s) takes no more than some listings of its size', (_, html) => {
    expect(timeOf(() => readAsListing(html), { limit })).toBeLessThan(limit);
  });
});

describe('an answer larger than a page', () => {
  /** 256 MB of blanks in 260 KB: a compressed file may have many parts. */
  const bomb = Buffer.concat(Array(256).fill(gzipSync(Buffer.alloc(1 << 20, ' '))));

  it.each(['details', 'listing'] as const)('is not decompressed to its end (%s)', async (what) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const client = clientOf(url, { retries: 2 });
    const before = process.memoryUsage().rss;
    const asking = what === 'details' ? client.details(TUCA3) : client.listing('acoes');
    const reason = await reasonOf(asking);
    expect(reason).toBeInstanceOf(NotAPageError);
    const { bytes } = what === 'details' ? DETAILS_LIMITS : LISTING_LIMITS;
    expect(reason).toMatchObject({ message: expect.stringContaining(`more than ${bytes} bytes`) });
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  it('is not received to its end, and asked for once', async () => {
    let [sent, requests] = [0, 0];
    const part = '<tr>'.repeat(16_384);
    const url = await serve((_, response) => {
      requests += 1;
      const write = (): void => {
        while (!response.destroyed && response.write(part)) sent += part.length;
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    });
    expect(await reasonOf(clientOf(url, { retries: 2 }).details(TUCA3))).toBeInstanceOf(
      NotAPageError,
    );
    expect(requests).toBe(1);
    expect(sent).toBeLessThan(DETAILS_LIMITS.bytes * 20);
  });
});
