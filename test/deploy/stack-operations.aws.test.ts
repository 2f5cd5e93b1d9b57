/** Stacks that an earlier run left broken or busy. */
import { setTimeout as wait } from 'node:timers/promises';
import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AwsSession } from '../../src/aws/session.ts';
import { findStack } from '../../src/aws/stack.ts';
import { createChangeSet } from '../../src/aws/stack-changes.ts';
import { deploy } from '../../src/deploy/deploy.ts';
import { destroy } from '../../src/deploy/destroy.ts';
import { planDeployment } from '../../src/deploy/plan.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { DeployError, UsageError } from '../../src/errors.ts';
import { hasAws } from '../support/aws-account.ts';
import { type AwsFront, answerOf } from '../support/aws-front.ts';
import {
  functionSettings,
  smallDeployment,
  smallTemplate,
  smallTemplateText,
  testHost,
} from '../support/deploying.ts';
import { useWatchedAws } from '../support/watched-aws.ts';

describe.runIf(hasAws)('recovering', () => {
  const watched = useWatchedAws();
  let front: AwsFront;
  let aws: AwsSession;
  beforeEach(() => {
    ({ front, aws } = watched());
  });

  const statusNow = async (): Promise<string | undefined> =>
    (await findStack(aws, 'small'))?.status;

  test('a first deployment that failed is deleted, and what it left is reused', async () => {
    const broken = smallDeployment({ parameters: { Broken: 'yes' } });
    await expect(deploy(testHost(), aws, broken)).rejects.toThrow(/ZBroken/);
    expect(await statusNow()).toBe('ROLLBACK_COMPLETE');
    const host = testHost();
    const outcome = await deploy(host, aws, smallDeployment());
    expect(outcome).toMatchObject({ kind: 'deployed', isNew: true });
    expect(host.said).toContainEqual(expect.stringMatching(/ROLLBACK_COMPLETE.*deleted first/));
    expect(await statusNow()).toBe('CREATE_COMPLETE');
  });

  test('of a failed first deployment, a plan says what will come and clears nothing away', async () => {
    const broken = smallDeployment({ parameters: { Broken: 'yes' } });
    await expect(deploy(testHost(), aws, broken)).rejects.toThrow();
    expect(await planDeployment(testHost(), aws, smallDeployment())).toMatchObject({ kind: 'new' });
    expect(await statusNow()).toBe('ROLLBACK_COMPLETE');
  });

  test('a stack that was only looked at (REVIEW_IN_PROGRESS) is no obstacle', async () => {
    await createChangeSet(aws, {
      stackName: 'small',
      type: 'CREATE',
      template: { body: smallTemplateText },
      parameters: { ArtifactsBucket: 'b', CodeKeyGetTickers: 'k' },
      tags: {},
      roleArn: undefined,
      transforms: false,
    });
    expect(await statusNow()).toBe('REVIEW_IN_PROGRESS');
    expect(await deploy(testHost(), aws, smallDeployment())).toMatchObject({ isNew: true });
    expect(await statusNow()).toBe('CREATE_COMPLETE');
  });

  test('a removal that failed is ended before all is made anew', async () => {
    await deploy(testHost(), aws, smallDeployment());
    await aws.cloudformation.send(new DeleteStackCommand({ StackName: 'small' }));
    let status = 'DELETE_FAILED';
    front.intercept = ({ action, form }) => {
      if (action === 'DeleteStack') status = '';
      if (action !== 'DescribeStacks' || status === '' || form.get('StackName') !== 'small') return;
      return answerOf(action, stackXml(status));
    };
    const outcome = await deploy(testHost(), aws, smallDeployment());
    expect(outcome).toMatchObject({ kind: 'deployed', isNew: true });
  });

  test('an interrupted first deployment goes on: waits for it, then does what it has left', async () => {
    const host = testHost();
    const interrupted = deploy(host, aws, smallDeployment({ parameters: { Slow: 'yes' } }));
    interrupted.catch(() => undefined);
    while ((await statusNow()) !== 'CREATE_IN_PROGRESS') await wait(50);
    expect(host.goingOn()).toMatch(/continues in AWS.*console\.aws\.amazon\.com/);
    const second = testHost();
    const parameters = { Slow: 'yes', FunctionMemory: '256' };
    const outcome = await deploy(second, aws, smallDeployment({ parameters }));
    expect(second.said).toContainEqual(expect.stringMatching(/CREATE_IN_PROGRESS: waiting/));
    expect(second.steps).toContainEqual(expect.stringMatching(/^create complete\s+SlowThing/));
    expect(second.said).toContainEqual(expect.stringMatching(/ended as CREATE_COMPLETE/));
    expect(outcome).toMatchObject({ kind: 'deployed' });
    expect(await functionSettings(watched().account, 'small-lambda-get-tickers')).toMatchObject({
      MemorySize: 256,
    });
    await interrupted;
  });

  test('an interrupted update goes on, and destroying waits for one', async () => {
    await deploy(testHost(), aws, smallDeployment({ parameters: { Slow: 'a' } }));
    const update = deploy(testHost(), aws, smallDeployment({ parameters: { Slow: 'b' } }));
    while ((await statusNow()) !== 'UPDATE_IN_PROGRESS') await wait(50);
    const host = testHost();
    const request = {
      stackName: 'small',
      deleteData: false,
      template: smallTemplate,
      parameters: {},
    };
    expect(await destroy(host, aws, request)).toMatchObject({ kind: 'destroyed' });
    expect(host.said).toContainEqual(expect.stringMatching(/UPDATE_IN_PROGRESS: waiting/));
    await update.catch(() => undefined);
  });

  test('the stand-in, too, refuses a change set whose parameters break a rule', async () => {
    const request = (Slow: string) =>
      createChangeSet(aws, {
        ...({
          stackName: 'small',
          type: 'CREATE',
          template: { body: RULED_TEMPLATE_TEXT },
        } as const),
        parameters: { ArtifactsBucket: 'b', CodeKeyGetTickers: 'k', Broken: 'yes', Slow },
        ...{ tags: {}, roleArn: undefined, transforms: false },
      });
    await expect(request('a')).rejects.toThrow(/With Broken=yes, Slow is no\./);
    expect(await request('no')).toMatchObject({ kind: 'changes' });
  });

  describe('an update that could not be taken back (UPDATE_ROLLBACK_FAILED)', () => {
    /** The endpoint lacks the status and ContinueUpdateRollback: the door in front plays both. */
    function stuckUntil(rollbacks: number): void {
      let tried = 0;
      front.intercept = ({ action, form }) => {
        if (action === 'ContinueUpdateRollback') {
          tried += 1;
          return answerOf(action, '');
        }
        if (action === 'DescribeStacks' && tried < rollbacks) {
          return answerOf(action, stackXml('UPDATE_ROLLBACK_FAILED'));
        }
        if (action === 'DescribeStackEvents' && tried > 0 && form.get('StackName') === STACK_ID) {
          const end = tried < rollbacks ? 'UPDATE_ROLLBACK_FAILED' : 'UPDATE_ROLLBACK_COMPLETE';
          return answerOf(action, `<StackEvents>${eventXml(end, `e${tried}`)}</StackEvents>`);
        }
        if (action === 'DescribeStackEvents' && form.get('StackName') === STACK_ID) {
          return answerOf(action, '<StackEvents/>');
        }
        return undefined;
      };
    }

    test('is tried once more, with leave, and then deployed', async () => {
      await deploy(testHost(), aws, smallDeployment());
      stuckUntil(1);
      const host = testHost();
      expect(await deploy(host, aws, smallDeployment())).toMatchObject({ kind: 'unchanged' });
      expect(host.said).toContainEqual(expect.stringMatching(/^\? Continue the rollback/));
      expect(host.said).toContain('The update is rolled back');
    });

    test('without leave, or when it fails again, says what to do', async () => {
      await deploy(testHost(), aws, smallDeployment());
      stuckUntil(9);
      const declined = deploy(testHost({ confirm: false }), aws, smallDeployment());
      await expect(declined).rejects.toThrow(/UPDATE_ROLLBACK_FAILED/);
      const failure = await deploy(testHost(), aws, smallDeployment()).catch((error) => error);
      expect(failure).toBeInstanceOf(DeployError);
      expect(failure.hint).toMatch(/--resources-to-skip/);
      expect(failure.hint).toMatch(/console\.aws\.amazon\.com/);
    });

    test('is left alone where the parameters break a rule of the template', async () => {
      await deploy(testHost(), aws, smallDeployment());
      stuckUntil(1);
      const template = parseTemplate(RULED_TEMPLATE_TEXT);
      const request = { template, parameters: { Broken: 'yes', Slow: 'a' } };
      const failure = await deploy(testHost(), aws, smallDeployment(request)).catch((each) => each);
      expect(failure).toBeInstanceOf(UsageError);
      expect(failure.message).toContain('With Broken=yes, Slow is no.');
      expect(front.requests.map(({ action }) => action)).not.toContain('ContinueUpdateRollback');
    });

    test('a plan does not try', async () => {
      stuckUntil(1);
      await expect(planDeployment(testHost(), aws, smallDeployment())).rejects.toThrow(
        /could not be rolled back/,
      );
      expect(front.requests.map(({ action }) => action)).not.toContain('ContinueUpdateRollback');
    });
  });

  test('a stack whose update stopped half-way is named, with the way out', async () => {
    front.intercept = ({ action }) =>
      action === 'DescribeStacks' ? answerOf(action, stackXml('UPDATE_FAILED')) : undefined;
    const failure = await deploy(testHost(), aws, smallDeployment()).catch((error) => error);
    expect(failure).toMatchObject({ hint: expect.stringContaining('rollback-stack') });
  });
});

const RULED_TEMPLATE_TEXT = `${smallTemplateText}
Rules:
  NotBoth:
    RuleCondition: !Equals [!Ref Broken, "yes"]
    Assertions:
      - Assert: !Equals [!Ref Slow, "no"]
        AssertDescription: With Broken=yes, Slow is no.
`;

const STACK_ID = 'arn:aws:cloudformation:sa-east-1:000000000000:stack/small/1';

function stackXml(status: string): string {
  return `<Stacks><member><StackName>small</StackName><StackId>${STACK_ID}</StackId><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>`;
}

function eventXml(status: string, id: string): string {
  return `<member><StackId>${STACK_ID}</StackId><EventId>${id}</EventId><StackName>small</StackName><LogicalResourceId>small</LogicalResourceId><PhysicalResourceId>${STACK_ID}</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>${status}</ResourceStatus><Timestamp>2026-01-02T00:00:0${id.length}Z</Timestamp></member>`;
}
