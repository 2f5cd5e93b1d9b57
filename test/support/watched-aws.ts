/** An account in the stand-in for AWS behind a proxy that sees every request: another, empty one for each test. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AwsSession } from '../../src/aws/session.ts';
import { type AwsAccount, newAccount } from './aws-account.ts';
import { type AwsFront, startAwsFront } from './aws-front.ts';
import { connectTo } from './deploying.ts';

export interface WatchedAws {
  readonly account: AwsAccount;
  readonly front: AwsFront;
  readonly aws: AwsSession;
}

export function useWatchedAws(): () => WatchedAws {
  let front: AwsFront;
  let watched: WatchedAws | undefined;
  beforeAll(async () => {
    front = await startAwsFront(newAccount().url);
  });
  afterAll(() => front?.close());
  beforeEach(async () => {
    front.intercept = () => undefined;
    const account = newAccount();
    const aws = await connectTo({ ...account.environment, AWS_ENDPOINT_URL: front.url });
    front.requests.length = 0;
    watched = { account, front, aws };
  });
  return () => {
    if (watched === undefined) throw new Error('there is no account before the first test begins');
    return watched;
  };
}
