/**
 * What `deploy` and `plan` print: the stack's outputs, the planned changes, missing resources.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import type { StackValues } from '../../aws/stack.ts';
import type { DeploymentPlan } from '../../deploy/plan.ts';
import type { OutputOptions } from '../options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { resolveFormat, writeRows } from './rows.ts';

export const NO_CHANGES = 'No changes: all is as it should be.';

export function warnMissingResources(terminal: Terminal, gone: readonly string[]): void {
  terminal.warn(
    `CloudFormation has no changes to make, and does not see what was removed by hand: ${gone.join(', ')}. ` +
      RECREATE_HINT,
  );
}

/**
 * What the stack says of itself, where it is asked for. On a terminal as lines: a table would cut the
 * values, which are there to be copied.
 */
export async function writeStackOutputs(
  terminal: Terminal,
  { format }: OutputOptions,
  outputs: StackValues,
): Promise<void> {
  if (format === undefined && !terminal.verbose) return;
  const rows = Object.entries(outputs);
  if (resolveFormat(terminal, format) !== 'table') {
    return writeRows(terminal, format, { columns: ['output', 'value'], rows });
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) terminal.stdout.write(`${name.padEnd(width)}  ${value}\n`);
}

export const PLAN_COLUMNS = [
  'action',
  'type',
  'name',
  'logical_id',
  'properties',
  'data_at_risk',
] as const;

export function createPlanRows(planned: DeploymentPlan): string[][] {
  const { bucketToMake: bucket, moves = [] } = planned.kind === 'unchanged' ? {} : planned.facts;
  return [
    ...(bucket === undefined ? [] : [['add', 'AWS::S3::Bucket', bucket, '', '', '']]),
    ...moves.map(({ type, from, to, consequence: loss }) => [
      'move',
      type,
      from,
      '',
      `to ${to}`,
      loss,
    ]),
    ...planned.changes.map(({ action, type, name, logicalId, properties, atRisk }) => {
      return [action, type, name, logicalId, properties.join(', '), atRisk];
    }),
  ];
}
