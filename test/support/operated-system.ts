/**
 * A small system that the command has deployed into the stand-in, with a site that fails on demand. At the end of a
 * test file the calls of its commands are held against the policies that `iam-policy` prints.
 */
import { afterAll, beforeAll } from 'vitest';
import type { DemoAsset } from '../../src/demo/market.ts';
import { newAccount } from './aws-account.ts';
import {
  type CommandOptions,
  type CommandResult,
  type RunningCommand,
  startPynvest,
} from './command.ts';
import { CommandRecorder } from './command-recorder.ts';
import { newFolder } from './folders.ts';
import { type ProcessOptions, pynvest } from './in-process.ts';
import { deploySystem, type RunningSystem } from './running-system.ts';
import { type Fault, startTestSite, type TestSite } from './site.ts';
import { smallMarket } from './small-market.ts';

export interface OperatedSystem extends RunningSystem {
  readonly site: TestSite;
  /** The folder of the settings of who deployed it. */
  readonly config: string;
  /** What the command needs in its environment to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** How the site fails; not at all at first. */
  fault: (what: string, attempt: number) => Fault | undefined;
  /** Runs a command in this process. */
  run(args: readonly string[], options?: ProcessOptions): Promise<CommandResult>;
  /** Starts it as a process of its own, without waiting for its end. */
  start(args: readonly string[], options?: CommandOptions): RunningCommand;
}

/** Made once for a test file. A message that failed comes back in seconds, and has three tries. */
export function useOperatedSystem(
  market: readonly DemoAsset[] = smallMarket,
): () => OperatedSystem {
  let site: TestSite | undefined;
  let operated: OperatedSystem | undefined;
  const recorder = new CommandRecorder();
  beforeAll(async () => {
    const account = newAccount();
    const config = await newFolder();
    site = await startTestSite(market, {
      fault: (what, attempt) => operated?.fault(what, attempt),
    });
    const system = await deploySystem(account, config, [
      ...[`FundamentusUrl=${site.url}`, 'PauseMs=0', 'Retries=0', 'TimeoutMs=5000'],
      ...['QueueMaxReceiveCount=3', 'QueueRetryWait=1'],
    ]);
    const env = { ...account.environment, XDG_CONFIG_HOME: config };
    operated = {
      ...system,
      site,
      config,
      env,
      fault: () => undefined,
      run: (args, options = {}) =>
        pynvest(args, {
          ...options,
          around: recorder.around(args),
          env: { ...env, ...options.env },
        }),
      start(args, options = {}) {
        const recorded = recorder.recordProcess(args);
        return startPynvest(args, {
          ...options,
          preload: recorded.preload,
          env: { ...env, ...options.env, ...recorded.env },
        });
      },
    };
  }, 120_000);
  afterAll(async () => {
    await site?.close();
    await recorder.assertAllowed();
  });
  return () => {
    if (operated === undefined) throw new Error('the system was not deployed');
    return operated;
  };
}
