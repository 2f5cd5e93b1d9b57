/** The commands that deploy, where AWS is not asked. */
import { describe, expect, test, vi } from 'vitest';
import { writeDeploymentRecord } from '../../../src/deploy/deployment-record.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';

const nowhere = {
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_PROFILE: '',
};

describe('iam-policy', () => {
  test('prints a policy without asking AWS, with placeholders until they are given', async () => {
    const { status, stdout, stderr } = await pynvest(['iam-policy'], { env: nowhere });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Version: '2012-10-17' });
    expect(stdout).toContain('arn:aws:sqs:REGION:ACCOUNT:pynvest-tickers-acoes-queue');
    expect(stderr).toMatch(/--part 1 to --part \d/);
    expect(stderr).toMatch(/--account and --region/);
  });

  test('for an account, a region and a prefix, in pieces', async () => {
    const where = ['--account', '123456789012', '--region', 'sa-east-1', '-p', 'NamePrefix=mine'];
    const { status, stdout } = await pynvest(['iam-policy', ...where, '--part', '1']);
    expect(status).toBe(0);
    expect(stdout).toContain(':sa-east-1:123456789012:');
    expect(stdout).toContain('mine-artifacts-123456789012-sa-east-1');
    expect(stdout).not.toContain('pynvest-');
    expect((await pynvest(['iam-policy', '--part', '99'])).status).toBe(2);
    expect((await pynvest(['iam-policy', '--account', '12'])).status).toBe(2);
  });
});

describe('iam-policy after a deployment from here', () => {
  test('has the names of that system, and says so', async () => {
    const config = await newFolder();
    vi.stubEnv('XDG_CONFIG_HOME', config);
    const parameters = { NamePrefix: 'mine', SpecDatabaseName: 'db_mine' };
    const account = '123456789012';
    await writeDeploymentRecord({ stackName: 'mine', region: 'sa-east-1', account, parameters });
    const env = { ...nowhere, XDG_CONFIG_HOME: config };
    const { stdout, stderr } = await pynvest(['iam-policy', '--for', 'operate'], { env });
    expect(stdout).toContain('arn:aws:sqs:sa-east-1:123456789012:mine-tickers-acoes-queue');
    expect(stdout).toContain('stack/mine/*');
    expect(stdout).toContain('table/db_mine/tbspec_fundamentus_cotacao_ativos');
    expect(stderr).toContain('For the stack mine in sa-east-1, deployed from this machine');
    expect(stderr).not.toContain('ACCOUNT');
    const other = await pynvest(['iam-policy', '--stack-name', 'two'], { env });
    expect(other.stdout).toContain('pynvest-tickers-acoes-queue');
    expect(other.stderr).toContain('it was not deployed from this machine');
  });
});

describe('wrong usage is found before AWS is asked', () => {
  test.each([
    [['deploy', '--parameter', 'FunctionMemoy=512'], /Did you mean FunctionMemory/],
    [['deploy', '--parameter', 'FunctionMemory=1'], /a number from 192 to 3008/],
    [['deploy', '--parameter', 'ArtifactsBucket=b'], /pynvest sets this parameter itself/],
    [
      ['deploy', '--parameter', 'AlarmEmail=notanemail'],
      /"notanemail": it takes an e-mail address such as you@example.com/,
    ],
    [['plan', '--region', 'mars'], /--region is "mars": it takes the name of an AWS region/],
    [['query', 'cotacoes', '--region', 'Sa-East-1'], /--region is "Sa-East-1"/],
    [['iam-policy', '--region', 'mars'], /--region is "mars"/],
    [['deploy', '--tag', 'aws:x=1'], /the prefix aws: is reserved/],
    [['deploy', '--keep', 'all'], /whole number/],
    [['deploy', '--role-arn', 'deployer'], /the ARN of a role/],
    [['destroy', '--confirm', 'pynvest'], /goes with --delete-data/],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await pynvest(args, { env: nowhere });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('no region and no credentials are said in one line each', async () => {
    const config = await newFolder();
    const env = { ...nowhere, XDG_CONFIG_HOME: config };
    const noRegion = await pynvest(['plan'], { env });
    expect(noRegion).toMatchObject({ status: 1, stdout: '' });
    expect(noRegion.stderr).toMatch(/^error: no AWS region is set\nPass --region/);
    const noKeys = await pynvest(['plan', '--region', 'sa-east-1'], { env });
    expect(noKeys.status).toBe(1);
    expect(noKeys.stderr).toMatch(/^error: no AWS credentials/);
    expect(noKeys.stderr).not.toMatch(/NodeVersionSupportWarning|at .*\.js:/);
  });
});
