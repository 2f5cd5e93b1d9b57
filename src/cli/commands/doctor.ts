/**
 * `pynvest doctor`: checks the lake, its surroundings and the site, and repairs what is safe to repair.
 */

import { partitionOf } from '../../catalog/partition.ts';
import { AwsAccessError, DeployError, LakeLockedError, UsageError } from '../../errors.ts';
import { type RepairResult, repairLake } from '../../health/doctor.ts';
import { type Examination, examineLake, type LakeRequest } from '../../health/examine-lake.ts';
import { type Finding, finding } from '../../health/finding.ts';
import type { RepairTools } from '../../health/repair.ts';
import type { Bounds } from '../../health/rules/days.ts';
import { examineSite } from '../../health/rules/site.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { defineCommand } from '../command.ts';
import { addLakeOptions } from '../command-line.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type AwsLakeHandle, type LocalLakeHandle, openLake } from '../open-lake.ts';
import { type OptionValues, option } from '../option.ts';
import {
  printSummary,
  warnFailedRepairs,
  writeFindingCodes,
  writeFindings,
} from '../output/findings.ts';
import { outputOptions } from '../output/rows.ts';
import { parseDayBounds } from '../selection.ts';
import { readSiteSettings, siteOptions } from '../site-settings.ts';
import { lakeOptions } from '../target.ts';
import { createProgress } from '../terminal/progress.ts';
import { createRetryNotifier, type Terminal } from '../terminal/terminal.ts';

const doctorOptions = {
  ...outputOptions,
  ...lakeOptions,
  ...siteOptions,
  fix: option('--fix', 'do what is safe about it, and look again'),
  from: option(
    '--from <day>',
    'every value from this day on, YYYY-MM-DD (default: of the newest days)',
  ),
  to: option('--to <day>', 'every value up to this day'),
  all: option('--all', 'every value of every day'),
  site: option('--no-site', 'leave the site alone'),
  list: option('--list', 'the codes of all that can be found, what they mean and what to do'),
};

type DoctorOptions = OptionValues<typeof doctorOptions>;

export const doctorCommand = defineCommand({
  name: 'doctor',
  description: 'what is wrong with the lake or the site, and how to mend it',
  options: doctorOptions,
  helpText: '\nExit status: 0 where no problem is left (notes are none), 1 where one is.',

  async handler({ terminal, options }) {
    if (options.list) {
      await writeFindingCodes(terminal, options.format);
      return ExitStatus.done;
    }
    const bounds = parseBounds(options);
    const settings = readSiteSettings(options);
    const signal = abortOnInterrupt(terminal);
    const {
      findings: ofLake,
      failed,
      examined,
    } = await checkLake(terminal, options, bounds, signal);
    const findings = [...ofLake];
    if (options.site !== false) {
      const site = createSite(settings, signal, createRetryNotifier(terminal));
      findings.push(...(await examineSite(site, new URL(settings.baseUrl).origin)));
    }
    const forCopying = findings.map((each) => ({
      ...each,
      remedy: addLakeOptions(each.remedy, options),
    }));
    await writeFindings(terminal, options.format, forCopying);
    warnFailedRepairs(terminal, failed);
    printSummary(terminal, findings, examined);
    const isWell = findings.every(({ status }) => status !== 'problem');
    return isWell ? ExitStatus.done : ExitStatus.failed;
  },
});

/** Something that was looked at, and, with `--fix`, what was done about it. */
interface CheckResult {
  readonly findings: readonly Finding[];
  readonly failed: RepairResult['failed'];
  readonly examined?: Examination | undefined;
}

/** @throws UsageError */
function parseBounds({ from, to, all }: DoctorOptions): Bounds {
  if (all && (from !== undefined || to !== undefined)) {
    throw new UsageError('--all is every day: it excludes --from and --to');
  }
  return parseDayBounds({ from, to });
}

/** A lake in AWS that cannot be reached is a finding like any other: the site is looked at all the same. */
async function checkLake(
  terminal: Terminal,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    const target = await openLake(terminal, options);
    return target.kind === 'local'
      ? await checkLocalLake(terminal, target, options, bounds, signal)
      : await checkAwsLake(terminal, target, options, bounds, signal);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const code = error instanceof AwsAccessError ? 'aws-access' : 'stack';
    const { message: detail, hint } = error;
    const remedy = hint === undefined ? {} : { remedy: hint };
    return { findings: [finding(code, { status: 'problem', detail, ...remedy })], failed: [] };
  }
}

async function checkLocalLake(
  terminal: Terminal,
  { root, lake, withExclusiveAccess: exclusively }: LocalLakeHandle,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { readFolderState } = await import('../../lake/local/folder.ts');
  const { isInUse, folderFindings } = await import('../../health/rules/folder.ts');
  const { createLocalInspector } = await import('../../lake/local/inspector.ts');
  const place = await readFolderState(root);
  const before = folderFindings(place);
  if (place.inaccessiblePath !== undefined) return { findings: before, failed: [] };
  if (isInUse(place)) {
    if (!options.fix) return { findings: before, failed: [] };
    throw new LakeLockedError(`the lake at ${root} is in use by ${place.lockOwner?.description}`, {
      hint: 'Nothing was mended. Wait until it ends.',
    });
  }
  const tools: RepairTools = { lake, store: createLocalInspector(root) };
  const examine = () =>
    examineLake(
      createLakeRequest(tools, options, bounds, { mayBeAtWork: false, signal }, terminal),
    );
  if (!options.fix || !place.exists) {
    const examined = await examine();
    return { findings: [...before, ...examined.findings], failed: [], examined };
  }
  const treated = await exclusively('pynvest doctor --fix', () =>
    repairLake(examine, tools, before),
  );
  const { repaired: mended, failed, examination: last } = treated;
  const after = folderFindings(await readFolderState(root));
  return { findings: [...mended, ...after, ...last.findings], failed, examined: last };
}

async function checkAwsLake(
  terminal: Terminal,
  { system, lake, withExclusiveAccess: exclusively }: AwsLakeHandle,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { createS3Inspector } = await import('../../lake/s3/inspector.ts');
  const { examineSystem } = await import('../../health/examine-system.ts');
  const { createSystemRepairTools } = await import('../../health/repair-system.ts');
  const { aws, buckets, databases } = system;
  const store = createS3Inspector({ s3: aws.s3, glue: aws.glue, buckets, databases });
  const tools: RepairTools = { lake, store, system: createSystemRepairTools(system) };
  const examine = async (): Promise<Examination> => {
    const around = await examineSystem(system);
    const examined = await examineLake(
      createLakeRequest(tools, options, bounds, { mayBeAtWork: true, signal }, terminal),
    );
    return { ...examined, findings: [...around, ...examined.findings] };
  };
  if (!options.fix) {
    const examined = await examine();
    return { findings: examined.findings, failed: [], examined };
  }
  const treated = await exclusively('pynvest doctor --fix', () => repairLake(examine, tools));
  const { repaired: mended, failed, examination: last } = treated;
  return { findings: [...mended, ...last.findings], failed, examined: last };
}

function createLakeRequest(
  { lake, store }: RepairTools,
  { all: everyValue = false }: DoctorOptions,
  bounds: Bounds,
  more: Pick<LakeRequest, 'mayBeAtWork' | 'signal'>,
  terminal: Terminal,
): LakeRequest {
  const today = partitionOf(new Date());
  const progress = (days: number) =>
    createProgress(terminal, 'Days', days < MIN_DAYS_FOR_PROGRESS ? 0 : days);
  return { lake, store, bounds, everyValue, today, progress, ...more };
}

/** Fewer are read before anybody wonders. */
const MIN_DAYS_FOR_PROGRESS = 50;
