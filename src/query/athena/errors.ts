/**
 * Failures of Athena as errors of ours. Pure.
 */

import { findAccessFailure, getAwsErrorCode, isTransientError } from '../../aws/errors.ts';
import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import { type Table, tables } from '../../catalog/tables.ts';
import { PynvestError, QueryError } from '../../errors.ts';
import { findClosest } from '../../suggest.ts';

/** What an explanation names. */
export interface AthenaNames {
  readonly workGroup: string;
  nameOf(table: Table): string;
}

/** What went wrong, by how Athena or a service behind it says so; the first that fits is told. */
interface FailureRule {
  readonly pattern: RegExp;
  explain(
    groups: Readonly<Record<string, string | undefined>>,
    names: AthenaNames,
  ): { readonly message: string; readonly hint?: string };
}

const FAILURE_RULES: readonly FailureRule[] = [
  {
    pattern: /Bytes scanned limit was exceeded/i,
    explain: (_, { workGroup }) => ({
      message: `the query would read more than the workgroup ${workGroup} lets one read, so Athena stopped it`,
      hint: `Read less: a condition on ${PARTITION_COLUMN}, fewer days, fewer columns. \`pynvest deploy --parameter AthenaScanLimitBytes=N\` changes the limit.`,
    }),
  },
  {
    pattern: /line (?<line>\d+):\d+: Column '(?<column>[^']+)' cannot be resolved/,
    explain: ({ line, column = '' }) => ({
      message: `there is no column ${column} (line ${line})`,
      hint: getColumnHint(column),
    }),
  },
  {
    pattern: /line (?<line>\d+):\d+: Function '?(?<name>[^' ]+)'? not registered/,
    explain: ({ line, name }) => ({
      message: `Athena has no function ${name} (line ${line})`,
      hint: "Its SQL is Trino's: date_format, date_add, json_extract_scalar, regexp_like and so on.",
    }),
  },
  {
    pattern:
      /(?:line (?<line>\d+):\d+: )?(?:Table|Schema) '?(?<table>[^' ]+)'? (?:does not exist|not found)/i,
    explain: ({ line, table = '' }, names) => ({
      message: `there is no table ${table.replace(/^awsdatacatalog\./i, '')}${formatLine(line)}`,
      hint: getTableHint(table, names),
    }),
  },
  {
    pattern:
      /is not authorized to perform: (?<action>[\w:*]+)(?: on resource: (?<resource>\S+[^\s.,)]))?/,
    explain: ({ action, resource }) => ({
      message: `these AWS credentials may not do ${action}${resource ? ` on ${resource}` : ''}`,
      hint: 'Whoever runs your AWS account can allow it, in a policy of the user or role that asks.',
    }),
  },
  {
    pattern: /Insufficient permissions|Access ?Denied|Permission denied|Forbidden/i,
    explain: () => ({
      message: 'AWS denied Athena what these credentials asked it for',
      hint: "The query needs athena:StartQueryExecution and GetQueryResults, glue:GetTable and GetPartitions, s3:GetObject and ListBucket on the lake's buckets, and s3:PutObject on the bucket of results.",
    }),
  },
  {
    pattern: /WorkGroup .*(is )?not found|WorkGroup .*does not exist/i,
    explain: (_, { workGroup }) => ({
      message: `Athena has no workgroup ${workGroup}`,
      hint: '`pynvest deploy` makes it.',
    }),
  },
  {
    pattern: /WorkGroup.* disabled/i,
    explain: (_, { workGroup }) => ({
      message: `the workgroup ${workGroup} of Athena is disabled`,
      hint: `\`aws athena update-work-group --work-group ${workGroup} --state ENABLED\` enables it.`,
    }),
  },
  {
    pattern: /HIVE_[A-Z_]+: .*(NoSuchBucket|bucket does not exist)/,
    explain: () => ({
      message: 'a bucket of the lake is missing',
      hint: '`pynvest deploy` makes it, or takes the name of another.',
    }),
  },
  {
    pattern: /output bucket|output location|save your query results|writing to S3.*NoSuchBucket/i,
    explain: () => ({
      message: 'the bucket for the results of Athena is missing, or not to be written',
      hint: '`pynvest deploy` makes it.',
    }),
  },
  {
    pattern: /HIVE_[A-Z_]+: .*(NoSuchKey|does not exist|not found)/,
    explain: () => ({
      message: 'a file of the lake went away while Athena read it',
      hint: 'A run replaces files: ask again when it has ended.',
    }),
  },
  {
    pattern: /(?<code>HIVE_[A-Z_]+): (?<detail>[^\n]*)/,
    explain: ({ code, detail = '' }) => ({
      message: `Athena cannot read the lake: ${detail} (${code})`,
      hint: '`pynvest doctor --target aws` looks for what is wrong with it.',
    }),
  },
  {
    pattern: /exhausted resources|EXCEEDED_[A-Z_]*LIMIT|Query timeout/i,
    explain: () => ({
      message: 'the query is too much for Athena',
      hint: 'Ask for less at a time: fewer days, fewer columns, a smaller join.',
    }),
  },
  {
    pattern: /line (?<line>\d+):\d+: (?<what>(?:mismatched|extraneous|missing|no viable)[^\n]*)/,
    explain: ({ line, what = '' }) => ({
      message: `syntax error in line ${line}: ${what.replace(/\.? Expecting:.*/, '')}`,
    }),
  },
];

/** The first cause of a query that Athena gave up. */
export function toQueryError(reason: string, names: AthenaNames, cause?: unknown): QueryError {
  for (const { pattern, explain: tell } of FAILURE_RULES) {
    const found = pattern.exec(reason);
    if (found === null) continue;
    const { message, hint } = tell(found.groups ?? {}, names);
    return new QueryError(message, { hint, cause: cause ?? reason });
  }
  return new QueryError(summarizeReason(reason), { cause: cause ?? reason });
}

/** Runs `work`; an error of AWS that it throws becomes a QueryError. */
export async function withAthenaErrors<T>(names: AthenaNames, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toCallError(error, names);
  }
}

function toCallError(error: unknown, names: AthenaNames): unknown {
  if (!(error instanceof Error) || error instanceof PynvestError) return error;
  const failure = findAccessFailure(error);
  if (failure?.kind.endsWith('-credentials')) {
    return new QueryError(failure.message, { hint: failure.hint, cause: error });
  }
  if (getAwsErrorCode(error) === undefined) return error;
  if (isTransientError(error)) {
    return new QueryError(`Athena does not answer: ${error.message || error.name}`, {
      hint: 'It may be busy, or the network down: run the query again in a while.',
      cause: error,
    });
  }
  // What Athena was denied is in its message, often for a service behind it.
  return toQueryError(error.message || error.name, names, error);
}

function getColumnHint(column: string): string {
  const typed = column.split('.').at(-1) ?? column;
  const known = [...new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => name)))];
  const near = findClosest(typed, [...known, PARTITION_COLUMN]);
  if (near !== undefined && near !== typed) return `Did you mean ${near}?`;
  return '`pynvest columns` lists the columns of the tables.';
}

function getTableHint(table: string, { nameOf }: AthenaNames): string {
  const typed = table.split('.').at(-1) ?? table;
  const near = findClosest(
    typed,
    tables.map(({ name }) => name),
  );
  const found = tables.find(({ name }) => name === near);
  return found === undefined
    ? `The tables: ${tables.map(nameOf).join(', ')}.`
    : `Did you mean ${nameOf(found)}?`;
}

function formatLine(line: string | undefined): string {
  return line === undefined ? '' : ` (line ${line})`;
}

/** The first line, without what Athena says of its forum, and the engine's name of the error in words. */
function summarizeReason(reason: string): string {
  const [first = ''] = reason.split('\n');
  const told = first.replace(/\s*This query ran against the .*$/, '').trim();
  const place = /^([A-Z_]+): line (\d+):\d+: (.*)$/.exec(told);
  if (place !== null) return `${place[3]} (line ${place[2]})`;
  return told.replace(/^[A-Z_]+: /, '') || 'Athena gave the query up without a reason';
}
