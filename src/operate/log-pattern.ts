/** Which lines CloudWatch is to send, and whether a line is one of them. Pure. */
import type { Ticker } from '../catalog/ticker.ts';
import type { LogLine } from './log-line.ts';

export interface WantedLines {
  readonly ticker?: Ticker | undefined;
  /** Errors alone: of the functions, of Lambda about them (a time-out), of the state machine. */
  readonly errors?: boolean | undefined;
  /** With what Lambda says of runs that go well. */
  readonly platform?: boolean | undefined;
}

/**
 * The words of every line that is an error. Terms, for they match text and JSON alike; they let through
 * some other lines, which `isWanted` keeps back.
 */
const ERROR_TERMS = [
  ...['ERROR', 'FATAL', '"timed out"', 'timeout', 'failure', 'error', '"Runtime exited"'],
  ...['OutOfMemory', 'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted', 'TaskFailed'],
  ...['TaskTimedOut', 'LambdaFunctionFailed', 'LambdaFunctionTimedOut'],
];

/** The filter pattern of CloudWatch Logs; undefined where every line may be wanted. */
export function filterPattern({ ticker, errors }: WantedLines): string | undefined {
  // Of a ticker only our own lines speak, which are JSON. A ticker holds letters and digits alone.
  if (ticker !== undefined) {
    const ofTicker = `$.ticker = "${ticker}"`;
    return errors ? `{ (${ofTicker}) && ($.level = "ERROR") }` : `{ ${ofTicker} }`;
  }
  return errors ? ERROR_TERMS.map((term) => `?${term}`).join(' ') : undefined;
}

export function isWanted(line: LogLine, { ticker, errors, platform }: WantedLines): boolean {
  if (ticker !== undefined && line.ticker !== ticker) return false;
  if (errors) return line.level === 'ERROR';
  return platform === true || line.level !== 'PLATFORM';
}
