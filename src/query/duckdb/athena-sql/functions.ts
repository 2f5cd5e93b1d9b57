/**
 * The functions of Athena that the local lake has, each with the same results: under the same name, another name of
 * DuckDB, or as an expression. Any other is refused, because DuckDB's function of that name may do something else.
 * test/query/trino/texts.sql has a text for each. Pure.
 */

import { QueryError } from '../../../errors.ts';
import { findClosest } from '../../../suggest.ts';
import { toDuckDbFormat } from '../trino-macros.ts';
import { createFormat } from './format.ts';
import { createDifference } from './refused-syntax.ts';
import { LISTAGG } from './syntax.ts';
import {
  createCall,
  createCast,
  createNumber,
  createOperation,
  createText,
  createType,
  getConstantText,
  getNodes,
  getText,
  isNode,
  type SyntaxNode,
} from './syntax-tree.ts';

/** A function's name in DuckDB, or its call as another expression. */
type Translation = string | ((call: SyntaxNode, parameters: readonly SyntaxNode[]) => SyntaxNode);

/** These have the same name and the same results in DuckDB, or in the macros of trino-macros.ts. */
const SAME = [
  ...[
    'abs',
    'acos',
    'asin',
    'atan',
    'atan2',
    'cbrt',
    'ceil',
    'ceiling',
    'cos',
    'cosh',
    'degrees',
    'exp',
  ],
  ...['floor', 'log10', 'log2', 'pi', 'pow', 'power', 'radians', 'random', 'round', 'sign'],
  ...[
    'sin',
    'sinh',
    'tan',
    'tanh',
    'greatest',
    'least',
    'width_bucket',
    'bitwise_and',
    'bitwise_or',
  ],
  ...[
    'bitwise_xor',
    'nullif',
    'coalesce',
    'if',
    'try',
    'concat',
    'concat_ws',
    'length',
    'lower',
    'upper',
  ],
  ...[
    'lpad',
    'rpad',
    'ltrim',
    'rtrim',
    'trim',
    'position',
    'replace',
    'reverse',
    'split_part',
    'starts_with',
  ],
  ...['strpos', 'translate', 'chr', 'codepoint', 'json_array_length', 'json_extract_scalar'],
  ...['count', 'sum', 'avg', 'min', 'max', 'min_by', 'max_by', 'count_if', 'bool_and', 'bool_or'],
  ...['any_value', 'arbitrary', 'approx_distinct', 'stddev', 'stddev_pop', 'stddev_samp'],
  ...[
    'variance',
    'var_pop',
    'var_samp',
    'corr',
    'geometric_mean',
    'array_agg',
    'grouping',
    'row_number',
  ],
  ...[
    'rank',
    'dense_rank',
    'percent_rank',
    'cume_dist',
    'ntile',
    'lag',
    'lead',
    'first_value',
    'last_value',
  ],
  ...[
    'nth_value',
    'year',
    'quarter',
    'month',
    'week',
    'day',
    'hour',
    'minute',
    'second',
    'millisecond',
  ],
  ...['date_diff', 'date_format', 'date_trunc', 'now'],
  ...[
    'map',
    'map_agg',
    'map_keys',
    'map_values',
    'flatten',
    'element_at',
    'array_position',
    'array_join',
    'slice',
    'row',
  ],
  ...['to_base', 'e', 'current_date', 'current_timestamp', 'localtimestamp', 'extract', 'unnest'],
];

/** `from_iso8601_timestamp` between the two steps: an instant, or the clock of its zone. */
export const ISO_INSTANT = 'athena_iso_instant';
/** The same where only the clock of its zone is read: a time without a zone. */
export const ISO_CLOCK = 'athena_iso_clock';

const OTHERS: Readonly<Record<string, Translation>> = {
  cardinality: (call, [list]) =>
    list?.function_name === 'map' ? call : { ...call, function_name: 'len' },
  from_iso8601_date: (call, [x]) =>
    x === undefined ? call : createCast(x, createType('DATE'), call),
  from_iso8601_timestamp: ISO_INSTANT,
  regexp_like: (call, parameters) => createRegexp(call, 'regexp_like', parameters),
  regexp_extract: (call, parameters) => createRegexp(call, 'regexp_extract', parameters),
  approx_percentile: createPercentile,
  contains: 'list_contains',
  array_max: 'list_max',
  array_min: 'list_min',
  array_sort: 'athena_array_sort',
  transform: 'list_transform',
  filter: 'list_filter',
  split: 'string_split',
  levenshtein_distance: 'levenshtein',
  hamming_distance: 'hamming',
  regexp_split: (call, parameters) => createRegexp(call, 'athena_regexp_split', parameters),
  regexp_extract_all: (call, parameters) => createRegexp(call, 'regexp_extract_all', parameters),
  nan: (call) => createCast(createText('NaN'), createType('DOUBLE'), call),
  infinity: (call) => createCast(createText('Infinity'), createType('DOUBLE'), call),
  is_nan: 'isnan',
  is_finite: 'isfinite',
  is_infinite: 'isinf',
  rand: 'random',
  sqrt: 'athena_sqrt',
  ln: 'athena_ln',
  log10: 'athena_log10',
  log2: 'athena_log2',
  log: 'log',
  truncate: 'athena_truncate',
  mod: (call, [x, y]) => (x && y ? createOperation('%', x, y, call) : call),
  substr: 'athena_substr',
  substring: 'athena_substr',
  every: 'bool_and',
  [LISTAGG]: 'string_agg',
  day_of_month: 'day',
  day_of_week: 'isodow',
  dow: 'isodow',
  day_of_year: 'dayofyear',
  doy: 'dayofyear',
  week_of_year: 'week',
  year_of_week: 'isoyear',
  yow: 'isoyear',
  last_day_of_month: 'last_day',
  from_unixtime: 'to_timestamp',
  to_unixtime: 'epoch',
  date: (call, [x]) => (x === undefined ? call : createCast(x, createType('DATE'), call)),
  date_add: createDateAdd,
  date_parse: createDateParse,
  at_timezone: (call, [t, zone]) => (t && zone ? createCall('timezone', [zone, t], call) : call),
  sequence: createSequence,
  format: createFormat,
  regexp_replace: createRegexpReplace,
};

/** Functions of Athena that the local lake lacks; those that are in neither list Athena lacks, too. */
const ABSENT = new Set(
  `all_match any_match approx_most_frequent approx_set array_distinct array_except array_histogram array_intersect
  array_remove array_union arrays_overlap bar beta_cdf bit_count bitwise_and_agg bitwise_left_shift bitwise_not
  bitwise_or_agg bitwise_right_shift bitwise_right_shift_arithmetic bitwise_xor_agg cast checksum color combinations
  contains_sequence cosine_similarity covar_pop covar_samp crc32 current_groups current_timezone empty_approx_set
  format_datetime format_number from_base from_base32 from_base64 from_base64url from_big_endian_32 from_big_endian_64
  from_hex from_ieee754_32 from_ieee754_64 from_iso8601_timestamp_nanos from_unixtime_nanos from_utf8 hash_counts
  histogram hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 human_readable_seconds index intersection_cardinality
  inverse_beta_cdf inverse_normal_cdf is_json_scalar jaccard_index json_array_contains json_array_get json_exists
  json_extract json_format json_parse json_query json_size json_value kurtosis luhn_check make_set_digest
  map_concat map_entries map_filter map_from_entries map_union map_zip_with md5 merge merge_set_digest
  multimap_agg multimap_from_entries murmur3 ngrams none_match normal_cdf normalize numeric_histogram parse_data_size
  parse_datetime parse_duration parse_presto_data_size qdigest_agg quantile_at_value reduce reduce_agg regexp_count
  regexp_position regr_intercept regr_slope render repeat rgb sha1 sha256 sha512 shuffle skewness soundex
  split_to_map split_to_multimap spooky_hash_v2_32 spooky_hash_v2_64 tdigest_agg timezone_hour timezone_minute
  to_base32 to_base64 to_base64url to_big_endian_32 to_big_endian_64 to_hex to_ieee754_32 to_ieee754_64 to_iso8601
  to_milliseconds to_utf8 transform_keys transform_values trim_array typeof url_decode url_encode
  url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port url_extract_protocol
  url_extract_query uuid value_at_quantile values_at_quantiles wilson_interval_lower wilson_interval_upper
  with_timezone word_stem xxhash64 zip zip_with`.split(/\s+/),
);

/** The names of the functions of Athena that the local lake has. */
export const functionNames: readonly string[] = [
  ...SAME,
  ...Object.keys(OTHERS).map((name) => (name === LISTAGG ? 'listagg' : name)),
].sort();

/** @throws QueryError if Athena has no such function, or the local lake lacks it */
export function assertFunction(name: string): void {
  if (name === LISTAGG || functionNames.includes(name)) return;
  if (ABSENT.has(name)) {
    throw createDifference(`the local lake has no function ${name}, which Athena has`);
  }
  const near = findClosest(name, functionNames);
  throw new UnknownFunctionError(name, near === undefined ? [] : [`Did you mean ${near}?`]);
}

/** A function that Athena lacks; DuckDB may have it. */
export class UnknownFunctionError extends QueryError {
  readonly functionName: string;
  readonly hints: readonly string[];
  constructor(functionName: string, hints: readonly string[]) {
    const hint = hints.length === 0 ? undefined : hints.join(' ');
    super(`Athena has no function ${functionName}`, { hint });
    this.functionName = functionName;
    this.hints = hints;
  }
}

/** A call of a function of Athena as DuckDB calls it. @throws QueryError if DuckDB cannot give the same */
export function translateCall(call: SyntaxNode): SyntaxNode {
  const name = getText(call.function_name).toLowerCase();
  const translation = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  if (translation === undefined) return call;
  if (typeof translation === 'string') return { ...call, function_name: translation, schema: '' };
  return translation(call, getNodes(call.children));
}

const INTERVALS: ReadonlyMap<string, readonly [name: string, factor: number]> = new Map(
  Object.entries({
    millisecond: ['to_milliseconds', 1],
    second: ['to_seconds', 1],
    minute: ['to_minutes', 1],
    hour: ['to_hours', 1],
    day: ['to_days', 1],
    week: ['to_weeks', 1],
    month: ['to_months', 1],
    quarter: ['to_months', 3],
    year: ['to_years', 1],
  } as const),
);

/** `date_add('day', n, t)` as `t + to_days(n)`; a day stays one by the rule of types.ts. */
function createDateAdd(call: SyntaxNode, [unit, n, t]: readonly SyntaxNode[]): SyntaxNode {
  if (unit === undefined || n === undefined || t === undefined) return call;
  const name = getConstantText(unit)?.toLowerCase();
  const interval = name === undefined ? undefined : INTERVALS.get(name);
  if (interval === undefined) {
    throw createDifference(
      name === undefined
        ? 'the local lake takes only a text in quotes for the unit of date_add'
        : `date_add: Athena has no unit ${name}`,
    );
  }
  const [create, factor] = interval;
  const count = createCast(
    n,
    createType(
      create === 'to_seconds' ? 'DOUBLE' : create === 'to_milliseconds' ? 'DOUBLE' : 'BIGINT',
    ),
    n,
  );
  const isDays = ['to_days', 'to_weeks', 'to_months', 'to_years'].includes(create);
  const whole = isDays ? createCast(n, createType('INTEGER'), n) : count;
  const amount = factor === 1 ? whole : createOperation('*', createNumber(factor), whole, whole);
  return createOperation('+', t, createCall(create, [amount]), call);
}

function createDateParse(call: SyntaxNode, [text, format]: readonly SyntaxNode[]): SyntaxNode {
  const written = getConstantText(format);
  if (text === undefined || written === undefined) {
    throw createDifference(
      'the local lake takes only a text in quotes for the format of date_parse',
    );
  }
  return createCall('strptime', [text, createText(toDuckDbFormat(written))], call);
}

/** Java's replacement, in which `\` makes a character literal, as RE2's. */
function createRegexpReplace(call: SyntaxNode, parameters: readonly SyntaxNode[]): SyntaxNode {
  const [text, pattern, replacement, ...others] = parameters;
  if (text === undefined || pattern === undefined || others.length > 0) {
    throw createDifference(
      'regexp_replace: Athena takes a text, a pattern and a replacement, no more',
    );
  }
  if (replacement === undefined) return createRegexp(call, 'regexp_replace', [text, pattern]);
  const written = getConstantText(replacement);
  if (written === undefined) {
    throw createDifference(
      'the local lake takes only a text in quotes for the replacement of regexp_replace',
    );
  }
  const names = [
    ...(getConstantText(pattern) ?? '').matchAll(/(?<!\\)\((?!\?)|\(\?P?<(\w+)>/g),
  ].map(([, name]) => name);
  const translated = written.replace(
    /\\(.)|\$(\d)|\$\{(\w+)\}/g,
    (_, literal?: string, digit?: string, name?: string) => {
      if (literal !== undefined) return literal === '\\' ? '\\\\' : literal;
      if (digit !== undefined) return `\\${digit}`;
      const at = names.indexOf(name);
      if (at < 0) throw createDifference(`regexp_replace: the pattern has no group ${name}`);
      return `\\${at + 1}`;
    },
  );
  return createRegexp(call, 'athena_regexp_replace', [text, pattern, createText(translated)]);
}

/** A call with a pattern, whose named groups RE2 writes otherwise than Java. */
function createRegexp(
  call: SyntaxNode,
  name: string,
  [text, pattern, ...rest]: readonly SyntaxNode[],
): SyntaxNode {
  if (text === undefined || pattern === undefined) return call;
  const written = getConstantText(pattern);
  const translated =
    written === undefined ? pattern : createText(written.replace(/\(\?<(?=\w)/g, '(?P<'));
  return createCall(name, [text, translated, ...rest], call);
}

/** Athena's estimate; exact for few values, and here for all. */
function createPercentile(call: SyntaxNode, parameters: readonly SyntaxNode[]): SyntaxNode {
  const [, fraction] = parameters;
  if (parameters.length !== 2 || fraction?.type === 'ARRAY_CONSTRUCTOR') {
    throw createDifference('the local lake takes only one fraction in approx_percentile');
  }
  return call;
}

/** Of days it is a list of days, in steps of one unless another is given. */
function createSequence(call: SyntaxNode, parameters: readonly SyntaxNode[]): SyntaxNode {
  const isDay = (node: SyntaxNode): boolean =>
    node.class === 'CAST' && isNode(node.cast_type) && node.cast_type.id === 'DATE';
  const [first, last, step = createCall('to_days', [createNumber(1)])] = parameters;
  if (first === undefined || last === undefined || !(isDay(first) || isDay(last))) {
    return { ...call, function_name: 'generate_series' };
  }
  return createCall('athena_dates', [createCall('generate_series', [first, last, step])], call);
}
