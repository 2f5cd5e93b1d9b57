/** The commands that deploy, as a person calls them, against the stand-in for AWS. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsAccount, hasAws, newAccount } from '../../support/aws-account.ts';
import { type AwsFront, answerOf, startAwsFront } from '../../support/aws-front.ts';
import {
  type CommandOptions,
  commandEnvironment,
  commandFile,
  startProgram,
  startPynvest,
} from '../../support/command.ts';
import { CommandRecorder } from '../../support/command-recorder.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

describe.runIf(hasAws)('deploying by command', () => {
  let account: AwsAccount;
  let front: AwsFront;
  let env: Record<string, string>;

  beforeAll(async () => {
    account = newAccount();
    front = await startAwsFront(account.url);
    env = {
      ...account.environment,
      AWS_ENDPOINT_URL: front.url,
      XDG_CONFIG_HOME: await newFolder(),
    };
  });
  afterAll(async () => {
    await front.close();
    await recorder.assertAllowed();
  });
  const recorder = new CommandRecorder();
  const run = (args: readonly string[], options: CommandOptions = {}) =>
    pynvest(args, {
      ...options,
      around: recorder.around(args),
      env: { ...env, ...options.env },
    });

  test('plan, deploy, again, destroy, and what each says', async () => {
    const plan = await run(['plan', '--format', 'json']);
    expect(plan.status).toBe(0);
    const rows: { action: string; name: string }[] = JSON.parse(plan.stdout);
    expect(rows.every(({ action }) => action === 'add')).toBe(true);
    expect(rows.map(({ name }) => name)).toContain('pynvest-lambda-get-tickers');
    expect(rows[0]?.name).toMatch(/^pynvest-artifacts-/);
    expect(plan.stderr).toMatch(/^Comparing with what is deployed$/m);
    expect(plan.stderr).toContain('It collects every day at 18:45 (São Paulo), once deployed.\n');

    const declined = await run(['deploy']);
    expect(declined).toMatchObject({ status: 1, stdout: '' });
    expect(declined.stderr).toMatch(/--yes/);

    const deployed = await run(['deploy', '--yes', '--format', 'json']);
    expect(deployed.status).toBe(0);
    const outputs: { output: string; value: string }[] = JSON.parse(deployed.stdout);
    expect(outputs).toContainEqual({ output: 'WorkGroup', value: 'pynvest' });
    expect(deployed.stderr).toMatch(/\d+\/\d+ {2}create complete {2}GetTickers/);
    expect(deployed.stderr).toContain('Done. It collects every day at 18:45 (São Paulo).\n');
    expect(deployed.stderr).toMatch(/^To collect now: +pynvest run --remote$/m);
    expect(deployed.stderr).toMatch(/^To ask it: +pynvest query cotacoes$/m);
    expect(deployed.stderr).toMatch(
      /^To have alarms mailed: +pynvest deploy --parameter AlarmEmail=/m,
    );
    expect(deployed.stderr).toMatch(/From now on .* work on the lake in AWS; --target local or/);

    const again = await run(['deploy', '--quiet'], { env: { AWS_REGION: '' } });
    expect(again).toMatchObject({ status: 0, stdout: '' });
    expect(again.stderr).not.toMatch(/Uploaded|create/);
    const loud = await run(['deploy', '--verbose']);
    expect(loud.stdout).toMatch(/^WorkGroup,pynvest$/m);
    expect(loud.stderr).toContain('No changes: the stack is up to date. It collects every day');
    expect(loud.stderr).not.toContain('From now on');

    const changes = ['-p', 'AlarmEmail=you@example.com', '-p', 'LogRetentionDays=7'];
    const next = await run(['plan', ...changes, '--format', 'csv']);
    expect(next.stdout).toMatch(/^add,AWS::SNS::Topic,pynvest-alarms,AlarmTopic,,$/m);
    expect(next.stdout).toMatch(/^change,AWS::Logs::LogGroup,.*,,$/m);
    expect(next.stdout).not.toMatch(/lost/);
    expect(next.stderr).toContain(
      'Nothing was changed. This applies it:\n' +
        '  pynvest deploy --parameter AlarmEmail=you@example.com --parameter LogRetentionDays=7\n',
    );
    const moved = await run(['plan', '-p', 'SpecDatabaseName=db_x', '--format', 'csv']);
    expect(moved.stdout).toMatch(
      /^move,AWS::Glue::Database,db_pynvest_spec,,to db_x,"?2 tables in db_pynvest_spec /m,
    );
    const mailed = await run(['deploy', '--yes', ...changes]);
    expect(mailed).toMatchObject({ status: 0, stdout: '' });
    expect(mailed.stderr).toContain('  AlarmEmail: nothing -> you@example.com\n');
    expect(mailed.stderr).toContain('Data at risk: none');
    expect(mailed.stderr).toMatch(/AWS sends you@example\.com a confirmation: .* link in it/);
    expect(mailed.stderr).not.toContain('To have alarms mailed');
    // Counted are the resources that change, from the first line on.
    const total = mailed.stderr.match(/Added: (\d+)|Changed: (\d+)/g)?.reduce((sum, text) => {
      return sum + Number(text.split(' ')[1]);
    }, 0);
    const shown = [...mailed.stderr.matchAll(/^ {2}\d+\/(\d+) {2}/gm)].map(([, all]) => all);
    expect(new Set(shown)).toEqual(new Set([String(total)]));

    const undone = await run(['destroy', '--delete-data', '--yes']);
    expect(undone.status).toBe(1);
    expect(undone.stderr).toMatch(/pass --confirm pynvest; --yes does not confirm/);

    const destroyed = await run(['destroy', '--delete-data', '--confirm', 'pynvest']);
    expect(destroyed).toMatchObject({ status: 0, stdout: '' });
    expect(destroyed.stderr).toMatch(/Deleted the bucket pynvest-spec-/);
    expect(destroyed.stderr).toMatch(/alarms, .*logs, .*Athena/);
    expect(destroyed.stderr).toMatch(/From now on .* work on the folder on this machine again/);

    const nothing = await run(['destroy', '--yes']);
    expect(nothing.status).toBe(1);
    expect(nothing.stderr).toMatch(/there is no stack pynvest/);
    const buckets = String((await account.fetch('/')).bytes);
    expect(buckets).not.toContain('pynvest-');
  }, 180_000);

  test('Ctrl-C before there is a stack says what there is; destroy removes it', async () => {
    let made: () => void = () => undefined;
    const bucketMade = new Promise<void>((resolve) => {
      made = resolve;
    });
    front.intercept = ({ action }) => {
      if (action !== 'CreateChangeSet') return undefined;
      made();
      return answerOf('DescribeStacks', '<Stacks/>');
    };
    const command = startPynvest(['deploy', '--yes'], { env });
    await bucketMade;
    command.process.kill('SIGINT');
    const { status, stderr } = await command.result;
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /Interrupted\. Nothing runs in AWS yet, but some resources exist, .*`pynvest destroy`/,
    );
    front.intercept = () => undefined;
    const destroyed = await run(['destroy', '--yes']);
    expect(destroyed.status).toBe(0);
    expect(destroyed.stderr).toMatch(/Removed the bucket pynvest-artifacts-/);
    expect(String((await account.fetch('/')).bytes)).not.toContain('pynvest-');
    expect((await run(['destroy', '--yes'])).status).toBe(1);
  }, 120_000);

  test.runIf(hasScript)(
    'a no of the person is no failure',
    async () => {
      const line = `'${process.execPath}' '${commandFile}' deploy`;
      const asked = startProgram('script', ['-qec', line, '/dev/null'], { env, input: 'n\n' });
      const { status, stdout } = await asked.result;
      expect(stdout).toMatch(/Create the stack pynvest .*\[y\/N\]/);
      expect(stdout).toContain('Nothing was changed.');
      expect(status).toBe(0);
    },
    60_000,
  );

  /** Runs the command on a terminal that `script` makes up, and presses Ctrl-C once it shows a text. */
  async function interruptedOnTerminal(args: string, when: string) {
    const line = `stty cols 100 && '${process.execPath}' '${commandFile}' ${args}`;
    const asked = spawn('script', ['-qec', line, '/dev/null'], { env: commandEnvironment(env) });
    let shown = '';
    asked.stdout.setEncoding('utf8').on('data', (text: string) => {
      const wasShown = shown.includes(when);
      shown += text;
      if (!wasShown && shown.includes(when)) asked.stdin.write('\x03');
    });
    const [status] = await once(asked, 'close');
    return { status, shown };
  }

  test.runIf(hasScript)(
    'Ctrl-C at the question says that nothing was changed',
    async () => {
      const { status, shown } = await interruptedOnTerminal('deploy', '[y/N]');
      expect(shown).toMatch(/Interrupted\. Nothing was changed\.\s+$/);
      expect(status).toBe(130);
    },
    60_000,
  );

  test('Ctrl-C on the way says that it goes on in AWS, and how to follow it', async () => {
    let executed = false;
    front.intercept = ({ action }) => {
      if (action === 'ExecuteChangeSet') executed = true;
      // As if nothing came of it for a long while.
      return executed && action === 'DescribeStackEvents'
        ? answerOf(action, '<StackEvents/>')
        : undefined;
    };
    const command = startPynvest(['deploy', '--yes'], { env });
    await command.says('Deploying pynvest');
    command.process.kill('SIGINT');
    const { status, stderr } = await command.result;
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /Interrupted\. The deployment continues in AWS\. Running the command again/,
    );
    expect(stderr).toContain('https://sa-east-1.console.aws.amazon.com/cloudformation/');
    if (hasScript) {
      // A bar hides the cursor: the shell gets it back.
      executed = false;
      const change = 'deploy --yes --parameter FunctionMemory=1024';
      const { status, shown } = await interruptedOnTerminal(change, 'Deploying pynvest ');
      expect(status).toBe(130);
      expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
    }
    front.intercept = () => undefined;
    expect((await run(['deploy', '--yes', '--quiet'])).status).toBe(0);
  }, 120_000);
});
