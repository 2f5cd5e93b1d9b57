/** Secure connections that fail: what is wrong is the certificate or the protocol, not the network. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SiteUnavailableError } from '../../../src/errors.ts';
import { limitRetries } from '../../../src/sources/http/retry.ts';
import { clientOf, reasonOf, TUCA3 } from '../../support/impatient-client.ts';
import { serve } from '../../support/raw-server.ts';
import { SELF_SIGNED_CERTIFICATE, SELF_SIGNED_KEY } from '../../support/self-signed.ts';

async function serveSelfSigned(): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer({ key: SELF_SIGNED_KEY, cert: SELF_SIGNED_CERTIFICATE });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, connections: () => connections };
}

describe('a site', () => {
  it('whose certificate is not trusted is asked once more, with a hint about certificates', async () => {
    const { url, connections } = await serveSelfSigned();
    const reason = await reasonOf(clientOf(url, { retries: 4 }).details(TUCA3));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({
      message: `TUCA3: cannot reach ${url} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      hint: expect.stringMatching(/certificate.*clock.*NODE_EXTRA_CA_CERTS/),
    });
    expect(connections()).toBe(2);
  });

  it('that speaks no TLS at an https address gets a hint about the address', async () => {
    const url = (await serve((_, response) => response.end())).replace('http:', 'https:');
    const reason = await reasonOf(clientOf(url, { retries: 0 }).details(TUCA3));
    expect(reason).toBeInstanceOf(SiteUnavailableError);
    expect(reason).toMatchObject({
      message: expect.stringContaining(`cannot reach ${url}`),
      hint: expect.stringMatching(/TLS.*https/),
    });
  });
});

it.each([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('%s is worth one more attempt', (code) => {
  expect(limitRetries(code, 4)).toBe(1);
});
