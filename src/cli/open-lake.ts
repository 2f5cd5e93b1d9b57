/**
 * Opens the lake that a command works on, local or in AWS, behind one interface.
 * Code that needs one of them in particular checks its `kind`.
 */

import type { RunningSystem } from '../aws/system.ts';
import { getTables } from '../catalog/dataset.ts';
import { dailyDatasets } from '../catalog/datasets.ts';
import { formatIsoDate, type Partition } from '../catalog/partition.ts';
import { readDeploymentRecord } from '../deploy/deployment-record.ts';
import { AwsAccessError, LakeError } from '../errors.ts';
import type { ColumnarLake, ReportFile } from '../lake/lake.ts';
import type { ImportNotes } from '../pipeline/imported-years.ts';
import type { RunReport } from '../pipeline/report.ts';
import type { QueryEngine } from '../query/engine.ts';
import { abortOnInterrupt, type InterruptionMessages } from './exit.ts';
import {
  chooseTarget,
  findLakeFolder,
  type LakeOptions,
  readTargetEnvironment,
  type TargetChoice,
} from './target.ts';
import type { Terminal } from './terminal/terminal.ts';

interface EngineSettings {
  /** Files of this machine, and folders of them, that a query may read; in AWS there are none. */
  readonly allowedPaths?: readonly string[];
}

interface LakeHandleBase {
  /** Where it is, as messages name it. */
  readonly place: string;
  readonly lake: ColumnarLake;
  /**
   * Does the work while no other run of pynvest may write. In AWS there is no such lock: each write detects
   * another's by itself.
   * @param command who has the access, such as `pynvest run`
   */
  withExclusiveAccess<T>(command: string, work: () => Promise<T>): Promise<T>;
  storeReport(report: RunReport): Promise<void>;
  /** The newest `most` of the stored reports, the newest first. */
  readNewestReports(most: number): Promise<ReportFile[]>;
  /** Small texts of imports, by name. */
  readonly notes: ImportNotes;
  openEngine(settings?: EngineSettings): Promise<QueryEngine>;
}

export interface LocalLakeHandle extends LakeHandleBase {
  readonly kind: 'local';
  readonly root: string;
}

export interface AwsLakeHandle extends LakeHandleBase {
  readonly kind: 'aws';
  readonly system: RunningSystem;
}

export type LakeHandle = LocalLakeHandle | AwsLakeHandle;

/** The lake that the options and the environment select; a notice names it where no option does. */
export async function openLake(terminal: Terminal, options: LakeOptions): Promise<LakeHandle> {
  const deployment = await readDeploymentRecord();
  const choice = chooseTarget(options, readTargetEnvironment(), deployment);
  const opened =
    choice.target === 'aws'
      ? await openAwsLakeWithHint(terminal, options, choice)
      : await openLocalLake(terminal, await findLakeFolder(options));
  if (choice.reason !== undefined) {
    terminal.notice(`Lake: ${opened.place} (${choice.reason})`);
  }
  return opened;
}

/** Where AWS was not asked for, as in a cron job of before the deployment, the hint says how to avoid it. */
async function openAwsLakeWithHint(
  terminal: Terminal,
  options: LakeOptions,
  choice: TargetChoice,
): Promise<AwsLakeHandle> {
  try {
    return await openAwsLake(terminal, options);
  } catch (error) {
    if (!(error instanceof AwsAccessError) || choice.isFromDeployment !== true) throw error;
    const hint =
      'This machine deployed, so the lake in AWS was selected: --target local or PYNVEST_TARGET=local selects the folder.';
    throw new AwsAccessError(error.message, {
      hint: error.hint === undefined ? hint : `${error.hint}\n${hint}`,
      cause: error,
    });
  }
}

/** Fewer periods than these are copied in a few seconds, without a word. */
const MIN_COPIES_FOR_PROGRESS = 10;

/** The lake in a folder. */
export async function openLocalLake(terminal: Terminal, root: string): Promise<LocalLakeHandle> {
  const { createLocalLake } = await import('../lake/local/lake.ts');
  const notes: ImportNotes = {
    read: async (name) => (await import('../lake/local/lake.ts')).readNote(root, name),
    write: async (name, text) =>
      (await import('../lake/local/lake.ts')).writeNote(root, name, text),
  };
  return {
    kind: 'local',
    place: root,
    root,
    lake: createLocalLake(root),
    async withExclusiveAccess(command, work) {
      const { withLock } = await import('../lake/local/lock.ts');
      const { updatePeriodCopies } = await import('../query/duckdb/update-copies.ts');
      return withLock(root, command, async () => {
        const result = await work();
        const [error] = await updatePeriodCopies(root, async (copies) => {
          const { createProgress } = await import('./terminal/progress.ts');
          if (copies < MIN_COPIES_FOR_PROGRESS) return createProgress(terminal, '', 0);
          terminal.notice(
            'Copying past days into fewer files, so that queries over them are fast.',
          );
          return createProgress(terminal, 'Copies', copies);
        });
        if (error !== undefined) {
          const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
          terminal.notice(`Queries over past days stay slower: ${reason}`);
        }
        return result;
      });
    },
    async storeReport(report) {
      const { writeReport } = await import('../lake/local/lake.ts');
      await writeReport(root, report);
    },
    async readNewestReports(most) {
      const { readNewestReports } = await import('../lake/local/lake.ts');
      return readNewestReports(root, most);
    },
    notes,
    async openEngine(settings) {
      const { openDuckDb } = await import('../query/duckdb/engine.ts');
      const isDerived = () => areAdjustmentsDerived(terminal, notes);
      return openDuckDb(root, { ...settings, isDerived });
    },
  };
}

async function openAwsLake(terminal: Terminal, options: LakeOptions): Promise<AwsLakeHandle> {
  const { connectToStack } = await import('./open-system.ts');
  const { aws, stackName } = await connectToStack(options);
  const { findSystem, formatSystemName } = await import('../aws/system.ts');
  const { createS3Lake } = await import('../lake/s3/lake.ts');
  const system = await findSystem(aws, stackName);
  const { buckets, databases } = system;
  const lake = createS3Lake({ s3: aws.s3, glue: aws.glue, buckets, databases });
  const notes: ImportNotes = {
    read: async (name) =>
      (await import('../lake/s3/lake.ts')).readS3Note(aws.s3, buckets.sor, name),
    write: async (name, text) =>
      (await import('../lake/s3/lake.ts')).writeS3Note(aws.s3, buckets.sor, name, text),
  };
  return {
    kind: 'aws',
    place: formatSystemName(system),
    system,
    lake,
    withExclusiveAccess: (_, work) => work(),
    async storeReport(report) {
      const { writeS3Report } = await import('../lake/s3/lake.ts');
      await writeS3Report(aws.s3, buckets.sor, report);
    },
    async readNewestReports(most) {
      const { readNewestS3Reports } = await import('../lake/s3/lake.ts');
      return readNewestS3Reports(aws.s3, buckets.sor, most);
    },
    notes,
    async openEngine() {
      const { openAthena } = await import('../query/athena/engine.ts');
      const { formatCost } = await import('../query/athena/cost.ts');
      const { createSpinner } = await import('./terminal/progress.ts');
      const engine = openAthena({
        clientSettings: aws.clientSettings,
        workGroup: system.workGroup,
        databases,
        lake,
        signal: abortOnInterrupt(terminal, QUERY_INTERRUPTION),
        isDerived: () => areAdjustmentsDerived(terminal, notes),
      });
      terminal.onBrokenPipe(engine.stop);
      const withQuerySpinner = createSpinner(terminal, 'Waiting for Athena');
      return {
        ...engine,
        query: (...query) => withQuerySpinner(() => engine.query(...query)),
        close() {
          engine.close();
          const cost = engine.getCost();
          if (cost.queries > 0) terminal.notice(formatCost(cost));
        },
      };
    },
  };
}

/** Whether the last import stored its adjustments; a warning says what to do if it died before. */
export async function areAdjustmentsDerived(
  terminal: Terminal,
  notes: Pick<ImportNotes, 'read'>,
): Promise<boolean> {
  const state = await import('../pipeline/adjustment-state.ts');
  const isDerived = await state.areAdjustmentsDerived(notes);
  if (!isDerived) {
    terminal.warn(
      'the last import was not completed, so no adjustment is proved. The same import again completes it; `pynvest import eventos` derives the adjustments of what is stored.',
    );
  }
  return isDerived;
}

const QUERY_INTERRUPTION: InterruptionMessages = {
  started: 'stopping the query in Athena',
  finished: 'The query is stopped; what it had scanned by then is billed.',
};

/** Why a lake has nothing: its folder does not exist or is another, a run is filling it, or it is empty. */
export async function describeEmptyLake(handle: LakeHandle): Promise<LakeError> {
  const { place } = handle;
  const empty = new LakeError(`the lake at ${place} is empty`, { hint: FILL_HINT });
  if (handle.kind === 'aws') return empty;
  const { readFolderState } = await import('../lake/local/layout.ts');
  const { exists, isOtherFolder, lockOwner } = await readFolderState(handle.root);
  if (!exists) {
    return new LakeError(`there is no lake at ${place}: the folder does not exist`, {
      hint: FILL_HINT,
    });
  }
  if (isOtherFolder) {
    return new LakeError(
      `${place} is not a lake: it has other files, and no folder sor, sot or spec`,
      { hint: 'Name the folder of the lake: --lake DIR.' },
    );
  }
  if (lockOwner === undefined || lockOwner.isDead) return empty;
  return new LakeError(`the lake at ${place} has nothing yet: ${lockOwner.description} fills it`, {
    hint: 'Run the command again when that has ended.',
  });
}

const FILL_HINT = '`pynvest run` collects today; --lake DIR or --target selects another lake.';

/** Whether a run is writing into the lake: what is missing may come. */
export async function isBeingWritten(handle: LakeHandle): Promise<boolean> {
  if (handle.kind === 'aws') return false;
  const { findLockOwner } = await import('../lake/local/lock.ts');
  return (await findLockOwner(handle.root))?.isDead === false;
}

/**
 * Requires the folder that a person named, which a misspelling would turn into an empty lake. The default folder may
 * not exist yet.
 * @param mayBeOther whether a folder of another purpose is accepted, for a command that reports it
 * @throws LakeError
 */
export async function assertNamedFolder(
  handle: LakeHandle,
  options: LakeOptions,
  { mayBeOther = false } = {},
): Promise<void> {
  const named = options.lake ?? readTargetEnvironment().lake;
  if (handle.kind === 'aws' || named === undefined || named.trim() === '') return;
  const { readFolderState } = await import('../lake/local/layout.ts');
  const { exists, isOtherFolder = false } = await readFolderState(handle.root);
  if (!exists || (isOtherFolder && !mayBeOther)) throw await describeEmptyLake(handle);
}

/** Refuses to put rows of real sources into the lake of a demo, whose market is fictional. @throws LakeError */
export async function assertNoDemo(handle: LakeHandle): Promise<void> {
  if (handle.kind === 'aws') return;
  const { isDemoLake } = await import('../lake/local/layout.ts');
  if (!(await isDemoLake(handle.root))) return;
  throw new LakeError(`the lake at ${handle.place} is that of a demo, whose market is fictional`, {
    hint: 'Leave out --lake (or PYNVEST_LAKE), or name another folder for the real market; `pynvest demo` recreates the demo.',
  });
}

/** Requires the folder of a local lake, for a question that would call it empty. @throws LakeError */
export async function assertFolder(handle: LakeHandle): Promise<void> {
  if (handle.kind === 'aws') return;
  const { readFolderState } = await import('../lake/local/layout.ts');
  const { exists, isOtherFolder } = await readFolderState(handle.root);
  if (!exists || isOtherFolder) throw await describeEmptyLake(handle);
}

/** @throws LakeError where the lake has no typed rows of the day */
export async function assertTypedRows(handle: LakeHandle, partition: Partition): Promise<void> {
  const { lake } = handle;
  const typedTables = getTables(dailyDatasets).filter(({ layer }) => layer !== 'sor');
  const found = await Promise.all(typedTables.map((table) => lake.partitions(table)));
  const days = [...new Set(found.flat())].sort((a, b) => a - b);
  const newest = days.at(-1);
  if (newest === undefined && (await isBeingWritten(handle))) throw await describeEmptyLake(handle);
  if (!days.includes(partition)) {
    throw new LakeError(`the lake has no typed rows of ${formatIsoDate(partition)}`, {
      hint:
        newest === undefined
          ? 'It has no typed rows of any day: `pynvest run` collects today.'
          : `Its newest day is ${formatIsoDate(newest)}: --date ${formatIsoDate(newest)}.`,
    });
  }
}
