/** A site of a whole market in a process of its own, all pages made beforehand, so that serving costs little. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assetKinds } from '../src/catalog/asset.ts';
import { renderDetailsPage, renderListingPage } from '../src/demo/site.ts';
import { MARKET_SIZE, marketOf } from './market.ts';

const market = marketOf(MARKET_SIZE);
const year = new Date().getFullYear();
const pages = new Map<string, Buffer>();
const LISTINGS = { acoes: '/resultado.php', fiis: '/fii_resultado.php' } as const;
for (const kind of assetKinds) {
  pages.set(LISTINGS[kind], Buffer.from(renderListingPage(kind, market), 'latin1'));
}
for (const asset of market) {
  const page = Buffer.from(renderDetailsPage(asset, year), 'latin1');
  pages.set(`/detalhes.php?papel=${asset.ticker}`, page);
}

const server = createServer((request, response) => {
  const page = pages.get(request.url ?? '');
  response.writeHead(page ? 200 : 404, {
    'content-type': 'text/html',
    'content-length': page?.length ?? 0,
  });
  response.end(page);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.send?.({ url: `http://127.0.0.1:${port}` });
process.on('disconnect', () => process.exit());
