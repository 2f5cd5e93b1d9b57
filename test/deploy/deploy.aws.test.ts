/** Deploying to the stand-in for AWS: real CloudFormation, S3, Glue and Lambda calls. */
import { DeleteTableCommand } from '@aws-sdk/client-glue';
import { DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import { listObjects } from '../../src/aws/objects.ts';
import type { AwsSession } from '../../src/aws/session.ts';
import { findStack, readResourceNames } from '../../src/aws/stack.ts';
import { deploy } from '../../src/deploy/deploy.ts';
import { planDeployment } from '../../src/deploy/plan.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { DeployError, StackFailedError, UsageError } from '../../src/errors.ts';
import { hasAws } from '../support/aws-account.ts';
import { type AwsFront, answerOf, refusalOf } from '../support/aws-front.ts';
import {
  bundleAnswering,
  functionSettings,
  smallDeployment,
  smallTemplateText,
  testHost,
} from '../support/deploying.ts';
import { useWatchedAws } from '../support/watched-aws.ts';

describe.runIf(hasAws)('deploying', () => {
  const watched = useWatchedAws();
  let front: AwsFront;
  let aws: AwsSession;
  /** The end of the buckets' names. */
  let place: string;
  let artifactsBucket: string;
  beforeEach(() => {
    ({ front, aws } = watched());
    place = `${watched().account.id}-sa-east-1`;
    artifactsBucket = `small-artifacts-${place}`;
  });

  const uploads = (): string[] =>
    front.requests
      .filter(({ method, path }) => method === 'PUT' && path.includes(`${artifactsBucket}/`))
      .map(({ path }) => path.split('?')[0]?.split(`${artifactsBucket}/`)[1] ?? '')
      .filter((key) => key !== '' && !key.startsWith('sets/'));

  test('from nothing: says what comes, asks, makes it, answers the outputs', async () => {
    const host = testHost();
    const request = smallDeployment();
    const outcome = await deploy(host, aws, request);
    expect(outcome).toMatchObject({
      kind: 'deployed',
      isNew: true,
      outputs: { SorBucket: `small-sor-${place}`, NotificationsNeeded: 'false' },
    });
    expect(request.shown.map(({ action }) => action)).toEqual(Array(10).fill('add'));
    expect(host.said.find((line) => line.startsWith('?'))).toMatch(
      new RegExp(`Create the stack small .*${watched().account.id}`),
    );
    expect(host.steps).toContain('create complete  GetTickers (Lambda::Function)');
    expect(await functionSettings(watched().account, 'small-lambda-get-tickers')).toMatchObject({
      MemorySize: 192,
    });
    const { Policy = '' } = await aws.s3.send(
      new GetBucketPolicyCommand({ Bucket: artifactsBucket }),
    );
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
  });

  test('declined: nothing is made, not even a bucket', async () => {
    const outcome = await deploy(testHost({ confirm: false }), aws, smallDeployment());
    expect(outcome).toEqual({ kind: 'declined' });
    expect(await findStack(aws, 'small')).toBeUndefined();
    expect(front.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
    expect(front.requests.some(({ action }) => action === 'CreateChangeSet')).toBe(false);
  });

  test.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    [
      'raw and typed data',
      () => ({ SorBucketName: 'mine-all', SotBucketName: 'mine-all' }),
      /SorBucket and SotBucket.*mine-all/,
    ],
    [
      'raw data by the default name of typed data',
      () => ({ SorBucketName: `small-sot-${place}` }),
      /SorBucket and SotBucket/,
    ],
    [
      'typed data by the default name of query results',
      () => ({ SotBucketName: `small-athena-${place}` }),
      /SotBucket and ResultsBucket/,
    ],
    [
      "raw data and the functions' code",
      () => ({ SorBucketName: artifactsBucket }),
      /the functions' code and SorBucket/,
    ],
  ])(
    'two buckets of one name are refused before anything is made: %s',
    async (_, parametersFor, words) => {
      const parameters = parametersFor();
      for (const tried of [planDeployment, deploy]) {
        const failure = tried(testHost(), aws, smallDeployment({ parameters }));
        await expect(failure).rejects.toThrow(UsageError);
        await expect(failure).rejects.toThrow(words);
      }
      expect(front.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
      expect(await findStack(aws, 'small')).toBeUndefined();
    },
  );

  test('names of a stack that lives are refused to another, before anything is made', async () => {
    await deploy(testHost(), aws, smallDeployment());
    front.requests.length = 0;
    const second = smallDeployment({ stackName: 'second' });
    for (const tried of [planDeployment, deploy]) {
      await expect(tried(testHost(), aws, second)).rejects.toMatchObject({
        message: 'the names with the prefix small belong to the stack small, not to second',
        hint: expect.stringMatching(/--stack-name small selects that system.*NamePrefix=/),
      });
    }
    expect(front.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
    expect(await findStack(aws, 'second')).toBeUndefined();
  });

  test('where other stacks may not be read, CloudFormation finds the names taken', async () => {
    front.intercept = ({ action, form }) =>
      action === 'DescribeStacks' && form.get('StackName') === null
        ? refusalOf('AccessDenied', 'not authorized', 403)
        : undefined;
    const host = testHost();
    expect(await deploy(host, aws, smallDeployment())).toMatchObject({ kind: 'deployed' });
    expect(host.said.join('\n')).toContain(
      'Not checked whether another stack uses the prefix small',
    );
    const second = deploy(testHost(), aws, smallDeployment({ stackName: 'second' }));
    await expect(second).rejects.toThrow(/Queue \(AWS::SQS::Queue\).*already exists/);
  });

  test('parameters that break a rule of the template are refused before anything is sent', async () => {
    const rules = `
Rules:
  MemoryForTwo:
    RuleCondition: !Equals [!Ref FunctionMemory, '512']
    Assertions:
      - Assert: !Not [!Equals [!Ref NamePrefix, small]]
        AssertDescription: FunctionMemory 512 wants another prefix.
`;
    const template = parseTemplate(`${smallTemplateText}${rules}`);
    const request = smallDeployment({ template, parameters: { FunctionMemory: '512' } });
    front.requests.length = 0;
    await expect(deploy(testHost(), aws, request)).rejects.toThrow(
      'the parameters contradict each other: FunctionMemory 512 wants another prefix.',
    );
    expect(front.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
    const other = { ...request, parameters: { FunctionMemory: '1024' } };
    expect((await planDeployment(testHost(), aws, other)).kind).toBe('new');
  });

  test('one existing bucket may be two layers', async () => {
    await aws.s3.send(new CreateBucketCommand({ Bucket: 'mine-all' }));
    const parameters = { SorBucketName: 'mine-all', SotBucketName: 'mine-all' };
    expect((await planDeployment(testHost(), aws, smallDeployment({ parameters }))).kind).toBe(
      'new',
    );
  });

  test('again without a change: no question, nothing sent, no change set left', async () => {
    await deploy(testHost(), aws, smallDeployment());
    front.requests.length = 0;
    const host = testHost({ confirm: false });
    expect(await deploy(host, aws, smallDeployment())).toMatchObject({
      kind: 'unchanged',
      missingResources: [],
    });
    expect(host.said.filter((line) => line.startsWith('?'))).toEqual([]);
    expect(uploads()).toEqual([]);
    const actions = front.requests.map(({ action }) => action);
    expect(actions.filter((action) => action === 'DeleteChangeSet')).toHaveLength(1);
    expect(actions).not.toContain('ExecuteChangeSet');
  });

  test('what was removed by hand is no change to CloudFormation, and is named', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const lambda = new LambdaClient(aws.clientSettings);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'small-lambda-get-tickers' }));
    await aws.glue.send(
      new DeleteTableCommand({ DatabaseName: 'db_small_sor', Name: 'tbsor_small' }),
    );
    const expected = {
      kind: 'unchanged',
      missingResources: ['tbsor_small', 'small-lambda-get-tickers'],
    };
    expect(await planDeployment(testHost(), aws, smallDeployment())).toMatchObject(expected);
    expect(await deploy(testHost(), aws, smallDeployment())).toMatchObject(expected);

    front.intercept = ({ path }) =>
      path.includes('/functions/small-lambda-get-tickers')
        ? { status: 403, body: '{"__type":"AccessDeniedException","Message":"not you"}' }
        : undefined;
    const host = testHost();
    expect(await planDeployment(host, aws, smallDeployment())).toMatchObject({
      missingResources: ['tbsor_small'],
    });
    expect(host.said.join('\n')).toMatch(/Not checked .*: small-lambda-get-tickers\. .*--role-arn/);
  });

  test('another code: that bundle goes up and its function changes', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const before = await functionSettings(watched().account, 'small-lambda-get-tickers');
    front.requests.length = 0;
    const bundle = bundleAnswering('two');
    const request = smallDeployment({ bundles: [bundle] });
    expect(await deploy(testHost(), aws, request)).toMatchObject({ kind: 'deployed' });
    expect(uploads()).toEqual([`functions/get-tickers/${bundle.hash}.zip`]);
    expect(request.shown.map(({ logicalId }) => logicalId)).toEqual(['GetTickers']);
    const after = await functionSettings(watched().account, 'small-lambda-get-tickers');
    expect(after?.CodeSha256).not.toBe(before?.CodeSha256);
  });

  test('a parameter stays as it was set, and changes when it is set anew', async () => {
    await deploy(testHost(), aws, smallDeployment({ parameters: { FunctionMemory: '512' } }));
    const again = await deploy(testHost(), aws, smallDeployment());
    expect(again.kind).toBe('unchanged');
    const request = smallDeployment({ parameters: { FunctionMemory: '1024' } });
    expect((await deploy(testHost(), aws, request)).kind).toBe('deployed');
    expect(await functionSettings(watched().account, 'small-lambda-get-tickers')).toMatchObject({
      MemorySize: 1024,
    });
  });

  test('declined on an update: the change set is deleted, the stack as before', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const request = smallDeployment({ parameters: { FunctionMemory: '1024' } });
    const outcome = await deploy(testHost({ confirm: false }), aws, request);
    expect(outcome).toEqual({ kind: 'declined' });
    expect(front.requests.at(-1)?.action).toBe('DeleteChangeSet');
    expect((await findStack(aws, 'small'))?.status).toBe('CREATE_COMPLETE');
  });

  test('a plan changes nothing, before there is a stack and after', async () => {
    const first = await planDeployment(testHost(), aws, smallDeployment());
    expect(first.kind).toBe('new');
    expect(first.changes).toHaveLength(10);
    expect(await findStack(aws, 'small')).toBeUndefined();
    await deploy(testHost(), aws, smallDeployment());
    expect(await planDeployment(testHost(), aws, smallDeployment())).toEqual({
      kind: 'unchanged',
      changes: [],
      missingResources: [],
    });
    const request = smallDeployment({ parameters: { FunctionMemory: '1024' } });
    const next = await planDeployment(testHost(), aws, request);
    expect(next).toMatchObject({
      kind: 'update',
      changes: [{ logicalId: 'GetTickers', name: 'small-lambda-get-tickers' }],
    });
    expect((await findStack(aws, 'small'))?.parameters['FunctionMemory']).toBe('192');
  });

  test('says before the question which place the lake has, and which it will have', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const parameters = { SorDatabaseName: 'db_other', SorBucketName: 'other-sor' };
    const moves = [
      { type: 'AWS::Glue::Database', from: 'db_small_sor', to: 'db_other' },
      { type: 'AWS::S3::Bucket', from: `small-sor-${place}`, to: 'other-sor' },
    ];
    const planned = await planDeployment(testHost(), aws, smallDeployment({ parameters }));
    expect(planned).toMatchObject({ kind: 'update', details: { moves } });
    let shown: unknown;
    const request = smallDeployment({
      parameters,
      show: (_, facts) => {
        shown = facts.moves;
      },
    });
    expect((await deploy(testHost({ confirm: false }), aws, request)).kind).toBe('declined');
    expect(shown).toMatchObject(moves);
    const more = smallDeployment({ parameters: { FunctionMemory: '1024' } });
    expect(await planDeployment(testHost(), aws, more)).toMatchObject({ details: { moves: [] } });
  });

  test('an update that fails half-way: the first cause, and everything as before', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const request = smallDeployment({
      bundles: [bundleAnswering('two')],
      parameters: { FunctionMemory: '1024', Broken: 'yes' },
    });
    const before = await functionSettings(watched().account, 'small-lambda-get-tickers');
    const failure = await deploy(testHost(), aws, request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StackFailedError);
    expect(failure).toMatchObject({ message: expect.stringMatching(/ZBroken.*nowhere\.zip/) });
    expect(failure).toMatchObject({ hint: expect.stringMatching(/artifacts bucket/) });
    const stack = await findStack(aws, 'small');
    expect(stack?.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const after = await functionSettings(watched().account, 'small-lambda-get-tickers');
    expect(after).toMatchObject({
      MemorySize: before?.MemorySize,
      CodeSha256: before?.CodeSha256,
    });
    const mended = smallDeployment({ parameters: { Broken: 'no', FunctionMemory: '1024' } });
    expect((await deploy(testHost(), aws, mended)).kind).toBe('deployed');
  });

  test('a template that CloudFormation refuses leaves no empty stack behind', async () => {
    const template = parseTemplate(`${smallTemplateText}  Wrong: { Value: !Ref Nothing }\n`);
    front.intercept = ({ action }) => {
      if (action !== 'DescribeChangeSet') return undefined;
      const reason = '<Status>FAILED</Status><StatusReason>Unresolved Nothing</StatusReason>';
      return answerOf('DescribeChangeSet', reason);
    };
    const failure = deploy(testHost(), aws, smallDeployment({ template }));
    await expect(failure).rejects.toThrow(DeployError);
    await expect(failure).rejects.toThrow(/Unresolved Nothing/);
    expect(await findStack(aws, 'small')).toBeUndefined();
  });

  test('reads a change set to its last page', async () => {
    await deploy(testHost(), aws, smallDeployment());
    const change = (id: string): string =>
      `<member><ResourceChange><Action>Modify</Action><LogicalResourceId>${id}</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType><Replacement>False</Replacement></ResourceChange></member>`;
    front.intercept = ({ action, form }) => {
      if (action !== 'DescribeChangeSet') return undefined;
      const last = form.get('NextToken') === 'more';
      const next = last ? '' : '<NextToken>more</NextToken>';
      const changes = `<Changes>${change(last ? 'Second' : 'First')}</Changes>`;
      return answerOf('DescribeChangeSet', `<Status>CREATE_COMPLETE</Status>${changes}${next}`);
    };
    const request = smallDeployment({ parameters: { FunctionMemory: '1024' } });
    const { changes } = await planDeployment(testHost(), aws, request);
    expect(changes.map(({ logicalId }) => logicalId)).toEqual(['First', 'Second']);
  });

  test('a large template goes by way of the artifacts bucket', async () => {
    const template = parseTemplate(`${smallTemplateText}${'# and so on\n'.repeat(5_000)}`);
    const outcome = await deploy(testHost(), aws, smallDeployment({ template }));
    expect(outcome.kind).toBe('deployed');
    const made = front.requests.find(({ action }) => action === 'CreateChangeSet');
    expect(made?.form.get('TemplateURL')).toMatch(/templates\/[0-9a-f]{64}\.yaml$/);
    expect((await deploy(testHost(), aws, smallDeployment({ template }))).kind).toBe('unchanged');
  });

  test('keeps the code of so many earlier deployments, and what others put there', async () => {
    const keys: string[] = [];
    const deployCode = async (code: string): Promise<void> => {
      const bundle = bundleAnswering(code);
      keys.push(`functions/get-tickers/${bundle.hash}.zip`);
      await deploy(testHost(), aws, smallDeployment({ bundles: [bundle], artifactsToKeep: 1 }));
    };
    await deployCode('one');
    await aws.s3.send(
      new PutObjectCommand({ Bucket: artifactsBucket, Key: 'notes.txt', Body: 'mine' }),
    );
    for (const code of ['two', 'three', 'four']) await deployCode(code);
    const left = async (): Promise<string[]> =>
      (await listObjects(aws, artifactsBucket))
        .map(({ key }) => key)
        .filter((key) => !key.startsWith('sets/'));
    expect(await left()).toEqual([...keys.slice(-2), 'notes.txt'].sort());
    // Code of before, deployed again, is the newest: what came between grows old.
    await deployCode('three');
    expect(await left()).toEqual([...keys.slice(-3, -1), 'notes.txt'].sort());
    const bundles = [bundleAnswering('three')];
    await deploy(testHost(), aws, smallDeployment({ bundles, artifactsToKeep: 0 }));
    expect(await left()).toEqual([...keys.slice(-1), 'notes.txt']);
  });

  test('turns termination protection on, also of a stack that was updated since, where the endpoint has it', async () => {
    const warned = testHost();
    await deploy(warned, aws, smallDeployment());
    await deploy(testHost(), aws, smallDeployment({ bundles: [bundleAnswering('two')] }));
    expect((await findStack(aws, 'small'))?.status).toBe('UPDATE_COMPLETE');
    expect(warned.said).toContainEqual(expect.stringMatching(/^! .*no termination protection/));
    front.intercept = ({ action }) =>
      action === 'UpdateTerminationProtection' ? answerOf(action, '') : undefined;
    const host = testHost();
    await deploy(host, aws, smallDeployment({ bundles: [bundleAnswering('two')] }));
    expect(host.said).toContain('Termination protection is on');
    const asked = front.requests.find(({ action }) => action === 'UpdateTerminationProtection');
    expect(asked?.form.get('EnableTerminationProtection')).toBe('true');
    front.requests.length = 0;
    await deploy(testHost(), aws, smallDeployment({ terminationProtection: false }));
    expect(front.requests.map(({ action }) => action)).not.toContain('UpdateTerminationProtection');
  });

  test('tags and the service role reach CloudFormation', async () => {
    const roleArn = `arn:aws:iam::${watched().account.id}:role/deployer`;
    await deploy(testHost(), aws, smallDeployment({ tags: { team: 'data' }, roleArn }));
    const made = front.requests.find(({ action }) => action === 'CreateChangeSet');
    expect(made?.form.get('RoleARN')).toBe(roleArn);
    expect(made?.form.get('Tags.member.1.Key')).toBe('team');
    expect(made?.form.get('Capabilities.member.1')).toBe('CAPABILITY_NAMED_IAM');
    expect((await readResourceNames(aws, 'small')).get('Queue')).toMatch(/small-queue/);
  });
});
