/** How far a day's collection in AWS has come, by what its functions log. */
import type { Partition } from '../catalog/partition.ts';
import type { LogLine } from './log-line.ts';

export interface TickerFailure {
  readonly kind: string;
  readonly reason: string;
}

/** The first function: Lambda tries it so often before it gives the event up. */
export const FIRST_FUNCTION_TRIES = 3;

/** How that function says that the day may be collected. */
const FIRST_WORDS: ReadonlySet<string> = new Set([
  'the day is cleared',
  'the day is kept as it is',
]);

export class ChainProgress {
  readonly #partition: Partition;
  /** The tickers that were named; undefined where it is the listings that name them. */
  readonly #named: ReadonlySet<string> | undefined;
  /** How many tickers were asked for; undefined until the first function has had the listings. */
  asked: number | undefined;
  readonly stored = new Set<string>();
  /** The tickers that have failed and were not stored since, with the newest reason. */
  readonly failed = new Map<string, TickerFailure>();
  /** What the first function failed of, once a try. */
  readonly firstFailures: string[] = [];

  constructor(partition: Partition, named?: readonly string[]) {
    this.#partition = partition;
    this.#named = named === undefined ? undefined : new Set(named);
    this.asked = this.#named?.size;
  }

  /**
   * Whether every ticker was stored, or has failed at least once: that one comes again by itself.
   * Messages that others sent may settle as well, so that numbers alone do not tell while the queues hold
   * more than what has failed.
   *
   * @param depth how many messages wait in the queues or are being worked on
   */
  isSettled(depth: number): boolean {
    if (this.asked === undefined || this.settled < this.asked) return false;
    return this.#named !== undefined || depth <= this.failed.size;
  }

  get settled(): number {
    return this.stored.size + this.failed.size;
  }

  /** Takes a line in; answers what the person should be told of it. */
  take(line: LogLine): string | undefined {
    const isOurs = line.partition === this.#partition;
    if (line.source === 'check-and-delete-partitions') {
      if (FIRST_WORDS.has(line.message) && isOurs) return this.#takeCounts(line);
      if (line.level === 'WARN' && isOurs) return `${line.source}: ${warningIn(line)}`;
      if (line.level !== 'ERROR') return undefined;
      this.firstFailures.push(reasonIn(line));
      return `the day could not be begun: ${reasonIn(line)}`;
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
      return `${line.source}: ${reasonIn(line)}`;
    }
    // That a few pages lack a label says nothing.
    if (line.level !== 'WARN' || !isOurs || 'columns' in line.fields) return undefined;
    return `${line.source}: ${warningIn(line)}`;
  }

  /** What the lake was found to hold counts as stored, whatever the log says or does not say yet. */
  takeStored(tickers: Iterable<string>): void {
    for (const ticker of tickers) {
      if (this.#named?.has(ticker) === false) continue;
      this.stored.add(ticker);
      this.failed.delete(ticker);
    }
  }

  /** Both functions count the tickers; one of their lines may be lost. */
  #takeCounts({ fields: { acoes, fiis } }: LogLine): undefined {
    this.asked = Number(acoes) + Number(fiis);
  }

  #takeTicker(ticker: string, { message, fields }: LogLine): void {
    if (message === 'stored') this.takeStored([ticker]);
    const isNamed = this.#named?.has(ticker) !== false;
    if (message === 'a ticker failed' && isNamed && !this.stored.has(ticker)) {
      const { kind = '', reason = '' } = fields;
      this.failed.set(ticker, { kind: String(kind), reason: String(reason) });
    }
  }
}

function reasonIn({ message, fields }: LogLine): string {
  const { reason } = fields;
  return typeof reason === 'string' && reason !== '' ? reason : message;
}

function warningIn({ message, fields }: LogLine): string {
  const { column, values, labels, rejected } = fields;
  if (column !== undefined) return `${message}: ${String(column)} (${String(values)})`;
  const named = labels ?? rejected;
  return named === undefined ? message : `${message}: ${JSON.stringify(named)}`;
}
