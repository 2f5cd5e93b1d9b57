/**
 * `pynvest tickers`: the tickers that the site lists.
 */

import { createSite } from '../../sources/fundamentus/site.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { argument } from '../option.ts';
import { parseDestination, rowsOptions, writeAnswer } from '../output/file.ts';
import { formatRejected } from '../output/run-report.ts';
import { parseKinds } from '../selection.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { ignoredTargetOption } from '../target.ts';
import { createRetryNotifier } from '../terminal/terminal.ts';

export const tickersCommand = defineCommand({
  name: 'tickers',
  description: "the site's tickers, sorted, each once",
  args: { kind: argument('[kind]', 'acoes or fiis; both without it') },
  options: { ...rowsOptions, ...siteOptions, ...ignoredTargetOption },

  async handler({ terminal, args, options }) {
    const kinds = parseKinds(args.kind);
    const destination = parseDestination(terminal, options);
    const signal = abortOnInterrupt(terminal);
    const site = createSite(readSiteSettings(options), signal, createRetryNotifier(terminal));
    const listings = await Promise.all(
      kinds.map(async (kind) => ({ kind, ...(await site.listing(kind)) })),
    );
    // A ticker of both listings is of the first kind.
    const kindByTicker = new Map(
      listings
        .toReversed()
        .flatMap(({ kind, tickers }) => tickers.map((ticker) => [ticker, kind] as const)),
    );
    const rows = [...kindByTicker].sort(([a], [b]) => (a < b ? -1 : 1));
    await writeAnswer(terminal, destination, { columns: ['ticker', 'tipo'], rows });
    for (const { kind, rejected } of listings) {
      if (rejected.length > 0) terminal.warn(`${kind}: not tickers: ${formatRejected(rejected)}`);
    }
    return ExitStatus.done;
  },
});
