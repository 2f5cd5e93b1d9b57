/**
 * Lines of CloudWatch Logs, written by a function, by Lambda or by the state machine: parsed and filtered. Pure.
 */
import type { LogEvent } from '../aws/logs.ts';
import type { Ticker } from '../catalog/ticker.ts';

type LogLevel = 'INFO' | 'WARN' | 'ERROR' | 'PLATFORM';

export interface LogLine {
  readonly id: string;
  /** When it was written according to CloudWatch, in milliseconds: the order in which lines arrive. */
  readonly writtenAt: number;
  /** When it was written according to the line itself, in milliseconds. */
  readonly time: number;
  /** `PLATFORM`: Lambda's own lines about an invocation that succeeds. */
  readonly level: LogLevel;
  /** The name of the function or state machine without the prefix. */
  readonly source: string;
  readonly requestId: string | undefined;
  readonly ticker: string | undefined;
  readonly partition: number | undefined;
  readonly message: string;
  /** The other fields of the line. */
  readonly fields: Fields;
}

/** Why something failed: the reason that the function gives, else the message. */
export function getFailureReason({ message, fields }: LogLine): string {
  const { reason } = fields;
  return typeof reason === 'string' && reason !== '' ? reason : message;
}

type Fields = Readonly<Record<string, unknown>>;

export function parseLogEvent(event: LogEvent, source: string): LogLine {
  const json = parseObject(event.message);
  const parsed = json === undefined ? parseTextMessage(event.message) : parseJsonMessage(json);
  return {
    id: event.id,
    writtenAt: event.timestamp,
    time: parsed.time ?? event.timestamp,
    level: parsed.level,
    source,
    requestId: parsed.requestId,
    ticker: toText(parsed.fields['ticker']),
    partition: toInteger(parsed.fields['partition']),
    message: parsed.message,
    fields: omitFields(parsed.fields, ['ticker', 'partition']),
  };
}

interface ParsedMessage {
  readonly time?: number | undefined;
  readonly level: LogLevel;
  readonly requestId: string | undefined;
  readonly message: string;
  readonly fields: Fields;
}

function parseJsonMessage(json: Fields): ParsedMessage {
  const type = toText(json['type']);
  if (type?.startsWith('platform.')) return parsePlatformMessage(type, toObject(json['record']));
  if (type !== undefined && 'execution_arn' in json) return parseStateMachineMessage(type, json);
  const { message } = json;
  const runtime = toObject(message);
  return {
    time: parseTime(json['time'] ?? json['timestamp']),
    level: parseLevel(json['level']),
    requestId: toText(json['requestId']),
    // The runtime logs an error with an object as the message.
    message: toText(message) ?? toText(json['errorMessage'] ?? runtime['errorMessage']) ?? 'a line',
    fields: {
      ...omitFields(json, ['time', 'timestamp', 'level', 'requestId', 'message', 'function']),
      ...omitFields(runtime, ['errorMessage']),
    },
  };
}

/** Lambda in its JSON format. */
function parsePlatformMessage(type: string, record: Fields): ParsedMessage {
  const status = toText(record['status']) ?? 'success';
  const metrics = toObject(record['metrics']);
  const fields = { ...omitFields(record, ['requestId', 'metrics', 'version']), ...metrics };
  const requestId = toText(record['requestId']);
  if (status === 'success') {
    return { level: 'PLATFORM', requestId, message: type.replace('platform.', ''), fields };
  }
  const seconds = Number(metrics['durationMs']) / 1_000;
  const after = Number.isFinite(seconds) ? ` after ${seconds.toFixed(0)} s` : '';
  const message =
    status === 'timeout'
      ? `timed out${after}`
      : formatRuntimeError(toText(record['errorType']), status);
  return { level: 'ERROR', requestId, message, fields };
}

function formatRuntimeError(errorType: string | undefined, status: string): string {
  if (errorType === 'Runtime.OutOfMemory') return 'ended: out of memory';
  return `ended with ${errorType ?? status}`;
}

function parseStateMachineMessage(type: string, json: Fields): ParsedMessage {
  const { details, event_timestamp: at, execution_arn: execution } = json;
  return {
    time: at === undefined ? undefined : Number(at),
    level: /(Failed|TimedOut|Aborted)$/.test(type) ? 'ERROR' : 'INFO',
    requestId: toText(execution)?.split(':').at(-1),
    message: type,
    fields: toObject(details),
  };
}

/** Lambda in its text format, or any other text. */
function parseTextMessage(text: string): ParsedMessage {
  const line = text.trimEnd();
  const requestId = /RequestId: ([0-9a-f-]{36})/.exec(line)?.[1] ?? UUID_PATTERN.exec(line)?.[0];
  const timedOut = /Task timed out after ([\d.]+) seconds/.exec(line);
  const common = { requestId, fields: {} };
  if (timedOut) return { ...common, level: 'ERROR', message: `timed out after ${timedOut[1]} s` };
  if (/^REPORT /.test(line)) {
    const [, status] = /\bStatus: (\w+)/.exec(line) ?? [];
    const [, errorType] = /\bError Type: ([\w.]+)/.exec(line) ?? [];
    if (status === undefined) return { ...common, level: 'PLATFORM', message: line };
    const message = status === 'timeout' ? 'timed out' : formatRuntimeError(errorType, status);
    return { ...common, level: 'ERROR', message, fields: { report: line } };
  }
  if (/^(START|END|INIT_START|EXTENSION) /.test(line)) {
    return { ...common, level: 'PLATFORM', message: line };
  }
  if (/Runtime\.OutOfMemory|signal: killed/.test(line)) {
    return { ...common, level: 'ERROR', message: 'ended: out of memory', fields: { text: line } };
  }
  const isError = /Runtime exited|Runtime\.ExitError|\bERROR\b/.test(line);
  return { ...common, level: isError ? 'ERROR' : 'INFO', message: line };
}

const UUID_PATTERN = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/;

export function parseObject(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return toObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function toObject(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

export function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function parseTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function parseLevel(value: unknown): LogLevel {
  if (value === 'ERROR' || value === 'FATAL') return 'ERROR';
  return value === 'WARN' ? 'WARN' : 'INFO';
}

function omitFields(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

export interface LogFilter {
  readonly ticker?: Ticker | undefined;
  /** Only errors: of the functions, of Lambda about them (a time-out), of the state machine. */
  readonly errorsOnly?: boolean | undefined;
  /** Includes Lambda's own lines about invocations that succeed. */
  readonly includePlatform?: boolean | undefined;
}

/**
 * Terms of which every line of an error has one. Terms match text and JSON alike; they also match some other lines,
 * which `matchesFilter` excludes.
 */
const ERROR_TERMS = [
  ...['ERROR', 'FATAL', '"timed out"', 'timeout', 'failure', 'error', '"Runtime exited"'],
  ...['OutOfMemory', 'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted', 'TaskFailed'],
  ...['TaskTimedOut', 'LambdaFunctionFailed', 'LambdaFunctionTimedOut'],
];

/** The filter pattern of CloudWatch Logs; undefined selects every line. */
export function createFilterPattern({ ticker, errorsOnly }: LogFilter): string | undefined {
  // Only the functions' own lines name a ticker, and they are JSON. A ticker has letters and digits only.
  if (ticker !== undefined) {
    const ofTicker = `$.ticker = "${ticker}"`;
    return errorsOnly ? `{ (${ofTicker}) && ($.level = "ERROR") }` : `{ ${ofTicker} }`;
  }
  return errorsOnly ? ERROR_TERMS.map((term) => `?${term}`).join(' ') : undefined;
}

export function matchesFilter(
  line: LogLine,
  { ticker, errorsOnly, includePlatform }: LogFilter,
): boolean {
  if (ticker !== undefined && line.ticker !== ticker) return false;
  if (errorsOnly) return line.level === 'ERROR';
  return includePlatform === true || line.level !== 'PLATFORM';
}
