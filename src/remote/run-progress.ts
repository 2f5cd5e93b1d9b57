/**
 * The progress of a collection in AWS, from the log lines of its functions. Pure.
 */
import type { Partition } from '../catalog/partition.ts';
import { getFailureReason, type LogLine } from './log-line.ts';

interface TickerFailure {
  readonly kind: string;
  readonly reason: string;
}

/** How often Lambda invokes the first function before it gives up. */
export const FIRST_FUNCTION_ATTEMPTS = 3;

/** The messages by which that function reports that the day can be collected. */
const START_MESSAGES: ReadonlySet<string> = new Set([
  'the day is cleared',
  'the day is kept as it is',
]);

/** The message by which that function reports that one of the listings cannot be used. */
const UNUSABLE_LISTING = 'a listing cannot be used: the other kind is collected';

export class RunProgress {
  readonly #partition: Partition;
  /** The tickers that the person named; undefined where the listings name them. */
  readonly #named: ReadonlySet<string> | undefined;
  /** How many tickers are collected; undefined until the first function has read the listings. */
  requested: number | undefined;
  readonly stored = new Set<string>();
  /** The tickers that failed and were not stored since, with the newest reason. */
  readonly failed = new Map<string, TickerFailure>();
  /** The tickers of which the site has had no page for some days: no failures. */
  readonly withoutPage = new Set<string>();
  /** Why the first function failed, one reason for each attempt. */
  readonly startFailures: string[] = [];

  constructor(partition: Partition, named?: readonly string[]) {
    this.#partition = partition;
    this.#named = named === undefined ? undefined : new Set(named);
    this.requested = this.#named?.size;
  }

  /**
   * Whether every ticker was stored or has failed at least once: SQS retries those. Tickers of messages that others
   * sent are counted too, so the counts prove nothing while the queues hold more messages than tickers failed.
   *
   * @param depth how many messages wait in the queues or are being processed
   */
  isFinished(depth: number): boolean {
    if (this.requested === undefined || this.finished < this.requested) return false;
    return this.#named !== undefined || depth <= this.failed.size;
  }

  get finished(): number {
    return this.stored.size + this.failed.size + this.withoutPage.size;
  }

  /** Updates the progress by a line; answers a warning for the person, if there is one. */
  addLine(line: LogLine): string | undefined {
    const isOurs = line.partition === this.#partition;
    if (line.source === 'check-and-delete-partitions') {
      if (START_MESSAGES.has(line.message) && isOurs) return this.#readCounts(line);
      if (line.level === 'WARN' && isOurs) return `${line.source}: ${formatWarning(line)}`;
      if (line.level !== 'ERROR') return undefined;
      // The day goes on with the other kind.
      if (line.message === UNUSABLE_LISTING)
        return `${UNUSABLE_LISTING}: ${getFailureReason(line)}`;
      this.startFailures.push(getFailureReason(line));
      return `the collection could not be started: ${getFailureReason(line)}`;
    }
    if (line.source === 'get-tickers' && line.message === 'sent' && isOurs) {
      return this.#readCounts(line);
    }
    const { ticker } = line;
    if (ticker !== undefined) {
      if (isOurs) this.#readTicker(ticker, line);
      return undefined;
    }
    if (line.level === 'ERROR' && (isOurs || line.partition === undefined)) {
      return `${line.source}: ${getFailureReason(line)}`;
    }
    // Labels that some pages lack are reported for the whole day, by `pynvest status`.
    if (line.level !== 'WARN' || !isOurs || 'columns' in line.fields) return undefined;
    return `${line.source}: ${formatWarning(line)}`;
  }

  /** Counts tickers that were found in the lake, whether or not the log has them yet. */
  addStored(tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      if (this.#named?.has(ticker) === false) continue;
      this.stored.add(ticker);
      this.failed.delete(ticker);
      this.withoutPage.delete(ticker);
    }
  }

  /** Both functions log the counts, as one of the lines may be lost. */
  #readCounts({ fields: { acoes, fiis } }: LogLine): undefined {
    this.requested = Number(acoes) + Number(fiis);
  }

  #readTicker(ticker: string, { message, fields }: LogLine): void {
    if (message === 'stored') this.addStored([ticker]);
    const isNamed = this.#named?.has(ticker) !== false;
    if (message === 'a ticker failed' && isNamed && !this.stored.has(ticker)) {
      const { kind = '', reason = '' } = fields;
      this.failed.set(ticker, { kind: String(kind), reason: String(reason) });
    }
    if (message === 'still without a page' && isNamed && !this.stored.has(ticker)) {
      this.withoutPage.add(ticker);
      this.failed.delete(ticker);
    }
  }
}

function formatWarning({ message, fields }: LogLine): string {
  const { column, values, labels, rejected } = fields;
  if (column !== undefined) return `${message}: ${String(column)} (${String(values)})`;
  const named = labels ?? rejected;
  return named === undefined ? message : `${message}: ${JSON.stringify(named)}`;
}
