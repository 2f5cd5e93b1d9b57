/** The calls of commands, held against the policies that `pynvest iam-policy` prints for them. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDeployerPolicy,
  createServiceRolePolicy,
} from '../../src/deploy/iam/deployer-policy.ts';
import {
  createCollectorPolicy,
  createOperatorPolicy,
  createRepairPolicy,
} from '../../src/deploy/iam/operator-policy.ts';
import type { Scope } from '../../src/deploy/intrinsics.ts';
import { resolveParameters } from '../../src/deploy/parameters.ts';
import { parseTemplate, type Template } from '../../src/deploy/template.ts';
import type { CommandOptions } from './command.ts';
import type { Around } from './in-process.ts';
import {
  ACCOUNT,
  CALL_RECORDER,
  findDenied,
  type PolicyDocument,
  type RecordedCall,
  readCalls,
  recordCalls,
  recordCallsInto,
} from './recorded-calls.ts';
import { templateText } from './template-text.ts';

export type Task = 'deploy' | 'deploy-by-role' | 'operate' | 'collect' | 'repair';

/** The parameters of a stack, as `--parameter` sets them. */
type Given = Readonly<Record<string, string>>;

/** Which of the policies a command needs. */
function getTasks([command = '', ...args]: readonly string[]): readonly Task[] {
  if (/^(deploy|plan|destroy)$/.test(command)) {
    return args.includes('--role-arn') ? ['deploy-by-role'] : ['deploy'];
  }
  if (command === 'doctor' && args.includes('--fix')) return ['operate', 'collect', 'repair'];
  if (/^(run|backfill|dedup|import)$/.test(command) && !args.includes('--remote'))
    return ['collect'];
  // The central bank's values are stored where that is allowed.
  if (command === 'query' && args.includes('--contra')) return ['operate', 'collect'];
  return ['operate'];
}

/** The role of `--role-arn` in the tests. */
export const SERVICE_ROLE = `arn:aws:iam::${ACCOUNT}:role/cloudformation`;

/** Reading it takes longer than all that is asked of it. */
let template: Template | undefined;

export function createScope(given: Given, stackName = 'pynvest'): Scope {
  template ??= parseTemplate(templateText);
  const parameters = resolveParameters(template, {}, given);
  const place = { account: ACCOUNT, region: 'sa-east-1', partition: 'aws' };
  return { template, parameters, stackName, ...place };
}

export function createPolicy(task: Task | 'service-role', scope: Scope): PolicyDocument {
  switch (task) {
    case 'deploy':
      return createDeployerPolicy(scope, { deleteData: true });
    case 'deploy-by-role':
      return createDeployerPolicy(scope, { deleteData: true, roleArn: SERVICE_ROLE });
    case 'service-role':
      return createServiceRolePolicy(scope);
    case 'operate':
      return createOperatorPolicy(scope);
    case 'collect':
      return createCollectorPolicy(scope);
    case 'repair':
      return createRepairPolicy(scope);
  }
}

/** The calls of the commands of one task on one stack. */
interface RecordedTask {
  readonly stackName: string;
  readonly tasks: readonly Task[];
  readonly calls: RecordedCall[];
  /** How many of the calls were found allowed; what the stack has been given since only allows more. */
  allowed: number;
}

/** Records the calls of commands; learns the parameters of a stack from the options of those that deploy it. */
export class CommandRecorder {
  readonly #recorded = new Map<string, RecordedTask>();
  /** Each set of parameters that a stack has had: what one leaves, the next takes over. */
  readonly #parameters = new Map<string, Given[]>();

  /** By task, stack and parameters. */
  readonly #policies = new Map<string, PolicyDocument>();

  /** The stacks that were deployed, the last one first: a command without a name is about that. */
  #deployed: readonly string[] = [];

  /** Of processes: where the calls of each are written. */
  readonly #files: { readonly file: string; readonly calls: RecordedCall[] }[] = [];

  /** What a command of this process runs in (see `ProcessOptions`), for its calls to be recorded. */
  around(args: readonly string[]): Around {
    const calls = this.#getCallsOf(args);
    return (work) => recordCalls(calls, { ownsClients: true }, work);
  }

  /** The options of a process of the built command whose calls are recorded. */
  recordProcess(args: readonly string[]): Required<Pick<CommandOptions, 'env' | 'preload'>> {
    const file = join(tmpdir(), `pynvest-calls-${randomUUID()}.jsonl`);
    this.#files.push({ file, calls: this.#getCallsOf(args) });
    return { env: recordCallsInto(file), preload: [CALL_RECORDER] };
  }

  /** @throws Error where a process has made no call: it was not recorded, then */
  #readFiles(): void {
    for (const { file, calls } of this.#files.splice(0)) {
      const made = readCalls(file);
      rmSync(file, { force: true });
      if (made.length === 0) throw new Error('no call of a process was recorded');
      calls.push(...made);
    }
  }

  #getCallsOf(args: readonly string[]): RecordedCall[] {
    const stackName = getValues(args, '--stack-name').at(-1) ?? this.#deployed[0] ?? 'pynvest';
    const others = this.#deployed.filter((each) => each !== stackName);
    if (args[0] === 'deploy') this.#deployed = [stackName, ...others];
    if (args[0] === 'destroy') this.#deployed = others;
    const given = [...getValues(args, '--parameter'), ...getValues(args, '-p')];
    const known = this.#parameters.get(stackName) ?? [{}];
    const changes = Object.fromEntries(given.map((each) => each.split(/=(.*)/s)));
    if (given.length > 0) known.push({ ...known.at(-1), ...changes });
    this.#parameters.set(stackName, known);
    return this.#getCalls(stackName, getTasks(args));
  }

  /** The calls of a task so far. */
  getCalls(task: Task, stackName = 'pynvest'): readonly RecordedCall[] {
    return [...this.#recorded.values()]
      .filter((each) => each.stackName === stackName && each.tasks.includes(task))
      .flatMap(({ calls }) => calls);
  }

  #getCalls(stackName: string, tasks: readonly Task[]): RecordedCall[] {
    const key = `${stackName} ${tasks}`;
    const recorded = this.#recorded.get(key) ?? { stackName, tasks, calls: [], allowed: 0 };
    this.#recorded.set(key, recorded);
    return recorded.calls;
  }

  /** @throws Error where a command made a call that its policy does not allow */
  async assertAllowed(): Promise<void> {
    this.#readFiles();
    for (const recorded of this.#recorded.values()) {
      const { stackName, tasks, calls, allowed } = recorded;
      const documents = (this.#parameters.get(stackName) ?? [{}]).flatMap((given) =>
        tasks.map((task) => this.#getPolicy(task, given, stackName)),
      );
      const asked = calls.slice(allowed);
      const denied = await findDenied(asked, documents);
      if (denied.length > 0) {
        throw new Error(`iam-policy --for ${tasks} does not allow: ${denied.join('; ')}`);
      }
      recorded.allowed += asked.length;
    }
  }

  #getPolicy(task: Task, given: Given, stackName: string): PolicyDocument {
    const key = JSON.stringify([task, given, stackName]);
    const policy = this.#policies.get(key) ?? createPolicy(task, createScope(given, stackName));
    this.#policies.set(key, policy);
    return policy;
  }
}

/** The values of an option that takes one word, or several in turn. */
function getValues(args: readonly string[], option: string): string[] {
  return args.flatMap((each, index) => (args[index - 1] === option ? [each] : []));
}
