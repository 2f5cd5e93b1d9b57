/**
 * The Glue catalog: databases, tables and partitions.
 */
import {
  CreateDatabaseCommand,
  CreatePartitionCommand,
  CreateTableCommand,
  type DatabaseInput,
  DeleteDatabaseCommand,
  DeletePartitionCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetPartitionCommand,
  GetTableCommand,
  type GlueClient,
  type Partition,
  type PartitionInput,
  paginateGetPartitions,
  paginateGetTables,
  type Table,
  type TableInput,
  UpdatePartitionCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { getAwsErrorCode } from './errors.ts';

/** A session, or anything else that has a client of Glue. */
export interface GlueAccess {
  readonly glue: GlueClient;
}

export interface GlueTableName {
  readonly database: string;
  readonly name: string;
}

export type GlueTable = Table;
export type GlueTableInput = TableInput;
export type GluePartition = Partition;
type GluePartitionInput = PartitionInput;

export async function databaseExists({ glue }: GlueAccess, name: string): Promise<boolean> {
  const answer = await ignoreNotFound(() => glue.send(new GetDatabaseCommand({ Name: name })));
  return answer !== undefined;
}

export async function createDatabase({ glue }: GlueAccess, input: DatabaseInput): Promise<void> {
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: input }));
}

/** Deletes a database; one that does not exist is no error. */
export async function deleteDatabase({ glue }: GlueAccess, name: string): Promise<void> {
  await ignoreNotFound(() => glue.send(new DeleteDatabaseCommand({ Name: name })));
}

export async function listTableNames({ glue }: GlueAccess, database: string): Promise<string[]> {
  const names: string[] = [];
  const pages = paginateGetTables({ client: glue }, { DatabaseName: database });
  for await (const { TableList = [] } of pages) {
    for (const { Name } of TableList) if (Name !== undefined) names.push(Name);
  }
  return names;
}

/** Rejects, as Glue does, where there is no such table. */
export async function getTable(
  { glue }: GlueAccess,
  { database, name }: GlueTableName,
): Promise<GlueTable | undefined> {
  const answer = await glue.send(new GetTableCommand({ DatabaseName: database, Name: name }));
  return answer.Table;
}

/** A table, or undefined where there is none of that name. */
export function findTable(
  access: GlueAccess,
  table: GlueTableName,
): Promise<GlueTable | undefined> {
  return ignoreNotFound(() => getTable(access, table));
}

export async function createTable(
  { glue }: GlueAccess,
  database: string,
  input: GlueTableInput,
): Promise<void> {
  await glue.send(new CreateTableCommand({ DatabaseName: database, TableInput: input }));
}

/** @param versionId the version that the input was made from: Glue rejects the update of another one */
export async function updateTable(
  { glue }: GlueAccess,
  database: string,
  input: GlueTableInput,
  versionId?: string,
): Promise<void> {
  await glue.send(
    new UpdateTableCommand({ DatabaseName: database, TableInput: input, VersionId: versionId }),
  );
}

/** Deletes a table; one that does not exist is no error. */
export async function deleteTable(
  { glue }: GlueAccess,
  { database, name }: GlueTableName,
): Promise<void> {
  await ignoreNotFound(() =>
    glue.send(new DeleteTableCommand({ DatabaseName: database, Name: name })),
  );
}

/** The partitions of a table, without their columns. */
export async function* listPartitions(
  { glue }: GlueAccess,
  table: GlueTableName,
): AsyncGenerator<GluePartition> {
  const request = { ...formatTableName(table), ExcludeColumnSchema: true };
  for await (const { Partitions = [] } of paginateGetPartitions({ client: glue }, request)) {
    yield* Partitions;
  }
}

/** A partition by its key; undefined where the table lacks it, or there is no such table. */
export async function findPartition(
  { glue }: GlueAccess,
  table: GlueTableName,
  key: string,
): Promise<GluePartition | undefined> {
  const answer = await ignoreNotFound(() =>
    glue.send(new GetPartitionCommand({ ...formatTableName(table), PartitionValues: [key] })),
  );
  return answer?.Partition;
}

/** Creates a partition; one that exists already is left as it is. */
export async function createPartition(
  { glue }: GlueAccess,
  table: GlueTableName,
  input: GluePartitionInput,
): Promise<void> {
  try {
    await glue.send(
      new CreatePartitionCommand({ ...formatTableName(table), PartitionInput: input }),
    );
  } catch (error) {
    if (getAwsErrorCode(error) !== 'AlreadyExistsException') throw error;
  }
}

/**
 * Replaces a partition's entry: what the input leaves out is lost.
 * @returns false where the partition does not exist
 */
export async function updatePartition(
  { glue }: GlueAccess,
  table: GlueTableName,
  input: GluePartitionInput,
): Promise<boolean> {
  const answer = await ignoreNotFound(() =>
    glue.send(
      new UpdatePartitionCommand({
        ...formatTableName(table),
        PartitionValueList: input.Values,
        PartitionInput: input,
      }),
    ),
  );
  return answer !== undefined;
}

/** Deletes a partition; one that does not exist, in a table that may not either, is no error. */
export async function deletePartition(
  { glue }: GlueAccess,
  table: GlueTableName,
  key: string,
): Promise<void> {
  await ignoreNotFound(() =>
    glue.send(new DeletePartitionCommand({ ...formatTableName(table), PartitionValues: [key] })),
  );
}

function formatTableName({ database, name }: GlueTableName): {
  DatabaseName: string;
  TableName: string;
} {
  return { DatabaseName: database, TableName: name };
}

async function ignoreNotFound<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (getAwsErrorCode(error) === 'EntityNotFoundException') return undefined;
    throw error;
  }
}
