/**
 * A line of CloudWatch Logs as what it says, whoever wrote it: a function of ours, Lambda about the
 * function, or the state machine. Pure.
 */

export type LogLevel = 'INFO' | 'WARN' | 'ERROR' | 'PLATFORM';

/** A line as CloudWatch keeps it. */
export interface LogEvent {
  readonly id: string;
  /** When it was written, in milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogLine {
  readonly id: string;
  /** When CloudWatch took it to be written, in milliseconds: the order of the lines. */
  readonly writtenAt: number;
  /** When it was written by its writer's own account, in milliseconds. */
  readonly time: number;
  /** `PLATFORM` is what Lambda says of a run that goes well. */
  readonly level: LogLevel;
  /** The part of the function's or the state machine's name behind the prefix. */
  readonly source: string;
  readonly requestId: string | undefined;
  readonly ticker: string | undefined;
  readonly partition: number | undefined;
  readonly message: string;
  /** All else that the line says. */
  readonly fields: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

export function parseLogEvent(event: LogEvent, source: string): LogLine {
  const json = objectIn(event.message);
  const said = json === undefined ? ofText(event.message) : ofJson(json);
  return {
    id: event.id,
    writtenAt: event.timestamp,
    time: said.time ?? event.timestamp,
    level: said.level,
    source,
    requestId: said.requestId,
    ticker: textOf(said.fields['ticker']),
    partition: numberOf(said.fields['partition']),
    message: said.message,
    fields: without(said.fields, ['ticker', 'partition']),
  };
}

interface Said {
  readonly time?: number | undefined;
  readonly level: LogLevel;
  readonly requestId: string | undefined;
  readonly message: string;
  readonly fields: Fields;
}

function ofJson(json: Fields): Said {
  const type = textOf(json['type']);
  if (type?.startsWith('platform.')) return ofPlatform(type, objectOf(json['record']));
  if (type !== undefined && 'execution_arn' in json) return ofStateMachine(type, json);
  const { message } = json;
  const runtime = objectOf(message);
  return {
    time: timeOf(json['time'] ?? json['timestamp']),
    level: levelOf(json['level']),
    requestId: textOf(json['requestId']),
    // What the runtime itself logs of an error has an object for a message.
    message: textOf(message) ?? textOf(json['errorMessage'] ?? runtime['errorMessage']) ?? 'a line',
    fields: {
      ...without(json, ['time', 'timestamp', 'level', 'requestId', 'message', 'function']),
      ...without(runtime, ['errorMessage']),
    },
  };
}

/** Lambda in its JSON format. */
function ofPlatform(type: string, record: Fields): Said {
  const status = textOf(record['status']) ?? 'success';
  const metrics = objectOf(record['metrics']);
  const fields = { ...without(record, ['requestId', 'metrics', 'version']), ...metrics };
  const requestId = textOf(record['requestId']);
  if (status === 'success') {
    return { level: 'PLATFORM', requestId, message: type.replace('platform.', ''), fields };
  }
  const seconds = Number(metrics['durationMs']) / 1_000;
  const after = Number.isFinite(seconds) ? ` after ${seconds.toFixed(0)} s` : '';
  const message =
    status === 'timeout' ? `timed out${after}` : endedWith(textOf(record['errorType']), status);
  return { level: 'ERROR', requestId, message, fields };
}

function endedWith(errorType: string | undefined, status: string): string {
  if (errorType === 'Runtime.OutOfMemory') return 'ended: out of memory';
  return `ended with ${errorType ?? status}`;
}

function ofStateMachine(type: string, json: Fields): Said {
  const { details, event_timestamp: at, execution_arn: execution } = json;
  return {
    time: at === undefined ? undefined : Number(at),
    level: /(Failed|TimedOut|Aborted)$/.test(type) ? 'ERROR' : 'INFO',
    requestId: textOf(execution)?.split(':').at(-1),
    message: type,
    fields: objectOf(details),
  };
}

/** Lambda in its text format, or what anything else wrote. */
function ofText(text: string): Said {
  const line = text.trimEnd();
  const requestId = /RequestId: ([0-9a-f-]{36})/.exec(line)?.[1] ?? UUID.exec(line)?.[0];
  const timedOut = /Task timed out after ([\d.]+) seconds/.exec(line);
  const said = { requestId, fields: {} };
  if (timedOut) return { ...said, level: 'ERROR', message: `timed out after ${timedOut[1]} s` };
  if (/^REPORT /.test(line)) {
    const [, status] = /\bStatus: (\w+)/.exec(line) ?? [];
    const [, errorType] = /\bError Type: ([\w.]+)/.exec(line) ?? [];
    if (status === undefined) return { ...said, level: 'PLATFORM', message: line };
    const message = status === 'timeout' ? 'timed out' : endedWith(errorType, status);
    return { ...said, level: 'ERROR', message, fields: { report: line } };
  }
  if (/^(START|END|INIT_START|EXTENSION) /.test(line)) {
    return { ...said, level: 'PLATFORM', message: line };
  }
  if (/Runtime\.OutOfMemory|signal: killed/.test(line)) {
    return { ...said, level: 'ERROR', message: 'ended: out of memory', fields: { text: line } };
  }
  const isError = /Runtime exited|Runtime\.ExitError|\bERROR\b/.test(line);
  return { ...said, level: isError ? 'ERROR' : 'INFO', message: line };
}

const UUID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/;

function objectIn(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function levelOf(value: unknown): LogLevel {
  if (value === 'ERROR' || value === 'FATAL') return 'ERROR';
  return value === 'WARN' ? 'WARN' : 'INFO';
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
