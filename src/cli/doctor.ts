/** `pynvest doctor`: what is wrong with the lake, what is around it and the site, and how to mend it. */
import { parsePartition, partitionOf } from '../catalog/partition.ts';
import { AwsAccessError, DeployError, LakeLockedError, UsageError } from '../errors.ts';
import { createSite } from '../fundamentus/client.ts';
import type { Bounds } from '../operate/checks/days.ts';
import { type Examination, examineLake, type LakeRequest } from '../operate/checks/examine-lake.ts';
import { type Finding, finding } from '../operate/checks/finding.ts';
import { examineSite } from '../operate/checks/site.ts';
import { type Treatment, treat } from '../operate/doctor.ts';
import type { Tools } from '../operate/fixes/mend.ts';
import { sayFailures, sayOutcome, writeCodes, writeFindings } from './doctor-text.ts';
import { abortOnInterrupt, ExitStatus } from './exit.ts';
import { type AwsLakeAtHand, type LocalLakeAtHand, openLake } from './lake-at-hand.ts';
import { forThisLake } from './lake-line.ts';
import type { LakeOptions, OutputOptions, SiteOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { siteSettings } from './settings.ts';
import { sayRetry, type Terminal } from './terminal.ts';

export interface DoctorOptions extends OutputOptions, LakeOptions, SiteOptions {
  readonly fix?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
  /** False for `--no-site`. */
  readonly site?: boolean;
  readonly list?: boolean;
}

/** Something that was looked at, and, with `--fix`, what was done about it. */
interface Look {
  readonly findings: readonly Finding[];
  readonly failed: Treatment['failed'];
  readonly examined?: Examination | undefined;
}

export async function doctor(terminal: Terminal, options: DoctorOptions): Promise<ExitStatus> {
  if (options.list) {
    await writeCodes(terminal, options.format);
    return ExitStatus.done;
  }
  const bounds = boundsOf(options);
  const settings = siteSettings(options);
  const signal = abortOnInterrupt(terminal);
  const {
    findings: ofLake,
    failed,
    examined,
  } = await lookAtLake(terminal, options, bounds, signal);
  const findings = [...ofLake];
  if (options.site !== false) {
    const site = createSite(settings, signal, sayRetry(terminal));
    findings.push(...(await examineSite(site, new URL(settings.baseUrl).origin)));
  }
  const forCopying = findings.map((each) => ({
    ...each,
    remedy: forThisLake(each.remedy, options),
  }));
  await writeFindings(terminal, options.format, forCopying);
  sayFailures(terminal, failed);
  sayOutcome(terminal, findings, examined);
  const isWell = findings.every(({ status }) => status !== 'problem');
  return isWell ? ExitStatus.done : ExitStatus.failed;
}

function boundsOf({ from, to, all }: DoctorOptions): Bounds {
  if (all && (from !== undefined || to !== undefined)) {
    throw new UsageError('--all is every day: it excludes --from and --to');
  }
  const bounds = {
    from: from === undefined ? undefined : parsePartition(from, '--from'),
    to: to === undefined ? undefined : parsePartition(to, '--to'),
  };
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from > bounds.to) {
    throw new UsageError(`--from ${from} comes after --to ${to}`);
  }
  return bounds;
}

/** A lake in AWS that cannot be reached is a finding like any other: the site is looked at all the same. */
async function lookAtLake(
  terminal: Terminal,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Look> {
  try {
    const target = await openLake(terminal, options);
    return target.kind === 'local'
      ? await lookAtFolder(terminal, target, options, bounds, signal)
      : await lookAtAws(terminal, target, options, bounds, signal);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const code = error instanceof AwsAccessError ? 'aws-access' : 'stack';
    const { message: detail, hint } = error;
    const remedy = hint === undefined ? {} : { remedy: hint };
    return { findings: [finding(code, { status: 'problem', detail, ...remedy })], failed: [] };
  }
}

async function lookAtFolder(
  terminal: Terminal,
  { root, lake, exclusively }: LocalLakeAtHand,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Look> {
  const { lookAtPlace } = await import('../lake/local-place.ts');
  const { isAtWork, placeFindings } = await import('../operate/checks/place.ts');
  const { createLocalStore } = await import('../lake/local-store.ts');
  const place = await lookAtPlace(root);
  const before = placeFindings(place);
  if (place.closed !== undefined) return { findings: before, failed: [] };
  if (isAtWork(place)) {
    if (!options.fix) return { findings: before, failed: [] };
    throw new LakeLockedError(`the lake at ${root} is in use by ${place.holder?.who}`, {
      hint: 'Nothing was mended. Wait until it ends.',
    });
  }
  const tools: Tools = { lake, store: createLocalStore(root) };
  const examine = () =>
    examineLake(requestFor(tools, options, bounds, { mayBeAtWork: false, signal }, terminal));
  if (!options.fix || !place.isThere) {
    const examined = await examine();
    return { findings: [...before, ...examined.findings], failed: [], examined };
  }
  const treated = await exclusively('pynvest doctor --fix', () => treat(examine, tools, before));
  const { mended, failed, last } = treated;
  const after = placeFindings(await lookAtPlace(root));
  return { findings: [...mended, ...after, ...last.findings], failed, examined: last };
}

async function lookAtAws(
  terminal: Terminal,
  { system, lake, exclusively }: AwsLakeAtHand,
  options: DoctorOptions,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Look> {
  const { createS3Store } = await import('../lake/s3-store.ts');
  const { examineSystem } = await import('../operate/checks/system.ts');
  const { systemTools } = await import('../operate/fixes/system-tools.ts');
  const { aws, buckets, databases } = system;
  const store = createS3Store({ s3: aws.s3, glue: aws.glue, buckets, databases });
  const tools: Tools = { lake, store, system: systemTools(system) };
  const examine = async (): Promise<Examination> => {
    const around = await examineSystem(system);
    const examined = await examineLake(
      requestFor(tools, options, bounds, { mayBeAtWork: true, signal }, terminal),
    );
    return { ...examined, findings: [...around, ...examined.findings] };
  };
  if (!options.fix) {
    const examined = await examine();
    return { findings: examined.findings, failed: [], examined };
  }
  const treated = await exclusively('pynvest doctor --fix', () => treat(examine, tools));
  const { mended, failed, last } = treated;
  return { findings: [...mended, ...last.findings], failed, examined: last };
}

function requestFor(
  { lake, store }: Tools,
  { all: everyValue = false }: DoctorOptions,
  bounds: Bounds,
  more: Pick<LakeRequest, 'mayBeAtWork' | 'signal'>,
  terminal: Terminal,
): LakeRequest {
  const today = partitionOf(new Date());
  const progress = (days: number) => createProgress(terminal, 'Days', days < FEW_DAYS ? 0 : days);
  return { lake, store, bounds, everyValue, today, progress, ...more };
}

/** Fewer are read before anybody wonders. */
const FEW_DAYS = 50;
