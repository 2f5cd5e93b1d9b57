/** The code that identifies an asset on B3, checked before it reaches a URL, a path or SQL. */
import { UsageError } from '../errors.ts';

export type Ticker = string & { readonly __brand: 'Ticker' };

/**
 * Four letters or digits, one or two digits, and the letter of a market other than the cash market, which B3's price
 * files have: B (over the counter), F and Q (fractional shares), T (forward). PETR4, B3SA3, HGLG11, MRSA3B.
 */
const TICKER = /^[A-Z][A-Z0-9]{3}\d{1,2}[BFQT]?$/;

/** The ticker that `text` names, in capitals, or undefined where it names none. */
export function toTicker(text: string): Ticker | undefined {
  const ticker = text.trim().toUpperCase();
  return TICKER.test(ticker) ? (ticker as Ticker) : undefined;
}

/** The ticker that `text` names, in capitals. @throws UsageError where it names none. */
export function parseTicker(text: string): Ticker {
  const ticker = toTicker(text);
  if (ticker === undefined) {
    const within = findTickerWithin(text);
    throw new UsageError(`${JSON.stringify(text)} is not a B3 ticker`, {
      hint:
        within === undefined
          ? 'A ticker has four letters or digits and a number, such as PETR4, B3SA3 or HGLG11; `pynvest tickers` lists them.'
          : `Did you mean ${within}?`,
    });
  }
  return ticker;
}

/**
 * The ticker that a person names, also as others write it: PETR4.SA, and PETR4F of the market of fractional lots, whose
 * paper is the same. Undefined where it is none.
 */
export function toNamedTicker(text: string): Ticker | undefined {
  const ticker = toTicker(text.trim().replace(/\.SA$/i, ''));
  return ticker?.endsWith('F') ? toTicker(ticker.slice(0, -1)) : ticker;
}

/** The same. @throws UsageError where it names none */
export function parseNamedTicker(text: string): Ticker {
  return toNamedTicker(text) ?? parseTicker(text);
}

/** The only ticker among other signs, as in $PETR4, BVMF:PETR4 or PETR4X. */
function findTickerWithin(text: string): Ticker | undefined {
  const found = text
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((part) => toTicker(part) ?? toTicker(part.replace(/[a-z]$/i, '')) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The tickers of a person's list such as `PETR4,vale3`, each once, in the order given; semicolons and spaces part
 * them, too.
 * @throws UsageError
 */
export function parseTickers(list: string): Ticker[] {
  const parts = list.split(/[,;\s]/).filter((part) => part !== '');
  if (parts.length === 0) throw new UsageError('the list of tickers is empty');
  return [...new Set(parts.map(parseNamedTicker))];
}
