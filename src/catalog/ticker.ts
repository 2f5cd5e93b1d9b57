/** The code that identifies an asset on B3, checked before it reaches a URL, a path or SQL. */
import { UsageError } from '../errors.ts';

export type Ticker = string & { readonly __brand: 'Ticker' };

/** Four letters or digits, one or two digits, at times one more letter: PETR4, B3SA3, HGLG11, MRSA3B. */
const TICKER = /^[A-Z][A-Z0-9]{3}\d{1,2}[A-Z]?$/;

/** The ticker that `text` names, in capitals, or undefined where it names none. */
export function toTicker(text: string): Ticker | undefined {
  const ticker = text.trim().toUpperCase();
  return TICKER.test(ticker) ? (ticker as Ticker) : undefined;
}

/** The ticker that `text` names, in capitals. @throws UsageError where it names none. */
export function parseTicker(text: string): Ticker {
  const ticker = toTicker(text);
  if (ticker === undefined) {
    throw new UsageError(`${JSON.stringify(text)} is not a B3 ticker`, {
      hint: 'A ticker has four letters or digits and a number, such as PETR4, B3SA3 or HGLG11.',
    });
  }
  return ticker;
}

/** The tickers of a list such as `PETR4,vale3`, each once, in the order given. @throws UsageError */
export function parseTickers(list: string): Ticker[] {
  const parts = list.split(',').filter((part) => part.trim() !== '');
  if (parts.length === 0) throw new UsageError('the list of tickers is empty');
  return [...new Set(parts.map(parseTicker))];
}
