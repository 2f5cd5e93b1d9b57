/**
 * The functions of Athena (Trino) that DuckDB lacks or spells another way, as DuckDB macros, so that
 * one text of SQL runs on both lakes. Source of the rules: Trino's documentation of its date and time
 * functions. `date_parse` is left out: DuckDB wants its format constant before a macro can translate
 * it, and a format read the wrong way would be wrong silently. `date_diff`, `date_trunc` and `BETWEEN` mean the same to both; CAST to a whole number rounds
 * halves to even here and away from zero there.
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
  ['%T', '%H:%M:%S'],
  ['%r', '%I:%M:%S %p'],
];

/** Stands in for `%%` while the specifiers are replaced. */
const PERCENT = 'chr(1)';

const translatedFormat = `replace(${FORMAT_SPECIFIERS.reduce(
  (sql, [trino, duckdb]) => `replace(${sql}, '${trino}', '${duckdb}')`,
  `replace(format, '%%', ${PERCENT})`,
)}, ${PERCENT}, '%%')`;

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

function intervalOf(units: readonly (readonly [unit: string, interval: string])[]): string {
  const cases = units.map(([unit, interval]) => `WHEN '${unit}' THEN ${interval}`).join(' ');
  return `CASE lower(unit) ${cases} ELSE error('date_add: unknown unit ' || unit) END`;
}

/** A day has no hours to add to, so Trino refuses these units there. */
const ofDays = intervalOf(UNITS_OF_DAYS);
const ofTime = intervalOf([...UNITS_OF_TIME, ...UNITS_OF_DAYS]);

/** Trino names a key with brackets where DuckDB wants a point: `$["a b"]` and `$."a b"`. */
const jsonPath = `regexp_replace(path, '\\["([^"]*)"\\]', '."\\1"', 'g')`;

export const athenaMacros: readonly string[] = [
  `CREATE MACRO trino_format(format) AS ${translatedFormat}`,
  'CREATE MACRO date_format(t, format) AS strftime(t, trino_format(format))',
  `CREATE MACRO date_add
    (unit VARCHAR, n BIGINT, t DATE) AS CAST(t + ${ofDays} AS DATE),
    (unit VARCHAR, n BIGINT, t TIMESTAMP) AS t + ${ofTime},
    (unit VARCHAR, n BIGINT, t TIMESTAMP WITH TIME ZONE) AS t + ${ofTime},
    (t, i) AS t + i`,
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  // A scalar or nothing: of a list or an object Trino gives null.
  `CREATE MACRO json_extract_scalar(json, path) AS CASE
    WHEN json_type(json, ${jsonPath}) IN ('ARRAY', 'OBJECT') THEN NULL
    ELSE json_extract_string(json, ${jsonPath}) END`,
  // Trino counts the whole units that have passed, as date_sub does; DuckDB's date_diff the borders.
  'CREATE MACRO date_diff(unit, a, b) AS date_sub(unit, a, b)',
  'CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)',
  'CREATE MACRO arbitrary(x) AS any_value(x)',
  'CREATE MACRO from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMP WITH TIME ZONE)',
  'CREATE MACRO from_iso8601_date(text) AS CAST(text AS DATE)',
];
