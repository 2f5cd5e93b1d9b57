/** The partitions of the lake's tables in the Glue catalog, which Athena reads them by. */
import {
  type Column,
  CreatePartitionCommand,
  DeletePartitionCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  type GlueClient,
  type Partition as GluePartition,
  type StorageDescriptor,
  UpdatePartitionCommand,
} from '@aws-sdk/client-glue';
import { type Partition, partitionOfValue } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { awsCode, awsFailure } from './aws-errors.ts';
import { type ByLayer, partitionPrefix, s3Uri } from './s3-places.ts';

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
          const partition = partitionOfValue(values?.[0] ?? '');
          if (partition !== undefined) found.push(partition);
        }
        after = page.NextToken || undefined;
      } catch (error) {
        throw awsFailure(`cannot list the partitions of ${this.#label(table)}`, error);
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
      if (awsCode(error) === 'AlreadyExistsException') return;
      throw awsFailure(`cannot register ${partition} in ${this.#label(table)}`, error);
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
      if (awsCode(error) === 'EntityNotFoundException') return;
      throw awsFailure(`cannot remove ${partition} from ${this.#label(table)}`, error);
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
      if (awsCode(error) === 'EntityNotFoundException') return undefined;
      throw error;
    }
  }

  /** Gives a known partition these columns, where it has others; false where it is gone meanwhile. */
  async #bringUp(
    table: Table,
    { Values, StorageDescriptor: known, ...rest }: GluePartition,
    columns: readonly Column[] | undefined,
  ): Promise<boolean> {
    if (columns === undefined || areSame(known?.Columns ?? [], columns)) return true;
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
      if (awsCode(error) === 'EntityNotFoundException') return false;
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
    return { ...ofTable, Location: s3Uri(bucket, partitionPrefix(table, partition)) };
  }

  #nameOf(table: Table): { DatabaseName: string; TableName: string } {
    return { DatabaseName: this.#databases[table.layer], TableName: table.name };
  }

  #label(table: Table): string {
    return `${this.#databases[table.layer]}.${table.name}`;
  }
}

/** Whether they read the same; comments say nothing to who reads. */
function areSame(some: readonly Column[], others: readonly Column[]): boolean {
  const essence = (columns: readonly Column[]): string =>
    JSON.stringify(columns.map(({ Name, Type }) => [Name, Type]));
  return essence(some) === essence(others);
}
