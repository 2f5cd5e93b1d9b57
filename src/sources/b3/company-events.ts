/**
 * The corporate events of a company or a fund as B3's company service has them (GetListedSupplementCompany), asked for
 * through the polite HTTP client. An answer has the events of all papers of an issuer: the ISIN tells those apart.
 */
import type { EventCategory, PrintedEvent } from '../../catalog/datasets/corporate-events.ts';
import { LayoutChangedError } from '../../errors.ts';
import { quoteBriefly } from '../../text.ts';
import { createHttpClient, type OnRetry } from '../http/client.ts';
import { defaultPace, type HttpSettings } from '../http/settings.ts';

export interface CompanySource {
  /**
   * The events of an issuer by its code, the first four characters of its tickers; undefined where B3 knows no such
   * issuer. @throws SiteError
   */
  events(issuer: string): Promise<PrintedEvent[] | undefined>;
}

/** Thirty years of events are some 100 KB. */
const MAX_BYTES = 8_000_000;

/** More rows than an issuer with many papers has in a century. */
const MAX_EVENTS = 20_000;

/** A field with a longer text is none that B3 writes. */
const MAX_TEXT = 2_000;

export const defaultCompanySettings: HttpSettings = {
  baseUrl: 'https://sistemaswebb3-listados.b3.com.br',
  urlVariable: 'PYNVEST_B3_URL',
  headers: { accept: 'application/json', 'accept-language': 'pt-BR' },
  ...defaultPace,
};

/** When `signal` is aborted, every call under way rejects with its reason. */
export function createCompanySource(
  settings: HttpSettings,
  signal: AbortSignal,
  onRetry?: OnRetry,
): CompanySource {
  const client = createHttpClient(settings, signal, onRetry);
  return {
    events(issuer) {
      const question = JSON.stringify({ issuingCompany: issuer, language: 'pt-br' });
      const encoded = encodeURIComponent(Buffer.from(question).toString('base64'));
      const path = `listedCompaniesProxy/CompanyCall/GetListedSupplementCompany/${encoded}`;
      const subject = `${issuer}: B3's events`;
      return client.getBytes({ path, subject, maxBytes: MAX_BYTES }, (body) =>
        parseCompanyEvents(new TextDecoder().decode(body), issuer),
      );
    },
  };
}

/**
 * The events of an answer, in its order; undefined where it says that there is no such issuer: an empty body, `""` or
 * `[]`.
 *
 * @throws LayoutChangedError if it is anything else that cannot be read whole: no event is left out, and none is
 *   guessed
 */
export function parseCompanyEvents(text: string, issuer: string): PrintedEvent[] | undefined {
  const answer = parseAnswer(text.trim(), issuer);
  if (answer === undefined || (Array.isArray(answer) && answer.length === 0)) return undefined;
  const companies: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  const events = companies.flatMap((company) => {
    const fields = toFields(company, 'the company', issuer);
    const code = fields['code'];
    if (typeof code === 'string' && code.trim() !== '' && code.trim().toUpperCase() !== issuer) {
      throw createAnswerError(issuer, `it is about ${quoteBriefly(code)}`);
    }
    if (!CATEGORIES.some((category) => Array.isArray(fields[category]))) {
      throw createAnswerError(issuer, 'it has no list of events');
    }
    return CATEGORIES.flatMap((category) => readCategory(fields[category], category, issuer));
  });
  if (events.length > MAX_EVENTS) {
    throw createAnswerError(issuer, `it has more than ${MAX_EVENTS} events`);
  }
  return events;
}

const CATEGORIES: readonly EventCategory[] = ['cashDividends', 'stockDividends', 'subscriptions'];

/** The service has sent its JSON as the text of a JSON string, too. */
function parseAnswer(text: string, issuer: string): unknown {
  let answer: unknown = text;
  for (let depth = 0; depth < 2 && typeof answer === 'string'; depth += 1) {
    if (answer.trim() === '') return undefined;
    try {
      answer = JSON.parse(answer);
    } catch (error) {
      throw createAnswerError(issuer, `it is not JSON: ${quoteBriefly(text, 80)}`, error);
    }
  }
  return answer === null || answer === '' ? undefined : answer;
}

function readCategory(list: unknown, category: EventCategory, issuer: string): PrintedEvent[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw createAnswerError(issuer, `${category} is not a list`);
  return list.map((event: unknown, at) =>
    readEvent(toFields(event, `${category}[${at}]`, issuer), category, at, issuer),
  );
}

function toFields(value: unknown, what: string, issuer: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw createAnswerError(issuer, `${what} is not an object`);
}

const FACTOR_FIELDS: Readonly<Record<EventCategory, string | undefined>> = {
  cashDividends: undefined,
  stockDividends: 'factor',
  subscriptions: 'percentage',
};

function readEvent(
  fields: Readonly<Record<string, unknown>>,
  category: EventCategory,
  at: number,
  issuer: string,
): PrintedEvent {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !isStorable(text) || !isStorable(name)) {
      const where = `${category}[${at}].${name.slice(0, 40)}`;
      throw createAnswerError(issuer, `${where} is not a text of usual length`);
    }
    texts.set(name, text.trim());
  }
  const take = (name: string | undefined): string | null => {
    const text = texts.get(name ?? '') ?? null;
    texts.delete(name ?? '');
    return text;
  };
  const takeValid = (name: string, isValid: (text: string) => boolean): string => {
    const text = take(name);
    if (text !== null && isValid(text)) return text;
    const shown = text === null ? 'absent' : quoteBriefly(text);
    throw createAnswerError(issuer, `${category}[${at}].${name} is ${shown}`);
  };
  return {
    category,
    isin: takeValid('isinCode', (text) => ISIN.test(text)),
    type: takeValid('label', (text) => text !== ''),
    comDay: take('lastDatePrior') ?? '',
    approvalDay: take('approvedOn'),
    paymentDay: take('paymentDate'),
    amount: category === 'cashDividends' ? takeValid('rate', () => true) : null,
    factor: take(FACTOR_FIELDS[category]),
    issuedIsin: take('assetIssued'),
    others: Object.fromEntries(texts),
  };
}

/** A half of a character in UTF-16 cannot be stored as it is. */
function isStorable(text: string): boolean {
  return text.length <= MAX_TEXT && !/\p{Surrogate}/u.test(text);
}

/** ISO 6166: two letters of the country, nine letters or digits, one digit. */
const ISIN = /^[A-Z]{2}[A-Z0-9]{9}\d$/;

function createAnswerError(issuer: string, reason: string, cause?: unknown): LayoutChangedError {
  return new LayoutChangedError(`${issuer}: B3's answer cannot be read: ${reason}`, {
    hint: 'Nothing of this answer is stored: a newer version of pynvest may read it.',
    cause,
  });
}
