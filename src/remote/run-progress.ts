/**
 * The progress of a collection in AWS, from the log lines of its functions. Pure.
 */
import type { Partition } from '../catalog/partition.ts';
import type { LogLine } from './log-line.ts';

interface TickerFailure {
  readonly kind: string;
  readonly reason: string;
}

/** The first function: Lambda tries it so often before it gives the event up. */
export const FIRST_FUNCTION_ATTEMPTS = 3;

/** How that function says that the day may be collected. */
const START_MESSAGES: ReadonlySet<string> = new Set([
  'the day is cleared',
  'the day is kept as it is',
]);

export class RunProgress {
  readonly #partition: Partition;
  /** The tickers that were named; undefined where it is the listings that name them. */
  readonly #named: ReadonlySet<string> | undefined;
  /** How many tickers were asked for; undefined until the first function has had the listings. */
  requested: number | undefined;
  readonly stored = new Set<string>();
  /** The tickers that have failed and were not stored since, with the newest reason. */
  readonly failed = new Map<string, TickerFailure>();
  /** What the first function failed of, once a try. */
  readonly startFailures: string[] = [];

  constructor(partition: Partition, named?: readonly string[]) {
    this.#partition = partition;
    this.#named = named === undefined ? undefined : new Set(named);
    this.requested = this.#named?.size;
  }

  /**
   * Whether every ticker was stored, or has failed at least once: that one comes again by itself.
   * Messages that others sent may settle as well, so that numbers alone do not tell while the queues hold
   * more than what has failed.
   *
   * @param depth how many messages wait in the queues or are being worked on
   */
  isFinished(depth: number): boolean {
    if (this.requested === undefined || this.finished < this.requested) return false;
    return this.#named !== undefined || depth <= this.failed.size;
  }

  get finished(): number {
    return this.stored.size + this.failed.size;
  }

  /** Takes a line in; answers what the person should be told of it. */
  addLine(line: LogLine): string | undefined {
    const isOurs = line.partition === this.#partition;
    if (line.source === 'check-and-delete-partitions') {
      if (START_MESSAGES.has(line.message) && isOurs) return this.#takeCounts(line);
      if (line.level === 'WARN' && isOurs) return `${line.source}: ${formatWarning(line)}`;
      if (line.level !== 'ERROR') return undefined;
      this.startFailures.push(getFailureReason(line));
      return `the day could not be begun: ${getFailureReason(line)}`;
    }
    if (line.source === 'get-tickers' && line.message === 'sent' && isOurs) {
      return this.#takeCounts(line);
    }
    const { ticker } = line;
    if (ticker !== undefined) {
      if (isOurs) this.#takeTicker(ticker, line);
      return undefined;
    }
    if (line.level === 'ERROR' && (isOurs || line.partition === undefined)) {
      return `${line.source}: ${getFailureReason(line)}`;
    }
    // That a few pages lack a label says nothing.
    if (line.level !== 'WARN' || !isOurs || 'columns' in line.fields) return undefined;
    return `${line.source}: ${formatWarning(line)}`;
  }

  /** What the lake was found to hold counts as stored, whatever the log says or does not say yet. */
  addStored(tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      if (this.#named?.has(ticker) === false) continue;
      this.stored.add(ticker);
      this.failed.delete(ticker);
    }
  }

  /** Both functions count the tickers; one of their lines may be lost. */
  #takeCounts({ fields: { acoes, fiis } }: LogLine): undefined {
    this.requested = Number(acoes) + Number(fiis);
  }

  #takeTicker(ticker: string, { message, fields }: LogLine): void {
    if (message === 'stored') this.addStored([ticker]);
    const isNamed = this.#named?.has(ticker) !== false;
    if (message === 'a ticker failed' && isNamed && !this.stored.has(ticker)) {
      const { kind = '', reason = '' } = fields;
      this.failed.set(ticker, { kind: String(kind), reason: String(reason) });
    }
  }
}

function getFailureReason({ message, fields }: LogLine): string {
  const { reason } = fields;
  return typeof reason === 'string' && reason !== '' ? reason : message;
}

function formatWarning({ message, fields }: LogLine): string {
  const { column, values, labels, rejected } = fields;
  if (column !== undefined) return `${message}: ${String(column)} (${String(values)})`;
  const named = labels ?? rejected;
  return named === undefined ? message : `${message}: ${JSON.stringify(named)}`;
}
