/**
 * A line of CloudWatch Logs, parsed and filtered, whether a function, Lambda itself or the state machine wrote it. Pure.
 */
import type { LogEvent } from '../aws/logs.ts';
import type { Ticker } from '../catalog/ticker.ts';

type LogLevel = 'INFO' | 'WARN' | 'ERROR' | 'PLATFORM';

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

type Fields = Readonly<Record<string, unknown>>;

export function parseLogEvent(event: LogEvent, source: string): LogLine {
  const json = parseObject(event.message);
  const said = json === undefined ? parseTextMessage(event.message) : parseJsonMessage(json);
  return {
    id: event.id,
    writtenAt: event.timestamp,
    time: said.time ?? event.timestamp,
    level: said.level,
    source,
    requestId: said.requestId,
    ticker: toText(said.fields['ticker']),
    partition: toInteger(said.fields['partition']),
    message: said.message,
    fields: omitFields(said.fields, ['ticker', 'partition']),
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
    // What the runtime itself logs of an error has an object for a message.
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

/** Lambda in its text format, or what anything else wrote. */
function parseTextMessage(text: string): ParsedMessage {
  const line = text.trimEnd();
  const requestId = /RequestId: ([0-9a-f-]{36})/.exec(line)?.[1] ?? UUID_PATTERN.exec(line)?.[0];
  const timedOut = /Task timed out after ([\d.]+) seconds/.exec(line);
  const said = { requestId, fields: {} };
  if (timedOut) return { ...said, level: 'ERROR', message: `timed out after ${timedOut[1]} s` };
  if (/^REPORT /.test(line)) {
    const [, status] = /\bStatus: (\w+)/.exec(line) ?? [];
    const [, errorType] = /\bError Type: ([\w.]+)/.exec(line) ?? [];
    if (status === undefined) return { ...said, level: 'PLATFORM', message: line };
    const message = status === 'timeout' ? 'timed out' : formatRuntimeError(errorType, status);
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

const UUID_PATTERN = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/;

function parseObject(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return toObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function toObject(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function toText(value: unknown): string | undefined {
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
  /** Errors alone: of the functions, of Lambda about them (a time-out), of the state machine. */
  readonly errorsOnly?: boolean | undefined;
  /** With what Lambda says of runs that go well. */
  readonly includePlatform?: boolean | undefined;
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
export function createFilterPattern({ ticker, errorsOnly: errors }: LogFilter): string | undefined {
  // Of a ticker only our own lines speak, which are JSON. A ticker holds letters and digits alone.
  if (ticker !== undefined) {
    const ofTicker = `$.ticker = "${ticker}"`;
    return errors ? `{ (${ofTicker}) && ($.level = "ERROR") }` : `{ ${ofTicker} }`;
  }
  return errors ? ERROR_TERMS.map((term) => `?${term}`).join(' ') : undefined;
}

export function matchesFilter(
  line: LogLine,
  { ticker, errorsOnly: errors, includePlatform: platform }: LogFilter,
): boolean {
  if (ticker !== undefined && line.ticker !== ticker) return false;
  if (errors) return line.level === 'ERROR';
  return platform === true || line.level !== 'PLATFORM';
}
