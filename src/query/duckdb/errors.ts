/**
 * Errors of DuckDB as errors of pynvest.
 */

import type { Table } from '../../catalog/dataset.ts';
import { type DayBounds, isWithin } from '../../catalog/partition.ts';
import { toTicker } from '../../catalog/ticker.ts';
import { BrokenFileError, PynvestError, QueryError, RefusedFileError } from '../../errors.ts';
import { getBrokenFileRemedy, getWrongTypesRemedy } from '../../lake/lake.ts';
import { createLocalLake } from '../../lake/local/lake.ts';
import { getFilePath } from '../../lake/local/layout.ts';
import { getAllCopiesFolder } from '../../lake/local/period-copies.ts';
import { describeTables, findReadTables } from '../named-views.ts';
import { suggestColumns } from '../unknown-column.ts';
import { CAST_FAILURE, findMacrosThatCall } from './trino-macros.ts';
import { findNamedTables } from './views.ts';

/** The path that DuckDB refused to read, if that is the error: it is outside the folders that a query may read. */
export function getRefusedPath(error: unknown): string | undefined {
  return /^Permission Error: Cannot access (?:file|directory) "(.*)" - /.exec(
    getMessage(error),
  )?.[1];
}

/** Whether the query was interrupted, and is not to be tried again. */
export function isInterruption(error: unknown): boolean {
  return getMessage(error).startsWith('INTERRUPT Error');
}

/** Errors in the text of the query, including those of the Trino macros; any other may be caused by a file. */
const TEXT_ERRORS =
  /^(Parser|Binder|Catalog|Conversion|Out of Range|Invalid Input Error: (format: |codepoint: |\[ \]: |division by zero|Failed to parse format specifier))/;

/** The error of a view for a value that is not of its column's type. */
const VALUE_REFUSAL = /^Invalid Input Error: (.+: the column \w+ holds .+, no \w+)$/;

interface FailedQuery {
  /** The folder of the lake. */
  readonly root: string;
  readonly tables: readonly Table[];
  readonly sql: string;
  /** Those that the query reads; the files of others are not the cause. */
  readonly days?: DayBounds | undefined;
  /** Whether the query read copies of past periods; rows may have been printed before one failed. */
  readonly usesCopies?: boolean;
}

/**
 * The first line of DuckDB's error, or the file that caused it. To find a broken file, all files of the tables that the
 * text names are decoded.
 */
export async function toQueryError(
  error: unknown,
  { root, tables, sql, days = {}, usesCopies = false }: FailedQuery,
): Promise<Error> {
  if (error instanceof PynvestError) return error;
  if (isInterruption(error)) return new QueryError('the query was interrupted', { cause: error });
  const [text = 'the query failed', ...rest] = getMessage(error).split('\n');
  const refusedPath = getRefusedPath(error);
  if (refusedPath !== undefined) {
    const hint =
      'It can read the lake, and what --allow-files names: a file, or a folder of files.';
    return new RefusedFileError(`a query may not read ${refusedPath}`, { hint, cause: error });
  }
  const [, refusal] = VALUE_REFUSAL.exec(text) ?? [];
  // A value in a copy came from a daily file, which is searched for below.
  if (refusal !== undefined && !refusal.startsWith(getAllCopiesFolder(root))) {
    const table = tables.find(({ name }) => refusal.includes(name));
    const hint = table && getWrongTypesRemedy(table);
    const [, partition] = /anomesdia_exec=(\d{8})/.exec(refusal) ?? [];
    return new BrokenFileError(refusal, {
      hint,
      cause: error,
      partition: Number(partition) || undefined,
    });
  }
  if (!TEXT_ERRORS.test(text)) {
    const broken = await findBrokenFile(root, findNamedTables(sql, tables), days);
    if (broken !== undefined) return broken;
    if (usesCopies) {
      const hint = `Run it again; if it fails again, delete ${getAllCopiesFolder(root)}, which has only copies.`;
      return new QueryError(text, { hint, cause: error });
    }
  }
  const names = tables.map(({ database, name }) => `${database}.${name}`);
  const column = UNKNOWN_COLUMN.exec(text)?.[1];
  const meant =
    column === undefined ? [] : suggestColumns(column, findReadTables(sql, tables), sql);
  // Further lines have candidates and the place in the text. To a name of a letter or two every name is similar.
  const lines = rest.filter((line) => line.trim() !== '' && !NO_HINT.test(line));
  const isShort = column !== undefined && column.length <= 2;
  const more = translateEngineHint(
    isShort ? lines.filter((line) => !CANDIDATES.test(line)) : lines,
    meant,
  );
  const isText =
    column !== undefined &&
    meant.length === 0 &&
    // No column is in capitals; a ticker is.
    (sql.includes(`"${column}"`) || toTicker(column) === column);
  if (isText) {
    return new QueryError(translateEngineMessage(text, sql), {
      hint: `Text stands between single quotes: '${column}'.`,
      cause: error,
    });
  }
  const [, unknown] = /^Catalog Error: Table with name (\S+) does not exist/.exec(text) ?? [];
  const hint = unknown === undefined ? more : describeTables(unknown, names);
  return new QueryError(translateEngineMessage(text, sql), {
    hint: hint === '' ? undefined : hint,
    cause: error,
  });
}

/** DuckDB does not always name the file that it cannot read, so each one is tried, those of the newest days first. */
async function findBrokenFile(
  root: string,
  named: readonly Table[],
  bounds: DayBounds,
): Promise<PynvestError | undefined> {
  const lake = createLocalLake(root);
  for (const table of named) {
    const partitions = (await lake.partitions(table)).filter((each) => isWithin(bounds, each));
    for (const partition of partitions.toReversed()) {
      for (const file of await lake.files(table, partition)) {
        try {
          await lake.read(file);
        } catch (error) {
          if (error instanceof BrokenFileError) {
            const { message, hint } = error;
            return new BrokenFileError(message, { hint, cause: error, partition });
          }
          if (error instanceof PynvestError) return error;
          return new BrokenFileError(`${getFilePath(root, file)} cannot be read`, {
            hint: getBrokenFileRemedy(table),
            cause: error,
            partition,
          });
        }
      }
    }
  }
  return undefined;
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Settings that a query cannot change, and the functions of the name that a call may have meant. */
const NO_HINT = /^(Use "SET |\tCandidate functions:|\t\S+\(.*\) -> )/;

const CANDIDATES = /^Candidate bindings: (?:: )?(.*)$/;

const UNKNOWN_COLUMN =
  /^Binder Error: (?:Referenced column|.* does not have a column named) "(.+?)"/;

/** Of DuckDB's types, among them those of literals such as `STRING_LITERAL`. */
const TYPE_WORDS: readonly (readonly [type: RegExp, word: string])[] = [
  [/^(VARCHAR|STRING)/, 'a text'],
  [/^BOOLEAN/, 'a boolean'],
  [/^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DOUBLE|FLOAT|DECIMAL)/, 'a number'],
  [/^DATE/, 'a day'],
  [/^TIMESTAMP/, 'a time'],
];

const WRONG_CALL =
  /^Binder Error: (?:No function matches the given name and argument types '|Could not choose a best candidate function for the function call ")(.+?)\((.*)\)['"]/;

/**
 * A call by the name that the person's text has for it, which may be that of a macro around it.
 * @param types of the values, such as `VARCHAR, INTEGER_LITERAL`
 */
function describeCall(sql: string, name: string, types: string): string {
  const isTyped = (each: string): boolean =>
    /\w/.test(each) ? new RegExp(`\\b${each}"?\\s*\\(`, 'i').test(sql) : sql.includes(each);
  const [own] = [name, name.replace(/^(athena|list)_/, '')].filter(isTyped);
  const callers = own === undefined ? findMacrosThatCall(name).filter(isTyped) : [];
  if (callers.length === 1) return `${callers[0]} does not take these values`;
  const words = types
    .replace(/\([^)]*\)/g, '')
    .split(', ')
    .map((type) => TYPE_WORDS.find(([pattern]) => pattern.test(type))?.[1] ?? type.toLowerCase());
  return `${own ?? 'a function'} does not take ${words.join(' and ') || 'nothing'}`;
}

/** The types whose names in DuckDB's messages are not those of its SQL. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  ...{ INT8: 'tinyint', INT16: 'smallint', INT32: 'integer', INT64: 'bigint', INT128: 'hugeint' },
  ...{ UINT8: 'utinyint', UINT16: 'usmallint', UINT32: 'uinteger', UINT64: 'ubigint' },
  ...{ BOOL: 'boolean', FLOAT: 'real' },
};

const MESSAGES: readonly (readonly [pattern: RegExp, ours: (...groups: string[]) => string])[] = [
  [CAST_FAILURE, (message) => message],
  [
    /^Binder Error: Referenced column "(.+)" not found in FROM clause/,
    (column) => `there is no column ${column}`,
  ],
  [
    /^Binder Error: (?:Table|Values list) "(.+)" does not have a column named "(.+)"/,
    (table, column) => `${table} has no column ${column}`,
  ],
  [/^Binder Error: Referenced table "(.+)" not found/, (table) => `there is no table ${table}`],
  [/^Catalog Error: Table with name (.+) does not exist/, (table) => `there is no table ${table}`],
  [
    /^Catalog Error: (?:Scalar|Table|Aggregate) Function with name (.+) does not exist/,
    (name) => `there is no function ${name}`,
  ],
  [
    /^Conversion Error: (?:Could not convert string|invalid \w+ field format:) ['"](not a [a-z ]+(?:\([^)]*\))?): (.*?)(?:['"](?: to |, expected ).*)?$/,
    (kind, text) => `${JSON.stringify(text)} is ${kind}`,
  ],
  [
    /^Conversion Error: (?:invalid (\w+) field format|(\w+) field value out of range): "(.*?)"(?:, expected format is \((.*)\))?$/,
    (badlyWritten, impossible, text, format) => {
      const kind = (badlyWritten ?? impossible) === 'date' ? 'day' : 'time';
      const written = format?.startsWith('YYYY-MM-DD') ? ` (${format.replace(/\[.*/, '')})` : '';
      return `${JSON.stringify(text)} is not a ${kind}${written}`;
    },
  ],
  [
    /^Conversion Error: Could not convert string ['"](.*)['"] to (\w+(?:\(.*\))?)/,
    (text, type) => {
      const name = TYPE_NAMES[type] ?? type.toLowerCase();
      return `${JSON.stringify(text)} is not a value of the type ${name}`;
    },
  ],
  [
    /^Binder Error: Macro (?:athena_)?(\w+)\(\) does not support the supplied arguments/,
    (name) => `${name} does not take these values`,
  ],
  [
    /^Out of Range Error: Overflow in .* \((.*)\)!$/,
    (operation) => `the result is out of the range of its type: ${operation}`,
  ],
  [
    /^Conversion Error: Type \w+ with value (.+) can't be cast because the value is out of range/,
    (value) => `${value} is out of the range of its type`,
  ],
  [
    /^Invalid Input Error: Could not parse string "(.*)" according to format specifier "(.*)"/,
    (text, format) => `${JSON.stringify(text)} is not written as ${format}`,
  ],
  [
    /^Invalid Input Error: More than one row returned by a subquery/,
    () => 'a subquery in the place of a value gives more than one row',
  ],
  [/^(?:[A-Z][A-Za-z]* )+Error: (.+)$/, (text) => text],
];

/** The first line of a message. */
function translateEngineMessage(line: string, sql: string): string {
  const [, name, types] = WRONG_CALL.exec(line) ?? [];
  if (name !== undefined && types !== undefined) return describeCall(sql, name, types);
  for (const [pattern, ours] of MESSAGES) {
    const match = pattern.exec(line);
    if (match !== null) return ours(...match.slice(1));
  }
  return line;
}

/**
 * Its further lines: names that may be meant, ours where there are any, and the place in the text. The place in a text
 * that we have rewritten is left out: it is not what the person wrote.
 */
function translateEngineHint(lines: readonly string[], meant: readonly string[]): string {
  const candidates = lines.flatMap((line) => {
    const list = CANDIDATES.exec(line)?.[1];
    return list === undefined ? [] : [list.replaceAll('"', '')];
  });
  const near = meant.length > 0 ? [meant.join(', ')] : candidates;
  const names = near.map((list) => `Did you mean ${list}?`);
  const others = lines.filter((line) => !CANDIDATES.test(line));
  const isRewritten = others.some((line) => line.includes('\u0002') || line.includes('athena.'));
  // Indented, so that a narrow screen does not part the line and the mark below it.
  const place = isRewritten ? [] : others.map((line) => `  ${line}`);
  return [...names, ...place].join('\n');
}
