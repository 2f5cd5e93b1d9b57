/**
 * Resources of a stack that were deleted by hand. CloudFormation compares the template with the last deployment,
 * not with what exists: a change set does not mention them.
 */

import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { getAwsErrorCode, isAccessDenied } from '../aws/errors.ts';
import { findTable } from '../aws/glue.ts';
import type { AwsSession } from '../aws/session.ts';
import { readResourceNames } from '../aws/stack.ts';
import { evaluateTable, type Scope } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/** Of each type that is looked for, how: it rejects, or answers nothing, where there is none. */
interface ResourceChecks {
  readonly [type: string]: (name: string, resource: TemplateResource) => Promise<unknown>;
}

const CHECK_OPTIONS = { concurrency: 4 };

/**
 * The names of the functions, queues, queue triggers, schedules, tables and the state machine of the stack
 * that are not there. What may not be looked at is left out: whoever deploys by a role need not see all of it.
 */
export async function findMissingResources(
  aws: AwsSession,
  stackName: string,
  scope: Scope,
): Promise<string[]> {
  const names = await readResourceNames(aws, stackName);
  const lambda = new LambdaClient(aws.clientSettings);
  const events = new EventBridgeClient(aws.clientSettings);
  const sqs = new SQSClient(aws.clientSettings);
  const sfn = new SFNClient(aws.clientSettings);
  const looks: ResourceChecks = {
    'AWS::Lambda::Function': (FunctionName) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    'AWS::Lambda::EventSourceMapping': (UUID) =>
      lambda.send(new GetEventSourceMappingCommand({ UUID })),
    'AWS::Events::Rule': (Name) => events.send(new DescribeRuleCommand({ Name })),
    'AWS::SQS::Queue': (QueueUrl) => sqs.send(new GetQueueAttributesCommand({ QueueUrl })),
    'AWS::Glue::Table': (_, resource) => findTable(aws, evaluateTable(resource, scope)),
    'AWS::StepFunctions::StateMachine': (stateMachineArn) =>
      sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
  };
  const gone = await pMap(
    scope.template.resources.values(),
    async (resource) => {
      const { id, type } = resource;
      const [look, name] = [looks[type], names.get(id)];
      if (
        look === undefined ||
        name === undefined ||
        (await resourceExists(() => look(name, resource)))
      )
        return [];
      // A trigger's own name is a number.
      return [type === 'AWS::Lambda::EventSourceMapping' ? id : (name.split(/[/:]/).at(-1) ?? id)];
    },
    CHECK_OPTIONS,
  );
  for (const client of [lambda, events, sqs, sfn]) client.destroy();
  return gone.flat();
}

const NOT_FOUND_CODES: readonly string[] = [
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'StateMachineDoesNotExist',
];

async function resourceExists(look: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await look()) !== undefined;
  } catch (error) {
    if (NOT_FOUND_CODES.includes(getAwsErrorCode(error) ?? '')) return false;
    if (isAccessDenied(error)) return true;
    throw error;
  }
}
