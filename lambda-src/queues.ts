/** The queues that the environment names, one a kind of asset. */

import { SQSClient } from '@aws-sdk/client-sqs';
import type { AssetKind } from '../src/catalog/asset.ts';
import { clientSettings, once, requireVariable } from './environment.ts';

export const sqsClient = once(() => new SQSClient(clientSettings));

const URL_VARIABLES: Readonly<Record<AssetKind, string>> = {
  acoes: 'PYNVEST_ACOES_QUEUE_URL',
  fiis: 'PYNVEST_FIIS_QUEUE_URL',
};

export function readQueueUrl(kind: AssetKind): string {
  return requireVariable(URL_VARIABLES[kind]);
}
