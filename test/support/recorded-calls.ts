/**
 * The calls that code in this process makes to AWS, each held against policies by an IAM evaluator: the stand-in
 * enforces none.
 */
import { existsSync, readFileSync } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { OF_TEST } from './aws-account.ts';
import { findActionOfCall } from './sdk-calls.ts';

export interface RecordedCall {
  /** As the SDK's package is named, such as `cloudwatch-logs`. */
  readonly service: string;
  /** As the SDK names it, such as `ListObjectsV2`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const PACKAGES: Readonly<Record<string, string>> = {
  CloudWatchLogsClient: 'cloudwatch-logs',
  EventBridgeClient: 'eventbridge',
};

type Input = RecordedCall['input'];
type CallOfClasses = readonly [client: string, command: string, input: Input];

interface Work {
  readonly calls: RecordedCall[];
  readonly ownsClients: boolean;
  isOver: boolean;
  /** A call of which it is not known whose it is. */
  error?: Error;
}

/** The work whose calls are recorded now, one at a time; after its end, what is sent until the next one is its as well. */
let latest: Work | undefined;

/** The clients that sent for a work that owns its clients. */
const owners = new WeakMap<object, Work>();

let isWatching = false;

interface AnyClient {
  readonly config: object;
}

/**
 * Where a call belongs, also one that is made after its work has ended: by its client and the work that is being done,
 * and not by the asynchronous context, since to keep track of that makes every promise of a worker dearer for as long
 * as it lives.
 */
function findCalls(client: AnyClient, command: object): RecordedCall[] | undefined {
  if (latest === undefined || isOfTest(client)) return undefined;
  const owner = owners.get(client);
  if (owner !== undefined && owner !== latest && !latest.isOver) {
    // Whoever sends may catch it: the work that is being done fails as well.
    latest.error = new Error(`${command.constructor.name} by a client of an earlier work`);
    throw latest.error;
  }
  const work = owner ?? latest;
  if (work.ownsClients) owners.set(client, work);
  return work.calls;
}

/** Whether a test made the client for itself, with the settings of its account: it may send while a command runs. */
function isOfTest({ config }: AnyClient): boolean {
  return OF_TEST in config;
}

/** Every client of the SDK sends by the method of one class. */
function watchClients(): void {
  if (isWatching) return;
  isWatching = true;
  const base: { send: (...args: unknown[]) => unknown } = Object.getPrototypeOf(S3Client.prototype);
  const { send } = base;
  base.send = function (this: AnyClient, ...args: unknown[]) {
    const [command] = args as [{ readonly input: Input }];
    const calls = findCalls(this, command);
    if (calls !== undefined) {
      addCall(calls, [this.constructor.name, command.constructor.name, command.input]);
    }
    return Reflect.apply(send, this, args);
  };
}

/** @param call by the classes of its client and of its command, which a bundle may number */
function addCall(calls: RecordedCall[], [clientClass, commandClass, input]: CallOfClasses): void {
  const client = clientClass.replace(/\d+$/, '');
  const service = PACKAGES[client] ?? client.replace(/Client$/, '').toLowerCase();
  // A query is known by its ID alone once it is started in a workgroup.
  const { WorkGroup } = calls.findLast((each) => each.service === service)?.input ?? {};
  calls.push({
    service,
    operation: commandClass.replace(/Command\d*$/, ''),
    input: service === 'athena' ? { WorkGroup, ...input } : input,
  });
}

/** A Node that loads this before the built command writes the calls of that, for `readCalls`. */
export const CALL_RECORDER = new URL('record-calls.mjs', import.meta.url);

/** The environment in which the calls go into a file. */
export function recordCallsInto(file: string): Readonly<Record<string, string>> {
  return { PYNVEST_TEST_CALLS: file };
}

/** The calls that a process has made so far. */
export function readCalls(file: string): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  for (const line of lines) addCall(calls, JSON.parse(line) as CallOfClasses);
  return calls;
}

/**
 * Does some work; adds the calls that it makes to a list, but for those of the clients that tests make for themselves.
 * @param ownsClients whether no other work has the clients that this one makes, as it is with commands: functions
 * share theirs
 */
export async function recordCalls<T>(
  calls: RecordedCall[],
  { ownsClients }: { readonly ownsClients: boolean },
  work: () => Promise<T>,
): Promise<T> {
  watchClients();
  if (latest?.isOver === false) throw new Error('the calls of another work are being recorded');
  const started: Work = { calls, ownsClients, isOver: false };
  latest = started;
  try {
    const result = await work();
    if (started.error !== undefined) throw started.error;
    return result;
  } finally {
    started.isOver = true;
  }
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly unknown[];
}

/** The account and region of the policies; whatever those of the calls were. */
export const ACCOUNT = '123456789012';
const at = (service: string, path: string): string =>
  `arn:aws:${service}:sa-east-1:${ACCOUNT}:${path}`;

export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** The actions on resources that the policies do not allow, each once. */
export function findDenied(
  calls: readonly RecordedCall[],
  policies: readonly PolicyDocument[],
): Promise<string[]> {
  return findDeniedRequests(calls.flatMap(toRequests), policies);
}

async function findDeniedRequests(
  asked: readonly IamRequest[],
  policies: readonly PolicyDocument[],
): Promise<string[]> {
  const requests = new Map<string, IamRequest>();
  for (const request of asked) {
    // The files of a partition are one resource to a policy.
    const resource = request.resource.replace(/\/anomesdia_exec=.*/, '/x');
    const context = JSON.stringify(request.context ?? {});
    requests.set(`${request.action} on ${resource} ${context}`, { ...request, resource });
  }
  const denied: string[] = [];
  for (const request of requests.values()) {
    if (!(await isAllowed(request, policies))) {
      denied.push(`${request.action} on ${request.resource}`);
    }
  }
  return [...new Set(denied)].sort();
}

/** The statements of a policy that are about an action: the evaluator takes most of its time to read the others. */
function getStatementsAbout(
  action: string,
  { Version, Statement }: PolicyDocument,
): PolicyDocument {
  const isAbout = (statement: unknown): boolean => {
    const { Action: actions } = statement as { readonly Action?: string | readonly string[] };
    return actions === undefined || [actions].flat().some((each) => isWithin(action, each));
  };
  return { Version, Statement: Statement.filter(isAbout) };
}

/** What policies answered, by the request: many resources of a stack ask for the same. */
const answers = new WeakMap<readonly PolicyDocument[], Map<string, Promise<boolean>>>();

/** The same by the statements: the commands of many files make the same calls under the same ones. */
const evaluated = new Map<string, Promise<boolean>>();

/** @throws Error where the action has no resource of this form */
export function isAllowed(
  request: IamRequest,
  policies: readonly PolicyDocument[],
): Promise<boolean> {
  const known = answers.get(policies) ?? new Map<string, Promise<boolean>>();
  answers.set(policies, known);
  const key = JSON.stringify(request);
  const answer = known.get(key) ?? evaluateOnce(request, policies);
  known.set(key, answer);
  return answer;
}

function evaluateOnce(request: IamRequest, policies: readonly PolicyDocument[]): Promise<boolean> {
  const relevant = policies
    .map((policy) => getStatementsAbout(request.action, policy))
    .filter(({ Statement }) => Statement.length > 0);
  const key = JSON.stringify([request, relevant]);
  const answer = evaluated.get(key) ?? evaluate(request, relevant);
  evaluated.set(key, answer);
  return answer;
}

async function evaluate(
  { action, resource, context = {} }: IamRequest,
  relevant: readonly PolicyDocument[],
): Promise<boolean> {
  const simulated = await runSimulation(
    {
      request: {
        principal: at('iam', 'role/under-test').replace('sa-east-1', ''),
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { 'aws:ResourceAccount': ACCOUNT, ...context },
      },
      identityPolicies: relevant.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (simulated.resultType === 'error') {
    const reason = JSON.stringify(simulated.errors);
    throw new Error(`${action} on ${resource} cannot be evaluated: ${reason}`);
  }
  return simulated.overallResult === 'Allowed';
}

/** What policies grant, an action on a resource each: `s3:GetObject on arn:aws:s3:::bucket/*`. */
interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Why something is granted that no call uses: actions on resources, in which `*` is any text. */
export interface Reason {
  readonly why: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The grants for which there is no call and no reason. */
export function findUnused(
  calls: readonly RecordedCall[],
  grants: readonly Grant[],
  reasons: readonly Reason[],
): string[] {
  const requests = calls.flatMap(toRequests);
  const isUsed = (action: string, pattern: string): boolean =>
    requests.some((each) => each.action === action && isWithin(each.resource, pattern)) ||
    reasons.some(
      ({ actions, resources }) =>
        actions.includes(action) && resources.some((each) => isWithin(pattern, each)),
    );
  const unused = grants.flatMap(({ actions, resources }) =>
    actions.flatMap((action) =>
      resources
        .filter((pattern) => !isUsed(action, pattern))
        .map((pattern) => `${action} on ${pattern}`),
    ),
  );
  return [...new Set(unused)].sort();
}

/** The expressions of patterns: a policy has the same ones for thousands of requests. */
const expressions = new Map<string, RegExp>();

function isWithin(text: string, pattern: string): boolean {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    expression = new RegExp(`^${parts.join('.*')}$`);
    expressions.set(pattern, expression);
  }
  return expression.test(text);
}

/** What IAM is asked for a call: an action on each of the resources that the call is about. */
function toRequests(call: RecordedCall): IamRequest[] {
  const { service, operation, input } = call;
  const action = findActionOfCall(`${service}:${operation}`);
  if (action === undefined) return [];
  const text = (name: string): string => String(input[name] ?? '');
  const on = (...resources: string[]): IamRequest[] =>
    resources.map((resource) => ({ action, resource }));
  const last = (name: string): string => text(name).split(/[/:]/).at(-1) ?? '';
  switch (service) {
    case 's3':
      return toS3Requests(call, action);
    case 'glue': {
      const { Name: name } = (input['DatabaseInput'] ?? input['TableInput'] ?? input) as {
        readonly Name?: string;
      };
      const database = text('DatabaseName') || name;
      const parents = [at('glue', 'catalog'), at('glue', `database/${database}`)];
      if (/Databases?$/.test(operation)) return on(...parents);
      const table = text('TableName') || (name ?? '*');
      return on(...parents, at('glue', `table/${database}/${table}`));
    }
    case 'sqs':
      return on(at('sqs', last('QueueUrl')));
    case 'lambda':
      if (operation === 'GetAccountSettings') return on('*');
      if (/EventSourceMapping/.test(operation)) {
        // The stack's two mappings are of such functions, which the request does not name.
        const context = {
          'lambda:FunctionArn': at(
            'lambda',
            'function:pynvest-lambda-get-financial-data-for-acoes',
          ),
        };
        return on(at('lambda', `event-source-mapping:${text('UUID')}`)).map((each) => ({
          ...each,
          context,
        }));
      }
      return on(at('lambda', `function:${last('FunctionName')}`));
    case 'eventbridge':
      return on(at('events', `rule/${text('Name')}`));
    case 'cloudwatch-logs':
      // With and without the suffix for its streams: IAM's documents name both.
      return on(
        at('logs', `log-group:${text('logGroupName')}`),
        at('logs', `log-group:${text('logGroupName')}:log-stream:`),
      );
    case 'cloudwatch': {
      const names = Array.isArray(input['AlarmNames']) ? input['AlarmNames'] : [];
      return operation === 'DescribeAlarms'
        ? on(...names.map((name) => at('cloudwatch', `alarm:${String(name)}`)))
        : on('*');
    }
    case 'cloudformation': {
      const stack = text('StackName');
      const name = stack.split('/').at(1) ?? stack;
      const role = text('RoleARN');
      const passed = {
        action: 'iam:PassRole',
        resource: role,
        context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
      };
      return operation === 'DescribeStackDriftDetectionStatus' || name === ''
        ? on('*')
        : [...on(at('cloudformation', `stack/${name}/id`)), ...(role === '' ? [] : [passed])];
    }
    case 'sfn': {
      const [machine, execution] = text('executionArn').split(':').slice(-2);
      return on(
        text('executionArn') === ''
          ? at('states', `stateMachine:${last('stateMachineArn')}`)
          : at('states', `execution:${machine}:${execution}`),
      );
    }
    case 'athena':
      return on(at('athena', `workgroup/${text('WorkGroup')}`));
    default:
      throw new Error(`no resource is known for ${service}:${operation}`);
  }
}

function toS3Requests({ operation, input }: RecordedCall, action: string): IamRequest[] {
  const bucket = `arn:aws:s3:::${String(input['Bucket'])}`.replace(/\d{12}/, ACCOUNT);
  const ofObject = (key: unknown): string => `${bucket}/${String(key)}`;
  switch (operation) {
    case 'DeleteObjects': {
      const { Objects: objects } = input['Delete'] as { Objects: readonly { Key: string }[] };
      return objects.map(({ Key }) => ({ action, resource: ofObject(Key) }));
    }
    case 'CopyObject': {
      const source = `arn:aws:s3:::${decodeURIComponent(String(input['CopySource']))}`;
      return [
        { action, resource: ofObject(input['Key']) },
        { action: 's3:GetObject', resource: source.replace(/\d{12}/, ACCOUNT) },
      ];
    }
    case 'ListObjectsV2': {
      const context = { 's3:prefix': String(input['Prefix'] ?? '') };
      return [{ action, resource: bucket, context }];
    }
    default:
      return [{ action, resource: input['Key'] === undefined ? bucket : ofObject(input['Key']) }];
  }
}
