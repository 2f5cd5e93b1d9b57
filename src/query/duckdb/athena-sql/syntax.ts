/**
 * Where the syntax of Athena and of DuckDB differ: what only one of them reads is refused, or written as DuckDB reads
 * it. Pure.
 */

import { QueryError } from '../../../errors.ts';
import { getWord, isSymbol, type SqlToken, tokenizeSql } from '../../tokens.ts';

export function createDifference(message: string, hint?: string): QueryError {
  return new QueryError(message, { hint });
}

/** What DuckDB's parser would read, and Athena's would not. */
const REFUSED_SYMBOLS: readonly (readonly [symbols: string, hint: string])[] = [
  ['::', 'Write CAST(x AS type).'],
  ['==', 'Write =.'],
  ['**', 'Write power(x, y).'],
  ['//', 'Write x / y, which gives a whole number of whole numbers.'],
  ['^', 'Write power(x, y).'],
  ['{', 'Write ROW(…).'],
  ['~', 'Write regexp_like(x, pattern), or LIKE.'],
  ['#', 'Name the column.'],
  ['$', 'Write the value itself, or a text between single quotes.'],
  [':', 'Write AS before a name.'],
];

/** The joins of DuckDB alone. */
const REFUSED_JOINS = ['positional', 'semi', 'anti', 'asof'];
const JOIN_WORDS = ['join', 'left', 'right', 'full', 'inner'];
/** Columns of DuckDB, which names them and fills some of them otherwise. */
const UNLIKE_CONSTANTS = [
  ...['localtime', 'current_time', 'current_user', 'current_schema', 'current_catalog'],
  ...['session_user'],
];
/** Those that Athena does not read as names, which DuckDB does. */
const RESERVED_CONSTANTS = [
  ...UNLIKE_CONSTANTS.filter((word) => word !== 'session_user'),
  ...['current_date', 'current_timestamp', 'localtimestamp'],
];
/** The words before which DuckDB passes over a comma. */
const AFTER_LIST = ['from', 'where', 'group', 'having', 'order', 'union', 'except', 'intersect'];
/** The types of DuckDB that Athena has under another name, or not at all. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ text: 'varchar', string: 'varchar', bpchar: 'varchar', nvarchar: 'varchar' },
  ...{ int1: 'tinyint', int2: 'smallint', short: 'smallint', int4: 'integer', signed: 'integer' },
  ...{ int8: 'bigint', long: 'bigint', hugeint: 'decimal(38, 0)', int128: 'decimal(38, 0)' },
  ...{ uhugeint: 'decimal(38, 0)', ubigint: 'decimal(20, 0)', uinteger: 'bigint' },
  ...{ usmallint: 'integer', utinyint: 'smallint', bool: 'boolean', logical: 'boolean' },
  ...{ float: 'real', float4: 'real', float8: 'double', datetime: 'timestamp' },
  ...{ timestamptz: 'timestamp with time zone', blob: 'varbinary', bytea: 'varbinary' },
};

/** What follows IS in DuckDB alone, and what is the same in Athena. */
const TRUTH_TESTS: ReadonlyMap<string, string> = new Map([
  ['true', 'coalesce(x, false)'],
  ['not true', 'NOT coalesce(x, false)'],
  ['false', 'NOT coalesce(x, true)'],
  ['not false', 'coalesce(x, true)'],
  ['unknown', 'x IS NULL'],
  ['not unknown', 'x IS NOT NULL'],
]);

const UNITS = ['second', 'minute', 'hour', 'day', 'month', 'year'];
/** Words after which a `[` begins a list. */
const BEFORE_LIST = ['select', 'in', 'and', 'or', 'then', 'else', 'when', 'distinct', 'by'];

/** The name of `listagg` between the two steps: its syntax is DuckDB's already. */
export const LISTAGG = 'athena_listagg';

/** @throws QueryError if Athena has no such syntax */
export function translateSyntax(sql: string): string {
  const tokens = tokenizeSql(sql);
  while (isSymbol(tokens.at(-1), ';')) tokens.pop();
  const edits: Edit[] = [];
  tokens.forEach((token, at) => {
    assertSyntax(tokens, at);
    edits.push(...translateAt(tokens, at, token));
  });
  return applyEdits(sql.slice(0, tokens.at(-1)?.end ?? 0), edits);
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function applyEdits(sql: string, edits: readonly Edit[]): string {
  let text = '';
  let copied = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    text += sql.slice(copied, edit.start) + edit.text;
    copied = edit.end;
  }
  return text + sql.slice(copied);
}

function assertSyntax(tokens: readonly SqlToken[], at: number): void {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  const word = getWord(token);
  if (token?.kind === 'symbol') {
    for (const [symbols, hint] of REFUSED_SYMBOLS) {
      const isFound =
        token.value === symbols ||
        (token.value + (next?.value ?? '') === symbols &&
          next?.kind === 'symbol' &&
          token.end === next.start);
      if (isFound) throw createDifference(`Athena has no ${symbols}`, hint);
    }
    const beginsList =
      before === undefined ||
      (before.kind === 'symbol' && !/^[\])\d]/.test(before.value)) ||
      BEFORE_LIST.includes(getWord(before));
    if (token.value === '[' && beginsList) {
      throw createDifference('Athena has no [ ] for a list', 'Write ARRAY[1, 2].');
    }
    if (token.value === '?') {
      throw createDifference('parameters (?) are not supported here', 'Write the value itself.');
    }
    if (token.value === ',' && AFTER_LIST.includes(getWord(next))) {
      throw createDifference(`Athena takes no comma before ${getWord(next).toUpperCase()}`);
    }
    assertNumber(token, next);
    return;
  }
  if (word === 'from' && at === 0) throw createDifference('Athena needs SELECT before FROM');
  if (word === 'limit' && !isSymbol(before, '.')) {
    if (next?.kind === 'text') throw createDifference('Athena takes no text after LIMIT');
    if (getWord(tokens[at + 2]) === 'offset') {
      throw createDifference('Athena reads OFFSET only before LIMIT', 'Write OFFSET 1 LIMIT 1.');
    }
    if (getWord(next) !== 'all') assertRowCount(word, next, tokens[at + 2]);
  }
  if (word === 'offset' && next?.kind === 'symbol' && /^[\d(-]/.test(next.value)) {
    assertRowCount(word, next, tokens[at + 2]);
  }
  if (word === 'fetch' && !/^rows?$/.test(getWord(tokens[at + 2]))) {
    assertRowCount(word, tokens[at + 2], tokens[at + 3]);
  }
  if (word === 'interval' && next !== undefined && next.kind !== 'name' && !isSymbol(before, '.')) {
    const unit = getWord(tokens[at + 2]);
    if (next.kind !== 'text' || !UNITS.includes(unit)) {
      throw createDifference('Athena has no such interval', "Write INTERVAL '1' DAY.");
    }
  }
  if (REFUSED_JOINS.includes(word) && JOIN_WORDS.includes(getWord(next))) {
    throw createDifference(`Athena has no ${word.toUpperCase()} JOIN`, 'Write JOIN … ON, or IN.');
  }
  if (word === 'natural' && JOIN_WORDS.includes(getWord(next))) {
    throw createDifference('Athena has no NATURAL JOIN', 'Write JOIN … USING (column).');
  }
  if (word === 'similar' && getWord(next) === 'to') {
    throw createDifference('Athena has no SIMILAR TO', 'Write regexp_like(x, pattern).');
  }
  if (word === 'materialized' && ['as', 'not'].includes(getWord(before))) {
    throw createDifference('Athena has no MATERIALIZED');
  }
  if (word === 'x' && next?.kind === 'text' && next.start === token?.end) {
    throw createDifference("the local lake does not read X'…', which Athena has");
  }
  if (/^(isnull|notnull)$/.test(word) && !isSymbol(before, '.') && getWord(before) !== 'as') {
    throw createDifference(
      `in Athena ${word.toUpperCase()} is a name; here it is not supported`,
      'Write IS NULL, IS NOT NULL, or another name.',
    );
  }
  if (word === 'is') {
    const isNegated = getWord(next) === 'not';
    const truth = getWord(isNegated ? tokens[at + 2] : next);
    const test = isNegated ? `not ${truth}` : truth;
    const same = TRUTH_TESTS.get(test);
    if (same !== undefined) {
      throw createDifference(`Athena has no IS ${test.toUpperCase()}`, `Write ${same}.`);
    }
  }
  if (/^[ebn]$/.test(word) && next?.kind === 'text' && next.start === token?.end) {
    throw createDifference(`Athena has no ${word.toUpperCase()}'…'`);
  }
  const isName = getWord(before) === 'as';
  if (isName && RESERVED_CONSTANTS.includes(word)) {
    throw createDifference(
      `Athena does not take ${word} for a name`,
      `Write it between double quotes: "${word}".`,
    );
  }
  const isConstant = !isName && !isSymbol(before, '.') && !isSymbol(next, '(');
  if (isConstant && UNLIKE_CONSTANTS.includes(word)) {
    throw createDifference(`the local lake has no ${word} as Athena has it`);
  }
  if (word === 'tablesample')
    throw createDifference('the local lake takes no sample, which Athena does');
  if (word === 'u' && isSymbol(next, '&') && tokens[at + 2]?.kind === 'text') {
    throw createDifference("the local lake does not read U&'…', which Athena has");
  }
  if (word === 'char' && isSymbol(next, '(') && getWord(before) === 'as') {
    throw createDifference('the local lake has no type char(n), which Athena has', 'Use varchar.');
  }
}

/** DuckDB reads what follows a number as the name of its column: `0x1F` as 0 with the name x1F. */
function assertNumber({ value, end }: SqlToken, next: SqlToken | undefined): void {
  if (!/^\d/.test(value) || next?.start !== end || next.kind !== 'name') return;
  if (/^(e\d*|_[\d_]+)$/i.test(next.value)) return;
  throw createDifference(
    value === '0' && /^[xob]/i.test(next.value)
      ? `the local lake does not read ${value}${next.value}, which Athena does`
      : `Athena has no number ${value}${next.value}`,
    'Write it with decimal digits.',
  );
}

/** @param after the token after the number */
function assertRowCount(word: string, count: SqlToken | undefined, after?: SqlToken): void {
  const isWhole = count?.kind === 'symbol' && /^\d+$/.test(count.value);
  const isAlone =
    after === undefined ||
    isSymbol(after, ')') ||
    (after.kind === 'name' && (after.start > (count?.end ?? 0) || after.value.startsWith('_')));
  if (isWhole && isAlone) return;
  throw createDifference(`Athena takes only a whole number after ${word.toUpperCase()}`);
}

function translateAt(tokens: readonly SqlToken[], at: number, token: SqlToken): readonly Edit[] {
  const next = tokens[at + 1];
  switch (getWord(token)) {
    case 'timestamp':
      // DuckDB ignores the zone of a TIMESTAMP.
      return next?.kind === 'text' && /\d:\d\d[\d:.]*\s*([a-z]|[+-]\d)/i.test(next.value)
        ? [{ start: token.end, end: token.end, text: ' WITH TIME ZONE' }]
        : [];
    case 'if': {
      if (!isSymbol(next, '(')) return [];
      const end = findClose(tokens, at + 1);
      const commas = splitItems(tokens.slice(at + 2, end)).length - 1;
      const { start = token.end } = tokens[end] ?? {};
      return commas === 1 ? [{ start, end: start, text: ', NULL' }] : [];
    }
    case 'values':
      return wrapValues(tokens.slice(at + 1));
    case 'listagg':
      return translateListagg(tokens, at);
    case 'cast':
    case 'try_cast':
      return translateLength(tokens, at);
    default:
      return [];
  }
}

/** The index of the parenthesis that closes the one at an index. */
function findClose(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1;
    if (isSymbol(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** The tokens between commas outside parentheses. */
function splitItems(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const items: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    if (depth === 0 && isSymbol(token, ',')) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

const AFTER_VALUES = ['order', 'limit', 'offset', 'fetch', 'union', 'except', 'intersect', 'as'];

/** Athena reads `VALUES 1, 2` as two rows. */
function wrapValues(after: readonly SqlToken[]): readonly Edit[] {
  let depth = 0;
  let end = 0;
  for (; end < after.length; end += 1) {
    if (isSymbol(after[end], '(')) depth += 1;
    if (isSymbol(after[end], ')')) depth -= 1;
    if (depth < 0 || (depth === 0 && AFTER_VALUES.includes(getWord(after[end])))) break;
  }
  return splitItems(after.slice(0, end)).flatMap((item) => {
    const [first, last] = [item[0], item.at(-1)];
    if (first === undefined || last === undefined || isSymbol(first, '(')) return [];
    return [
      { start: first.start, end: first.start, text: '(' },
      { start: last.end, end: last.end, text: ')' },
    ];
  });
}

/** `listagg(x, ',') WITHIN GROUP (ORDER BY y)` as `string_agg(x, ',' ORDER BY y)`. */
function translateListagg(tokens: readonly SqlToken[], at: number): readonly Edit[] {
  const [name, open] = [tokens[at], tokens[at + 1]];
  const close = tokens[findClose(tokens, at + 1)];
  const within = findClose(tokens, at + 1) + 1;
  const [word, group, parenthesis] = tokens.slice(within, within + 3);
  if (name === undefined || !isSymbol(open, '(') || close === undefined) return [];
  if (getWord(word) !== 'within' || getWord(group) !== 'group' || parenthesis === undefined)
    return [];
  return [
    { start: name.start, end: name.end, text: LISTAGG },
    { start: close.start, end: parenthesis.end, text: ' ' },
  ];
}

/** @param cast what stands between the parentheses of CAST, whose type comes last */
function assertType(cast: readonly SqlToken[]): void {
  const name = getWord(cast[cast.findLastIndex((token) => getWord(token) === 'as') + 1]);
  if (name === 'array') {
    throw createDifference('the local lake does not cast to an array, which Athena does');
  }
  const ours = TYPES[name];
  if (ours === undefined) return;
  throw createDifference(`Athena has no type ${name}`, `Write CAST(x AS ${ours}).`);
}

/** DuckDB ignores the length of varchar(n), to which Athena cuts a text. */
function translateLength(tokens: readonly SqlToken[], at: number): readonly Edit[] {
  const end = findClose(tokens, at + 1);
  assertType(tokens.slice(at + 1, end));
  const [type, open, length, close] = tokens.slice(end - 4, end);
  const [cast, last] = [tokens[at], tokens[end]];
  if (cast === undefined || last === undefined || open === undefined || close === undefined)
    return [];
  if (getWord(type) !== 'varchar' || !isSymbol(open, '(') || !isSymbol(close, ')')) return [];
  return [
    { start: cast.start, end: cast.start, text: 'system.main.substr(' },
    { start: open.start, end: close.end, text: '' },
    { start: last.end, end: last.end, text: `, 1, ${length?.value})` },
  ];
}
