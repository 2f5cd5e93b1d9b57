/**
 * The calls that code in this process makes to AWS, each held against policies by an IAM evaluator: the stand-in
 * enforces none.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { S3Client } from '@aws-sdk/client-s3';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { createDeployerPolicy } from '../../src/deploy/iam/deployer-policy.ts';
import {
  createCollectorPolicy,
  createOperatorPolicy,
  createRepairPolicy,
} from '../../src/deploy/iam/operator-policy.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { findActionOfCall } from './sdk-calls.ts';
import { templateText } from './template.ts';

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

const recording = new AsyncLocalStorage<RecordedCall[]>();
let isWatching = false;

/** Every client of the SDK sends by the method of one class. */
function watchClients(): void {
  if (isWatching) return;
  isWatching = true;
  const base: { send: (...args: unknown[]) => unknown } = Object.getPrototypeOf(S3Client.prototype);
  const { send } = base;
  base.send = function (this: object, ...args: unknown[]) {
    const client = this.constructor.name;
    const [command] = args as [{ readonly input: Readonly<Record<string, unknown>> }];
    recording.getStore()?.push({
      service: PACKAGES[client] ?? client.replace(/Client$/, '').toLowerCase(),
      operation: command.constructor.name.replace(/Command$/, ''),
      input: command.input,
    });
    return Reflect.apply(send, this, args);
  };
}

/** Does some work; adds the calls that it makes to a list. */
export function recordCalls<T>(calls: RecordedCall[], work: () => Promise<T>): Promise<T> {
  watchClients();
  return recording.run(calls, work);
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly unknown[];
}

/** The account and region of the policies; whatever those of the calls were. */
const ACCOUNT = '123456789012';
const at = (service: string, path: string): string =>
  `arn:aws:${service}:sa-east-1:${ACCOUNT}:${path}`;

interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** The actions on resources that the policies do not allow, each once. */
export async function findDenied(
  calls: readonly RecordedCall[],
  policies: readonly PolicyDocument[],
): Promise<string[]> {
  const requests = new Map<string, IamRequest>();
  for (const request of calls.flatMap(toRequests)) {
    // The files of a partition are one resource to a policy.
    const resource = request.resource.replace(/\/anomesdia_exec=.*/, '/x');
    requests.set(`${request.action} on ${resource}`, { ...request, resource });
  }
  const identityPolicies = policies.map((policy, index) => ({ name: `policy-${index}`, policy }));
  const denied: string[] = [];
  for (const [name, { action, resource, context = {} }] of requests) {
    const simulated = await runSimulation(
      {
        request: {
          principal: at('iam', 'role/under-test').replace('sa-east-1', ''),
          action,
          resource: { resource, accountId: ACCOUNT },
          contextVariables: { 'aws:ResourceAccount': ACCOUNT, ...context },
        },
        identityPolicies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (simulated.resultType === 'error') {
      throw new Error(`${name} cannot be evaluated: ${JSON.stringify(simulated.errors)}`);
    }
    if (simulated.overallResult !== 'Allowed') denied.push(name);
  }
  return denied.sort();
}

/** The actions of the calls, such as `s3:GetObject`. */
export function getActions(calls: readonly RecordedCall[]): Set<string> {
  return new Set(calls.flatMap(toRequests).map(({ action }) => action));
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
      return on(at('logs', `log-group:${text('logGroupName')}`));
    case 'cloudwatch': {
      const names = Array.isArray(input['AlarmNames']) ? input['AlarmNames'] : [];
      return operation === 'DescribeAlarms'
        ? on(...names.map((name) => at('cloudwatch', `alarm:${String(name)}`)))
        : on('*');
    }
    case 'cloudformation': {
      // A change set is the stack's, which its own name does not tell.
      const stack = text('StackName') || (text('ChangeSetName') && 'pynvest');
      const name = stack.split('/').at(1) ?? stack;
      return operation === 'DescribeStackDriftDetectionStatus' || name === ''
        ? on('*')
        : on(at('cloudformation', `stack/${name}/id`));
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
      // Of a query, its workgroup is what is asked for.
      return on(at('athena', `workgroup/${text('WorkGroup') || 'pynvest'}`));
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

type Task = 'deploy' | 'operate' | 'collect' | 'repair';

/** Which of the policies that `pynvest iam-policy` prints a command needs. */
function getTasks([command = '', ...args]: readonly string[]): readonly Task[] {
  if (/^(deploy|plan|destroy)$/.test(command)) return ['deploy'];
  if (command === 'doctor' && args.includes('--fix')) return ['operate', 'collect', 'repair'];
  if (/^(run|backfill|dedup)$/.test(command) && !args.includes('--remote')) return ['collect'];
  return ['operate'];
}

/** Records the calls of commands, for a system with these parameters of the template. */
export class CommandRecorder {
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #calls = new Map<string, RecordedCall[]>();

  constructor(parameters: Readonly<Record<string, string>> = {}) {
    this.#parameters = parameters;
  }

  record<T>(args: readonly string[], work: () => Promise<T>): Promise<T> {
    // The policy is of this stack alone.
    if (args.includes('--stack-name')) return work();
    const tasks = getTasks(args).join();
    const calls = this.#calls.get(tasks) ?? [];
    this.#calls.set(tasks, calls);
    return recordCalls(calls, work);
  }

  /** @throws Error where a command made a call that its policy does not allow */
  async assertAllowed(): Promise<void> {
    const parsed = parseTemplate(templateText);
    const scope = {
      template: parsed,
      parameters: resolveParameters(parsed, {}, this.#parameters),
      account: ACCOUNT,
      region: 'sa-east-1',
      partition: 'aws',
      stackName: 'pynvest',
    };
    const policies: Readonly<Record<Task, PolicyDocument>> = {
      deploy: createDeployerPolicy(scope, { deleteData: true }),
      operate: createOperatorPolicy(scope),
      collect: createCollectorPolicy(scope),
      repair: createRepairPolicy(scope),
    };
    for (const [tasks, calls] of this.#calls) {
      const documents = tasks.split(',').map((task) => policies[task as Task]);
      const denied = await findDenied(calls, documents);
      if (denied.length > 0) {
        throw new Error(`iam-policy --for ${tasks} does not allow: ${denied.join('; ')}`);
      }
    }
  }
}
