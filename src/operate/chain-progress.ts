/** How far a day's collection in AWS has come, by what its functions log. */
import type { Partition } from '../catalog/partition.ts';
import type { LogLine } from './log-line.ts';

export interface TickerFailure {
  readonly kind: string;
  readonly reason: string;
}

/** The first function: Lambda tries it so often before it gives the event up. */
export const FIRST_FUNCTION_TRIES = 3;

export class ChainProgress {
  readonly #partition: Partition;
  /** How many tickers were asked for; undefined until the first function has had the listings. */
  asked: number | undefined;
  readonly stored = new Set<string>();
  /** The tickers that have failed and were not stored since, with the newest reason. */
  readonly failed = new Map<string, TickerFailure>();
  /** What the first function failed of, once a try. */
  readonly firstFailures: string[] = [];

  constructor(partition: Partition, asked?: number) {
    this.#partition = partition;
    this.asked = asked;
  }

  /** Whether every ticker was stored, or has failed at least once: that one comes again by itself. */
  get isSettled(): boolean {
    return this.asked !== undefined && this.settled >= this.asked;
  }

  get settled(): number {
    return this.stored.size + this.failed.size;
  }

  /** Takes a line in; answers what the person should be told of it. */
  take(line: LogLine): string | undefined {
    const isOurs = line.partition === this.#partition;
    if (line.source === 'check-and-delete-partitions') {
      if (line.message === 'the day is cleared' && isOurs) {
        this.asked = Number(line.fields['acoes']) + Number(line.fields['fiis']);
        return undefined;
      }
      if (line.level === 'WARN' && isOurs) return `${line.source}: ${warningIn(line)}`;
      if (line.level !== 'ERROR') return undefined;
      this.firstFailures.push(reasonIn(line));
      return `the day could not be begun: ${reasonIn(line)}`;
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
      this.stored.add(ticker);
      this.failed.delete(ticker);
    }
  }

  #takeTicker(ticker: string, { message, fields }: LogLine): void {
    if (message === 'stored') this.takeStored([ticker]);
    if (message === 'a ticker failed' && !this.stored.has(ticker)) {
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
