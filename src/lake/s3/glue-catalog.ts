/**
 * The lake's tables and partitions in the Glue catalog, by which Athena reads them.
 */

import { createLakeError } from '../../aws/errors.ts';
import {
  createPartition,
  deletePartition,
  findPartition,
  findTable,
  type GluePartition,
  type GlueTable,
  type GlueTableName,
  getTable,
  listPartitions,
  updatePartition,
  updateTable,
} from '../../aws/glue.ts';
import type { Table } from '../../catalog/dataset.ts';
import { type Partition, parsePartitionValue } from '../../catalog/partition.ts';
import type { CatalogColumn, CatalogPartition, LakeCatalog } from '../inspector.ts';
import { formatPartitionPrefix, formatS3Uri, type S3LakeLocation } from './layout.ts';

type GlueColumns = NonNullable<GlueTable['StorageDescriptor']>['Columns'];

export class GlueCatalog implements LakeCatalog {
  readonly #location: S3LakeLocation;

  constructor(location: S3LakeLocation) {
    this.#location = location;
  }

  async columns(table: Table): Promise<readonly CatalogColumn[] | undefined> {
    const entry = await this.#findTable(table);
    return entry?.StorageDescriptor?.Columns?.map(({ Name = '', Type = '', Comment = '' }) => {
      return { name: Name, type: Type, comment: Comment };
    });
  }

  /** Every partition of the catalog, also one whose key is no day. */
  async partitions(table: Table): Promise<readonly CatalogPartition[]> {
    const found: CatalogPartition[] = [];
    try {
      for await (const entry of listPartitions(this.#location, this.#nameOf(table))) {
        const { Values: [value = ''] = [], StorageDescriptor: storage } = entry;
        found.push({
          partition: parsePartitionValue(table.partition, value),
          value,
          location: storage?.Location ?? '',
        });
      }
    } catch (error) {
      throw createLakeError(`cannot list the partitions of ${this.#label(table)}`, error);
    }
    return found;
  }

  /** The days that the catalog lists, in order. */
  async days(table: Table): Promise<Partition[]> {
    const partitions = await this.partitions(table);
    return partitions.flatMap(({ partition }) => partition ?? []).sort((a, b) => a - b);
  }

  locationOf(table: Table, partition: Partition): string {
    const bucket = this.#location.buckets[table.layer];
    return formatS3Uri(bucket, formatPartitionPrefix(table, partition));
  }

  /**
   * Lists a partition in the catalog with the columns that its table has now. Athena reads of a partition only
   * the columns in the partition's own entry, which are those of the table when the entry was made. Nothing is
   * cached between calls: another function may have removed the partition in the meantime.
   */
  async register(table: Table, partition: Partition): Promise<void> {
    const name = this.#nameOf(table);
    const key = String(partition);
    try {
      const known = await findPartition(this.#location, name, key);
      // Read after the partition: a writer that changes both changes the table first, so that what is read
      // here is never older than the partition's columns.
      const { StorageDescriptor: storage } = (await getTable(this.#location, name)) ?? {};
      if (known !== undefined && (await this.#updateColumns(name, known, storage?.Columns))) return;
      await createPartition(this.#location, name, {
        Values: [key],
        StorageDescriptor: { ...storage, Location: this.locationOf(table, partition) },
      });
    } catch (error) {
      throw createLakeError(`cannot register ${partition} in ${this.#label(table)}`, error);
    }
  }

  /** Gives a partition these columns unless it has them; false where it was removed in the meantime. */
  async #updateColumns(
    name: GlueTableName,
    { Values, StorageDescriptor: storage, ...rest }: GluePartition,
    columns: GlueColumns,
  ): Promise<boolean> {
    if (columns === undefined || haveSameTypes(storage?.Columns ?? [], columns)) return true;
    const { LastAccessTime, LastAnalyzedTime, Parameters } = rest;
    return updatePartition(this.#location, name, {
      Values,
      LastAccessTime,
      LastAnalyzedTime,
      Parameters,
      StorageDescriptor: { ...storage, Columns: columns },
    });
  }

  /** Removes a partition from the catalog; one that it does not list is no error. */
  async forget(table: Table, partition: Partition): Promise<void> {
    try {
      await deletePartition(this.#location, this.#nameOf(table), String(partition));
    } catch (error) {
      throw createLakeError(`cannot remove ${partition} from ${this.#label(table)}`, error);
    }
  }

  async describe(table: Table): Promise<void> {
    const entry = await this.#findTable(table);
    if (entry === undefined) return;
    const columns = table.columns.map(({ name, type, description }) => {
      return { Name: name, Type: type, Comment: description };
    });
    const input = {
      Name: table.name,
      Description: entry.Description,
      Owner: entry.Owner,
      Retention: entry.Retention,
      PartitionKeys: entry.PartitionKeys ?? [{ Name: table.partition.column, Type: 'int' }],
      TableType: entry.TableType,
      Parameters: entry.Parameters,
      StorageDescriptor: { ...entry.StorageDescriptor, Columns: columns },
    };
    const { database } = this.#nameOf(table);
    try {
      await updateTable(this.#location, database, input, entry.VersionId);
    } catch (error) {
      throw createLakeError(`cannot describe ${this.#label(table)}`, error);
    }
  }

  async #findTable(table: Table): Promise<GlueTable | undefined> {
    try {
      return await findTable(this.#location, this.#nameOf(table));
    } catch (error) {
      throw createLakeError(`cannot look up ${this.#label(table)}`, error);
    }
  }

  #nameOf({ layer, name }: Table): GlueTableName {
    return { database: this.#location.databases[layer], name };
  }

  #label(table: Table): string {
    const { database, name } = this.#nameOf(table);
    return `${database}.${name}`;
  }
}

/** Whether the columns have the same names and types; their comments do not matter to a reader. */
function haveSameTypes(some: NonNullable<GlueColumns>, others: NonNullable<GlueColumns>): boolean {
  const types = (columns: NonNullable<GlueColumns>): string =>
    JSON.stringify(columns.map(({ Name, Type }) => [Name, Type]));
  return types(some) === types(others);
}
