/**
 * The functions of Athena (Trino) that DuckDB lacks or spells another way, as DuckDB macros, so that
 * one text of SQL runs on both lakes. Source of the rules: Trino's documentation of its date and time
 * functions. `date_parse` is left out: DuckDB wants its format constant before a macro can translate
 * it, and a format read the wrong way would be wrong silently. `date_diff`, `date_trunc`, `CAST` and `BETWEEN` mean the same to both.
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

const interval = `CASE lower(unit)
  WHEN 'millisecond' THEN to_milliseconds(n)
  WHEN 'second' THEN to_seconds(n)
  WHEN 'minute' THEN to_minutes(n)
  WHEN 'hour' THEN to_hours(n)
  WHEN 'day' THEN to_days(n::INTEGER)
  WHEN 'week' THEN to_weeks(n::INTEGER)
  WHEN 'month' THEN to_months(n::INTEGER)
  WHEN 'quarter' THEN to_months(3 * n::INTEGER)
  WHEN 'year' THEN to_years(n::INTEGER)
  ELSE error('date_add: unknown unit ' || unit)
END`;

export const athenaMacros: readonly string[] = [
  `CREATE MACRO trino_format(format) AS ${translatedFormat}`,
  'CREATE MACRO date_format(t, format) AS strftime(t, trino_format(format))',
  `CREATE MACRO date_add
    (unit VARCHAR, n BIGINT, t DATE) AS CAST(t + ${interval} AS DATE),
    (unit VARCHAR, n BIGINT, t TIMESTAMP) AS t + ${interval},
    (unit VARCHAR, n BIGINT, t TIMESTAMP WITH TIME ZONE) AS t + ${interval},
    (t, i) AS t + i`,
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  'CREATE MACRO json_extract_scalar(json, path) AS json_extract_string(json, path)',
  'CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)',
  'CREATE MACRO arbitrary(x) AS any_value(x)',
  'CREATE MACRO from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMP WITH TIME ZONE)',
  'CREATE MACRO from_iso8601_date(text) AS CAST(text AS DATE)',
];
