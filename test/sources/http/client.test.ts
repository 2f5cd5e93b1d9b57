/** The HTTP client by itself: bytes and streams of any source. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SiteBlockedError, SiteUnavailableError } from '../../../src/errors.ts';
import { createHttpClient, type HttpClient } from '../../../src/sources/http/client.ts';
import type { HttpSettings } from '../../../src/sources/http/settings.ts';
import { reasonOf } from '../../support/impatient-client.ts';
import { deadUrl, serve } from '../../support/raw-server.ts';

const request = { path: 'prices.zip', subject: 'the prices of 2026', maxBytes: 1_000 };

function clientAt(baseUrl: string, changes: Partial<HttpSettings> = {}): HttpClient {
  const settings: HttpSettings = {
    baseUrl,
    urlVariable: 'PYNVEST_PRICES_URL',
    headers: { accept: 'application/zip' },
    userAgent: 'Mozilla/5.0 (test)',
    concurrency: 2,
    pauseMs: 0,
    timeoutMs: 10_000,
    retries: 2,
    backoffMs: 1,
    ...changes,
  };
  return createHttpClient(settings, new AbortController().signal);
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe('a source of its own', () => {
  it('sends its headers and gets the bytes as they are', async () => {
    const accepted: unknown[] = [];
    const url = await serve(({ url: path, headers }, response) => {
      accepted.push([path, headers.accept, headers['user-agent']]);
      response.end(Buffer.from([0, 0xff, 0x80]));
    });
    const bytes = await clientAt(url).getBytes(request, (body) => [...body]);
    expect(bytes).toEqual([0, 0xff, 0x80]);
    expect(accepted).toEqual([['/prices.zip', 'application/zip', 'Mozilla/5.0 (test)']]);
  });

  it('is named by its own subject and its own variable', async () => {
    const url = await deadUrl();
    expect(await reasonOf(clientAt(url).getBytes(request, String))).toMatchObject({
      message: `the prices of 2026: cannot reach ${url} (ECONNREFUSED)`,
      hint: expect.stringContaining('PYNVEST_PRICES_URL'),
    });
  });
});

describe('a stream', () => {
  it('arrives in chunks, before its end is sent', async () => {
    let finish = (): void => undefined;
    const url = await serve((_, response) => {
      response.write('first');
      finish = () => response.end('second');
    });
    const chunks: string[] = [];
    await clientAt(url).getStream(request, async (stream) => {
      for await (const chunk of stream) {
        chunks.push(Buffer.from(chunk).toString());
        finish();
      }
    });
    expect(chunks).toEqual(['first', 'second']);
  });

  it('is read from its beginning again where the connection broke', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      if (requests > 1) return void response.end('0123456789');
      response.writeHead(200, { 'content-length': 10 });
      response.write('01234', () => response.destroy());
    });
    expect(await clientAt(url).getStream(request, readText)).toBe('0123456789');
    expect(requests).toBe(2);
  });

  it('may take longer in all than its time limit, and no chunk may', async () => {
    const url = await serve(async ({ url: path }, response) => {
      for (let count = 0; count < 6; count += 1) {
        response.write('x');
        await sleep(250);
      }
      if (path === '/prices.zip') response.end();
    });
    const client = clientAt(url, { timeoutMs: 1000, retries: 0 });
    const [whole, stalled, bytes] = await Promise.all([
      client.getStream(request, readText),
      reasonOf(client.getStream({ ...request, path: 'stalled' }, readText)),
      reasonOf(client.getBytes(request, String)),
    ]);
    expect(whole).toBe('xxxxxx');
    expect(stalled).toBeInstanceOf(SiteUnavailableError);
    expect(stalled).toMatchObject({ message: 'the prices of 2026: no answer within 1000 ms' });
    expect(bytes).toMatchObject({ message: expect.stringContaining('no answer within 1000 ms') });
  });

  it('has all the time that its reader takes between two chunks', async () => {
    const url = await serve((_, response) => response.end('whole'));
    const text = await clientAt(url, { timeoutMs: 1000, retries: 0 }).getStream(
      request,
      async (chunks) => {
        let read = '';
        for await (const chunk of chunks) {
          await sleep(1200);
          read += Buffer.from(chunk).toString();
        }
        return read;
      },
    );
    expect(text).toBe('whole');
  });

  it('whose reader fails rejects with that error, and is not asked for again', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.end('data');
    });
    const failure = new Error('the disk is full');
    const reading = clientAt(url).getStream(request, async (chunks) => {
      for await (const _ of chunks) throw failure;
    });
    expect(await reasonOf(reading)).toBe(failure);
    expect(requests).toBe(1);
  });

  it('that is refused never begins', async () => {
    const url = await serve((_, response) => response.writeHead(403).end('no'));
    let chunksRead = 0;
    const reading = clientAt(url, { retries: 0 }).getStream(request, async (chunks) => {
      for await (const _ of chunks) chunksRead += 1;
    });
    expect(await reasonOf(reading)).toBeInstanceOf(SiteBlockedError);
    expect(chunksRead).toBe(0);
  });
});
