/** `pynvest tickers`: what the site lists. */
import { createSite } from '../fundamentus/client.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import type { RowsOptions, SiteOptions } from './options.ts';
import { destinationOf, writeAnswer } from './output-file.ts';
import { parseKinds, siteSettings } from './settings.ts';
import { sayRetry, type Terminal } from './terminal.ts';

export async function tickers(
  terminal: Terminal,
  kindName: string | undefined,
  options: RowsOptions & SiteOptions,
): Promise<ExitStatus> {
  const kinds = parseKinds(kindName);
  const destination = destinationOf(terminal, options);
  const site = createSite(siteSettings(options), abortOnInterrupt(terminal), sayRetry(terminal));
  const listings = await Promise.all(
    kinds.map(async (kind) => ({ kind, ...(await site.listing(kind)) })),
  );
  const kindOf = new Map(
    listings
      .toReversed()
      .flatMap(({ kind, tickers }) => tickers.map((each) => [each, kind] as const)),
  );
  const rows = [...kindOf].sort(([a], [b]) => (a < b ? -1 : 1));
  await writeAnswer(terminal, destination, { columns: ['ticker', 'tipo'], rows });
  for (const { kind, rejected } of listings) {
    if (rejected.length > 0) terminal.warn(`${kind}: no tickers: ${rejected.join(', ')}`);
  }
  return ExitStatus.done;
}
