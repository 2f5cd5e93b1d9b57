/** The lake's data in AWS: where it is, how much it is, and removing it. */
import {
  DeleteDatabaseCommand,
  DeleteTableCommand,
  paginateGetPartitions,
  paginateGetTables,
} from '@aws-sdk/client-glue';
import { counted } from '../counted.ts';
import type { Aws } from './aws.ts';
import { type BucketContents, bucketContents, removeBucket } from './bucket-contents.ts';
import { bucketState } from './buckets.ts';
import { findTable, found, isDatabaseThere, plannedTable, readsPlanned } from './glue.ts';
import type { DeployHost } from './host.ts';
import { physicalName, type Scope, usualName } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

export interface DataBucket {
  readonly name: string;
  readonly contents: BucketContents;
  /** Whether this stack, or one of the same names before it, made it; any other stays, whatever is asked. */
  readonly isOurs: boolean;
}

export interface DataTable {
  readonly database: string;
  readonly name: string;
  readonly partitions: number;
}

export interface DataDatabase {
  readonly name: string;
  readonly isOurs: boolean;
  /** Tables that are none of the lake's, for whose sake it stays. */
  readonly otherTables: readonly string[];
}

export interface Data {
  readonly buckets: readonly DataBucket[];
  readonly tables: readonly DataTable[];
  readonly databases: readonly DataDatabase[];
}

/**
 * What there is of the data that the template speaks of.
 * @param inStack the names of the stack's resources by their names in the template
 */
export async function findData(
  aws: Aws,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
): Promise<Data> {
  const tables = await findTables(aws, scope);
  return {
    buckets: await findBuckets(aws, scope, inStack),
    tables,
    databases: await findDatabases(aws, scope, inStack, tables),
  };
}

export function isEmpty({ buckets, tables, databases }: Data): boolean {
  return buckets.length + tables.length + databases.length === 0;
}

/** The resources of a type that outlive the stack, each name once. */
function keptOf(scope: Scope, type: string): Map<string, TemplateResource> {
  const byName = new Map<string, TemplateResource>();
  for (const resource of scope.template.resources.values()) {
    const name = physicalName(resource, scope);
    if (resource.type !== type || !resource.keptOnDelete || name === undefined) continue;
    if (!byName.has(name)) byName.set(name, resource);
  }
  return byName;
}

async function findBuckets(
  aws: Aws,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
): Promise<DataBucket[]> {
  const buckets: DataBucket[] = [];
  for (const [name, resource] of keptOf(scope, 'AWS::S3::Bucket')) {
    if ((await bucketState(aws, name)) !== 'ours') continue;
    const contents = await bucketContents(aws, name);
    // Made by this stack, or of the name that one takes by itself: left by an earlier stack.
    const isOurs = [...inStack.values()].includes(name) || usualName(resource, scope) === name;
    buckets.push({ name, contents, isOurs });
  }
  return buckets;
}

async function findTables(aws: Aws, scope: Scope): Promise<DataTable[]> {
  const tables: DataTable[] = [];
  for (const [name, resource] of keptOf(scope, 'AWS::Glue::Table')) {
    const planned = plannedTable(resource, scope);
    const { database } = planned;
    const table = await findTable(aws, planned);
    if (table === undefined || !readsPlanned(table, planned)) continue;
    let partitions = 0;
    const pages = paginateGetPartitions(
      { client: aws.glue },
      { DatabaseName: database, TableName: name, ExcludeColumnSchema: true },
    );
    for await (const { Partitions = [] } of pages) partitions += Partitions.length;
    tables.push({ database, name, partitions });
  }
  return tables;
}

async function findDatabases(
  aws: Aws,
  scope: Scope,
  inStack: ReadonlyMap<string, string>,
  tables: readonly DataTable[],
): Promise<DataDatabase[]> {
  const databases: DataDatabase[] = [];
  for (const [name, { id }] of keptOf(scope, 'AWS::Glue::Database')) {
    if (!(await isDatabaseThere(aws, name))) continue;
    const otherTables: string[] = [];
    for await (const { TableList = [] } of paginateGetTables(
      { client: aws.glue },
      { DatabaseName: name },
    )) {
      for (const { Name = '' } of TableList) {
        const isTheLakes = tables.some((table) => table.database === name && table.name === Name);
        if (!isTheLakes) otherTables.push(Name);
      }
    }
    const usual = scope.template.parameters.get(`${id}Name`)?.defaultValue;
    const isOurs = [...inStack.values()].includes(name) || usual === name;
    databases.push({ name, isOurs, otherTables });
  }
  return databases;
}

/** Removes what is ours of it. The catalog goes first: no query then meets a table without files. */
export async function removeData(
  host: DeployHost,
  aws: Aws,
  { buckets, tables, databases }: Data,
): Promise<void> {
  const { glue } = aws;
  for (const { database, name } of tables) {
    await found(() => glue.send(new DeleteTableCommand({ DatabaseName: database, Name: name })));
    host.notice(`Removed the table ${database}.${name}`);
  }
  for (const { name, isOurs, otherTables } of databases) {
    if (!isOurs || otherTables.length > 0) continue;
    await found(() => glue.send(new DeleteDatabaseCommand({ Name: name })));
    host.notice(`Removed the database ${name}`);
  }
  for (const { name, isOurs } of buckets) {
    if (!isOurs) continue;
    host.notice(`Emptying the bucket ${name}`);
    await removeBucket(aws, name);
    host.notice(`Removed the bucket ${name}`);
  }
}

/** What there is, a line each. Pure. */
export function dataLines({ buckets, tables, databases }: Data, deleted: boolean): string[] {
  const stays = deleted ? ' — stays: this stack did not make it' : '';
  return [
    ...buckets.map(({ name, contents, isOurs }) => {
      const older = contents.versions > 0 ? `, ${counted(contents.versions, 'older version')}` : '';
      const size = sizeText(contents.bytes);
      return `bucket ${name}: ${counted(contents.objects, 'object')}${older}, ${size}${isOurs ? '' : stays}`;
    }),
    ...tables.map(({ database, name, partitions }) => {
      return `table ${database}.${name}: ${counted(partitions, 'partition')}`;
    }),
    ...databases.map(({ name, isOurs, otherTables }) => {
      if (!isOurs) return `database ${name}${stays}`;
      if (otherTables.length === 0 || !deleted) return `database ${name}`;
      return `database ${name} — stays: it has other tables (${otherTables.join(', ')})`;
    }),
  ];
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}
