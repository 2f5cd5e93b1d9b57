/**
 * How the site and the other sources are asked: the options and environment variables for it, and their values.
 */

import { UsageError } from '../errors.ts';
import { fetchThroughProxy, findProxy, formatProxy } from '../proxy.ts';
import { defaultSiteSettings } from '../sources/fundamentus/site.ts';
import type { HttpSettings } from '../sources/http/settings.ts';
import { type OptionValues, option, parseWholeNumber } from './option.ts';

const { concurrency, pauseMs, timeoutMs, retries } = defaultSiteSettings;

export const siteOptions = {
  concurrency: option('--concurrency <n>', `requests under way at once (default ${concurrency})`),
  pause: option('--pause <ms>', `pause between two requests of one of those (default ${pauseMs})`),
  timeout: option('--timeout <ms>', `longest wait for one page (default ${timeoutMs})`),
  retries: option('--retries <n>', `how often a failed request is sent again (default ${retries})`),
};

export type SiteOptions = OptionValues<typeof siteOptions>;

/** The option and the variable of each number, and its bounds. */
const NUMBERS = {
  concurrency: ['concurrency', 'PYNVEST_CONCURRENCY', 1, 64],
  pauseMs: ['pause', 'PYNVEST_PAUSE_MS', 0, 600_000],
  timeoutMs: ['timeout', 'PYNVEST_TIMEOUT_MS', 1, 600_000],
  retries: ['retries', 'PYNVEST_RETRIES', 0, 20],
  backoffMs: [undefined, 'PYNVEST_BACKOFF_MS', 0, 600_000],
} as const satisfies Readonly<
  Record<string, readonly [keyof SiteOptions | undefined, string, least: number, most: number]>
>;

/** How the site is asked. @throws UsageError */
export function readSiteSettings(options: SiteOptions = {}): HttpSettings {
  return {
    ...readSourceSettings(defaultSiteSettings, options),
    userAgent: parseUserAgent(process.env['PYNVEST_USER_AGENT']),
  };
}

/**
 * How a source is asked: options first, then the environment, then its defaults.
 * @param declared the options that the command has: hints name no other
 * @throws UsageError
 */
export function readSourceSettings(
  defaults: HttpSettings,
  options: SiteOptions = {},
  declared: Partial<typeof siteOptions> = siteOptions,
): HttpSettings {
  const env = process.env;
  const read = (name: keyof typeof NUMBERS): number => {
    const [option, variable, least, most] = NUMBERS[name];
    const value = option && options[option];
    const bounds = { least, most, otherwise: defaults[name] };
    return value === undefined
      ? parseWholeNumber(variable, env[variable]?.trim() || undefined, bounds)
      : parseWholeNumber(`--${option}`, value, bounds);
  };
  return {
    ...defaults,
    baseUrl: parseBaseUrl(defaults, env[defaults.urlVariable]),
    concurrency: read('concurrency'),
    pauseMs: read('pauseMs'),
    timeoutMs: read('timeoutMs'),
    retries: read('retries'),
    slowerBy: (['pauseMs', 'concurrency'] as const)
      .map((name) => {
        const [option, variable] = NUMBERS[name];
        return option in declared ? `--${option}` : variable;
      })
      .join(', '),
    backoffMs: read('backoffMs'),
    proxy: { describe: describeProxy, fetch: fetchThroughProxy },
  };
}

/**
 * The settings for asking about a system in AWS, which collects from the site of its parameter FundamentusUrl: another
 * site would be compared with its rows. Those of a lake on this machine stay as they are.
 */
export function useSiteOfSystem<T extends HttpSettings>(
  settings: T,
  parameters: Readonly<Record<string, string>> | undefined,
): T {
  const url = parameters?.['FundamentusUrl'];
  return url !== undefined && URL.canParse(url) ? { ...settings, baseUrl: url } : settings;
}

/** The proxy that the site is asked through, if there is one. @throws UsageError */
export function describeProxy(url: URL): string | undefined {
  const proxy = findProxy(url);
  return proxy && formatProxy(proxy);
}

function parseBaseUrl({ baseUrl, urlVariable }: HttpSettings, text: string | undefined): string {
  if (text === undefined || text.trim() === '') return baseUrl;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.username !== '' || url.password !== '')) {
    throw new UsageError(`${urlVariable} contains a name or a password`, {
      hint: 'The site asks for neither: leave them out.',
    });
  }
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new UsageError(`${urlVariable} is ${JSON.stringify(text)}: it takes an address`, {
    hint: `Such as ${baseUrl}.`,
  });
}

function parseUserAgent(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return defaultSiteSettings.userAgent;
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new UsageError('PYNVEST_USER_AGENT contains characters that no request header may have', {
    hint: `Plain ASCII on one line, such as ${defaultSiteSettings.userAgent}.`,
  });
}
