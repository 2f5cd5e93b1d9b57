/** The same question to the lake in a folder and to the one in AWS. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standInAvailable } from '../support/stand-in.ts';
import { startTwinLakes, type TwinLakes } from '../support/twin-lakes.ts';

describe.runIf(await standInAvailable())('queries of both lakes', () => {
  let twins: TwinLakes;
  beforeAll(async () => {
    twins = await startTwinLakes();
  }, 120_000);
  afterAll(() => twins?.close());

  test.each([
    ['quotes of tickers', ['query', 'cotacoes', '--ticker', 'TUCA3,DEMO11']],
    ['quotes of the newest day', ['query', 'cotacoes', '--last', '1']],
  ])('%s', async (_, args) => {
    const local = await twins.on('local', args);
    const aws = await twins.on('aws', args);
    expect(local, local.stderr).toMatchObject({ status: 0 });
    expect(aws, aws.stderr).toMatchObject({ status: 0 });
    expect(aws.stdout).toBe(local.stdout);
  });
});
