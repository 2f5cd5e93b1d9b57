/**
 * The series of Brazil's central bank (SGS), asked for through the polite HTTP client.
 * Source: https://dadosabertos.bcb.gov.br (a series answers JSON, for at most ten years a request).
 */
import { suggestIsoDate, toPartition } from '../../catalog/partition.ts';
import { LayoutChangedError, MissingAddressError } from '../../errors.ts';
import { createHttpClient, type OnRetry } from '../http/client.ts';
import { defaultPace, type HttpSettings } from '../http/settings.ts';

export interface SeriesValue {
  /** YYYY-MM-DD */
  readonly day: string;
  /** As the series counts it: per cent of a day, or of a month. */
  readonly value: number;
}

export interface SeriesSource {
  /** The values of a series, in order. @throws SiteError */
  read(code: number, firstYear: number, lastYear: number): Promise<SeriesValue[]>;
}

/** The longest range that the central bank answers at once. */
export const MAX_YEARS = 10;

/** Ten years of a daily series are 100 KB. */
const MAX_BYTES = 2_000_000;

export const defaultSeriesSettings: HttpSettings = {
  baseUrl: 'https://api.bcb.gov.br',
  urlVariable: 'PYNVEST_BCB_URL',
  headers: { accept: 'application/json' },
  ...defaultPace,
  concurrency: 1,
  retries: 3,
};

/** When `signal` is aborted, every call under way rejects with its reason. */
export function createSeriesSource(
  settings: HttpSettings,
  signal: AbortSignal,
  onRetry?: OnRetry,
): SeriesSource {
  const client = createHttpClient(settings, signal, onRetry);
  return {
    async read(code, firstYear, lastYear) {
      const subject = `series ${code}`;
      const query = `formato=json&dataInicial=01/01/${firstYear}&dataFinal=31/12/${lastYear}`;
      const path = `dados/serie/bcdata.sgs.${code}/dados?${query}`;
      try {
        return await client.getBytes({ path, subject, maxBytes: MAX_BYTES }, (body) =>
          parseSeries(new TextDecoder().decode(body), subject),
        );
      } catch (error) {
        // The central bank answers 404 for a range without a value.
        if (error instanceof MissingAddressError) return [];
        throw error;
      }
    },
  };
}

/** @throws LayoutChangedError if the text is not a series: no value is guessed */
export function parseSeries(text: string, subject: string): SeriesValue[] {
  const values = parseJson(text);
  if (!Array.isArray(values)) throw createSeriesError(subject, 'it is not a list');
  return values
    .map((each: unknown) => parseValue(each, subject))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseValue(value: unknown, subject: string): SeriesValue {
  const { data, valor } = (value ?? {}) as { readonly data?: unknown; readonly valor?: unknown };
  const day =
    typeof data === 'string' && /^\d{2}\/\d{2}\/\d{4}$/.test(data)
      ? suggestIsoDate(data)
      : undefined;
  const isNumber = typeof valor === 'string' && /^-?\d{1,9}(\.\d{1,12})?$/.test(valor);
  if (day === undefined || toPartition(day) === undefined || !isNumber) {
    throw createSeriesError(
      subject,
      `${JSON.stringify(value)?.slice(0, 80)} is not a value of a day`,
    );
  }
  return { day, value: Number(valor) };
}

function createSeriesError(subject: string, reason: string): LayoutChangedError {
  return new LayoutChangedError(`${subject}: the central bank's answer cannot be read: ${reason}`, {
    hint: 'Its service may have changed: a newer version of pynvest may read it.',
  });
}
