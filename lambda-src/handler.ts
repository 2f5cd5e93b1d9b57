/**
 * What every function shares: a handler with its log, one JSON object a line, and the deadline of an invocation.
 */
import type { Context } from 'aws-lambda';
import { PynvestError } from '../src/errors.ts';
import { groupUnparsedByColumn } from '../src/pipeline/report.ts';
import type { UnparsedValue } from '../src/transform/layers.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/**
 * A log whose every line names the function and the request. It is written past `console`, which the
 * runtime would wrap in a format of its own.
 */
export function createLog(context: Context): Log {
  const write = (level: string, message: string, fields: Fields = {}): void => {
    const line = {
      level,
      // The name that Lambda reads: it gives lines without it the level INFO.
      timestamp: new Date().toISOString(),
      message,
      function: context.functionName,
      requestId: context.awsRequestId,
      ...fields,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  return {
    info: (message, fields) => write('INFO', message, fields),
    warn: (message, fields) => write('WARN', message, fields),
    error: (message, fields) => write('ERROR', message, fields),
  };
}

/** What a log says of an error: of one of ours what to do, of any other where it came from. */
export function createErrorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  const { name, message, stack } = error;
  if (error instanceof PynvestError) return { error: name, reason: message, hint: error.hint };
  return { error: name, reason: message, stack };
}

/** A handler that is given its log, and that logs the error that ends it before the runtime does. */
export function createHandler<Event, Answer>(
  work: (event: Event, log: Log, context: Context) => Promise<Answer>,
): (event: Event, context: Context) => Promise<Answer> {
  return async (event, context) => {
    const log = createLog(context);
    try {
      return await work(event, log, context);
    } catch (error) {
      log.error('the function failed', createErrorFields(error));
      throw error;
    }
  };
}

/** Enough to write what has come, with retries. */
const DEADLINE_RESERVE_MS = 30_000;
/** A function with little time in all keeps this share of it instead. */
const DEADLINE_RESERVE_SHARE = 0.25;

/** Aborted while there is still time to write what has come and to say what is left. */
export function createDeadline(context: Context): AbortSignal {
  const remaining = context.getRemainingTimeInMillis();
  const reserve = Math.min(DEADLINE_RESERVE_MS, remaining * DEADLINE_RESERVE_SHARE);
  return AbortSignal.timeout(Math.max(0, Math.floor(remaining - reserve)));
}

export function logUnparsed(log: Log, fields: Fields, unparsed: readonly UnparsedValue[]): void {
  for (const { column, values, examples } of groupUnparsedByColumn(unparsed)) {
    log.warn('values did not parse and are null', { ...fields, column, values, examples });
  }
}
