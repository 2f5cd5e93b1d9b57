/** The sessions of a ticker, written as texts. */
import type { SecurityIdentity, Session, TickerSessions } from '../../src/transform/lineage.ts';

/**
 * `20240102 10.00 #5`, with the distribution number at the end, `#` alone without one; before the price, a currency
 * other than R$.
 */
export type SessionText = string;

export function createTickerSessions(
  ticker: string,
  texts: readonly SessionText[],
  shareClass = 'ON',
  {
    isin = `BR${ticker.slice(0, 4)}ACNOR1`,
    name = ticker.slice(0, 4),
  }: Partial<SecurityIdentity> = {},
): TickerSessions {
  const sessions = texts.map((text): Session => {
    const [, day, currency = 'R$', close, number] =
      /^(\d{8}) (?:(\S+) )?([\d.]+) #(\d*)$/.exec(text) ?? [];
    const numbers = { day: Number(day), close: Number(close) };
    if (Object.values(numbers).some(Number.isNaN)) throw new Error(`no session: ${text}`);
    const distributionNumber = number === '' ? undefined : Number(number);
    return { ticker, currency, ...numbers, distributionNumber };
  });
  const [first, last] = [sessions.at(0), sessions.at(-1)];
  if (first === undefined || last === undefined) throw new Error(`${ticker} has no session`);
  return {
    ticker,
    first,
    last,
    firstClass: shareClass,
    lastClass: shareClass,
    firstSecurity: { isin, name },
    lastSecurity: { isin, name },
    sessions,
    days: sessions.map(({ day }) => day),
  };
}
