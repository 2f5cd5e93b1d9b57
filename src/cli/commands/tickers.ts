/**
 * `pynvest tickers`: the tickers that the site lists.
 */

import { createSite } from '../../sources/fundamentus/site.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import type { RowsOptions, SiteOptions } from '../options.ts';
import { parseDestination, writeAnswer } from '../output/file.ts';
import { parseKinds, readSiteSettings } from '../settings.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

export async function tickers(
  terminal: Terminal,
  kindName: string | undefined,
  options: RowsOptions & SiteOptions,
): Promise<ExitStatus> {
  const kinds = parseKinds(kindName);
  const destination = parseDestination(terminal, options);
  const site = createSite(
    readSiteSettings(options),
    abortOnInterrupt(terminal),
    createRetryNotifier(terminal),
  );
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
