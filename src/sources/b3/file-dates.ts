/**
 * On which day the file was made that each row of a year is from, so that a file that was made later wins over an
 * earlier one, whichever is imported first. It is kept as a text: a line for each session and market, and one for each
 * row that is from an older file than others of its session. Pure.
 */
import { formatDayNumber, type TextCodes } from '../../catalog/column.ts';
import { toDayNumber } from './quote-rows.ts';

/** The columns of a row's key, as of the lake or to be written. */
export interface KeyColumns {
  readonly rowCount: number;
  readonly tickers: readonly (string | null)[];
  readonly days: Float64Array;
  readonly markets: readonly (string | null)[];
  readonly terms: Float64Array;
}

/** Days since 1970, by row. A row that the text does not know is of day 0, before all files. */
export function parseFileDates(text: string, keys: KeyColumns): Uint32Array {
  const known = new Map<string, number>();
  let hasRows = false;
  for (const line of text.split('\n')) {
    const [, session, made = '', row = ''] = LINE.exec(line) ?? [];
    const day = toDayNumber(Number(made.replaceAll('-', '')));
    if (session === undefined || day === undefined) continue;
    known.set(`${session}${row}`, day);
    if (row !== '') hasRows = true;
  }
  const days = new Uint32Array(keys.rowCount);
  if (known.size === 0) return days;
  const formatSession = createSessionFormatter(keys);
  for (let at = 0; at < keys.rowCount; at += 1) {
    const session = formatSession(at);
    const own = hasRows ? known.get(`${session}${formatRow(keys, at)}`) : undefined;
    days[at] = own ?? known.get(session) ?? 0;
  }
  return days;
}

/** `2024-11-08 010 2024-12-30`, or with the row's ticker and term at the end. */
const LINE = /^(\S+ \S+) (\d{4}-\d\d-\d\d)( \S+ \S*)?$/;

export function formatFileDates(keys: KeyColumns, made: Uint32Array): string {
  const formatSession = createSessionFormatter(keys);
  const newest = new Map<string, number>();
  for (let at = 0; at < keys.rowCount; at += 1) {
    const session = formatSession(at);
    newest.set(session, Math.max(newest.get(session) ?? 0, made[at] as number));
  }
  const lines = [...newest].map(([session, day]) => `${session} ${formatDayNumber(day)}`);
  for (let at = 0; at < keys.rowCount; at += 1) {
    const session = formatSession(at);
    const day = made[at] as number;
    if (day === newest.get(session)) continue;
    lines.push(`${session} ${formatDayNumber(day)}${formatRow(keys, at)}`);
  }
  return `${lines.sort().join('\n')}\n`;
}

function formatRow({ tickers, terms }: KeyColumns, at: number): string {
  const term = terms[at] as number;
  return ` ${tickers[at] ?? ''} ${Number.isNaN(term) ? '' : term}`;
}

/** A year has few sessions and markets, and each text of them is made once. */
function createSessionFormatter({ days, markets }: KeyColumns): (at: number) => string {
  const known = new Map<number, string>();
  return (at) => {
    const [day, market] = [days[at] as number, markets[at] ?? ''];
    const key = day * 1_000 + Number(market);
    const text = known.get(key) ?? `${formatDayNumber(day)} ${market}`;
    known.set(key, text);
    return text;
  };
}

/** The texts of rows by their codes. */
export function listTexts({ codes, values }: TextCodes): (string | null)[] {
  return Array.from(codes, (code) => values[code] ?? null);
}
