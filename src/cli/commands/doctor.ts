/**
 * `pynvest doctor`: checks the lake, its surroundings and the site, and repairs what is safe to repair.
 */

import type { StackValues } from '../../aws/stack.ts';
import type { DayBounds } from '../../catalog/partition.ts';
import { AwsAccessError, DeployError, LakeLockedError, UsageError } from '../../errors.ts';
import {
  type Examination,
  examineFolder,
  examineLake,
  examineSite,
  type LakeRequest,
} from '../../health/doctor.ts';
import { isInUse, type Sections } from '../../health/facts/model.ts';
import { createFinding, type Finding } from '../../health/finding.ts';
import {
  type FailedRepair,
  type Repair,
  type RepairTools,
  repairLake,
} from '../../health/repair.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { defineCommand } from '../command.ts';
import { addLakeOptions } from '../command-line.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import {
  type AwsLakeHandle,
  assertNamedFolder,
  type LocalLakeHandle,
  openLake,
} from '../open-lake.ts';
import { type OptionValues, option } from '../option.ts';
import { writeCodes } from '../output/codes.ts';
import { isFault, printSummary, warnFailedRepairs, writeFindings } from '../output/findings.ts';
import { outputOptions } from '../output/rows.ts';
import { parseDayBounds } from '../selection.ts';
import { describeProxy, readSiteSettings, siteOptions, useSiteOfSystem } from '../site-settings.ts';
import { lakeOptions } from '../target.ts';
import { createProgress, type Progress, withSpinner } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const doctorOptions = {
  ...outputOptions,
  ...lakeOptions,
  ...siteOptions,
  fix: option('--fix', 'repair what is safe to repair, and check again'),
  from: option(
    '--from <day>',
    'every value from this day on, such as 2026-11-19 or 30d (default: the newest days)',
  ),
  to: option('--to <day>', 'every value up to this day'),
  all: option(
    '--all',
    'every value of every day, and every file, also those that have not changed since the last look',
  ),
  site: option('--no-site', 'do not ask the site'),
  list: option('--list', 'list the codes of findings, with their meaning and what to do'),
};

type DoctorOptions = OptionValues<typeof doctorOptions>;

export const doctorCommand = defineCommand({
  name: 'doctor',
  description: 'what is wrong with the lake or the site, and how to repair it',
  options: doctorOptions,
  helpText: '\nExit status: 0 if no problem remains (notes do not count), 1 otherwise.',

  async handler({ terminal, options }) {
    if (options.list) {
      await writeCodes(terminal, options.format, 'doctor');
      return ExitStatus.done;
    }
    const bounds = parseBounds(options);
    const local = readSiteSettings(options);
    const signal = abortOnInterrupt(terminal);
    const now = new Date();
    const checked = await checkLake(terminal, options, { bounds, now, signal });
    const { repaired = [], failed = [], examined, parameters } = checked;
    const settings = useSiteOfSystem(local, parameters);
    const findings = [...checked.findings];
    if (options.site !== false) {
      const site = createSite(settings, signal, createRetryNotifier(terminal));
      const url = new URL(settings.baseUrl);
      const proxy = describeProxy(url);
      const origin = proxy === undefined ? url.origin : `${url.origin} through the proxy ${proxy}`;
      const ofSite = await withSpinner(terminal, 'Checking the site', () =>
        examineSite(site, origin, now),
      );
      findings.push(...ofSite);
    }
    const copyable = findings.map((each) => ({
      ...each,
      remedy: addLakeOptions(each.remedy, options),
    }));
    await writeFindings(terminal, options.format, copyable, repaired);
    warnFailedRepairs(terminal, failed);
    printSummary(terminal, { findings, repaired, examined });
    return findings.some(isFault) ? ExitStatus.failed : ExitStatus.done;
  },
});

/** What was found and, with `--fix`, what was done about it. */
interface CheckResult {
  readonly findings: readonly Finding[];
  readonly repaired?: readonly Repair[];
  readonly failed?: readonly FailedRepair[];
  readonly examined?: Examination;
  /** Of the stack, where the lake is in AWS. */
  readonly parameters?: StackValues;
}

/** @throws UsageError */
function parseBounds({ from, to, all }: DoctorOptions): DayBounds {
  if (all && (from !== undefined || to !== undefined)) {
    throw new UsageError('--all is every day: it excludes --from and --to');
  }
  return parseDayBounds({ from, to });
}

/** What the examinations of one call have in common. */
type CheckRequest = Required<Pick<LakeRequest, 'bounds' | 'now' | 'signal'>> &
  Pick<LakeRequest, 'isDemo'>;

/** A lake in AWS that cannot be reached is a finding like any other: the site is examined all the same. */
async function checkLake(
  terminal: Terminal,
  options: DoctorOptions,
  request: CheckRequest,
): Promise<CheckResult> {
  try {
    const lake = await openLake(terminal, options);
    await assertNamedFolder(lake, options, { mayBeOther: true });
    return lake.kind === 'local'
      ? await checkLocalLake(terminal, lake, options, request)
      : await checkAwsLake(terminal, lake, options, request);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const code = error instanceof AwsAccessError ? 'aws-access' : 'stack-unhealthy';
    const { message: detail, hint: remedy } = error;
    return { findings: [createFinding(code, { detail, remedy })] };
  }
}

async function checkLocalLake(
  terminal: Terminal,
  { root, lake, withExclusiveAccess }: LocalLakeHandle,
  options: DoctorOptions,
  request: CheckRequest,
): Promise<CheckResult> {
  const { readFolderState } = await import('../../lake/local/layout.ts');
  const { createLocalInspector } = await import('../../lake/local/lake.ts');
  const folder = await readFolderState(root);
  const before = examineFolder(folder, request.now);
  // A folder of another purpose is no empty lake, and nothing is written into it.
  if (folder.inaccessiblePath !== undefined || folder.isOtherFolder) return { findings: before };
  if (isInUse(folder)) {
    if (!options.fix) return { findings: before };
    throw new LakeLockedError(`the lake at ${root} is in use by ${folder.lockOwner?.description}`, {
      hint: 'Nothing was repaired. Wait until it ends.',
    });
  }
  const tools: RepairTools = { lake, store: createLocalInspector(root, { rereads: options.all }) };
  const { isDemo = false } = folder;
  const examine = () => examineVisibly(terminal, tools, options, { ...request, isDemo });
  if (!options.fix || !folder.exists) {
    const examined = await examine();
    return { findings: [...before, ...examined.findings], examined };
  }
  const result = await withExclusiveAccess('pynvest doctor --fix', () =>
    repairLake(examine, tools, before),
  );
  const { repaired, failed, examination: examined } = result;
  const after = examineFolder(await readFolderState(root), request.now);
  return { findings: [...after, ...examined.findings], repaired, failed, examined };
}

async function checkAwsLake(
  terminal: Terminal,
  { system, lake, withExclusiveAccess }: AwsLakeHandle,
  options: DoctorOptions,
  request: CheckRequest,
): Promise<CheckResult> {
  const { createS3Inspector } = await import('../../lake/s3/lake.ts');
  const { readInstallation } = await import('../../health/facts/read-system.ts');
  const { aws, buckets, databases, stack } = system;
  const { parameters } = stack;
  const store = createS3Inspector(
    { s3: aws.s3, glue: aws.glue, buckets, databases },
    { rereads: options.all },
  );
  const tools: RepairTools = { lake, store, system };
  const examine = () =>
    examineVisibly(terminal, tools, options, request, () => readInstallation(system));
  if (!options.fix) {
    const examined = await examine();
    return { findings: examined.findings, examined, parameters };
  }
  const result = await withExclusiveAccess('pynvest doctor --fix', () =>
    repairLake(examine, tools),
  );
  const { repaired, failed, examination: examined } = result;
  return { findings: examined.findings, repaired, failed, examined, parameters };
}

/** Examines a lake, with a spinner or a bar of its days. */
function examineVisibly(
  terminal: Terminal,
  { lake, store }: RepairTools,
  { all: everyValue = false }: DoctorOptions,
  request: CheckRequest,
  readAwsInstallation?: () => Promise<Sections>,
): Promise<Examination> {
  return withSpinner(terminal, 'Examining the lake', async (stopSpinner) => {
    const progress = (days: number): Progress => {
      if (days < MIN_DAYS_FOR_PROGRESS) return createProgress(terminal, 'Days', 0);
      stopSpinner();
      return createProgress(terminal, 'Days', days);
    };
    const mayBeInProgress = readAwsInstallation !== undefined;
    const lakeRequest = { lake, store, everyValue, mayBeInProgress, progress, ...request };
    return examineLake(lakeRequest, await readAwsInstallation?.());
  });
}

/** Fewer are read in an instant. */
const MIN_DAYS_FOR_PROGRESS = 50;
