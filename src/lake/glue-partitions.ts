/** The partitions of the lake's tables in the Glue catalog, which Athena reads them by. */
import {
  CreatePartitionCommand,
  DeletePartitionCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  type GlueClient,
  type StorageDescriptor,
} from '@aws-sdk/client-glue';
import { type Partition, toPartition } from '../catalog/partition.ts';
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
          const partition = toPartition(values?.[0] ?? '');
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
   * Makes the catalog know a partition; one that it knows is left as it is. Nothing is remembered
   * from one call to the next: another function may have taken the partition out in between.
   */
  async register(table: Table, partition: Partition): Promise<void> {
    try {
      if (await this.#has(table, partition)) return;
      const { Table: entry } = await this.#glue.send(
        new GetTableCommand({ DatabaseName: this.#databases[table.layer], Name: table.name }),
      );
      await this.#glue.send(
        new CreatePartitionCommand({
          ...this.#nameOf(table),
          PartitionInput: {
            Values: [String(partition)],
            StorageDescriptor: this.#descriptorOf(entry?.StorageDescriptor, table, partition),
          },
        }),
      );
    } catch (error) {
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

  async #has(table: Table, partition: Partition): Promise<boolean> {
    try {
      await this.#glue.send(
        new GetPartitionCommand({
          ...this.#nameOf(table),
          PartitionValues: [String(partition)],
        }),
      );
      return true;
    } catch (error) {
      // An unknown table answers the same; GetTable then says so.
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
