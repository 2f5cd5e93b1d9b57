/** The commands that build the lake in AWS and take it down. */
import { type Command, Option } from 'commander';
import {
  iamTasks,
  withAws,
  withOutput,
  withStack,
  withStackChange,
  withTerminal,
} from '../options.ts';
import type { Start } from './start.ts';

export function declareDeploying(program: Command, start: Start): void {
  withStackChange(withStack(withAws(withOutput(program.command('deploy')))))
    .description(
      'build the lake in your AWS account, or bring it to this version and these parameters',
    )
    .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
    .option('--keep <n>', 'earlier deployments whose code is kept (default 2)')
    .option('--no-termination-protection', 'leave the stack open to being deleted by a slip')
    .action((options) =>
      start(options, async (terminal) => (await import('../deploy.ts')).deploy(terminal, options)),
    );
  withStack(withAws(withOutput(program.command('plan'))))
    .description('what deploy would add, change, replace and remove, and which data is at risk')
    .option('--tag <Key=Value...>', 'a tag of the stack and of what is in it')
    .option('--role-arn <arn>', 'the role that CloudFormation takes up instead of yours')
    .action((options) =>
      start(options, async (terminal) => (await import('../plan.ts')).plan(terminal, options)),
    );
  withStackChange(withStack(withAws(withTerminal(program.command('destroy')))))
    .description('take the lake in AWS down; its data stays')
    .option('--delete-data', 'the data too, for good; asks for the name of the stack')
    .option('--confirm <stack>', 'the name of the stack, where --delete-data has nobody to ask')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../destroy.ts')).destroy(terminal, options),
      ),
    );
  withStack(withTerminal(program.command('iam-policy')))
    .description('the least IAM policy that deploying, operating or collecting needs')
    .addOption(
      new Option(
        '--for <task>',
        'deploy: deploy, plan, destroy (default); service-role: what CloudFormation does with --role-arn; operate: status, logs, redrive, pause, resume, --remote, ' +
          'queries; collect: run, backfill, dedup now --target aws; mend: doctor --fix, beside both of these',
      ).choices(iamTasks),
    )
    .option('--account <id>', 'the AWS account, twelve digits')
    .option('--region <region>', 'the AWS region, such as sa-east-1')
    .option('--role-arn <arn>', 'for who deploys with --role-arn, which this then lets them pass')
    .option('--delete-data', 'with what destroy --delete-data needs')
    .option('--part <n>', 'one of the pieces that fit into a managed policy')
    .action((options) =>
      start(options, async (terminal) =>
        (await import('../iam-policy.ts')).iamPolicy(terminal, options),
      ),
    );
}
