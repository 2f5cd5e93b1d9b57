/**
 * Errors of Athena as errors of pynvest. Pure.
 */

import { findAccessFailure, getAwsErrorCode, isTransientError } from '../../aws/errors.ts';
import type { Table } from '../../catalog/dataset.ts';
import { tables } from '../../catalog/datasets.ts';
import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import { PynvestError, QueryError } from '../../errors.ts';
import { describeTables } from '../named-views.ts';
import { suggestColumns } from '../unknown-column.ts';

/** The names that messages use. */
export interface AthenaNames {
  readonly workGroup: string;
  /** The tables that the statement reads. */
  readonly readTables?: readonly Table[];
  nameOf(table: Table): string;
}

/** The explanation of a failure, by the text of Athena or of a service behind it; the first match is used. */
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
      message: `Athena stopped the query: it would read more than the limit of the workgroup ${workGroup}`,
      hint: `Read less: a condition on ${PARTITION_COLUMN}, fewer days, fewer columns. \`pynvest deploy --parameter AthenaScanLimitBytes=N\` changes the limit.`,
    }),
  },
  {
    pattern: /line (?<line>\d+):\d+: Column '(?<column>[^']+)' cannot be resolved/,
    explain: ({ line, column = '' }, { readTables }) => ({
      message: `there is no column ${column} (line ${line})`,
      hint: getColumnHint(column, readTables),
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
      message: `these AWS credentials do not allow ${action}${resource ? ` on ${resource}` : ''}`,
      hint: 'The administrator of your AWS account can allow it, in a policy of the user or role.',
    }),
  },
  {
    pattern: /Insufficient permissions|Access ?Denied|Permission denied|Forbidden/i,
    explain: () => ({
      message: 'AWS denied Athena access with these credentials',
      hint: "The query needs athena:StartQueryExecution and GetQueryResults, glue:GetTable and GetPartitions, s3:GetObject and ListBucket on the lake's buckets, and s3:PutObject on the bucket of results.",
    }),
  },
  {
    pattern: /WorkGroup .*(is )?not found|WorkGroup .*does not exist/i,
    explain: (_, { workGroup }) => ({
      message: `Athena has no workgroup ${workGroup}`,
      hint: '`pynvest deploy` creates it.',
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
      hint: '`pynvest deploy` creates it, or takes the name of another.',
    }),
  },
  {
    pattern: /output bucket|output location|save your query results|writing to S3.*NoSuchBucket/i,
    explain: () => ({
      message: 'the bucket for the results of Athena is missing or not writable',
      hint: '`pynvest deploy` creates it.',
    }),
  },
  {
    pattern: /HIVE_[A-Z_]+: .*(NoSuchKey|does not exist|not found)/,
    explain: () => ({
      message: 'a file of the lake was replaced while Athena read it',
      hint: 'A run replaces files: run the query again when it has ended.',
    }),
  },
  {
    pattern: /(?<code>HIVE_[A-Z_]+): (?<detail>[^\n]*)/,
    explain: ({ code, detail = '' }) => ({
      message: `Athena cannot read the lake: ${detail} (${code})`,
      hint: '`pynvest doctor --target aws` finds the cause.',
    }),
  },
  {
    pattern: /exhausted resources|EXCEEDED_[A-Z_]*LIMIT|Query timeout/i,
    explain: () => ({
      message: 'the query exceeds the resources of Athena',
      hint: 'Query less at a time: fewer days, fewer columns, a smaller join.',
    }),
  },
  {
    pattern: /line (?<line>\d+):\d+: (?<what>(?:mismatched|extraneous|missing|no viable)[^\n]*)/,
    explain: ({ line, what = '' }) => ({
      message: `syntax error in line ${line}: ${what.replace(/\.? Expecting:.*/, '')}`,
    }),
  },
];

/** The error for a query that failed, by the reason that Athena gives. */
export function toQueryError(reason: string, names: AthenaNames, cause?: unknown): QueryError {
  for (const { pattern, explain } of FAILURE_RULES) {
    const found = pattern.exec(reason);
    if (found === null) continue;
    const { message, hint } = explain(found.groups ?? {}, names);
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

/** @param readTables without them, all are looked at */
function getColumnHint(column: string, readTables: readonly Table[] = tables): string {
  const near = suggestColumns(column, readTables.length > 0 ? readTables : tables);
  return near.length > 0
    ? `Did you mean ${near.join(', ')}?`
    : '`pynvest columns` lists the columns of the tables.';
}

function getTableHint(table: string, { nameOf }: AthenaNames): string {
  return describeTables(table, tables.map(nameOf));
}

function formatLine(line: string | undefined): string {
  return line === undefined ? '' : ` (line ${line})`;
}

/** The first line, without the code of the error and the reference to Athena's forum. */
function summarizeReason(reason: string): string {
  const [first = ''] = reason.split('\n');
  const text = first.replace(/\s*This query ran against the .*$/, '').trim();
  const place = /^([A-Z_]+): line (\d+):\d+: (.*)$/.exec(text);
  if (place !== null) return `${place[3]} (line ${place[2]})`;
  return text.replace(/^[A-Z_]+: /, '') || 'the query failed; Athena gave no reason';
}
