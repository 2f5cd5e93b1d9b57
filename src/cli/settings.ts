/**
 * Parses and validates the values of the shared options and of the environment variables.
 */

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type AssetKind, assetKinds } from '../catalog/asset.ts';
import { parsePartition } from '../catalog/partition.ts';
import { parseTickers } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import type { Selection } from '../pipeline/run.ts';
import type { DayRange } from '../query/select.ts';
import { defaultSiteSettings } from '../sources/fundamentus/settings.ts';
import type { HttpSettings } from '../sources/http/settings.ts';
import { removeAccents } from '../text.ts';
import type { DaysOptions, LakeOptions, RunOptions, SiteOptions } from './options.ts';

/** Which kinds of asset a word names. @throws UsageError */
export function parseKinds(text: string | undefined): readonly AssetKind[] {
  if (text === undefined) return assetKinds;
  const word = removeAccents(text);
  const kind =
    ({ acao: 'acoes', fii: 'fiis' } as const)[word] ?? assetKinds.find((each) => each === word);
  if (kind !== undefined) return [kind];
  throw new UsageError(`${JSON.stringify(text)} is no kind of asset`, {
    hint: 'Say acoes (stocks) or fiis (real-estate funds).',
  });
}

/** The days that `--from`, `--to` and `--last` name. @throws UsageError */
export function parseDays(options: DaysOptions): DayRange {
  const from = options.from === undefined ? undefined : parsePartition(options.from, '--from');
  const to = options.to === undefined ? undefined : parsePartition(options.to, '--to');
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${options.from} comes after --to ${options.to}`);
  }
  const last =
    options.last === undefined
      ? undefined
      : parseWholeNumber(['--last', options.last], { least: 1, most: 1_000_000, otherwise: 30 });
  return { from, to, last };
}

/** The most rows that `--limit` lets through. @throws UsageError */
export function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return parseWholeNumber(['--limit', text], { least: 1, most: 1_000_000_000, otherwise: 20 });
}

/** The lake's folder: `--lake`, else PYNVEST_LAKE, else the platform's data folder. */
export async function findLakeFolder({ lake }: LakeOptions): Promise<string> {
  const named = lake ?? process.env['PYNVEST_LAKE'];
  if (named !== undefined && named.trim() !== '') return resolve(expandHome(named));
  if (lake !== undefined) throw new UsageError('--lake wants the path of a folder');
  const { default: envPaths } = await import('env-paths');
  return resolve(envPaths('pynvest', { suffix: '' }).data, 'lake');
}

/** A quoted `~` comes here as it is: no shell has made a folder's name of it. */
function expandHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? `${homedir()}${path.slice(1)}` : path;
}

/** How the site is asked: options first, then the environment, then the defaults. */
export function readSiteSettings(options: SiteOptions = {}): HttpSettings {
  const env = process.env;
  const variable = (name: string): Setting => [name, env[name]?.trim() || undefined];
  const setting = (option: string, text: string | undefined, name: string): Setting =>
    text === undefined ? variable(name) : [option, text];
  return {
    ...defaultSiteSettings,
    baseUrl: parseBaseUrl(env['PYNVEST_FUNDAMENTUS_URL']),
    concurrency: parseWholeNumber(
      setting('--concurrency', options.concurrency, 'PYNVEST_CONCURRENCY'),
      {
        least: 1,
        most: 64,
        otherwise: defaultSiteSettings.concurrency,
      },
    ),
    pauseMs: parseWholeNumber(setting('--pause', options.pause, 'PYNVEST_PAUSE_MS'), {
      least: 0,
      most: 600_000,
      otherwise: defaultSiteSettings.pauseMs,
    }),
    timeoutMs: parseWholeNumber(setting('--timeout', options.timeout, 'PYNVEST_TIMEOUT_MS'), {
      least: 1,
      most: 600_000,
      otherwise: defaultSiteSettings.timeoutMs,
    }),
    retries: parseWholeNumber(setting('--retries', options.retries, 'PYNVEST_RETRIES'), {
      least: 0,
      most: 20,
      otherwise: defaultSiteSettings.retries,
    }),
    backoffMs: parseWholeNumber(variable('PYNVEST_BACKOFF_MS'), {
      least: 0,
      most: 600_000,
      otherwise: defaultSiteSettings.backoffMs,
    }),
    userAgent: parseUserAgent(env['PYNVEST_USER_AGENT']),
  };
}

type Setting = readonly [name: string, text: string | undefined];

function parseWholeNumber(
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

function parseBaseUrl(text: string | undefined): string {
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

function parseUserAgent(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return defaultSiteSettings.userAgent;
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new UsageError('PYNVEST_USER_AGENT holds characters that no request header may have', {
    hint: `Plain ASCII on one line, such as ${defaultSiteSettings.userAgent}.`,
  });
}

/** What the options ask for: both listings, one, or tickers. @throws UsageError */
export async function parseSelection(options: RunOptions): Promise<Selection> {
  const { tickers, ticker, tipo, watchlist = false } = options;
  const lists = [tickers, ticker].filter((list) => list !== undefined);
  if (lists.length === 0 && !watchlist) return { kinds: parseKinds(tipo) };
  if (tipo !== undefined) {
    const named = lists.length === 0 ? '--watchlist' : '--tickers';
    throw new UsageError(`${named} and --tipo exclude each other`, {
      hint: 'Leave --tipo out: the tickers that are named are asked for, whatever their kind.',
    });
  }
  const { addWatchedTickers } = await import('./watchlist.ts');
  const named = lists.length === 0 ? [] : parseTickers(lists.join(','));
  return { tickers: await addWatchedTickers(named, { watchlist }) };
}
