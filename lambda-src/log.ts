/** The functions' log: one JSON object a line, with the same fields everywhere, so that it can be queried. */
import type { Context } from 'aws-lambda';
import { PynvestError } from '../src/errors.ts';

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
      time: new Date().toISOString(),
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
export function fieldsOf(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  const { name, message, stack } = error;
  if (error instanceof PynvestError) return { error: name, reason: message, hint: error.hint };
  return { error: name, reason: message, stack };
}

/** A handler that is given its log, and that logs whatever ends it before the runtime sees it. */
export function logged<Event, Answer>(
  work: (event: Event, log: Log, context: Context) => Promise<Answer>,
): (event: Event, context: Context) => Promise<Answer> {
  return async (event, context) => {
    const log = createLog(context);
    try {
      return await work(event, log, context);
    } catch (error) {
      log.error('the function failed', fieldsOf(error));
      throw error;
    }
  };
}
