/** A message a ticker into the queue of its kind. */

import { sendMessages } from '../src/aws/queues.ts';
import { type AssetKind, assetKinds } from '../src/catalog/asset.ts';
import type { Partition } from '../src/catalog/partition.ts';
import { type Ticker, toTicker } from '../src/catalog/ticker.ts';
import { formatTickerMessage } from '../src/pipeline/collect-messages.ts';
import { dedupeTickers } from '../src/pipeline/tickers.ts';
import { parseDay } from './day-event.ts';
import { createDeadline, createHandler } from './handler.ts';
import { getTickerQueue } from './queues.ts';
import { createEnvironmentSite } from './site.ts';

/** The day, and its tickers where the caller has them already. */
interface DayFields {
  readonly partition?: number | string;
  readonly tickers?: Readonly<Partial<Record<AssetKind, readonly unknown[]>>>;
}

/** From the function before as its destination sends it, or by hand. */
interface GetTickersEvent extends DayFields {
  readonly responsePayload?: DayFields;
}

interface SentTickers extends Readonly<Record<AssetKind, number>> {
  readonly partition: Partition;
}

export const handler = createHandler(
  async (event: GetTickersEvent, log, context): Promise<SentTickers> => {
    const day = event.responsePayload ?? event;
    const partition = parseDay(day.partition);
    const deadline = createDeadline(context);
    const wanted = async (kind: AssetKind): Promise<readonly Ticker[]> =>
      parseTickerList(day.tickers?.[kind]) ??
      (await createEnvironmentSite(deadline).listing(kind)).tickers;
    const tickers = dedupeTickers({ acoes: await wanted('acoes'), fiis: await wanted('fiis') });
    for (const tipo of assetKinds) {
      const bodies = tickers[tipo].map((ticker) =>
        formatTickerMessage({ ticker, tipo, partition }),
      );
      await sendMessages(getTickerQueue(tipo), bodies, deadline);
    }
    const sent = { acoes: tickers.acoes.length, fiis: tickers.fiis.length };
    log.info('sent', { partition, ...sent });
    return { partition, ...sent };
  },
);

/** The tickers of a list; undefined where there are none, so that the site is asked. */
function parseTickerList(list: readonly unknown[] | undefined): Ticker[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tickers = list.flatMap((each) => toTicker(String(each)) ?? []);
  return tickers.length > 0 ? tickers : undefined;
}
