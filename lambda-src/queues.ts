/** The queues that the environment names. */

import { createSqsClient } from '../src/aws/functions.ts';
import type { Queue } from '../src/aws/queues.ts';
import type { AssetKind } from '../src/catalog/asset.ts';
import { once, requireVariable } from './environment.ts';

const sqsClient = once(createSqsClient);

const URL_VARIABLES: Readonly<Record<AssetKind, string>> = {
  acoes: 'PYNVEST_ACOES_QUEUE_URL',
  fiis: 'PYNVEST_FIIS_QUEUE_URL',
};

/** The queue for the tickers of a kind of asset. */
export function getTickerQueue(kind: AssetKind): Queue {
  return getQueue(URL_VARIABLES[kind]);
}

/** The queue whose URL a variable holds. */
export function getQueue(variable: string): Queue {
  return { client: sqsClient(), url: requireVariable(variable) };
}
