/**
 * The functions of Athena (Trino) that DuckDB lacks, or has under another name or with another meaning, as DuckDB
 * macros, so that one text of SQL gives the same result on both lakes. Overloads that only DuckDB has (more
 * parameters, other types) are not changed. Source of the rules: Trino's documentation of its functions. `date_parse`
 * is left out: DuckDB requires its format to be constant before a macro could translate it, and a misread format
 * would give wrong dates silently. `concat`, `greatest` and `least` take at most 30 parameters. The README lists the
 * differences that no macro can remove: CAST of a double to a whole number or a text, division by zero, a day plus an
 * interval, `split_part`.
 */

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

/** Stands in for `%%` while the specifiers are replaced. */
const PERCENT = 'chr(1)';

const translatedFormat = `replace(${FORMAT_SPECIFIERS.reduce(
  (sql, [trino, duckdb]) => `replace(${sql}, '${trino}', '${duckdb}')`,
  `replace(format, '%%', ${PERCENT})`,
)}, ${PERCENT}, '%%')`;

const REFUSED_SPECIFIERS = "'%[DUuVwX]'";

const dateFormat = `CASE WHEN regexp_matches(replace(format, '%%', ''), ${REFUSED_SPECIFIERS})
  THEN error('date_format: Athena does not know ' || regexp_extract(replace(format, '%%', ''), ${REFUSED_SPECIFIERS}))
  ELSE strftime(t, trino_format(format)) END`;

const UNITS_OF_TIME: readonly (readonly [unit: string, interval: string])[] = [
  ['millisecond', 'to_milliseconds(n)'],
  ['second', 'to_seconds(n)'],
  ['minute', 'to_minutes(n)'],
  ['hour', 'to_hours(n)'],
];
const UNITS_OF_DAYS: readonly (readonly [unit: string, interval: string])[] = [
  ['day', 'to_days(n::INTEGER)'],
  ['week', 'to_weeks(n::INTEGER)'],
  ['month', 'to_months(n::INTEGER)'],
  ['quarter', 'to_months(3 * n::INTEGER)'],
  ['year', 'to_years(n::INTEGER)'],
];

function formatInterval(units: readonly (readonly [unit: string, interval: string])[]): string {
  const cases = units.map(([unit, interval]) => `WHEN '${unit}' THEN ${interval}`).join(' ');
  return `CASE lower(unit) ${cases} ELSE error('date_add: unknown unit ' || unit) END`;
}

/** Trino refuses units shorter than a day for a date. */
const dateInterval = formatInterval(UNITS_OF_DAYS);
const timestampInterval = formatInterval([...UNITS_OF_TIME, ...UNITS_OF_DAYS]);

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
  return `CREATE MACRO ${name}${overloads.join(', ')}`;
}

/** DuckDB requires options to be constant, so a macro cannot pass them on; they become part of the pattern. */
const patternWithOptions = `CASE WHEN contains(options, 'i') THEN '(?i)' ELSE '' END
  || CASE WHEN contains(options, 's') THEN '(?s)' ELSE '' END
  || CASE WHEN contains(options, 'l') THEN regexp_escape(pattern) ELSE pattern END`;

/** Trino writes a group as $1, DuckDB as \1. */
const trinoReplacement = `system.main.regexp_replace(replacement, '\\$(\\d)', '\\\\\\1', 'g')`;

/** In Trino, Monday is the 1st day of the week and Sunday the 7th. */
const trinoPart = `CASE lower(part) WHEN 'dow' THEN 'isodow' WHEN 'day_of_week' THEN 'isodow'
  WHEN 'day_of_year' THEN 'doy' WHEN 'yow' THEN 'isoyear' WHEN 'year_of_week' THEN 'isoyear'
  ELSE part END`;

export const trinoMacros: readonly string[] = [
  `CREATE MACRO trino_format(format) AS ${translatedFormat}`,
  `CREATE MACRO date_format(t, format) AS ${dateFormat}`,
  `CREATE MACRO date_add
    (unit VARCHAR, n BIGINT, t DATE) AS CAST(t + ${dateInterval} AS DATE),
    (unit VARCHAR, n BIGINT, t TIMESTAMP) AS t + ${timestampInterval},
    (unit VARCHAR, n BIGINT, t TIMESTAMP WITH TIME ZONE) AS t + ${timestampInterval},
    (t, i) AS t + i`,
  `CREATE MACRO date_trunc
    (unit, t DATE) AS CAST(system.main.date_trunc(unit, t) AS DATE),
    (unit, t TIMESTAMP) AS system.main.date_trunc(unit, t),
    (unit, t TIMESTAMP WITH TIME ZONE) AS system.main.date_trunc(unit, t),
    (unit, t INTERVAL) AS system.main.date_trunc(unit, t)`,
  // EXTRACT calls it.
  `CREATE MACRO date_part
    (part VARCHAR, t) AS system.main.date_part(${trinoPart}, t),
    (parts VARCHAR[], t) AS system.main.date_part(parts, t)`,
  'CREATE MACRO day_of_week(t) AS isodow(t)',
  ...['concat', 'greatest', 'least'].map(createStrictMacro),
  `CREATE MACRO regexp_replace
    (text, pattern) AS system.main.regexp_replace(text, pattern, '', 'g'),
    (text, pattern, replacement) AS system.main.regexp_replace(text, pattern, ${trinoReplacement}, 'g'),
    (text, pattern, replacement, options) AS CASE WHEN contains(options, 'g')
      THEN system.main.regexp_replace(text, ${patternWithOptions}, replacement, 'g')
      ELSE system.main.regexp_replace(text, ${patternWithOptions}, replacement) END`,
  `CREATE MACRO regexp_extract
    (text, pattern) AS CASE WHEN regexp_matches(text, pattern)
      THEN system.main.regexp_extract(text, pattern) END,
    (text, pattern, part) AS CASE WHEN regexp_matches(text, pattern)
      THEN system.main.regexp_extract(text, pattern, part) END,
    (text, pattern, part, options) AS system.main.regexp_extract(text, ${patternWithOptions}, part)`,
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  // In Trino it is null for a list or an object.
  `CREATE MACRO json_extract_scalar(json, path) AS CASE
    WHEN json_type(json, ${jsonPath}) IN ('ARRAY', 'OBJECT') THEN NULL
    ELSE json_extract_string(json, ${jsonPath}) END`,
  // Trino counts complete units, as date_sub does; DuckDB's date_diff counts the boundaries crossed.
  'CREATE MACRO date_diff(unit, a, b) AS date_sub(unit, a, b)',
  'CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)',
  'CREATE MACRO arbitrary(x) AS any_value(x)',
  'CREATE MACRO from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMP WITH TIME ZONE)',
  'CREATE MACRO from_iso8601_date(text) AS CAST(text AS DATE)',
];
