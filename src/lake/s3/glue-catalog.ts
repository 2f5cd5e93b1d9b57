/**
 * The lake's tables and partitions in the Glue catalog, by which Athena reads them.
 */
import {
  type Column,
  CreatePartitionCommand,
  DeletePartitionCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  type GlueClient,
  type Partition as GluePartition,
  type Table as GlueTable,
  paginateGetPartitions,
  type StorageDescriptor,
  type TableInput,
  UpdatePartitionCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { createLakeError, getAwsErrorCode } from '../../aws/errors.ts';
import { PARTITION_COLUMN, type Partition, parsePartitionValue } from '../../catalog/partition.ts';
import type { ByLayer, Table } from '../../catalog/tables.ts';
import type { CatalogColumn, CatalogPartition, LakeCatalog } from '../inspector.ts';
import { formatPartitionPrefix, formatS3Uri } from './layout.ts';

export class GluePartitions {
  readonly #glue: GlueClient;
  readonly #databases: ByLayer;
  readonly #buckets: ByLayer;

  constructor(glue: GlueClient, databases: ByLayer, buckets: ByLayer) {
    this.#glue = glue;
    this.#databases = databases;
    this.#buckets = buckets;
  }

  /** The partitions that the catalog knows, in order. */
  async list(table: Table): Promise<Partition[]> {
    const found: Partition[] = [];
    let after: string | undefined;
    do {
      try {
        const page = await this.#glue.send(
          new GetPartitionsCommand({
            ...this.#nameOf(table),
            ExcludeColumnSchema: true,
            NextToken: after,
          }),
        );
        for (const { Values: values } of page.Partitions ?? []) {
          const partition = parsePartitionValue(values?.[0] ?? '');
          if (partition !== undefined) found.push(partition);
        }
        after = page.NextToken || undefined;
      } catch (error) {
        throw createLakeError(`cannot list the partitions of ${this.#label(table)}`, error);
      }
    } while (after !== undefined);
    return found.sort((a, b) => a - b);
  }

  /**
   * Makes the catalog know a partition, by the columns that its table has now: Athena reads of a partition
   * the columns alone that stand in its own entry, which are those of the day when that was made. Nothing is
   * remembered from one call to the next: another function may have taken the partition out in between.
   */
  async register(table: Table, partition: Partition): Promise<void> {
    try {
      const known = await this.#find(table, partition);
      // After the partition: who changes both changes the table first, and an older table undoes nothing then.
      const { Table: entry } = await this.#glue.send(
        new GetTableCommand({ DatabaseName: this.#databases[table.layer], Name: table.name }),
      );
      const descriptor = entry?.StorageDescriptor;
      if (known !== undefined && (await this.#bringUp(table, known, descriptor?.Columns))) return;
      await this.#glue.send(
        new CreatePartitionCommand({
          ...this.#nameOf(table),
          PartitionInput: {
            Values: [String(partition)],
            StorageDescriptor: this.#descriptorOf(descriptor, table, partition),
          },
        }),
      );
    } catch (error) {
      // Another was quicker, with the same columns.
      if (getAwsErrorCode(error) === 'AlreadyExistsException') return;
      throw createLakeError(`cannot register ${partition} in ${this.#label(table)}`, error);
    }
  }

  /** Makes the catalog forget a partition; one that it does not know is no error. */
  async forget(table: Table, partition: Partition): Promise<void> {
    try {
      await this.#glue.send(
        new DeletePartitionCommand({
          ...this.#nameOf(table),
          PartitionValues: [String(partition)],
        }),
      );
    } catch (error) {
      // The table, too, may be unknown: without it there is no partition to forget.
      if (getAwsErrorCode(error) === 'EntityNotFoundException') return;
      throw createLakeError(`cannot remove ${partition} from ${this.#label(table)}`, error);
    }
  }

  /** The partition as the catalog knows it; undefined where it does not. */
  async #find(table: Table, partition: Partition): Promise<GluePartition | undefined> {
    try {
      const { Partition: found } = await this.#glue.send(
        new GetPartitionCommand({
          ...this.#nameOf(table),
          PartitionValues: [String(partition)],
        }),
      );
      return found;
    } catch (error) {
      // An unknown table answers the same; GetTable then says so.
      if (getAwsErrorCode(error) === 'EntityNotFoundException') return undefined;
      throw error;
    }
  }

  /** Gives a known partition these columns, where it has others; false where it is gone meanwhile. */
  async #bringUp(
    table: Table,
    { Values, StorageDescriptor: known, ...rest }: GluePartition,
    columns: readonly Column[] | undefined,
  ): Promise<boolean> {
    if (columns === undefined || haveSameColumns(known?.Columns ?? [], columns)) return true;
    const { LastAccessTime, LastAnalyzedTime, Parameters } = rest;
    try {
      await this.#glue.send(
        new UpdatePartitionCommand({
          ...this.#nameOf(table),
          PartitionValueList: Values,
          PartitionInput: {
            // What is left out here is lost: an update replaces the whole entry.
            Values,
            LastAccessTime,
            LastAnalyzedTime,
            Parameters,
            StorageDescriptor: { ...known, Columns: [...columns] },
          },
        }),
      );
      return true;
    } catch (error) {
      if (getAwsErrorCode(error) === 'EntityNotFoundException') return false;
      throw error;
    }
  }

  /** The table's own columns and formats, at the partition's place. */
  #descriptorOf(
    ofTable: StorageDescriptor | undefined,
    table: Table,
    partition: Partition,
  ): StorageDescriptor {
    const bucket = this.#buckets[table.layer];
    return { ...ofTable, Location: formatS3Uri(bucket, formatPartitionPrefix(table, partition)) };
  }

  #nameOf(table: Table): { DatabaseName: string; TableName: string } {
    return { DatabaseName: this.#databases[table.layer], TableName: table.name };
  }

  #label(table: Table): string {
    return `${this.#databases[table.layer]}.${table.name}`;
  }
}

/** Whether they read the same; comments say nothing to who reads. */
function haveSameColumns(some: readonly Column[], others: readonly Column[]): boolean {
  const essence = (columns: readonly Column[]): string =>
    JSON.stringify(columns.map(({ Name, Type }) => [Name, Type]));
  return essence(some) === essence(others);
}

export class GlueCatalog implements LakeCatalog {
  readonly #glue: GlueClient;
  readonly #databases: ByLayer;
  readonly #buckets: ByLayer;
  readonly #partitions: GluePartitions;

  constructor(glue: GlueClient, databases: ByLayer, buckets: ByLayer) {
    this.#glue = glue;
    this.#databases = databases;
    this.#buckets = buckets;
    this.#partitions = new GluePartitions(glue, databases, buckets);
  }

  async columns(table: Table): Promise<readonly CatalogColumn[] | undefined> {
    const entry = await this.#find(table);
    return entry?.StorageDescriptor?.Columns?.map(({ Name = '', Type = '', Comment = '' }) => {
      return { name: Name, type: Type, comment: Comment };
    });
  }

  async partitions(table: Table): Promise<readonly CatalogPartition[]> {
    const found: CatalogPartition[] = [];
    const question = { ...this.#nameOf(table), ExcludeColumnSchema: true };
    try {
      for await (const page of paginateGetPartitions({ client: this.#glue }, question)) {
        for (const { Values: [value = ''] = [], StorageDescriptor: place } of page.Partitions ??
          []) {
          const partition = parsePartitionValue(value);
          found.push({ partition, value, location: place?.Location ?? '' });
        }
      }
    } catch (error) {
      throw createLakeError(`cannot list the partitions of ${this.#label(table)}`, error);
    }
    return found;
  }

  locationOf(table: Table, partition: Partition): string {
    return formatS3Uri(this.#buckets[table.layer], formatPartitionPrefix(table, partition));
  }

  register(table: Table, partition: Partition): Promise<void> {
    return this.#partitions.register(table, partition);
  }

  forget(table: Table, partition: Partition): Promise<void> {
    return this.#partitions.forget(table, partition);
  }

  async describe(table: Table): Promise<void> {
    const entry = await this.#find(table);
    if (entry === undefined) return;
    const Columns = table.columns.map(({ name, type, description }) => {
      return { Name: name, Type: type, Comment: description };
    });
    const TableInput: TableInput = {
      Name: table.name,
      Description: entry.Description,
      Owner: entry.Owner,
      Retention: entry.Retention,
      PartitionKeys: entry.PartitionKeys ?? [{ Name: PARTITION_COLUMN, Type: 'int' }],
      TableType: entry.TableType,
      Parameters: entry.Parameters,
      StorageDescriptor: { ...entry.StorageDescriptor, Columns },
    };
    try {
      await this.#glue.send(
        new UpdateTableCommand({
          DatabaseName: this.#databases[table.layer],
          TableInput,
          // Another that changes the table meanwhile is not undone.
          VersionId: entry.VersionId,
        }),
      );
    } catch (error) {
      throw createLakeError(`cannot describe ${this.#label(table)}`, error);
    }
  }

  async #find(table: Table): Promise<GlueTable | undefined> {
    try {
      const { Table: entry } = await this.#glue.send(
        new GetTableCommand({ DatabaseName: this.#databases[table.layer], Name: table.name }),
      );
      return entry;
    } catch (error) {
      if (getAwsErrorCode(error) === 'EntityNotFoundException') return undefined;
      throw createLakeError(`cannot look up ${this.#label(table)}`, error);
    }
  }

  #nameOf(table: Table): { DatabaseName: string; TableName: string } {
    return { DatabaseName: this.#databases[table.layer], TableName: table.name };
  }

  #label(table: Table): string {
    return `${this.#databases[table.layer]}.${table.name}`;
  }
}
