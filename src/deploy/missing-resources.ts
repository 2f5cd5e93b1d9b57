/**
 * Resources of a stack that were deleted by hand. CloudFormation compares the template with the last deployment,
 * not with what exists: a change set does not mention them.
 */

import pMap from 'p-map';
import { isAccessDenied } from '../aws/errors.ts';
import { stateMachineExists } from '../aws/executions.ts';
import { findEventSource, findFunction } from '../aws/functions.ts';
import { findTable } from '../aws/glue.ts';
import { queueExists } from '../aws/queues.ts';
import { findSchedule } from '../aws/schedules.ts';
import type { AwsSession } from '../aws/session.ts';
import { readResourceNames } from '../aws/stack.ts';
import { evaluateTable, type Scope } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/** How a resource of each type is looked up by its physical name; answers undefined or false where it is missing. */
interface Lookups {
  readonly [type: string]: (name: string, resource: TemplateResource) => Promise<unknown>;
}

const CONCURRENCY = 4;

/**
 * The names of the functions, queues, queue triggers, schedules, tables and the state machine of the stack
 * that do not exist. A resource that these credentials may not read counts as existing: deploying by a service
 * role needs no permission to read everything.
 */
export async function findMissingResources(
  aws: AwsSession,
  stackName: string,
  scope: Scope,
): Promise<string[]> {
  const names = await readResourceNames(aws, stackName);
  const lookups: Lookups = {
    'AWS::Lambda::Function': (name) => findFunction(aws, name),
    'AWS::Lambda::EventSourceMapping': (uuid) => findEventSource(aws, uuid),
    'AWS::Events::Rule': (name) => findSchedule(aws, name),
    'AWS::SQS::Queue': (url) => queueExists(aws, url),
    'AWS::Glue::Table': (_, resource) => findTable(aws, evaluateTable(resource, scope)),
    'AWS::StepFunctions::StateMachine': (arn) => stateMachineExists(aws, arn),
  };
  const missing = await pMap(
    scope.template.resources.values(),
    async (resource) => {
      const { id, type } = resource;
      const lookup = lookups[type];
      const name = names.get(id);
      if (lookup === undefined || name === undefined) return [];
      if (await exists(() => lookup(name, resource))) return [];
      // An event source mapping has no name but a UUID.
      return [type === 'AWS::Lambda::EventSourceMapping' ? id : (name.split(/[/:]/).at(-1) ?? id)];
    },
    { concurrency: CONCURRENCY },
  );
  return missing.flat();
}

async function exists(lookup: () => Promise<unknown>): Promise<boolean> {
  try {
    return Boolean(await lookup());
  } catch (error) {
    if (isAccessDenied(error)) return true;
    throw error;
  }
}
