/**
 * The cost of queries in Athena. Pure.
 */

/**
 * US dollars per terabyte read, by AWS's price list for SQL queries. Prices differ by region and change over time:
 * the cost shown is an estimate. The default is the price of us-east-1, which most regions share.
 */
const DOLLARS_PER_TERABYTE: Readonly<Record<string, number>> = { 'sa-east-1': 9 };
const DEFAULT_DOLLARS_PER_TERABYTE = 5;

const MEGABYTE = 1024 ** 2;
const TERABYTE = 1024 ** 4;

/** A query is billed by megabytes, rounded up, and for at least so many. */
const MIN_BILLED_MEGABYTES = 10;

/** The cost of some queries. */
export interface QueryCost {
  readonly queries: number;
  readonly bytesRead: number;
  readonly milliseconds: number;
  /** An estimate in US dollars. */
  readonly dollars: number;
}

export const noCost: QueryCost = { queries: 0, bytesRead: 0, milliseconds: 0, dollars: 0 };

/** The cost with one more query. */
export function addQuery(
  cost: QueryCost,
  region: string,
  query: { readonly bytesRead: number; readonly milliseconds: number },
): QueryCost {
  const megabytes = Math.max(MIN_BILLED_MEGABYTES, Math.ceil(query.bytesRead / MEGABYTE));
  const price = DOLLARS_PER_TERABYTE[region] ?? DEFAULT_DOLLARS_PER_TERABYTE;
  return {
    queries: cost.queries + 1,
    bytesRead: cost.bytesRead + query.bytesRead,
    milliseconds: cost.milliseconds + query.milliseconds,
    dollars: cost.dollars + (megabytes * MEGABYTE * price) / TERABYTE,
  };
}

/** The cost as a sentence, such as `Athena read 12.3 MB in 1.4 s, about US$ 0.0001`. */
export function formatCost({ queries, bytesRead, milliseconds, dollars }: QueryCost): string {
  const count = queries === 1 ? '' : ` by ${queries} queries`;
  const seconds = (milliseconds / 1000).toFixed(1);
  const price = dollars < 0.0001 ? 'under US$ 0.0001' : `about US$ ${dollars.toFixed(4)}`;
  return `Athena read ${formatBytes(bytesRead)} in ${seconds} s${count}, ${price}`;
}

/** Such as `12.3 MB`. */
function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}
