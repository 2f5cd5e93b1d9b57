/** `pynvest status` of the lake in a folder and of the one in AWS: the same tables, and each its own faults. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standInAvailable } from '../support/stand-in.ts';
import { startTwinLakes, type TwinLakes } from '../support/twin-lakes.ts';

describe.runIf(await standInAvailable())('status of both lakes', () => {
  let twins: TwinLakes;
  beforeAll(async () => {
    twins = await startTwinLakes();
  }, 120_000);
  afterAll(() => twins?.close());

  test('x', async () => {
    const local = await twins.on('local', ['status', '--format', 'table']);
    const aws = await twins.on('aws', ['status', '--format', 'table']);
    expect(aws.stdout).toBe(local.stdout);
  });
});
