/**
 * What DuckDB reads and Athena does not, or reads otherwise: refused, with what to write instead. Pure.
 */

import { QueryError } from '../../../errors.ts';
import { getWord, isSymbol, type SqlToken } from '../../tokens.ts';

export function createDifference(message: string, hint?: string): QueryError {
  return new QueryError(message, { hint });
}

/** A word or a symbol of a text, with the tokens around it. */
interface Place {
  /** In lower case; empty for a symbol. */
  readonly word: string;
  readonly token: SqlToken;
  readonly before: SqlToken | undefined;
  readonly next: SqlToken | undefined;
  readonly second: SqlToken | undefined;
  readonly third: SqlToken | undefined;
}

/** What Athena does not read at a place; undefined where it reads it. */
type Rule = (place: Place) => QueryError | undefined;

/** @throws QueryError if Athena does not read the token at an index, or the local lake cannot give the same */
export function assertSyntax(tokens: readonly SqlToken[], at: number): void {
  const [token, next, second, third] = tokens.slice(at, at + 4);
  if (token === undefined) return;
  const place = { word: getWord(token), token, before: tokens[at - 1], next, second, third };
  const ofWord = WORD_RULES.get(place.word) ?? [];
  const rules = token.kind === 'symbol' ? SYMBOL_RULES : [ofWord, ...CONSTANT_RULES].flat();
  for (const rule of rules) {
    const difference = rule(place);
    if (difference !== undefined) throw difference;
  }
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

/** Words after which a `[` begins a list. */
const BEFORE_LIST = ['select', 'in', 'and', 'or', 'then', 'else', 'when', 'distinct', 'by'];

/** The words before which DuckDB passes over a comma. */
const AFTER_LIST = ['from', 'where', 'group', 'having', 'order', 'union', 'except', 'intersect'];
const SYMBOL_RULES: readonly Rule[] = [
  ({ token, next }) => {
    const isPair = next?.kind === 'symbol' && token.end === next.start;
    const pair = isPair ? token.value + next.value : token.value;
    const found = REFUSED_SYMBOLS.find(([symbols]) => [token.value, pair].includes(symbols));
    return found && createDifference(`Athena has no ${found[0]}`, found[1]);
  },
  ({ token, before }) => {
    const beginsList =
      before === undefined ||
      (before.kind === 'symbol' && !/^[\])\d]/.test(before.value)) ||
      BEFORE_LIST.includes(getWord(before));
    return token.value === '[' && beginsList
      ? createDifference('Athena has no [ ] for a list', 'Write ARRAY[1, 2].')
      : undefined;
  },
  ({ token }) =>
    token.value === '?'
      ? createDifference('parameters (?) are not supported here', 'Write the value itself.')
      : undefined,
  ({ token, next }) =>
    token.value === ',' && AFTER_LIST.includes(getWord(next))
      ? createDifference(`Athena takes no comma before ${getWord(next).toUpperCase()}`)
      : undefined,
  // DuckDB reads what follows a number as the name of its column: `0x1F` as 0 with the name x1F.
  ({ token: { value, end }, next }) => {
    if (!/^\d/.test(value) || next?.start !== end || next.kind !== 'name') return undefined;
    if (/^(e\d*|_[\d_]+)$/i.test(next.value)) return undefined;
    return createDifference(
      value === '0' && /^[xob]/i.test(next.value)
        ? `the local lake does not read ${value}${next.value}, which Athena does`
        : `Athena has no number ${value}${next.value}`,
      'Write it with decimal digits.',
    );
  },
];

/** What follows the kind of a join. */
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
const refuseJoin: Rule = ({ word, next }) =>
  JOIN_WORDS.includes(getWord(next))
    ? createDifference(`Athena has no ${word.toUpperCase()} JOIN`, 'Write JOIN … ON, or IN.')
    : undefined;

const refuseNullTest: Rule = ({ word, before }) =>
  isSymbol(before, '.') || getWord(before) === 'as'
    ? undefined
    : createDifference(
        `in Athena ${word.toUpperCase()} is a name; here it is not supported`,
        'Write IS NULL, IS NOT NULL, or another name.',
      );

/** A letter before a text gives it another meaning. */
const refusePrefix: Rule = ({ word, token, next }) =>
  next?.kind === 'text' && next.start === token.end
    ? createDifference(`Athena has no ${word.toUpperCase()}'…'`)
    : undefined;

const WORD_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [
    'from',
    ({ before }) =>
      before === undefined ? createDifference('Athena needs SELECT before FROM') : undefined,
  ],
  [
    'limit',
    ({ word, before, next, second }) => {
      if (isSymbol(before, '.')) return undefined;
      if (next?.kind === 'text') return createDifference('Athena takes no text after LIMIT');
      if (getWord(second) === 'offset') {
        return createDifference('Athena reads OFFSET only before LIMIT', 'Write OFFSET 1 LIMIT 1.');
      }
      return getWord(next) === 'all' ? undefined : refuseRowCount(word, next, second);
    },
  ],
  [
    'offset',
    ({ word, next, second }) =>
      next?.kind === 'symbol' && /^[\d(-]/.test(next.value)
        ? refuseRowCount(word, next, second)
        : undefined,
  ],
  [
    'fetch',
    ({ word, second, third }) =>
      /^rows?$/.test(getWord(second)) ? undefined : refuseRowCount(word, second, third),
  ],
  [
    'interval',
    ({ before, next, second }) => {
      if (next === undefined || next.kind === 'name' || isSymbol(before, '.')) return undefined;
      return next.kind === 'text' && UNITS.includes(getWord(second))
        ? undefined
        : createDifference('Athena has no such interval', "Write INTERVAL '1' DAY.");
    },
  ],
  ...['positional', 'semi', 'anti', 'asof'].map((word) => [word, refuseJoin] as const),
  [
    'natural',
    ({ next }) =>
      JOIN_WORDS.includes(getWord(next))
        ? createDifference('Athena has no NATURAL JOIN', 'Write JOIN … USING (column).')
        : undefined,
  ],
  [
    'similar',
    ({ next }) =>
      getWord(next) === 'to'
        ? createDifference('Athena has no SIMILAR TO', 'Write regexp_like(x, pattern).')
        : undefined,
  ],
  [
    'materialized',
    ({ before }) =>
      ['as', 'not'].includes(getWord(before))
        ? createDifference('Athena has no MATERIALIZED')
        : undefined,
  ],
  ['isnull', refuseNullTest],
  ['notnull', refuseNullTest],
  [
    'is',
    ({ next, second }) => {
      const isNegated = getWord(next) === 'not';
      const test = isNegated ? `not ${getWord(second)}` : getWord(next);
      const same = TRUTH_TESTS.get(test);
      return same === undefined
        ? undefined
        : createDifference(`Athena has no IS ${test.toUpperCase()}`, `Write ${same}.`);
    },
  ],
  ...['e', 'b', 'n'].map((word) => [word, refusePrefix] as const),
  [
    'x',
    (place) =>
      refusePrefix(place) &&
      createDifference("the local lake does not read X'…', which Athena has"),
  ],
  [
    'u',
    ({ next, second }) =>
      isSymbol(next, '&') && second?.kind === 'text'
        ? createDifference("the local lake does not read U&'…', which Athena has")
        : undefined,
  ],
  ['tablesample', () => createDifference('the local lake takes no sample, which Athena does')],
  [
    'char',
    ({ before, next }) =>
      isSymbol(next, '(') && getWord(before) === 'as'
        ? createDifference('the local lake has no type char(n), which Athena has', 'Use varchar.')
        : undefined,
  ],
]);

const CONSTANT_RULES: readonly Rule[] = [
  ({ word, before }) =>
    getWord(before) === 'as' && RESERVED_CONSTANTS.includes(word)
      ? createDifference(
          `Athena does not take ${word} for a name`,
          `Write it between double quotes: "${word}".`,
        )
      : undefined,
  ({ word, before, next }) => {
    const isConstant = getWord(before) !== 'as' && !isSymbol(before, '.') && !isSymbol(next, '(');
    return isConstant && UNLIKE_CONSTANTS.includes(word)
      ? createDifference(`the local lake has no ${word} as Athena has it`)
      : undefined;
  },
];

/** @param after the token after the number */
function refuseRowCount(
  word: string,
  count: SqlToken | undefined,
  after: SqlToken | undefined,
): QueryError | undefined {
  const isWhole = count?.kind === 'symbol' && /^\d+$/.test(count.value);
  const isAlone =
    after === undefined ||
    isSymbol(after, ')') ||
    (after.kind === 'name' && (after.start > (count?.end ?? 0) || after.value.startsWith('_')));
  return isWhole && isAlone
    ? undefined
    : createDifference(`Athena takes only a whole number after ${word.toUpperCase()}`);
}

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

/** @param cast what stands between the parentheses of CAST, whose type comes last */
export function assertCastType(cast: readonly SqlToken[]): void {
  const name = getWord(cast[cast.findLastIndex((token) => getWord(token) === 'as') + 1]);
  if (name === 'array') {
    throw createDifference('the local lake does not cast to an array, which Athena does');
  }
  const ours = TYPES[name];
  if (ours === undefined) return;
  throw createDifference(`Athena has no type ${name}`, `Write CAST(x AS ${ours}).`);
}
