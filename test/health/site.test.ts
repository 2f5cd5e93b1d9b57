/** The site as `doctor` and `status` see it: its listings, and one page of each kind of asset. */
import { describe, expect, test } from 'vitest';
import { demoMarket } from '../../src/demo/market.ts';
import { renderDetailsPage } from '../../src/demo/site.ts';
import { examineSite } from '../../src/health/doctor.ts';
import { createFacts } from '../../src/health/facts/model.ts';
import { readSite } from '../../src/health/facts/read-site.ts';
import { assess } from '../../src/health/rules/rules.ts';
import { demoAsset } from '../support/demo-assets.ts';
import { pageOf } from '../support/handmade-page.ts';
import { clientOf, openSite } from '../support/impatient-client.ts';
import type { Fault, TestSite } from '../support/site.ts';

const now = new Date('2026-11-25T12:00:00Z');
const stocks = demoMarket.filter(({ kind }) => kind === 'acoes').map(({ ticker }) => ticker);
const isPage = (what: string): boolean => what !== 'acoes' && what !== 'fiis';
const isStock = (what: string): boolean => stocks.includes(what);

const newLayout = (ticker: string): Fault => ({ html: pageOf(`<h1>${ticker}</h1>P/L 4,56`) });

async function doctorOf(site: TestSite) {
  const findings = await examineSite(clientOf(site.url, { retries: 1 }), site.url, now);
  return findings.map(({ code, severity, subject, detail, remedy }) => {
    return { code, severity, subject, detail, remedy };
  });
}

async function statusOf(site: TestSite): Promise<string[]> {
  const facts = await readSite(clientOf(site.url, { retries: 0 }), now);
  const findings = assess('status', createFacts('local', now, { site: { value: facts } }));
  return findings.map(({ code, severity, subject }) => `${severity} ${code} ${subject}`);
}

function pagesAskedFor({ requests }: TestSite): string[] {
  return requests.flatMap((path) => /papel=(.*)/.exec(path)?.[1] ?? []);
}

describe('one page of each kind', () => {
  test('that can be read is named by doctor, and asked for once', async () => {
    const site = await openSite();
    expect(await doctorOf(site)).toEqual([
      expect.objectContaining({
        code: 'site',
        subject: 'acoes',
        detail: expect.stringMatching(/^8 tickers at http:.*; the page of \w+ is readable$/),
      }),
      expect.objectContaining({ code: 'site', severity: 'ok', subject: 'fiis' }),
    ]);
    expect(pagesAskedFor(site)).toHaveLength(2);
    expect(await statusOf(site)).toEqual([]);
  });

  test('in another layout is a problem of both commands, though the listings come', async () => {
    const site = await openSite({ fault: (what) => (isStock(what) ? newLayout(what) : undefined) });
    expect(await doctorOf(site)).toEqual([
      {
        code: 'site-layout',
        severity: 'problem',
        subject: 'acoes',
        detail: expect.stringMatching(/^\w+: the page has another layout/),
        remedy: expect.stringMatching(/newer version/),
      },
      expect.objectContaining({ code: 'site', subject: 'fiis' }),
    ]);
    // Not retried: three stocks in all, and a fund.
    expect(pagesAskedFor(site)).toHaveLength(4);
    expect(await statusOf(site)).toEqual(['problem site-layout acoes']);
  });

  test('that says next to nothing is another layout as well', async () => {
    const html = pageOf('<table class="w728"><tr></tr></table>');
    const site = await openSite({ fault: (what) => (isPage(what) ? { html } : undefined) });
    expect((await doctorOf(site)).map(({ code }) => code)).toEqual(['site-layout', 'site-layout']);
  });

  test.each([
    ['a refusal', 403, 'site-blocked'],
    ['a captcha', 'no-tables', 'site-blocked'],
    ['a redirect to another site', { redirect: 'http://other.invalid/' }, 'site-redirected'],
    ['a status of a CDN', 522, 'site-unavailable'],
    ['an error page', { html: pageOf('Erro ao conectar ao banco de dados') }, 'site-unavailable'],
  ] as const)('that is %s is told as such, and no other page asked for', async (_, fault, code) => {
    const site = await openSite({ fault: (what) => (isPage(what) ? fault : undefined) });
    expect((await doctorOf(site)).map((each) => each.code)).toEqual([code, code]);
    expect(new Set(pagesAskedFor(site)).size).toBe(2);
    expect(await statusOf(site)).toEqual([]);
  });

  test('that a single asset lacks, or shows of another, is no fault of the site', async () => {
    const middle = [...stocks].sort()[Math.floor(stocks.length / 2)];
    const other: Fault = { html: renderDetailsPage(demoAsset('TUCA3'), 2026) };
    const missing: Fault = { html: pageOf('<h1>Nenhum papel encontrado</h1>') };
    for (const fault of [other, missing]) {
      const site = await openSite({ fault: (what) => (what === middle ? fault : undefined) });
      expect((await doctorOf(site)).map(({ code }) => code)).toEqual(['site', 'site']);
      expect(pagesAskedFor(site)).toHaveLength(3);
    }
  });

  test('that no listed ticker has is a note of both commands, after three', async () => {
    const missing: Fault = { html: pageOf('<h1>Nenhum papel encontrado</h1>') };
    const site = await openSite({ fault: (what) => (isStock(what) ? missing : undefined) });
    expect(await doctorOf(site)).toEqual([
      {
        code: 'site-no-page',
        severity: 'note',
        subject: 'acoes',
        detail: expect.stringMatching(/^the site lists \w+, \w+, \w+, and has no page of them$/),
        remedy: 'A run asks for all tickers, and names those without a page.',
      },
      expect.objectContaining({ code: 'site', subject: 'fiis' }),
    ]);
    expect(pagesAskedFor(site)).toHaveLength(4);
    expect(await statusOf(site)).toEqual(['note site-no-page acoes']);
  });

  test('in another layout counts, also where other tickers have none', async () => {
    const missing: Fault = { html: pageOf('<h1>Nenhum papel encontrado</h1>') };
    const last = [...stocks].sort()[Math.floor((stocks.length * 3) / 4)];
    const site = await openSite({
      fault: (what) => (isStock(what) ? (what === last ? newLayout(what) : missing) : undefined),
    });
    expect(await statusOf(site)).toEqual(['problem site-layout acoes']);
  });

  test('is not asked for where the listing cannot be read', async () => {
    const site = await openSite({ fault: (what) => (what === 'fiis' ? 'no-tables' : undefined) });
    expect((await doctorOf(site)).map(({ code }) => code)).toEqual(['site', 'site-blocked']);
    expect(pagesAskedFor(site)).toHaveLength(1);
    expect(await statusOf(site)).toEqual(['note site-no-answer ']);
  });
});
