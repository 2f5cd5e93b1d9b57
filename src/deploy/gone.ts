/**
 * Parts of a stack that somebody removed by hand. CloudFormation compares the template with what it made
 * before, and not with what is there: a change set says nothing of them.
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
import { awsCode, isDenied } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import { findTable, plannedTable } from './glue.ts';
import type { Scope } from './intrinsics.ts';
import { resourceNames } from './stack.ts';
import type { TemplateResource } from './template.ts';

/** Of each type that is looked for, how: it rejects, or answers nothing, where there is none. */
interface Looks {
  readonly [type: string]: (name: string, resource: TemplateResource) => Promise<unknown>;
}

const AT_ONCE = { concurrency: 4 };

/**
 * The names of the functions, queues, queue triggers, schedules, tables and the state machine of the stack
 * that are not there. What may not be looked at is left out: whoever deploys by a role need not see all of it.
 */
export async function goneResources(aws: Aws, stackName: string, scope: Scope): Promise<string[]> {
  const names = await resourceNames(aws, stackName);
  const lambda = new LambdaClient(aws.clientSettings);
  const events = new EventBridgeClient(aws.clientSettings);
  const sqs = new SQSClient(aws.clientSettings);
  const sfn = new SFNClient(aws.clientSettings);
  const looks: Looks = {
    'AWS::Lambda::Function': (FunctionName) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    'AWS::Lambda::EventSourceMapping': (UUID) =>
      lambda.send(new GetEventSourceMappingCommand({ UUID })),
    'AWS::Events::Rule': (Name) => events.send(new DescribeRuleCommand({ Name })),
    'AWS::SQS::Queue': (QueueUrl) => sqs.send(new GetQueueAttributesCommand({ QueueUrl })),
    'AWS::Glue::Table': (_, resource) => findTable(aws, plannedTable(resource, scope)),
    'AWS::StepFunctions::StateMachine': (stateMachineArn) =>
      sfn.send(new DescribeStateMachineCommand({ stateMachineArn })),
  };
  const gone = await pMap(
    scope.template.resources.values(),
    async (resource) => {
      const { id, type } = resource;
      const [look, name] = [looks[type], names.get(id)];
      if (look === undefined || name === undefined || (await isThere(() => look(name, resource))))
        return [];
      // A trigger's own name is a number.
      return [type === 'AWS::Lambda::EventSourceMapping' ? id : (name.split(/[/:]/).at(-1) ?? id)];
    },
    AT_ONCE,
  );
  for (const client of [lambda, events, sqs, sfn]) client.destroy();
  return gone.flat();
}

const NOT_THERE: readonly string[] = [
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'StateMachineDoesNotExist',
];

async function isThere(look: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await look()) !== undefined;
  } catch (error) {
    if (NOT_THERE.includes(awsCode(error) ?? '')) return false;
    if (isDenied(error)) return true;
    throw error;
  }
}
