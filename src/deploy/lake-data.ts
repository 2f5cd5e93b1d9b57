/**
 * The lake's data in AWS: where it is, how much there is, and its deletion.
 */
import {
  type BucketContents,
  deleteBucket,
  getBucketState,
  readBucketContents,
} from '../aws/buckets.ts';
import {
  databaseExists,
  deleteDatabase,
  deleteTable,
  findTable,
  listPartitions,
  listTableNames,
} from '../aws/glue.ts';
import type { AwsSession } from '../aws/session.ts';
import type { Host } from '../host.ts';
import { formatQuantity } from '../text.ts';
import { evaluateTable, getDefaultName, getPhysicalName, type Scope } from './intrinsics.ts';
import { hasSameLocation } from './retained-resources.ts';
import type { TemplateResource } from './template.ts';

interface DataBucket {
  readonly name: string;
  readonly contents: BucketContents;
  /** Whether this stack, or an earlier one of the same names, created it; any other is never deleted. */
  readonly isOwn: boolean;
}

interface DataTable {
  readonly database: string;
  readonly name: string;
  readonly partitions: number;
}

interface DataDatabase {
  readonly name: string;
  readonly isOwn: boolean;
  /** Tables that are not the lake's: a database with any is never deleted. */
  readonly otherTables: readonly string[];
}

export interface LakeData {
  readonly buckets: readonly DataBucket[];
  readonly tables: readonly DataTable[];
  readonly databases: readonly DataDatabase[];
}

/**
 * The existing data among the resources of the template.
 * @param inStack the physical names of the stack's resources by their logical IDs
 */
export async function findLakeData(
  aws: AwsSession,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
): Promise<LakeData> {
  const tables = await findTables(aws, scope);
  return {
    buckets: await findBuckets(aws, scope, inStack),
    tables,
    databases: await findDatabases(aws, scope, inStack, tables),
  };
}

export function isLakeDataEmpty({ buckets, tables, databases }: LakeData): boolean {
  return buckets.length + tables.length + databases.length === 0;
}

/** The resources of a type that are retained when the stack is deleted, each name once. */
function getRetainedByName(scope: Scope, type: string): Map<string, TemplateResource> {
  const byName = new Map<string, TemplateResource>();
  for (const resource of scope.template.resources.values()) {
    const name = getPhysicalName(resource, scope);
    if (resource.type !== type || !resource.retainOnDelete || name === undefined) continue;
    if (!byName.has(name)) byName.set(name, resource);
  }
  return byName;
}

async function findBuckets(
  aws: AwsSession,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
): Promise<DataBucket[]> {
  const buckets: DataBucket[] = [];
  for (const [name, resource] of getRetainedByName(scope, 'AWS::S3::Bucket')) {
    if ((await getBucketState(aws, name)) !== 'ours') continue;
    const contents = await readBucketContents(aws, name);
    // Created by this stack, or with a default name: then an earlier stack left it.
    const isOwn = [...inStack.values()].includes(name) || getDefaultName(resource, scope) === name;
    buckets.push({ name, contents, isOwn });
  }
  return buckets;
}

async function findTables(aws: AwsSession, scope: Scope): Promise<DataTable[]> {
  const tables: DataTable[] = [];
  for (const [name, resource] of getRetainedByName(scope, 'AWS::Glue::Table')) {
    const planned = evaluateTable(resource, scope);
    const { database } = planned;
    const table = await findTable(aws, planned);
    if (table === undefined || !hasSameLocation(table, planned)) continue;
    let partitions = 0;
    for await (const _ of listPartitions(aws, planned)) partitions += 1;
    tables.push({ database, name, partitions });
  }
  return tables;
}

async function findDatabases(
  aws: AwsSession,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
  tables: readonly DataTable[],
): Promise<DataDatabase[]> {
  const databases: DataDatabase[] = [];
  for (const [name, { id }] of getRetainedByName(scope, 'AWS::Glue::Database')) {
    if (!(await databaseExists(aws, name))) continue;
    const lakeTables = new Set(tables.flatMap((each) => (each.database === name ? each.name : [])));
    const otherTables = (await listTableNames(aws, name)).filter((table) => !lakeTables.has(table));
    const defaultName = scope.template.parameters.get(`${id}Name`)?.defaultValue;
    const isOwn = [...inStack.values()].includes(name) || defaultName === name;
    databases.push({ name, isOwn, otherTables });
  }
  return databases;
}

/** Deletes the lake's own data. The catalog is deleted first: no query then finds a table without files. */
export async function deleteLakeData(
  host: Host,
  aws: AwsSession,
  { buckets, tables, databases }: LakeData,
): Promise<void> {
  for (const { database, name } of tables) {
    await deleteTable(aws, { database, name });
    host.notice(`Deleted the table ${database}.${name}`);
  }
  for (const { name, isOwn, otherTables } of databases) {
    if (!isOwn || otherTables.length > 0) continue;
    await deleteDatabase(aws, name);
    host.notice(`Deleted the database ${name}`);
  }
  for (const { name, isOwn } of buckets) {
    if (!isOwn) continue;
    host.notice(`Emptying the bucket ${name}`);
    await deleteBucket(aws, name);
    host.notice(`Deleted the bucket ${name}`);
  }
}

/** One line for each bucket, table and database. Pure. */
export function formatLakeData(
  { buckets, tables, databases }: LakeData,
  isDeletion: boolean,
): string[] {
  const kept = isDeletion ? ' — kept: this stack did not create it' : '';
  return [
    ...buckets.map(({ name, contents, isOwn }) => {
      const older =
        contents.versions > 0 ? `, ${formatQuantity(contents.versions, 'older version')}` : '';
      const size = formatSize(contents.bytes);
      return `bucket ${name}: ${formatQuantity(contents.objects, 'object')}${older}, ${size}${isOwn ? '' : kept}`;
    }),
    ...tables.map(({ database, name, partitions }) => {
      return `table ${database}.${name}: ${formatQuantity(partitions, 'partition')}`;
    }),
    ...databases.map(({ name, isOwn, otherTables }) => {
      if (!isOwn) return `database ${name}${kept}`;
      if (otherTables.length === 0 || !isDeletion) return `database ${name}`;
      return `database ${name} — kept: it has other tables (${otherTables.join(', ')})`;
    }),
  ];
}

function formatSize(bytes: number): string {
  if (bytes < 1000) return formatQuantity(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}
