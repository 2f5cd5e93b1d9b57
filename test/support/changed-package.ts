/**
 * The package with another template and other code, which change parts of every kind; in the midst of them
 * stands a queue of a name that somebody else may have.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { BUNDLES_FOLDER } from '../../src/deploy/artifacts.ts';
import { copyOfPackage } from './package-copy.ts';

/** The name of that queue. */
export const CLASHING_QUEUE = 'audit';

/** Answers the file that starts its command. The code is changed as it is bundled: to bundle it anew takes seconds. */
export async function changedPackage(): Promise<string> {
  const command = await copyOfPackage({
    'cloudformation/pynvest.yaml': (text) =>
      CHANGES.reduce((before, [from, to]) => {
        const after = before.replace(from, to);
        if (after === before) throw new Error(`the template has no ${from}`);
        return after;
      }, text),
  });
  const bundle = join(dirname(command), '..', BUNDLES_FOLDER, 'get-tickers.zip');
  const files = Object.entries(unzipSync(await readFile(bundle))).map(([name, bytes]) => {
    const before = strFromU8(bytes);
    const after = before.replace('"sent"', '"sent them"');
    if (after === before) throw new Error(`nothing was changed in ${name} of ${bundle}`);
    return [name, strToU8(after)] as const;
  });
  await writeFile(bundle, zipSync(Object.fromEntries(files)));
  return command;
}

const CHANGES: readonly (readonly [from: RegExp, to: string])[] = [
  [
    /^Resources:$/m,
    `$&
  AddedQueue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub '\${NamePrefix}-added' }
  ClashingQueue:
    Type: AWS::SQS::Queue
    DependsOn: [AddedQueue, CheckAndDeletePartitions, SorBucket, SpecCotacoesTable, WorkGroup]
    Properties: { QueueName: ${CLASHING_QUEUE} }`,
  ],
  [/^ {2}SpecializeFinancialData:$/m, '$&\n    DependsOn: ClashingQueue'],
  [/Event: s3:ObjectCreated:\*/g, 'Event: s3:ObjectCreated:Put'],
  [/^( +)- \{ Name: \w+, .*\n(?= {2}SpecFatoresTable:)/m, '$&$1- { Name: novo, Type: double }\n'],
  [/Role of the three dedup functions/, 'Role of dedup'],
  [/Action: lambda:InvokeFunction$/m, 'Action: lambda:*'],
];

/** Options of `deploy` that change yet more parts. */
export const CHANGED_PARAMETERS: readonly string[] = [
  ...['FunctionMemory=1024', 'LogRetentionDays=7', 'CollectSchedule=cron(15 21 * * ? *)'],
  ...['QueueVisibilityTimeout=7200', 'BatchSize=50', 'AlarmEmail=you@example.com'],
  ...['AthenaScanLimitBytes=20000000', 'AthenaResultDays=9'],
].flatMap((each) => ['--parameter', each]);

/** What of it is done before the queue's turn: lines of the progress, with the resource's name in the template. */
export const DONE_BEFORE: readonly string[] = [
  ...['create complete  AddedQueue', 'create complete  AlarmTopic'],
  ...['update complete  GetTickers', 'update complete  SorBucket'],
  ...['update complete  SpecCotacoesTable', 'update complete  AcoesQueue'],
  ...['update complete  AcoesQueueToGetFinancialData', 'update complete  CollectRule'],
  ...['update complete  GetTickersLogs', 'update complete  GetTickersErrors'],
  ...['update complete  WorkGroup', 'update complete  DedupFinancialDataRole'],
];
