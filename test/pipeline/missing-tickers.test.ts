/** A ticker that the site lists and has no page of, such as a fund that was closed. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parsePartition } from '../../src/catalog/partition.ts';
import { renderNotFoundPage } from '../../src/demo/site.ts';
import {
  isLeftOut,
  type MissingTicker,
  updateMissingTickers,
} from '../../src/pipeline/missing-tickers.ts';
import { parseMissingTickers } from '../../src/pipeline/report.ts';
import { newFolder } from '../support/folders.ts';
import { pynvest } from '../support/in-process.ts';
import { startTestSite } from '../support/site.ts';
import { funds, smallMarket, tickersOf } from '../support/small-market.ts';

const day = parsePartition('2026-11-20');
const notFound = (ticker: string) => ({ ticker, kind: 'not-found' as const, reason: '' });

describe('what is known after a run', () => {
  const before: MissingTicker[] = [
    { ticker: 'AAAA11', runs: 4, asked_on: '2026-11-19' },
    { ticker: 'BBBB11', runs: 9, asked_on: '2026-11-19' },
    { ticker: 'CCCC11', runs: 2, asked_on: '2026-11-19' },
    { ticker: 'DDDD11', runs: 2, asked_on: '2026-09-01' },
    { ticker: 'EEEE11', runs: 2, asked_on: '2026-11-19' },
  ];

  it('counts runs without a page, forgets one with a page, and keeps what was not asked for', () => {
    const asked = ['AAAA11', 'CCCC11', 'EEEE11', 'FFFF11'];
    const failed = [
      notFound('AAAA11'),
      notFound('FFFF11'),
      { ticker: 'EEEE11', kind: 'unavailable' as const, reason: '' },
    ];
    expect(updateMissingTickers(before, day, asked, { stored: ['CCCC11'], failed })).toEqual([
      { ticker: 'AAAA11', runs: 5, asked_on: '2026-11-20' },
      { ticker: 'BBBB11', runs: 9, asked_on: '2026-11-19' },
      { ticker: 'EEEE11', runs: 2, asked_on: '2026-11-19' },
      { ticker: 'FFFF11', runs: 1, asked_on: '2026-11-20' },
    ]);
  });

  it.each([
    [4, '2026-11-19', false],
    [5, '2026-11-19', true],
    [5, '2026-11-20', true],
    [5, '2026-11-14', true],
    [5, '2026-11-13', false],
    [5, '2026-11-21', false],
    [5, 'yesterday', false],
  ])('after %i runs, the last on %s, leaves it out: %s', (runs, askedOn, isOut) => {
    expect(isLeftOut({ ticker: 'AAAA11', runs, asked_on: askedOn }, day)).toBe(isOut);
  });

  it('is read from the newest report that has it', () => {
    const file = (text: string) => ({ name: 'x.json', text });
    const missing = before.slice(0, 1);
    const report = (known: unknown) =>
      file(
        JSON.stringify({
          command: 'run',
          date: '2026-11-20',
          started_at: '2026-11-20T19:00:00-03:00',
          seconds: 60,
          tickers: { asked: 2, stored: 0, failed: [], missing: known },
        }),
      );
    expect(
      parseMissingTickers([
        ...['', '{', 'null', '[]', '{"tickers":null}', '{"tickers":{"failed":[]}}'].map(file),
        report(undefined),
        report([...missing, 7, {}, null]),
        report(before),
      ]),
    ).toEqual(missing);
    expect(parseMissingTickers([])).toEqual([]);
  });
});

describe('pynvest run', () => {
  let lake: string;
  beforeEach(async () => {
    lake = await newFolder();
  });
  const [closed = ''] = tickersOf(funds);

  async function openSiteWithout(ticker: string) {
    const site = await startTestSite(smallMarket, {
      fault: (what) => (what === ticker ? { html: renderNotFoundPage() } : undefined),
    });
    onTestFinished(() => site.close());
    const run = (...args: string[]) =>
      pynvest(['run', ...args], { env: { PYNVEST_LAKE: lake, PYNVEST_FUNDAMENTUS_URL: site.url } });
    const countRequests = () => site.requests.filter((path) => path.endsWith(closed)).length;
    return { run, countRequests };
  }

  it('tells a fund without a page as a note after five runs, and does not ask for it again', async () => {
    const { run, countRequests } = await openSiteWithout(closed);
    const statuses: (number | null)[] = [];
    for (let runs = 0; runs < 4; runs += 1) statuses.push((await run()).status);
    expect(statuses).toEqual([3, 3, 3, 3]);
    const fifth = await run();
    expect(fifth.status).toBe(0);
    expect(fifth.stderr).toContain(
      `1 ticker is listed, but the site has had no page for many runs; asked for once a week: ${closed}`,
    );
    expect(countRequests()).toBe(5);

    const sixth = await run('--format', 'json');
    expect(sixth.status).toBe(0);
    expect(countRequests()).toBe(5);
    expect(JSON.parse(sixth.stdout).tickers).toMatchObject({
      asked: smallMarket.length - 1,
      failed: [],
      missing: [{ ticker: closed, runs: 5 }],
    });
    const { stdout } = await pynvest(['status', '--no-site', '--format', 'json'], {
      env: { PYNVEST_LAKE: lake },
    });
    expect(JSON.parse(stdout).last_run).toMatchObject({ without_page: [closed] });

    // By its name it is asked for, and fails.
    expect((await run('--tickers', closed)).status).toBe(1);
    expect(countRequests()).toBe(6);
    expect((await run()).status).toBe(0);
    expect(countRequests()).toBe(6);
  });
});
