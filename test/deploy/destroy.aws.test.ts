/** Taking the system down in the stand-in for AWS, and deploying onto what was kept. */
import { setTimeout as wait } from 'node:timers/promises';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  BatchCreatePartitionCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetTableCommand,
} from '@aws-sdk/client-glue';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import { getBucketState, readBucketContents } from '../../src/aws/buckets.ts';
import { databaseExists, findTable } from '../../src/aws/glue.ts';
import type { AwsSession } from '../../src/aws/session.ts';
import { findStack, readResourceNames } from '../../src/aws/stack.ts';
import { createChangeSet } from '../../src/aws/stack-changes.ts';
import { deploy } from '../../src/deploy/deploy.ts';
import { type DestroyOptions, destroy } from '../../src/deploy/destroy.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import { DeployError } from '../../src/errors.ts';
import { hasAws } from '../support/aws-account.ts';
import { type AwsFront, answerOf, refusalOf } from '../support/aws-front.ts';
import {
  smallDeployment,
  smallTemplate,
  smallTemplateText,
  testHost,
} from '../support/deploying.ts';
import { useWatchedAws } from '../support/watched-aws.ts';

const TABLE = { database: 'db_small_sor', name: 'tbsor_small' };

describe.runIf(hasAws)('taking down', () => {
  const watched = useWatchedAws();
  let front: AwsFront;
  let aws: AwsSession;
  /** The buckets of the small system. */
  let sorBucket: string;
  let sotBucket: string;
  let resultsBucket: string;
  let artifactsBucket: string;
  beforeEach(() => {
    ({ front, aws } = watched());
    const place = `${watched().account.id}-sa-east-1`;
    sorBucket = `small-sor-${place}`;
    sotBucket = `small-sot-${place}`;
    resultsBucket = `small-athena-${place}`;
    artifactsBucket = `small-artifacts-${place}`;
  });

  const put = (bucket: string, key: string, body = 'x'): Promise<unknown> =>
    aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));

  const request = (options: Partial<DestroyOptions> = {}): DestroyOptions => ({
    stackName: 'small',
    deleteData: false,
    template: smallTemplate,
    parameters: {},
    ...options,
  });

  /** A deployed system with two versions of an object, a deleted one, a partition and a query's result. */
  async function deployWithData(): Promise<void> {
    await deploy(testHost(), aws, smallDeployment());
    await put(sorBucket, 'tbsor_small/a.parquet', 'first');
    await put(sorBucket, 'tbsor_small/a.parquet', 'second');
    await put(sorBucket, 'tbsor_small/gone.parquet');
    await aws.s3.send(
      new DeleteObjectCommand({ Bucket: sorBucket, Key: 'tbsor_small/gone.parquet' }),
    );
    await put(sotBucket, 'tbsot_small/a.parquet');
    await put(resultsBucket, 'results/1.csv');
    await aws.glue.send(
      new BatchCreatePartitionCommand({
        DatabaseName: TABLE.database,
        TableName: TABLE.name,
        PartitionInputList: [{ Values: ['20261122'] }],
      }),
    );
  }

  test('keeps the data and says so; what is no data goes', async () => {
    await deployWithData();
    const host = testHost();
    const outcome = await destroy(host, aws, request());
    expect(outcome).toMatchObject({ kind: 'destroyed', dataDeleted: false });
    expect(await findStack(aws, 'small')).toBeUndefined();
    expect(await readBucketContents(aws, sorBucket)).toMatchObject({ objects: 1, versions: 3 });
    expect(await getBucketState(aws, sotBucket)).toBe('ours');
    expect(await findTable(aws, TABLE)).toBeDefined();
    expect(await getBucketState(aws, resultsBucket)).toBe('absent');
    expect(await getBucketState(aws, artifactsBucket)).toBe('absent');
    expect(host.said.join('\n')).toContain(`bucket ${sorBucket}: 1 object, 3 older versions`);
    expect(host.said.join('\n')).toContain('table db_small_sor.tbsor_small: 1 partition');
  });

  test('declined: nothing goes', async () => {
    await deployWithData();
    expect(await destroy(testHost({ confirm: false }), aws, request())).toEqual({
      kind: 'declined',
    });
    expect((await findStack(aws, 'small'))?.status).toBe('CREATE_COMPLETE');
    expect(await readBucketContents(aws, resultsBucket)).toMatchObject({ objects: 1 });
  });

  describe('the bucket of the code without a stack of that name', () => {
    test('is that of another stack, which lives, and stays', async () => {
      await deployWithData();
      const outcome = await destroy(testHost(), aws, request({ stackName: 'typo' }));
      expect(outcome).toEqual({ kind: 'absent', owner: 'small' });
      expect(await getBucketState(aws, artifactsBucket)).toBe('ours');
    });

    test('stays where its owner may not be read, and where the person says no', async () => {
      await aws.s3.send(new CreateBucketCommand({ Bucket: artifactsBucket }));
      front.intercept = ({ action, form }) =>
        action === 'DescribeStacks' && form.get('StackName') === null
          ? refusalOf('AccessDenied', 'not authorized', 403)
          : undefined;
      expect(await destroy(testHost(), aws, request())).toEqual({ kind: 'absent' });
      front.intercept = () => undefined;
      const declined = await destroy(testHost({ confirm: false }), aws, request());
      expect(declined).toEqual({ kind: 'declined' });
      expect(await getBucketState(aws, artifactsBucket)).toBe('ours');
      expect(await destroy(testHost(), aws, request())).toEqual({
        kind: 'absent',
        removed: artifactsBucket,
      });
      expect(await getBucketState(aws, artifactsBucket)).toBe('absent');
    });
  });

  describe('a stack that never came to life, under the names of one that lives', () => {
    beforeEach(async () => {
      await deployWithData();
      await createChangeSet(aws, {
        ...{ stackName: 'other', type: 'CREATE', template: { body: smallTemplateText } },
        parameters: { ArtifactsBucket: artifactsBucket, CodeKeyGetTickers: 'k' },
        ...{ tags: {}, roleArn: undefined, transforms: false },
      });
    });
    const other = (options: Partial<DestroyOptions> = {}): DestroyOptions =>
      request({ stackName: 'other', ...options });

    test('goes alone', async () => {
      const host = testHost();
      expect(await destroy(host, aws, other())).toEqual({
        ...{ kind: 'destroyed', dataDeleted: false, retained: [] },
      });
      expect(host.said).toContainEqual(
        expect.stringMatching(/belong to the stack small, and are kept/),
      );
      expect(await findStack(aws, 'other')).toBeUndefined();
      expect(await getBucketState(aws, artifactsBucket)).toBe('ours');
      expect(await readBucketContents(aws, resultsBucket)).toMatchObject({ objects: 1 });
    });

    test('has no data to delete', async () => {
      const failure = destroy(testHost(), aws, other({ deleteData: true, confirmation: 'other' }));
      await expect(failure).rejects.toThrow(
        /was never created completely, and the data belongs to the stack small/,
      );
      expect(await findStack(aws, 'other')).toBeDefined();
      expect(await readBucketContents(aws, sorBucket)).toMatchObject({ objects: 1, versions: 3 });
      expect(await findTable(aws, TABLE)).toBeDefined();
    });

    test('takes nothing with it where other stacks may not be read', async () => {
      front.intercept = ({ action, form }) =>
        action === 'DescribeStacks' && form.get('StackName') === null
          ? refusalOf('AccessDenied', 'not authorized', 403)
          : undefined;
      const withData = destroy(testHost(), aws, other({ deleteData: true, confirmation: 'other' }));
      await expect(withData).rejects.toMatchObject({
        message: expect.stringContaining('listing stacks is denied: nothing was deleted'),
        hint: expect.stringContaining('pynvest iam-policy --delete-data'),
      });
      const host = testHost();
      await destroy(host, aws, other());
      expect(host.said).toContainEqual(
        expect.stringMatching(/^! The bucket small-artifacts.* is kept/),
      );
      expect(await getBucketState(aws, artifactsBucket)).toBe('ours');
    });
  });

  describe('with its data', () => {
    test('wants the name typed, even with --yes; then all of it is deleted', async () => {
      await deployWithData();
      const options = request({ deleteData: true });
      const wrong = testHost({ typed: 'smal' });
      expect(await destroy(wrong, aws, options)).toEqual({ kind: 'declined' });
      const nobody = destroy(testHost({ confirm: true }), aws, options);
      await expect(nobody).rejects.toThrow(/cannot be asked for: nothing was deleted/);
      const misspelt = request({ deleteData: true, confirmation: 'smal' });
      await expect(destroy(testHost(), aws, misspelt)).rejects.toThrow(/nothing was deleted/);
      expect(await readBucketContents(aws, sorBucket)).toMatchObject({ objects: 1, versions: 3 });

      const host = testHost({ typed: 'small' });
      expect(await destroy(host, aws, options)).toMatchObject({ dataDeleted: true });
      const said = host.said.join('\n');
      expect(said).toContain('THE DATA IS DELETED TOO');
      expect(said).toContain(`bucket ${sorBucket}: 1 object, 3 older versions, 12 bytes`);
      for (const bucket of [sorBucket, sotBucket, resultsBucket, artifactsBucket]) {
        expect(await getBucketState(aws, bucket)).toBe('absent');
      }
      expect(await findTable(aws, TABLE)).toBeUndefined();
      expect(await databaseExists(aws, TABLE.database)).toBe(false);
      expect(await destroy(testHost(), aws, request())).toEqual({ kind: 'absent' });
    });

    test('a script says the name with --confirm', async () => {
      await deployWithData();
      const options = request({ deleteData: true, confirmation: 'small' });
      expect(await destroy(testHost(), aws, options)).toMatchObject({ dataDeleted: true });
    });

    test('later, when the stack is already deleted', async () => {
      await deployWithData();
      await destroy(testHost(), aws, request());
      const options = request({ deleteData: true, confirmation: 'small' });
      expect(await destroy(testHost(), aws, options)).toMatchObject({ dataDeleted: true });
      expect(await getBucketState(aws, sorBucket)).toBe('absent');
    });

    test('not when it is the data of another stack, which lives', async () => {
      await deployWithData();
      const options = request({ stackName: 'other', deleteData: true, confirmation: 'other' });
      await expect(destroy(testHost(), aws, options)).rejects.toThrow(/belongs to the stack small/);
      expect(await readBucketContents(aws, sorBucket)).toMatchObject({ objects: 1 });
    });

    test('existing buckets and databases, and tables of others, stay', async () => {
      for (const Bucket of ['mine-sor', 'mine-sot']) {
        await aws.s3.send(new CreateBucketCommand({ Bucket }));
      }
      await put('mine-sor', 'others/report.txt');
      await aws.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'mine' } }));
      const parameters = {
        CreateBuckets: 'no',
        SorBucketName: 'mine-sor',
        SotBucketName: 'mine-sot',
        CreateDatabases: 'no',
        SorDatabaseName: 'mine',
      };
      await deploy(testHost(), aws, smallDeployment({ parameters }));
      const host = testHost();
      await destroy(host, aws, request({ deleteData: true, confirmation: 'small' }));
      expect(host.said).toContainEqual(
        expect.stringMatching(/mine-sor: .*kept: this stack did not/),
      );
      expect(await readBucketContents(aws, 'mine-sor')).toMatchObject({ objects: 1 });
      expect(await databaseExists(aws, 'mine')).toBe(true);
      expect(await findTable(aws, { ...TABLE, database: 'mine' })).toBeUndefined();
    });

    test('a database of ours that others use stays for their sake', async () => {
      await deployWithData();
      await aws.glue.send(
        new CreateTableCommand({ DatabaseName: TABLE.database, TableInput: { Name: 'theirs' } }),
      );
      const host = testHost();
      await destroy(host, aws, request({ deleteData: true, confirmation: 'small' }));
      expect(host.said).toContainEqual(
        expect.stringMatching(/kept: it has other tables \(theirs\)/),
      );
      expect(await findTable(aws, { ...TABLE, name: 'theirs' })).toBeDefined();
    });
  });

  test('termination protection is said, and lifted with consent alone', async () => {
    await deployWithData();
    front.intercept = ({ action }) => {
      if (action === 'UpdateTerminationProtection') return answerOf(action, '');
      if (action !== 'DescribeStacks') return undefined;
      if (front.requests.some((each) => each.action === 'DeleteStack')) return undefined;
      return answerOf(action, protectedStack);
    };
    front.requests.length = 0;
    const declined = testHost({ confirm: false });
    await destroy(declined, aws, request());
    expect(declined.said).toContainEqual(expect.stringMatching(/^! Termination protection is on/));
    const asked = (): (string | null)[] =>
      front.requests
        .filter(({ action }) => action === 'UpdateTerminationProtection')
        .map(({ form }) => form.get('EnableTerminationProtection'));
    expect(asked()).toEqual([]);
    await destroy(testHost(), aws, request());
    expect(asked()).toEqual(['false']);
  });

  describe('deploying onto what was kept', () => {
    test('takes buckets, databases and tables into use; nothing in them changes', async () => {
      await deployWithData();
      await destroy(testHost(), aws, request());
      const host = testHost();
      const outcome = await deploy(host, aws, smallDeployment());
      expect(outcome).toMatchObject({ kind: 'deployed', outputs: { NotificationsNeeded: 'true' } });
      expect(host.said).toContainEqual(expect.stringMatching(/left: .*small-sor.*tbsor_small/));
      expect([...(await readResourceNames(aws, 'small')).keys()]).not.toContain('SorBucket');
      expect(await readBucketContents(aws, sorBucket)).toMatchObject({ objects: 1, versions: 3 });
      // From here on the stack remembers: no more looking, no change.
      const again = testHost();
      expect(await deploy(again, aws, smallDeployment())).toMatchObject({ kind: 'unchanged' });
      expect(again.said.join('\n')).not.toContain('Reusing what');
      const gone = await destroy(
        testHost(),
        aws,
        request({ deleteData: true, confirmation: 'small' }),
      );
      expect(gone).toMatchObject({ dataDeleted: true });
      expect(await getBucketState(aws, sorBucket)).toBe('absent');
    });

    test('a stack of another kind that names a bucket of it has no say', async () => {
      await deployWithData();
      await destroy(testHost(), aws, request());
      const resources = 'Resources: { Queue: { Type: AWS::SQS::Queue } }';
      const TemplateBody = `${resources}\nOutputs: { Reads: { Value: ${sorBucket} } }`;
      await aws.cloudformation.send(new CreateStackCommand({ StackName: 'reader', TemplateBody }));
      while ((await findStack(aws, 'reader'))?.status !== 'CREATE_COMPLETE') await wait(50);
      expect(await deploy(testHost(), aws, smallDeployment())).toMatchObject({ kind: 'deployed' });
    });

    test('what is missing beside what is there is made again', async () => {
      await aws.s3.send(new CreateBucketCommand({ Bucket: sotBucket }));
      const host = testHost();
      await deploy(host, aws, smallDeployment());
      expect(host.said).toContainEqual(expect.stringMatching(new RegExp(`Creating ${sorBucket}`)));
      const versioning = await aws.s3.send(new GetBucketVersioningCommand({ Bucket: sorBucket }));
      expect(versioning.Status).toBe('Enabled');
    });

    test('a table of an older version gets the new columns and keeps its partitions', async () => {
      await deployWithData();
      await destroy(testHost(), aws, request());
      const column = '            - { Name: nome_novo, Type: string }\n';
      const template = parseTemplate(
        smallTemplateText.replace(/^ +- \{ Name: nome_papel.*\n/m, (line) => line + column),
      );
      const host = testHost();
      await deploy(host, aws, smallDeployment({ template }));
      expect(host.said).toContainEqual(expect.stringMatching(/to this version's columns/));
      const { Table: table } = await aws.glue.send(
        new GetTableCommand({ DatabaseName: TABLE.database, Name: TABLE.name }),
      );
      expect(table?.StorageDescriptor?.Columns?.map(({ Name }) => Name)).toEqual([
        'nome_papel',
        'nome_novo',
      ]);
      const second = testHost();
      await deploy(second, aws, smallDeployment({ template }));
      expect(second.said.join('\n')).not.toContain("this version's columns");
      await aws.glue.send(
        new DeleteTableCommand({ DatabaseName: TABLE.database, Name: TABLE.name }),
      );
      await deploy(testHost(), aws, smallDeployment({ template }));
      expect(await findTable(aws, TABLE)).toBeDefined();
    });

    test("another system's table is not taken over", async () => {
      await deployWithData();
      const parameters = { NamePrefix: 'two' };
      const second = deploy(testHost(), aws, smallDeployment({ stackName: 'two', parameters }));
      await expect(second).rejects.toThrow(DeployError);
      await expect(second).rejects.toThrow(/reads s3:\/\/small-sor-/);
      expect(await findStack(aws, 'two')).toBeUndefined();
    });

    test('a bucket of our name that another account has is named, not used', async () => {
      front.intercept = ({ method, path }) =>
        method === 'HEAD' && path.includes(sorBucket) ? { status: 403, body: '' } : undefined;
      const failure = await deploy(testHost(), aws, smallDeployment()).catch((error) => error);
      expect(failure).toMatchObject({
        message: expect.stringContaining(sorBucket),
        hint: expect.stringContaining('--parameter SorBucketName='),
      });
    });
  });

  describe('existing buckets', () => {
    const theirs = (): NotificationConfiguration => ({
      QueueConfigurations: [
        {
          Id: 'audit',
          QueueArn: `arn:aws:sqs:sa-east-1:${watched().account.id}:audit`,
          Events: ['s3:ObjectRemoved:*'],
        },
      ],
      LambdaFunctionConfigurations: [
        {
          Id: 'thumbnails',
          LambdaFunctionArn: `arn:aws:lambda:sa-east-1:${watched().account.id}:function:thumbnails`,
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'images/' }] } },
        },
      ],
    });
    const parameters = { CreateBuckets: 'no', SorBucketName: 'mine-a', SotBucketName: 'mine-b' };

    async function notifications(Bucket: string): Promise<NotificationConfiguration> {
      const { $metadata: _, ...answer } = await aws.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      return answer;
    }

    beforeEach(async () => {
      for (const Bucket of ['mine-a', 'mine-b']) {
        await aws.s3.send(new CreateBucketCommand({ Bucket }));
      }
      await aws.s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: 'mine-a',
          NotificationConfiguration: theirs(),
        }),
      );
    });

    test('get our notifications beside theirs, once, and lose ours alone', async () => {
      const before = await notifications('mine-a');
      await deploy(testHost(), aws, smallDeployment({ parameters }));
      const merged = await notifications('mine-a');
      expect(merged.QueueConfigurations).toEqual(before.QueueConfigurations);
      expect(merged.LambdaFunctionConfigurations).toHaveLength(3);
      expect(merged.LambdaFunctionConfigurations?.[0]).toEqual(
        before.LambdaFunctionConfigurations?.[0],
      );
      expect((await notifications('mine-b')).LambdaFunctionConfigurations).toHaveLength(2);
      front.requests.length = 0;
      await deploy(testHost(), aws, smallDeployment({ parameters }));
      const puts = front.requests.filter(
        ({ method, path }) => method === 'PUT' && path.includes('?notification'),
      );
      expect(puts).toEqual([]);
      await destroy(testHost(), aws, request());
      expect(await notifications('mine-a')).toEqual(before);
      expect(await notifications('mine-b')).toEqual({});
    });

    test('keep ours where the stack stays after all, and lose them at the next try', async () => {
      const before = await notifications('mine-a');
      await deploy(testHost(), aws, smallDeployment({ parameters }));
      const merged = await notifications('mine-a');
      front.intercept = ({ action }) =>
        action === 'DeleteStack' ? refusalOf('AccessDenied', 'not authorized', 403) : undefined;
      await expect(destroy(testHost(), aws, request())).rejects.toThrow(/not authorized/);
      expect(await notifications('mine-a')).toEqual(merged);

      // The next dies between the end of the stack and the bucket.
      front.intercept = ({ method, path }) =>
        method === 'PUT' && path.includes('?notification')
          ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
          : undefined;
      await expect(destroy(testHost(), aws, request())).rejects.toThrow(DeployError);
      expect(await findStack(aws, 'small')).toBeUndefined();
      expect(await notifications('mine-a')).toEqual(merged);
      front.intercept = () => undefined;
      // It had not come to the bucket of the code either.
      expect(await destroy(testHost(), aws, request({ parameters }))).toEqual({
        kind: 'absent',
        removed: artifactsBucket,
      });
      expect(await notifications('mine-a')).toEqual(before);
    });

    test('left for others, they lose ours', async () => {
      const before = await notifications('mine-a');
      await deploy(testHost(), aws, smallDeployment({ parameters }));
      await aws.s3.send(new CreateBucketCommand({ Bucket: 'mine-c' }));
      const moved = { ...parameters, SorBucketName: 'mine-c' };
      await deploy(testHost(), aws, smallDeployment({ parameters: moved }));
      expect(await notifications('mine-a')).toEqual(before);
      expect((await notifications('mine-c')).LambdaFunctionConfigurations).toHaveLength(2);
    });
  });
});

const protectedStack = `<Stacks><member><StackName>small</StackName><StackId>arn:aws:cloudformation:sa-east-1:000000000000:stack/small/1</StackId><StackStatus>CREATE_COMPLETE</StackStatus><EnableTerminationProtection>true</EnableTerminationProtection><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>`;
