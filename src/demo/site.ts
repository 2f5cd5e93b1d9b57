/** A local HTTP server of the fictional market, so that the demo runs the real client. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DemoAsset } from './market.ts';
import { renderDetailsPage, renderListingPage, renderNotFoundPage } from './pages.ts';

interface DemoSite {
  /** The base URL, without a slash at its end. */
  readonly url: string;
  /** Stops the site at once, and closes the connections that a client keeps open. */
  close(): Promise<void>;
}

interface DemoSiteOptions {
  /** The year that the yearly variations count back from. */
  readonly year: number;
}

interface Answer {
  readonly status: number;
  readonly html: string;
}

/** Serves the assets on a free port of 127.0.0.1. */
export async function startDemoSite(
  assets: readonly DemoAsset[],
  { year }: DemoSiteOptions,
): Promise<DemoSite> {
  const server = createServer((request, response) => {
    const { status, html } = createAnswer(request, assets, year);
    const bytes = Buffer.from(html, 'latin1');
    // Like the real site, it leaves the character set to the page.
    response.writeHead(status, { 'content-type': 'text/html', 'content-length': bytes.length });
    response.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The address of a server that listens on a port is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function createAnswer(
  request: IncomingMessage,
  assets: readonly DemoAsset[],
  year: number,
): Answer {
  // The real site refuses clients that do not look like a browser.
  if (!request.headers['user-agent']?.includes('Mozilla/')) {
    return { status: 403, html: 'Access denied' };
  }
  const [path, query] = (request.url ?? '').split('?');
  switch (path) {
    case '/resultado.php':
      return { status: 200, html: renderListingPage('acoes', assets) };
    case '/fii_resultado.php':
      return { status: 200, html: renderListingPage('fiis', assets) };
    case '/detalhes.php': {
      const ticker = new URLSearchParams(query).get('papel')?.toUpperCase();
      const asset = assets.find((each) => each.ticker === ticker);
      return { status: 200, html: asset ? renderDetailsPage(asset, year) : renderNotFoundPage() };
    }
    default:
      return { status: 404, html: 'Not Found' };
  }
}
