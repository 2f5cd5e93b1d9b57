/**
 * Calls without a client: of the services for which the project has none, and of others where many are made. The
 * stand-in reads the account off the credentials and the service off the target; it checks no signature.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsAccount } from './aws-account.ts';

type Answer = Readonly<Record<string, unknown>>;

/** Calls an action of a JSON protocol, such as `AWSGlue.GetTables`. */
export async function callAws(account: AwsAccount, target: string, body: object): Promise<Answer> {
  const answer = await account.fetch('/', {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(body),
  });
  const text = String(answer.bytes);
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${text}`);
  return JSON.parse(text) as Answer;
}

/** Invokes a function as a rule does, which waits for nothing. */
export async function invokeByEvent(
  account: AwsAccount,
  name: string,
  payload: object,
): Promise<number> {
  const answer = await account.fetch(`/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'x-amz-invocation-type': 'Event' },
    body: JSON.stringify(payload),
  });
  return answer.status;
}

/** Runs a state machine to its end; answers how it ended. */
export async function runStateMachine(
  account: AwsAccount,
  stateMachineArn: string,
  input: object,
): Promise<string> {
  const { executionArn } = await callAws(account, 'AWSStepFunctions.StartExecution', {
    stateMachineArn,
    input: JSON.stringify(input),
  });
  return untilOver(async () => {
    const { status } = await callAws(account, 'AWSStepFunctions.DescribeExecution', {
      executionArn,
    });
    return String(status);
  });
}

interface ResultPage {
  readonly ResultSet: {
    readonly Rows: readonly { readonly Data: readonly { readonly VarCharValue?: string }[] }[];
  };
  readonly NextToken?: string;
}

/** What Athena answers, a row a row, without the heading; its values are text. */
export async function askAthena(
  account: AwsAccount,
  workGroup: string,
  sql: string,
): Promise<(string | undefined)[][]> {
  const { QueryExecutionId } = await callAws(account, 'AmazonAthena.StartQueryExecution', {
    QueryString: sql,
    WorkGroup: workGroup,
  });
  let reason: unknown;
  const status = await untilOver(async () => {
    const answer = await callAws(account, 'AmazonAthena.GetQueryExecution', { QueryExecutionId });
    const { Status } = answer['QueryExecution'] as {
      readonly Status: { readonly State: string; readonly StateChangeReason?: string };
    };
    reason = Status.StateChangeReason;
    return Status.State;
  });
  if (status !== 'SUCCEEDED') throw new Error(`Athena ${status}: ${String(reason)}`);
  const rows: (string | undefined)[][] = [];
  for (let token: string | undefined, first = true; first || token; first = false) {
    const page: ResultPage = (await callAws(account, 'AmazonAthena.GetQueryResults', {
      QueryExecutionId,
      ...(token === undefined ? {} : { NextToken: token }),
    })) as unknown as ResultPage;
    rows.push(...page.ResultSet.Rows.map(({ Data }) => Data.map((cell) => cell.VarCharValue)));
    token = page.NextToken;
  }
  return rows.slice(1);
}

async function untilOver(status: () => Promise<string>): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const now = await status();
    if (now !== 'RUNNING' && now !== 'QUEUED') return now;
    await sleep(200);
  }
  throw new Error('it was not over within a minute');
}
