/** The Glue catalog as it is, for whoever compares it with the bucket. */
import {
  GetTableCommand,
  type GlueClient,
  type Table as GlueTable,
  paginateGetPartitions,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { PARTITION_COLUMN, type Partition, partitionOfValue } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { awsCode, awsFailure } from './aws-errors.ts';
import { GluePartitions } from './glue-partitions.ts';
import { type ByLayer, partitionPrefix, s3Uri } from './s3-places.ts';
import type { CatalogColumn, CatalogPartition, LakeCatalog } from './store.ts';

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
          const partition = partitionOfValue(value);
          found.push({ partition, value, location: place?.Location ?? '' });
        }
      }
    } catch (error) {
      throw awsFailure(`cannot list the partitions of ${this.#label(table)}`, error);
    }
    return found;
  }

  locationOf(table: Table, partition: Partition): string {
    return s3Uri(this.#buckets[table.layer], partitionPrefix(table, partition));
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
      throw awsFailure(`cannot describe ${this.#label(table)}`, error);
    }
  }

  async #find(table: Table): Promise<GlueTable | undefined> {
    try {
      const { Table: entry } = await this.#glue.send(
        new GetTableCommand({ DatabaseName: this.#databases[table.layer], Name: table.name }),
      );
      return entry;
    } catch (error) {
      if (awsCode(error) === 'EntityNotFoundException') return undefined;
      throw awsFailure(`cannot look up ${this.#label(table)}`, error);
    }
  }

  #nameOf(table: Table): { DatabaseName: string; TableName: string } {
    return { DatabaseName: this.#databases[table.layer], TableName: table.name };
  }

  #label(table: Table): string {
    return `${this.#databases[table.layer]}.${table.name}`;
  }
}
