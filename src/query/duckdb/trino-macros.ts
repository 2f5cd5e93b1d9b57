/**
 * The functions of Athena (Trino) that DuckDB lacks, or has with another meaning, as DuckDB macros, and the helpers of
 * the translation of a text (athena-sql). Those that a text is bound with before its types are checked cast by
 * TRY_CAST: a CAST would be taken for one that Athena does not make. Sources of the rules: Trino's documentation of its
 * functions, and its answers in test/query/trino. `concat`, `greatest` and `least` take at most 30 parameters.
 */

import { QueryError } from '../../errors.ts';

/** Trino's date formats are MySQL's; DuckDB's are C's. These specifiers differ. */
const FORMAT_SPECIFIERS: readonly (readonly [trino: string, duckdb: string])[] = [
  ['%M', '%B'],
  ['%W', '%A'],
  ['%i', '%M'],
  ['%s', '%S'],
  ['%h', '%I'],
  ['%k', '%-H'],
  ['%l', '%-I'],
  ['%c', '%-m'],
  ['%e', '%-d'],
  ['%v', '%V'],
  ['%x', '%G'],
  // Six digits, of which Trino has three.
  ['%f', '%g000'],
  ['%T', '%H:%M:%S'],
  ['%r', '%I:%M:%S %p'],
  // Refused below with a message of ours, before DuckDB could refuse it with its own.
  ['%D', 'D'],
];

/** Specifiers that Trino refuses. */
const UNKNOWN_SPECIFIER = /%[DUuVwX]/;

/** A format of Trino as DuckDB reads dates by it. @throws QueryError if Trino refuses it */
export function toDuckDbFormat(format: string): string {
  return format.replace(/%(.)/gs, (specifier) => {
    if (UNKNOWN_SPECIFIER.test(specifier))
      throw new QueryError(`Athena does not know ${specifier}`);
    if (specifier === '%f') return specifier;
    return FORMAT_SPECIFIERS.find(([trino]) => trino === specifier)?.[1] ?? specifier;
  });
}

/** Stands in for `%%` while the specifiers are replaced. */
const PERCENT = 'chr(1)';

const translatedFormat = `replace(${FORMAT_SPECIFIERS.reduce(
  (sql, [trino, duckdb]) => `replace(${sql}, '${trino}', '${duckdb}')`,
  `replace(format, '%%', ${PERCENT})`,
)}, ${PERCENT}, '%%')`;

const REFUSED_SPECIFIERS = "'%[DUuVwX]'";

/** A text that fails with a message, in words of SQL. TRY takes no error(). */
function formatFailure(message: string): string {
  return `CAST(CAST(${message} AS TINYINT) AS VARCHAR)`;
}

/** The message of a failed cast that is one of ours. */
export const CAST_FAILURE =
  /^Conversion Error: Could not convert string '((?:date_format|split_part): .*)' to INT8/;

const unknownSpecifier = `regexp_extract(replace(format, '%%', ''), ${REFUSED_SPECIFIERS})`;

const dateFormat = `CASE WHEN regexp_matches(replace(format, '%%', ''), ${REFUSED_SPECIFIERS})
  THEN ${formatFailure(`'date_format: Athena does not know ' || ${unknownSpecifier}`)}
  ELSE strftime(t, athena.trino_format(format)) END`;

/** Trino writes a key in brackets and DuckDB after a dot: `$["a b"]` and `$."a b"`. */
const jsonPath = `system.main.regexp_replace(path, '\\["([^"]*)"\\]', '."\\1"', 'g')`;

/**
 * A macro has a fixed number of parameters, so each number needs an overload, which costs time at every start: 30 of
 * them cost 4 ms more than 10, and 50 would cost 10 ms more.
 */
const MAX_PARAMETERS = 30;

/** A function that is null if any parameter is null; DuckDB's own ignores parameters that are null. */
function createStrictMacro(name: string): string {
  const overloads = Array.from({ length: MAX_PARAMETERS }, (_, index) => {
    const parameters = Array.from({ length: index + 1 }, (_, at) => `p${at}`);
    const anyNull = parameters.map((parameter) => `${parameter} IS NULL`).join(' OR ');
    const list = parameters.join(', ');
    return `(${list}) AS CASE WHEN ${anyNull} THEN NULL ELSE system.main.${name}(${list}) END`;
  });
  return `CREATE MACRO athena.${name}${overloads.join(', ')}`;
}

/** In Trino, Monday is the 1st day of the week and Sunday the 7th. */
const trinoPart = `CASE lower(part) WHEN 'dow' THEN 'isodow' WHEN 'day_of_week' THEN 'isodow'
  WHEN 'day_of_year' THEN 'doy' WHEN 'yow' THEN 'isoyear' WHEN 'year_of_week' THEN 'isoyear'
  ELSE part END`;

/** In a schema of their own: a text in DuckDB's own SQL does not see them. */
const trinoMacros: readonly string[] = [
  `CREATE MACRO athena.trino_format(format) AS ${translatedFormat}`,
  `CREATE MACRO athena.date_format(t, format) AS ${dateFormat}`,
  // EXTRACT calls it.
  `CREATE MACRO athena.date_part(part, t) AS system.main.date_part(${trinoPart}, t)`,
  ...['concat', 'greatest', 'least'].map(createStrictMacro),
  `CREATE MACRO athena.regexp_replace(text, pattern) AS system.main.regexp_replace(text, pattern, '', 'g')`,
  `CREATE MACRO athena.athena_regexp_replace(text, pattern, replacement) AS
    system.main.regexp_replace(text, pattern, replacement, 'g')`,
  `CREATE MACRO athena.regexp_extract
    (text, pattern) AS CASE WHEN regexp_matches(text, pattern)
      THEN system.main.regexp_extract(text, pattern) END,
    (text, pattern, part) AS CASE WHEN regexp_matches(text, pattern)
      THEN system.main.regexp_extract(text, pattern, part) END`,
  'CREATE MACRO athena.regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  // In Trino it is null for a list or an object.
  `CREATE MACRO athena.json_extract_scalar(json, path) AS CASE
    WHEN json_type(json, ${jsonPath}) IN ('ARRAY', 'OBJECT') THEN NULL
    ELSE json_extract_string(json, ${jsonPath}) END`,
  // Trino counts complete units, as date_sub does; DuckDB's date_diff counts the boundaries crossed.
  'CREATE MACRO athena.date_diff(unit, a, b) AS date_sub(unit, a, b)',
  'CREATE MACRO athena.approx_distinct(x) AS approx_count_distinct(x)',
  'CREATE MACRO athena.arbitrary(x) AS any_value(x)',
  'CREATE MACRO athena.e() AS exp(1)',
  `CREATE MACRO athena.athena_sqrt(x) AS CASE WHEN x < 0 THEN TRY_CAST('NaN' AS DOUBLE) ELSE sqrt(x) END`,
  `CREATE MACRO athena.athena_ln(x) AS CASE WHEN x < 0 THEN TRY_CAST('NaN' AS DOUBLE)
    WHEN x = 0 THEN TRY_CAST('-Infinity' AS DOUBLE) ELSE ln(x) END`,
  ...['log10', 'log2'].map(
    (
      name,
    ) => `CREATE MACRO athena.athena_${name}(x) AS CASE WHEN x < 0 THEN TRY_CAST('NaN' AS DOUBLE)
      WHEN x = 0 THEN TRY_CAST('-Infinity' AS DOUBLE) ELSE system.main.${name}(x) END`,
  ),
  'CREATE MACRO athena.athena_truncate(x) AS trunc(x)',
  'CREATE MACRO athena.bitwise_and(a, b) AS a & b',
  'CREATE MACRO athena.bitwise_or(a, b) AS a | b',
  'CREATE MACRO athena.bitwise_xor(a, b) AS xor(a, b)',
  'CREATE MACRO athena.to_base(n, base) AS lower(system.main.to_base(n, base))',
  `CREATE MACRO athena.width_bucket
    (x, bins) AS len(list_filter(bins, bin -> bin <= x)),
    (x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
      ELSE CAST(floor(n * (CAST(x AS DOUBLE) - low) / (high - low)) AS BIGINT) + 1 END`,
  `CREATE MACRO athena.athena_divisor(y) AS CASE WHEN y = 0 THEN error('division by zero') ELSE y END`,
  `CREATE MACRO athena.athena_divide(x, y) AS CASE WHEN y = 0 THEN x * TRY_CAST('Infinity' AS DOUBLE) ELSE x / y END`,
  `CREATE MACRO athena.athena_quotient(n, d, scale) AS CASE WHEN d = 0 THEN error('division by zero')
    ELSE CASE WHEN (n < 0) <> (d < 0) THEN '-' ELSE '' END
      || CAST((2 * abs(n) * CAST(power(10, scale) AS HUGEINT) + abs(d)) // (2 * abs(d)) AS VARCHAR)
      || 'e-' || CAST(scale AS VARCHAR) END`,
  `CREATE MACRO athena.athena_divide_decimals(x, y, scale) AS athena.athena_quotient(
    CAST(replace(x, '.', '') AS HUGEINT), CAST(replace(y, '.', '') AS HUGEINT), scale)`,
  // The cast of such a text fails: TRY takes no error().
  `CREATE MACRO athena.athena_checked_text(text, pattern, kind) AS CASE WHEN regexp_full_match(text, pattern) THEN text
    WHEN text IS NOT NULL THEN kind || ': ' || text END`,
  'CREATE MACRO athena.athena_finite(x) AS CASE WHEN isfinite(x) THEN x END',
  `CREATE MACRO athena.athena_scientific(text, digits, power) AS digits[1] || '.'
    || CASE WHEN length(digits) > 1 THEN digits[2:] ELSE '0' END || 'E' || CAST(power AS VARCHAR)`,
  `CREATE MACRO athena.athena_power(text) AS CASE
    WHEN contains(text, 'e') THEN CAST(split_part(text, 'e', 2) AS INTEGER)
    WHEN text LIKE '0.%' THEN -1 - length(regexp_extract(text, '^0[.](0*)', 1))
    ELSE length(split_part(text, '.', 1)) - 1 END`,
  `CREATE MACRO athena.athena_digits(text) AS rtrim(ltrim(replace(split_part(text, 'e', 1), '.', ''), '0'), '0')`,
  `CREATE MACRO athena.athena_print_size(text) AS athena.athena_scientific(text, athena.athena_digits(text), athena.athena_power(text))`,
  `CREATE MACRO athena.athena_print_double(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) AND x > 0 THEN 'Infinity'
    WHEN isinf(x) THEN '-Infinity' WHEN x = 0 THEN '0E0'
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || athena.athena_print_size(CAST(abs(x) AS VARCHAR)) END`,
  `CREATE MACRO athena.athena_text(x) AS CASE WHEN typeof(x) = 'DOUBLE' AND TRY_CAST(x AS DOUBLE) <> 0
    AND NOT abs(TRY_CAST(x AS DOUBLE)) BETWEEN 1e-3 AND 9999999
    THEN error('format: the local lake does not print a double of this size with %s')
    ELSE TRY_CAST(x AS VARCHAR) END`,
  'CREATE MACRO athena.athena_or(text, absent) AS coalesce(text, absent)',
  `CREATE MACRO athena.athena_iso_clock(text) AS
    TRY_CAST(system.main.regexp_replace(text, '(Z|[+-]\\d\\d(:?\\d\\d)?)$', '') AS TIMESTAMP)`,
  'CREATE MACRO athena.athena_integer(n) AS TRY_CAST(CAST(n AS HUGEINT) AS VARCHAR)',
  `CREATE MACRO athena.athena_grouped_integer(n) AS format('{:,}', CAST(n AS BIGINT))`,
  `CREATE MACRO athena.athena_grouped(text) AS CASE WHEN text LIKE '-%' THEN '-' ELSE '' END
    || format('{:,}', TRY_CAST(ltrim(split_part(text, '.', 1), '-') AS BIGINT))
    || regexp_extract(text, '[.].*$')`,
  `CREATE MACRO athena.athena_pad_left(text, width) AS CASE WHEN length(text) < width THEN lpad(text, width, ' ') ELSE text END`,
  `CREATE MACRO athena.athena_pad_right(text, width) AS CASE WHEN length(text) < width THEN rpad(text, width, ' ') ELSE text END`,
  `CREATE MACRO athena.athena_pad_zeros(text, width) AS CASE WHEN length(text) >= width THEN text
    WHEN text LIKE '-%' THEN '-' || lpad(text[2:], width - 1, '0') ELSE lpad(text, width, '0') END`,
  `CREATE MACRO athena.athena_substr
    (text, start) AS CASE WHEN start = 0 OR start < -length(text) THEN CASE WHEN text IS NOT NULL THEN '' END
      ELSE system.main.substr(text, start) END,
    (text, start, size) AS CASE WHEN start = 0 OR start < -length(text) OR size <= 0 THEN CASE WHEN text IS NOT NULL THEN '' END
      ELSE system.main.substr(text, start, size) END`,
  `CREATE MACRO athena.split_part(text, delimiter, n) AS CASE
    WHEN n < 1 THEN ${formatFailure("'split_part: Athena counts from 1'")} WHEN n <= len(string_split(text, delimiter))
    THEN system.main.split_part(text, delimiter, n) END`,
  `CREATE MACRO athena.replace
    (text, old) AS system.main.replace(text, old, ''),
    (text, old, new) AS system.main.replace(text, old, new)`,
  `CREATE MACRO athena.codepoint(text) AS CASE WHEN length(text) = 1 THEN unicode(text)
    ELSE error('codepoint: the text has more than one character') END`,
  'CREATE MACRO athena.athena_regexp_split(text, pattern) AS regexp_split_to_array(text, pattern)',
  'CREATE MACRO athena.millisecond(t) AS system.main.millisecond(t) % 1000',
  'CREATE MACRO athena.athena_dates(list) AS list_transform(list, t -> CAST(t AS DATE))',
  'CREATE MACRO athena.element_at(list, key) AS list[key]',
  // Of one that is null, Athena gives null.
  `CREATE MACRO athena.athena_item(list, key) AS CASE WHEN list IS NULL OR key IS NULL OR list[key] IS NOT NULL
    THEN list[key] ELSE error('[ ]: the element is absent, or null; element_at gives null for both') END`,
  `CREATE MACRO athena.map_agg(key, value) AS
    map(list(key) FILTER (WHERE key IS NOT NULL), list(value) FILTER (WHERE key IS NOT NULL))`,
  'CREATE MACRO athena.array_position(list, x) AS coalesce(list_position(list, x), 0)',
  `CREATE MACRO athena.athena_array_sort(list) AS list_sort(list, 'ASC', 'NULLS LAST')`,
  `CREATE MACRO athena.array_join
    (list, delimiter) AS array_to_string(list_filter(list, x -> x IS NOT NULL), delimiter),
    (list, delimiter, absent) AS array_to_string(
      list_transform(list, x -> coalesce(TRY_CAST(x AS VARCHAR), absent)), delimiter)`,
  'CREATE MACRO athena.slice(list, start, size) AS list[start:start + size - 1]',
  // Of so few values Athena's estimate is exact, too.
  `CREATE MACRO athena.athena_sorted(x) AS list_sort(list(x) FILTER (WHERE x IS NOT NULL))`,
  `CREATE MACRO athena.approx_percentile(x, fraction) AS
    athena.athena_sorted(x)[CAST(least(floor(count(x) * CAST(fraction AS DOUBLE)) + 1, count(x)) AS BIGINT)]`,
];

const macrosByName: ReadonlyMap<string, string> = new Map(
  trinoMacros.map((macro) => [/^CREATE MACRO athena\.(\w+)/.exec(macro)?.[1] ?? '', macro]),
);

/** The names of the macros; the translation of a text calls them in their schema. */
export const macroNames: ReadonlySet<string> = new Set(macrosByName.keys());

/** The functions of Athena whose macros call a function of DuckDB. */
export function findMacrosThatCall(name: string): readonly string[] {
  const call = new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\(`);
  const found = [...macrosByName].filter(([, macro]) =>
    call.test(macro.split(' AS ').slice(1).join(' AS ')),
  );
  return found.flatMap(([macro]) =>
    macro === 'athena_substr' ? ['substr', 'substring'] : [macro.replace(/^athena_/, '')],
  );
}

/** The macros that a text calls in their schema, each after those that it calls itself, by name. */
export function findCalledMacros(sql: string): ReadonlyMap<string, string> {
  const called = new Map<string, string>();
  for (const [, name = ''] of sql.matchAll(/\bathena\."?(\w+)/g)) {
    const macro = macrosByName.get(name);
    if (macro === undefined || called.has(name)) continue;
    const body = macro.slice(macro.indexOf(name) + name.length);
    for (const [inner, definition] of findCalledMacros(body)) called.set(inner, definition);
    called.set(name, macro);
  }
  return called;
}
