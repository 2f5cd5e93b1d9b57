/** The built command has undici in a chunk of its own, which is loaded only for a proxy. */
import { expect, it } from 'vitest';
import { pynvest } from './support/command.ts';
import { openSite } from './support/impatient-client.ts';
import { startProxy } from './support/proxy.ts';
import { smallMarket, stocks, tickersOf } from './support/small-market.ts';

it('asks the site through the proxy', async () => {
  const [site, proxy] = [await openSite({}, smallMarket), await startProxy()];
  const { status, stdout, stderr } = await pynvest(['tickers', 'acoes', '--format', 'json'], {
    env: { PYNVEST_FUNDAMENTUS_URL: site.url, HTTP_PROXY: proxy.host },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain(tickersOf(stocks)[0]);
  expect(proxy.asked).toEqual([`${site.url}/resultado.php`]);
});
