/** A message a ticker into the queue of its kind. */
import { type AssetKind, assetKinds } from '../src/catalog/asset.ts';
import type { Partition } from '../src/catalog/partition.ts';
import { type Ticker, toTicker } from '../src/catalog/ticker.ts';
import { eachOnce } from '../src/pipeline/each-once.ts';
import { sendMessages } from '../src/queue/send-messages.ts';
import { formatMessage } from '../src/queue/ticker-message.ts';
import { deadlineOf } from './deadline.ts';
import { logged } from './log.ts';
import { dayOf } from './partition.ts';
import { queueUrl, sqsClient } from './queues.ts';
import { site } from './site.ts';

/** The day, and its tickers where whoever asks has them already. */
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

export const handler = logged(
  async (event: GetTickersEvent, log, context): Promise<SentTickers> => {
    const day = event.responsePayload ?? event;
    const partition = dayOf(day.partition);
    const deadline = deadlineOf(context);
    const wanted = async (kind: AssetKind): Promise<readonly Ticker[]> =>
      tickersIn(day.tickers?.[kind]) ?? (await site(deadline).listing(kind)).tickers;
    const tickers = eachOnce({ acoes: await wanted('acoes'), fiis: await wanted('fiis') });
    for (const tipo of assetKinds) {
      const bodies = tickers[tipo].map((ticker) => formatMessage({ ticker, tipo, partition }));
      await sendMessages(sqsClient(), queueUrl(tipo), bodies, deadline);
    }
    const sent = { acoes: tickers.acoes.length, fiis: tickers.fiis.length };
    log.info('sent', { partition, ...sent });
    return { partition, ...sent };
  },
);

/** The tickers of a list; undefined where there are none, so that the site is asked. */
function tickersIn(list: readonly unknown[] | undefined): Ticker[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tickers = list.flatMap((each) => toTicker(String(each)) ?? []);
  return tickers.length > 0 ? tickers : undefined;
}
