/** The functions of the chain, what starts them from the queues, and how many may run at once. */
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { functionId, functionNames } from '../../deploy/functions.ts';
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import type { RunningSystem } from '../running-system.ts';
import { type Finding, finding } from './finding.ts';
import type { SystemClients } from './system.ts';

export async function functions(
  system: RunningSystem,
  { lambda }: SystemClients,
): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const name of functionNames) {
    const subject = resources.get(functionId(name)) ?? name;
    const detail = await missing(() =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: subject })),
    ).then((found) => (found === undefined ? 'not there' : whyUnstartable(found)));
    if (detail !== undefined)
      findings.push(finding('function', { status: 'problem', subject, detail }));
  }
  if (findings.length > 0) return findings;
  return [
    finding('function', {
      status: 'ok',
      detail: `${functionNames.length} functions can be started`,
    }),
  ];
}

function whyUnstartable(found: GetFunctionConfigurationCommandOutput): string | undefined {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason, CodeSize } = found;
  if (CodeSize === 0) return 'without code';
  // Inactive is one that has not run for long: the next call wakes it.
  if (State === 'Failed') return `failed: ${StateReason ?? ''}`;
  if (LastUpdateStatus === 'Failed') return `its update failed: ${LastUpdateStatusReason ?? ''}`;
  return undefined;
}

const TRIGGERS = ['AcoesQueueToGetFinancialData', 'FiisQueueToGetFinancialData'];

export async function queueTriggers(
  system: RunningSystem,
  { lambda }: SystemClients,
): Promise<Finding[]> {
  const resources = await system.resources();
  const findings: Finding[] = [];
  for (const subject of TRIGGERS) {
    const uuid = resources.get(subject);
    const found =
      uuid === undefined
        ? undefined
        : await missing(() => lambda.send(new GetEventSourceMappingCommand({ UUID: uuid })));
    if (uuid === undefined || found === undefined) {
      const remedy = MADE_AGAIN;
      findings.push(
        finding('queue-trigger', { status: 'problem', subject, detail: 'not there', remedy }),
      );
    } else if (/^Disabl/.test(found.State ?? '')) {
      const fix = { kind: 'enable-trigger', uuid } as const;
      const detail = `${found.State?.toLowerCase()}: nothing of its queue is collected`;
      findings.push(finding('queue-trigger', { status: 'problem', subject, detail, fix }));
    }
  }
  if (findings.length > 0) return findings;
  return [finding('queue-trigger', { status: 'ok', detail: 'both queues start their function' })];
}

/**
 * How many functions of the chain may run at once: of each kind, as many that read pages as the queue
 * starts, and for each file of theirs one that types it and one that makes quotes of it.
 */
const STEPS_AT_ONCE = 3;
const QUEUES = 2;

export async function quota(
  { stack }: RunningSystem,
  { lambda }: SystemClients,
): Promise<Finding[]> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const allowed =
    AccountLimit?.UnreservedConcurrentExecutions ?? AccountLimit?.ConcurrentExecutions;
  if (allowed === undefined) return [];
  const needed = QUEUES * STEPS_AT_ONCE * Number(stack.parameters['MaximumConcurrency'] ?? 3);
  const detail = `${allowed} functions at once; the chain starts up to ${needed}`;
  return [finding('aws-quota', { status: allowed < needed ? 'note' : 'ok', detail })];
}

async function missing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
