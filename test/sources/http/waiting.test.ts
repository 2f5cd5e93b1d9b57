import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { parseTicker } from '../../../src/catalog/ticker.ts';
import { SiteBlockedError, SiteUnavailableError } from '../../../src/errors.ts';
import { clientOf, openSite, reasonOf, TUCA3 } from '../../support/impatient-client.ts';
import type { Fault } from '../../support/site.ts';

const FOREVER_MS = 600_000;
const MANG3 = parseTicker('MANG3');

/** A site whose first answer is `fault`, and when each of its answers was due. */
async function faultyOnce(fault: Fault, only = 'TUCA3') {
  const answeredAt: { what: string; at: number }[] = [];
  const site = await openSite({
    fault: (what, attempt) => {
      answeredAt.push({ what, at: Date.now() });
      return what === only && attempt === 1 ? fault : undefined;
    },
  });
  return { site, answeredAt };
}

describe('the client that the site asks to wait', () => {
  it.each([429, 503])('(status %i) waits as many seconds', async (status) => {
    const { site, answeredAt } = await faultyOnce({ status, retryAfter: '1' });
    await clientOf(site.url).details(TUCA3);
    const [first, second] = answeredAt;
    expect(answeredAt).toHaveLength(2);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(950);
  });

  it('waits until the date that the site names', async () => {
    const until = new Date(Date.now() + 2000).toUTCString();
    const { site, answeredAt } = await faultyOnce({ status: 503, retryAfter: until });
    await clientOf(site.url).details(TUCA3);
    expect(answeredAt).toHaveLength(2);
    expect(answeredAt[1]?.at).toBeGreaterThanOrEqual(Date.parse(until) - 50);
  });

  it('asks for no other page meanwhile', async () => {
    const { site, answeredAt } = await faultyOnce({ status: 429, retryAfter: '1' });
    const client = clientOf(site.url, { concurrency: 1 });
    await Promise.all([client.details(TUCA3), client.details(MANG3)]);
    const refusedAt = answeredAt[0]?.at ?? 0;
    expect(answeredAt.map(({ what }) => what).sort()).toEqual(['MANG3', 'TUCA3', 'TUCA3']);
    for (const { at } of answeredAt.slice(1)) expect(at - refusedAt).toBeGreaterThanOrEqual(950);
  });

  it('longer than a run may last leaves the site alone, and says so', async () => {
    const { site } = await faultyOnce({ status: 429, retryAfter: '3600' });
    const reason = await reasonOf(clientOf(site.url).details(TUCA3));
    expect(reason).toBeInstanceOf(SiteBlockedError);
    expect(reason).toMatchObject({
      message: expect.stringContaining('3600 s'),
      retryAfterMs: 3_600_000,
    });
    expect(site.requests).toHaveLength(1);
  });

  it('in words that nobody understands falls back on its own waits', async () => {
    const { site } = await faultyOnce({ status: 503, retryAfter: 'soon' });
    await clientOf(site.url).details(TUCA3);
    expect(site.requests).toHaveLength(2);
  });
});

describe('the client that is aborted', () => {
  const reason = new Error('enough');

  /** Asks for a page, and aborts once the site has been asked and some time has passed. */
  async function abortedAfter(fault: Fault, settings: Parameters<typeof clientOf>[1]) {
    const controller = new AbortController();
    const site = await openSite({ fault: () => fault });
    const rejection = reasonOf(clientOf(site.url, settings, controller.signal).details(TUCA3));
    await vi.waitFor(() => expect(site.requests).toHaveLength(1));
    await sleep(100);
    controller.abort(reason);
    return { rejection: await rejection, requests: site.requests };
  }

  // The waits are longer than a test may take: to pass, an abort must end them.
  it('while the site does not answer rejects with the reason', async () => {
    const { rejection, requests } = await abortedAfter('hang', { timeoutMs: FOREVER_MS });
    expect(rejection).toBe(reason);
    expect(requests).toHaveLength(1);
  });

  it('while it waits to ask again rejects with the reason', async () => {
    const { rejection, requests } = await abortedAfter(503, { backoffMs: FOREVER_MS });
    expect(rejection).toBe(reason);
    expect(requests).toHaveLength(1);
  });

  it('while the site has it wait rejects with the reason', async () => {
    const fault = { status: 429, retryAfter: '100' };
    const { rejection, requests } = await abortedAfter(fault, {});
    expect(rejection).toBe(reason);
    expect(requests).toHaveLength(1);
  });

  it('while it pauses rejects with the reason', async () => {
    const controller = new AbortController();
    const site = await openSite();
    const settings = { concurrency: 1, pauseMs: FOREVER_MS };
    const client = clientOf(site.url, settings, controller.signal);
    await client.details(TUCA3);
    const rejection = reasonOf(client.details(MANG3));
    await sleep(20);
    controller.abort(reason);
    expect(await rejection).toBe(reason);
    expect(site.requests).toHaveLength(1);
  });

  it('rejects every call under way, and asks for none of those that wait', async () => {
    const controller = new AbortController();
    const site = await openSite({ fault: () => 'hang' });
    const settings = { concurrency: 2, timeoutMs: FOREVER_MS };
    const client = clientOf(site.url, settings, controller.signal);
    const rejections = [1, 2, 3, 4, 5].map(() => reasonOf(client.details(TUCA3)));
    await vi.waitFor(() => expect(site.requests).toHaveLength(2));
    controller.abort(reason);
    expect(await Promise.all(rejections)).toEqual(Array(5).fill(reason));
    expect(site.requests).toHaveLength(2);
  });

  it('beforehand asks for nothing', async () => {
    const site = await openSite();
    const client = clientOf(site.url, {}, AbortSignal.abort(reason));
    expect(await reasonOf(client.listing('acoes'))).toBe(reason);
    expect(await reasonOf(client.details(TUCA3))).toBe(reason);
    expect(site.requests).toEqual([]);
  });

  it('is told apart from a site that is slow', async () => {
    const site = await openSite({ fault: () => 'hang' });
    const slow = await reasonOf(clientOf(site.url, { retries: 0, timeoutMs: 50 }).details(TUCA3));
    expect(slow).toBeInstanceOf(SiteUnavailableError);
  });
});
