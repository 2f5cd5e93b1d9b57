/** The site of the tests: the demo's pages over real HTTP, with the faults that a test asks for. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DemoAsset } from '../../src/demo/market.ts';
import * as demo from '../../src/demo/site.ts';

export type Fault =
  | number
  | 'reset'
  | 'hang'
  | 'empty'
  | 'truncated'
  | 'garbage'
  | 'no-tables'
  | { readonly status: number; readonly retryAfter: string }
  | { readonly redirect: string }
  | { readonly html: string };

export interface TestSite {
  readonly url: string;
  /** Every request so far, as `/path?query`. */
  readonly requests: string[];
  /** The most requests that were under way at once. */
  readonly peak: () => number;
  close(): Promise<void>;
}

export interface TestSiteOptions {
  readonly year?: number;
  /** The fault of a request, by what it asks for (a ticker, or `acoes`, `fiis`) and its try, from 1. */
  readonly fault?: (what: string, attempt: number) => Fault | undefined;
  readonly latencyMs?: number;
  /** No request is answered before so many were under way at once. */
  readonly together?: number;
}

export async function startTestSite(
  assets: readonly DemoAsset[],
  { year = 2026, fault = () => undefined, latencyMs = 0, together = 1 }: TestSiteOptions = {},
): Promise<TestSite> {
  const requests: string[] = [];
  const attempts = new Map<string, number>();
  let underWay = 0;
  let peak = 0;
  const waiting: (() => void)[] = [];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${url.pathname}${url.search}`);
    underWay += 1;
    peak = Math.max(peak, underWay);
    response.on('close', () => {
      underWay -= 1;
    });
    if (!/Mozilla\//.test(request.headers['user-agent'] ?? '')) {
      send(response, 403, 'Access denied');
      return;
    }
    const { what, html } = pageOf(url, assets, year);
    const attempt = (attempts.get(what) ?? 0) + 1;
    attempts.set(what, attempt);
    waiting.push(() => {
      setTimeout(() => answer(response, html, fault(what, attempt)), latencyMs);
    });
    if (peak >= together) for (const goOn of waiting.splice(0)) goOn();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    peak: () => peak,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Most tests serve the same few assets: their pages are written once. A listing is not: markets are changed in place. */
const details = new WeakMap<DemoAsset, Map<number, string>>();

function renderDetailsPage(asset: DemoAsset, year: number): string {
  const pages = details.get(asset) ?? new Map<number, string>();
  details.set(asset, pages);
  const html = pages.get(year) ?? demo.renderDetailsPage(asset, year);
  pages.set(year, html);
  return html;
}

function pageOf(
  url: URL,
  assets: readonly DemoAsset[],
  year: number,
): { what: string; html: string | undefined } {
  switch (url.pathname) {
    case '/resultado.php':
      return { what: 'acoes', html: demo.renderListingPage('acoes', assets) };
    case '/fii_resultado.php':
      return { what: 'fiis', html: demo.renderListingPage('fiis', assets) };
    case '/detalhes.php': {
      const ticker = url.searchParams.get('papel') ?? '';
      const asset = assets.find((each) => each.ticker === ticker);
      return {
        what: ticker,
        html: asset ? renderDetailsPage(asset, year) : demo.renderNotFoundPage(),
      };
    }
    default:
      return { what: url.pathname, html: undefined };
  }
}

function answer(
  response: ServerResponse,
  html: string | undefined,
  fault: Fault | undefined,
): void {
  if (html === undefined) send(response, 404, 'Not Found');
  else if (fault === undefined) send(response, 200, html);
  else if (typeof fault === 'number') send(response, fault, 'Service Unavailable');
  else if (typeof fault === 'object') {
    if ('html' in fault) send(response, 200, fault.html);
    else if ('redirect' in fault) {
      response.writeHead(302, { location: fault.redirect }).end();
    } else {
      response.setHeader('retry-after', fault.retryAfter);
      send(response, fault.status, 'Slow down');
    }
  } else if (fault === 'reset') response.socket?.destroy();
  else if (fault === 'empty') send(response, 200, '');
  else if (fault === 'truncated') send(response, 200, html.slice(0, html.length / 2));
  else if (fault === 'garbage') send(response, 200, '\u0000\u00ff\u0013\u00c3'.repeat(100));
  else if (fault === 'no-tables') send(response, 200, '<html><body>Just a moment</body></html>');
  // 'hang' gives no answer at all.
}

function send(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  response.writeHead(status, { 'content-type': 'text/html', 'content-length': bytes.length });
  response.end(bytes);
}
