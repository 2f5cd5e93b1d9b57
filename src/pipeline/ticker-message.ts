/** The message that asks for one ticker's page: what the queues carry. Pure. */

import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { type Partition, toPartition } from '../catalog/partition.ts';
import { type Ticker, toTicker } from '../catalog/ticker.ts';

export interface TickerMessage {
  readonly ticker: Ticker;
  /** The listing that named it. What the page shows decides where its row goes. */
  readonly tipo: AssetKind;
  /** The day that the row belongs to, whenever the message is read. */
  readonly partition: Partition;
}

export type ParsedTickerMessage =
  | { readonly ok: true; readonly message: TickerMessage }
  | { readonly ok: false; readonly reason: string };

export function formatTickerMessage({ ticker, tipo, partition }: TickerMessage): string {
  return JSON.stringify({ ticker, tipo, partition });
}

/** Never throws: what is no message of ours says so, and why. */
export function parseTickerMessage(body: string): ParsedTickerMessage {
  let fields: unknown;
  try {
    fields = JSON.parse(body);
  } catch {
    return createParseFailure('it is not JSON');
  }
  if (typeof fields !== 'object' || fields === null) return createParseFailure('it is no object');
  const { ticker, tipo, partition } = fields as Readonly<Record<string, unknown>>;
  const theTicker = typeof ticker === 'string' ? toTicker(ticker) : undefined;
  if (theTicker === undefined)
    return createParseFailure(`${JSON.stringify(ticker)} is not a ticker`);
  const kind = assetKinds.find((each) => each === tipo);
  if (kind === undefined) return createParseFailure(`its tipo is ${JSON.stringify(tipo)}`);
  const day = toPartition(String(partition));
  if (day === undefined)
    return createParseFailure(`${JSON.stringify(partition)} is not a partition`);
  return { ok: true, message: { ticker: theTicker, tipo: kind, partition: day } };
}

function createParseFailure(reason: string): ParsedTickerMessage {
  return { ok: false, reason: `a malformed message: ${reason}` };
}
