/** The values of the shared options and of the environment, checked where they enter. */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { parsePartition } from '../catalog/partition.ts';
import { UsageError } from '../errors.ts';
import { defaultSiteSettings, type SiteSettings } from '../fundamentus/settings.ts';
import type { Days } from '../query/quotes.ts';
import { folded } from '../suggest.ts';
import type { DaysOptions, LakeOptions, SiteOptions } from './options.ts';

/** Which kinds of asset a word names. @throws UsageError */
export function parseKinds(text: string | undefined): readonly AssetKind[] {
  if (text === undefined) return assetKinds;
  const word = folded(text);
  const kind =
    ({ acao: 'acoes', fii: 'fiis' } as const)[word] ?? assetKinds.find((each) => each === word);
  if (kind !== undefined) return [kind];
  throw new UsageError(`${JSON.stringify(text)} is no kind of asset`, {
    hint: 'Say acoes (stocks) or fiis (real-estate funds).',
  });
}

/** The days that `--from`, `--to` and `--last` name. @throws UsageError */
export function parseDays(options: DaysOptions): Days {
  const from = options.from === undefined ? undefined : parsePartition(options.from, '--from');
  const to = options.to === undefined ? undefined : parsePartition(options.to, '--to');
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${options.from} comes after --to ${options.to}`);
  }
  const last =
    options.last === undefined
      ? undefined
      : wholeNumber(['--last', options.last], { least: 1, most: 1_000_000, otherwise: 30 });
  return { from, to, last };
}

/** The most rows that `--limit` lets through. @throws UsageError */
export function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return wholeNumber(['--limit', text], { least: 1, most: 1_000_000_000, otherwise: 20 });
}

/** The lake's folder: `--lake`, else PYNVEST_LAKE, else the platform's data folder. */
export async function lakeFolder({ lake }: LakeOptions): Promise<string> {
  const named = lake ?? process.env['PYNVEST_LAKE'];
  if (named !== undefined && named.trim() !== '') return resolve(fromHome(named));
  if (lake !== undefined) throw new UsageError('--lake wants the path of a folder');
  const { default: envPaths } = await import('env-paths');
  return resolve(envPaths('pynvest', { suffix: '' }).data, 'lake');
}

/** A quoted `~` comes here as it is: no shell has made a folder's name of it. */
function fromHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? `${homedir()}${path.slice(1)}` : path;
}

/** How the site is asked: options first, then the environment, then the defaults. */
export function siteSettings(options: SiteOptions = {}): SiteSettings {
  const env = process.env;
  const variable = (name: string): Setting => [name, env[name]?.trim() || undefined];
  const setting = (option: string, text: string | undefined, name: string): Setting =>
    text === undefined ? variable(name) : [option, text];
  return {
    baseUrl: baseUrl(env['PYNVEST_FUNDAMENTUS_URL']),
    concurrency: wholeNumber(setting('--concurrency', options.concurrency, 'PYNVEST_CONCURRENCY'), {
      least: 1,
      most: 64,
      otherwise: defaultSiteSettings.concurrency,
    }),
    pauseMs: wholeNumber(setting('--pause', options.pause, 'PYNVEST_PAUSE_MS'), {
      least: 0,
      most: 600_000,
      otherwise: defaultSiteSettings.pauseMs,
    }),
    timeoutMs: wholeNumber(setting('--timeout', options.timeout, 'PYNVEST_TIMEOUT_MS'), {
      least: 1,
      most: 600_000,
      otherwise: defaultSiteSettings.timeoutMs,
    }),
    retries: wholeNumber(setting('--retries', options.retries, 'PYNVEST_RETRIES'), {
      least: 0,
      most: 20,
      otherwise: defaultSiteSettings.retries,
    }),
    backoffMs: wholeNumber(variable('PYNVEST_BACKOFF_MS'), {
      least: 0,
      most: 600_000,
      otherwise: defaultSiteSettings.backoffMs,
    }),
    userAgent: userAgent(env['PYNVEST_USER_AGENT']),
  };
}

type Setting = readonly [name: string, text: string | undefined];

function wholeNumber(
  [name, text]: Setting,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${name} is ${JSON.stringify(text)}: it takes a whole number from ${least} to ${most}`,
    { hint: `Such as ${otherwise}.` },
  );
}

function baseUrl(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return defaultSiteSettings.baseUrl;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.username !== '' || url.password !== '')) {
    throw new UsageError('PYNVEST_FUNDAMENTUS_URL holds a name or a password', {
      hint: 'The site asks for neither: leave them out.',
    });
  }
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new UsageError(`PYNVEST_FUNDAMENTUS_URL is ${JSON.stringify(text)}: it takes an address`, {
    hint: `Such as ${defaultSiteSettings.baseUrl}.`,
  });
}

function userAgent(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return defaultSiteSettings.userAgent;
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new UsageError('PYNVEST_USER_AGENT holds characters that no request header may have', {
    hint: `Plain ASCII on one line, such as ${defaultSiteSettings.userAgent}.`,
  });
}
