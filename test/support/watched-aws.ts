/** A stand-in for AWS behind a door that sees every request, for one test file; empty before each test. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AwsSession } from '../../src/aws/session.ts';
import { type AwsFront, startAwsFront } from './aws-front.ts';
import { connectTo } from './deploying.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

export interface WatchedAws {
  readonly standIn: StandIn;
  readonly front: AwsFront;
  readonly aws: AwsSession;
}

export function useWatchedAws(): () => WatchedAws {
  let watched: WatchedAws | undefined;
  const get = (): WatchedAws => {
    if (watched === undefined) throw new Error('the stand-in was not started');
    return watched;
  };
  beforeAll(async () => {
    const standIn = await startStandIn();
    const front = await startAwsFront(standIn.url);
    const aws = await connectTo({ ...standIn.environment, AWS_ENDPOINT_URL: front.url });
    watched = { standIn, front, aws };
  });
  afterAll(async () => {
    await watched?.front.close();
    await watched?.standIn.stop();
  });
  beforeEach(async () => {
    const { standIn, front } = get();
    front.intercept = () => undefined;
    await standIn.reset();
    front.requests.length = 0;
  });
  return get;
}
