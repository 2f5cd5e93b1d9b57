/**
 * The lake that a command works on, wherever it is. What needs one of them alone asks for its `kind`;
 * everything else is the same for both.
 */
import { rememberedDeployment } from '../deploy/remembered.ts';
import { AwsAccessError } from '../errors.ts';
import type { Lake } from '../lake/lake.ts';
import type { ReportFile } from '../lake/reports.ts';
import type { RunningSystem } from '../operate/running-system.ts';
import type { RunReport } from '../pipeline/report.ts';
import type { QueryEngine } from '../query/engine.ts';
import { abortOnInterrupt, type InterruptionWords, stopWithTheReader } from './exit.ts';
import type { LakeOptions } from './options.ts';
import { lakeFolder } from './settings.ts';
import { type Choice, chooseTarget, targetEnvironment } from './target.ts';
import type { Terminal } from './terminal.ts';

interface AnyLakeAtHand {
  /** Where it is, as people write it. */
  readonly place: string;
  readonly lake: Lake;
  /** Does the work while no other run of pynvest may write; in AWS every write looks for itself. */
  exclusively<T>(who: string, work: () => Promise<T>): Promise<T>;
  keepReport(report: RunReport): Promise<void>;
  /** The last `most` of the reports that were kept, the newest first. */
  newestReports(most: number): Promise<ReportFile[]>;
  /** What answers queries; loaded when it is asked for. */
  openEngine(): Promise<QueryEngine>;
}

export interface LocalLakeAtHand extends AnyLakeAtHand {
  readonly kind: 'local';
  readonly root: string;
}

export interface AwsLakeAtHand extends AnyLakeAtHand {
  readonly kind: 'aws';
  readonly system: RunningSystem;
}

export type LakeAtHand = LocalLakeAtHand | AwsLakeAtHand;

/** The lake that the options and the environment mean; says on stderr which, where it was not said. */
export async function openLake(terminal: Terminal, options: LakeOptions): Promise<LakeAtHand> {
  const deployment = await rememberedDeployment();
  const choice = chooseTarget(options, targetEnvironment(), deployment);
  const opened =
    choice.target === 'aws'
      ? await chosenAwsLake(terminal, options, choice)
      : await localLake(terminal, options);
  if (choice.because !== undefined) {
    terminal.notice(`Lake: ${opened.place} (${choice.because})`);
  }
  return opened;
}

/** Whoever did not ask for AWS, as a job of cron does not, is told of the way around it. */
async function chosenAwsLake(
  terminal: Terminal,
  options: LakeOptions,
  choice: Choice,
): Promise<AwsLakeAtHand> {
  try {
    return await awsLake(terminal, options);
  } catch (error) {
    if (!(error instanceof AwsAccessError) || choice.byDeployment !== true) throw error;
    const hint =
      'This machine deployed, so the lake is the one in AWS: --target local or PYNVEST_TARGET=local is the folder here.';
    throw new AwsAccessError(error.message, {
      hint: error.hint === undefined ? hint : `${error.hint}\n${hint}`,
      cause: error,
    });
  }
}

async function localLake(terminal: Terminal, options: LakeOptions): Promise<LocalLakeAtHand> {
  const root = await lakeFolder(options);
  const { createLocalLake } = await import('../lake/local-lake.ts');
  return {
    kind: 'local',
    place: root,
    root,
    lake: createLocalLake(root),
    async exclusively(who, work) {
      const { withLock } = await import('../lake/lock.ts');
      const { copyPastQuarters } = await import('./past-quarters.ts');
      return withLock(root, who, async () => {
        const result = await work();
        await copyPastQuarters(terminal, root);
        return result;
      });
    },
    async keepReport(report) {
      const { keepReport } = await import('../lake/reports.ts');
      await keepReport(root, report);
    },
    async newestReports(most) {
      const { newestReports } = await import('../lake/reports.ts');
      return newestReports(root, most);
    },
    async openEngine() {
      const { openDuckDb } = await import('../query/duckdb-engine.ts');
      return openDuckDb(root);
    },
  };
}

async function awsLake(terminal: Terminal, options: LakeOptions): Promise<AwsLakeAtHand> {
  const { systemOf } = await import('./deploy-settings.ts');
  const { aws, stackName } = await systemOf(options);
  const { runningSystem, systemPlace } = await import('../operate/running-system.ts');
  const { createS3Lake } = await import('../lake/s3-lake.ts');
  const system = await runningSystem(aws, stackName);
  const { buckets, databases } = system;
  const lake = createS3Lake({ s3: aws.s3, glue: aws.glue, buckets, databases });
  return {
    kind: 'aws',
    place: systemPlace(system),
    system,
    lake,
    exclusively: (_, work) => work(),
    async keepReport(report) {
      const { keepReportInS3 } = await import('../lake/s3-reports.ts');
      await keepReportInS3(aws.s3, buckets.sor, report);
    },
    async newestReports(most) {
      const { newestReportsInS3 } = await import('../lake/s3-reports.ts');
      return newestReportsInS3(aws.s3, buckets.sor, most);
    },
    async openEngine() {
      const { openAthena } = await import('../query/athena-engine.ts');
      const { spendingText } = await import('../query/athena-cost.ts');
      const engine = openAthena({
        clientSettings: aws.clientSettings,
        workGroup: system.workGroup,
        databases,
        lake,
        signal: abortOnInterrupt(terminal, WORDS_OF_A_QUERY),
      });
      stopWithTheReader(engine.stop);
      return {
        ...engine,
        close() {
          engine.close();
          const spent = engine.spent();
          if (spent.queries > 0) terminal.notice(spendingText(spent));
        },
      };
    },
  };
}

const WORDS_OF_A_QUERY: InterruptionWords = {
  coming: 'stopping the query in Athena',
  done: 'The query is stopped; what it has read until then is billed.',
};
