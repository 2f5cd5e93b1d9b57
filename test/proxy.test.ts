/** The proxy of the machine: which one an address has, and that the site and AWS are asked through it. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSession, describeAwsProxy } from '../src/aws/session.ts';
import { renderListingPage } from '../src/demo/site.ts';
import { AwsAccessError, UsageError } from '../src/errors.ts';
import { findProxy, formatProxy } from '../src/proxy.ts';
import { newFolder } from './support/folders.ts';
import { openSite } from './support/impatient-client.ts';
import { pynvest } from './support/in-process.ts';
import { startProxy } from './support/proxy.ts';
import { deadUrl, serve } from './support/raw-server.ts';
import { SELF_SIGNED_CERTIFICATE, SELF_SIGNED_KEY } from './support/self-signed.ts';
import { smallMarket, stocks, tickersOf } from './support/small-market.ts';

const HTTPS = 'https://www.fundamentus.com.br/x';

describe('the proxy of an address', () => {
  const of = (address: string, env: Readonly<Record<string, string>>) =>
    findProxy(new URL(address), env)?.href;

  it.each([
    [{ HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    [{ https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:2' }, 'http://p:1/'],
    [{ HTTPS_PROXY: 'p:3128' }, 'http://p:3128/'],
    [{ HTTPS_PROXY: 'https://user:secret@p' }, 'https://user:secret@p/'],
    [{ HTTP_PROXY: 'http://p:1' }, undefined],
    [{ HTTPS_PROXY: ' ' }, undefined],
    [{ HTTPS_PROXY: 'http://p:1', https_proxy: '' }, undefined],
    [{}, undefined],
  ])('(%j) is %s', (env, proxy) => {
    expect(of(HTTPS, env as Record<string, string>)).toBe(proxy);
  });

  it.each([
    ['*', true],
    ['fundamentus.com.br', true],
    ['.fundamentus.com.br', true],
    ['*.fundamentus.com.br', true],
    ['localhost, WWW.Fundamentus.com.br', true],
    ['a b www.fundamentus.com.br:443', true],
    ['www.fundamentus.com.br:8443', false],
    ['undamentus.com.br', false],
    ['com', false],
    ['', false],
  ])('is none where NO_PROXY is "%s": %s', (exceptions, isDirect) => {
    const proxy = of(HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: exceptions });
    expect(proxy === undefined).toBe(isDirect);
  });

  it('of http has a variable of its own, and the port of http', () => {
    const env = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://q:2', NO_PROXY: 'x:80' };
    expect(of('http://y/', env)).toBe('http://p:1/');
    expect(of('http://x/', env)).toBeUndefined();
  });

  it.each(['socks5://p:1', 'http://', '::'])('cannot be %s', (proxy) => {
    expect(() => of(HTTPS, { HTTPS_PROXY: proxy })).toThrow(UsageError);
  });

  it('is printed without its password', () => {
    expect(formatProxy(new URL('http://user:secret@p:3128/'))).toBe('http://p:3128');
  });
});

describe('the site', () => {
  it('is asked through the proxy, with its credentials', async () => {
    const [site, proxy] = [await openSite({}, smallMarket), await startProxy()];
    const { status, stdout } = await pynvest(['tickers', 'acoes', '--format', 'csv'], {
      env: { PYNVEST_FUNDAMENTUS_URL: site.url, HTTP_PROXY: `http://user:a%20b@${proxy.host}` },
    });
    expect(status).toBe(0);
    for (const ticker of tickersOf(stocks)) expect(stdout).toContain(ticker);
    expect(proxy.asked).toEqual([`${site.url}/resultado.php`]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:a b').toString('base64')}`]);
  });

  it('is asked directly where NO_PROXY names it', async () => {
    const [site, proxy] = [await openSite({}, smallMarket), await startProxy()];
    const env = { HTTP_PROXY: proxy.host, NO_PROXY: '127.0.0.1' };
    const { status } = await pynvest(['tickers', 'acoes'], {
      env: { PYNVEST_FUNDAMENTUS_URL: site.url, ...env },
    });
    expect([status, proxy.asked, site.requests.length]).toEqual([0, [], 1]);
  });

  it('of https is asked through a tunnel', async () => {
    const proxy = await startProxy();
    const page = Buffer.from(renderListingPage('acoes', smallMarket), 'latin1');
    const server = createServer(
      { key: SELF_SIGNED_KEY, cert: SELF_SIGNED_CERTIFICATE },
      (_, response) => response.end(page),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { status, stdout } = await pynvest(['tickers', 'acoes', '--format', 'csv'], {
      env: {
        PYNVEST_FUNDAMENTUS_URL: `https://127.0.0.1:${port}`,
        HTTPS_PROXY: proxy.host,
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
      },
    });
    expect(status).toBe(0);
    expect(stdout).toContain(tickersOf(stocks)[0]);
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port}`]);
  });

  it('behind a proxy that does not answer is not reached, and the proxy is named', async () => {
    const [site, dead] = [await openSite({}, smallMarket), await deadUrl()];
    const { status, stderr } = await pynvest(['tickers', 'acoes', '--retries', '0'], {
      env: { PYNVEST_FUNDAMENTUS_URL: site.url, HTTP_PROXY: dead },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(
      `acoes: cannot reach ${site.url} through the proxy ${dead} (ECONNREFUSED)`,
    );
    expect(stderr).toContain('NO_PROXY');
  });

  it('behind a proxy that refuses says so', async () => {
    const proxy = await startProxy({ refuses: true });
    const { status, stderr } = await pynvest(['tickers', 'acoes', '--retries', '0'], {
      env: { PYNVEST_FUNDAMENTUS_URL: 'https://site.invalid', HTTPS_PROXY: proxy.host },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(`the proxy http://${proxy.host} (the proxy answered with status 502)`);
  });

  it('is not asked where the variable names no proxy', async () => {
    const site = await openSite({}, smallMarket);
    const { status, stderr } = await pynvest(['tickers', 'acoes'], {
      env: { PYNVEST_FUNDAMENTUS_URL: site.url, HTTP_PROXY: 'socks5://127.0.0.1:1' },
    });
    expect([status, site.requests]).toEqual([2, []]);
    expect(stderr).toContain('HTTP_PROXY does not name a proxy that can be used');
  });

  it('has its proxy named by doctor', async () => {
    const [site, proxy] = [await openSite({}, smallMarket), await startProxy()];
    const { stdout } = await pynvest(['doctor', '--format', 'json', '--lake', await newFolder()], {
      env: { PYNVEST_FUNDAMENTUS_URL: site.url, HTTP_PROXY: proxy.host },
    });
    expect(stdout).toContain(`3 tickers at ${site.url} through the proxy http://${proxy.host}`);
  });
});

describe('AWS', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** The identity of a caller, and objects that are kept as they come. */
  async function startFakeAws(): Promise<{ url: string; bodies: Map<string, Buffer> }> {
    const bodies = new Map<string, Buffer>();
    const url = await serve(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      if (request.method === 'PUT') {
        bodies.set(String(request.url).replace(/\?.*/, ''), body);
        response.setHeader('etag', '"1"').end();
      } else if (request.method === 'GET') {
        response.end(bodies.get(String(request.url).replace(/\?.*/, '')));
      } else {
        response.setHeader('content-type', 'text/xml').end(
          `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
           <Arn>arn:aws:iam::123456789012:user/ana</Arn><Account>123456789012</Account>
           </GetCallerIdentityResult></GetCallerIdentityResponse>`,
        );
      }
    });
    return { url, bodies };
  }

  function setEnvironment(values: Readonly<Record<string, string>>): void {
    const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    for (const [name, value] of Object.entries({ ...credentials, ...values })) {
      vi.stubEnv(name, value);
    }
  }

  it('is asked through the proxy, and takes and gives whole objects', async () => {
    const [aws, proxy] = [await startFakeAws(), await startProxy()];
    setEnvironment({ AWS_ENDPOINT_URL: aws.url, HTTP_PROXY: proxy.host });
    const session = await createSession({ region: 'sa-east-1' });
    expect(session.account).toBe('123456789012');
    const body = Buffer.alloc(3 << 20, 'ação');
    const object = { Bucket: 'b', Key: 'anomesdia_exec=20261120/x y.parquet' };
    await session.s3.send(new PutObjectCommand({ ...object, Body: body }));
    const answer = await session.s3.send(new GetObjectCommand(object));
    expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    expect(proxy.asked).toHaveLength(3);
    for (const address of proxy.asked) expect(address).toContain(aws.url);
    expect(describeAwsProxy('sa-east-1')).toBe(`http://${proxy.host}`);
  });

  it('is asked directly where NO_PROXY names its endpoint', async () => {
    const [aws, proxy] = [await startFakeAws(), await startProxy()];
    const env = { HTTP_PROXY: proxy.host, NO_PROXY: '127.0.0.1' };
    setEnvironment({ AWS_ENDPOINT_URL: aws.url, ...env });
    expect((await createSession({ region: 'sa-east-1' })).account).toBe('123456789012');
    expect(proxy.asked).toEqual([]);
    expect(describeAwsProxy('sa-east-1')).toBeUndefined();
  });

  it('behind a proxy that refuses does not answer', async () => {
    const proxy = await startProxy({ refuses: true });
    setEnvironment({ AWS_ENDPOINT_URL: 'https://aws.invalid', HTTPS_PROXY: proxy.host });
    const session = createSession({ region: 'sa-east-1' });
    await expect(session).rejects.toThrow(AwsAccessError);
    await expect(session).rejects.toThrow(
      'AWS does not answer: the proxy answered with status 502',
    );
    expect(proxy.asked[0]).toBe('CONNECT aws.invalid:443');
  });
});
