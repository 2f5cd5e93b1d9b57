/**
 * A data set as a value: where it comes from, its tables by layer, what identifies a row, how its rows are divided
 * into partitions, and how raw text becomes typed. Collection, files, queries, the doctor and Glue follow it. Pure.
 */
import type { Cell, Column } from './column.ts';
import type { PartitionScheme } from './partition.ts';

/** SoR holds raw text as the source prints it, SoT the same as typed values, Spec what is derived from those. */
export type Layer = 'sor' | 'sot' | 'spec';

/** In the order in which one follows from another. */
export const layers: readonly Layer[] = ['sor', 'sot', 'spec'];

/** One bucket, or one database, a layer; two layers may share one. */
export type ByLayer = Readonly<Record<Layer, string>>;

interface Substitute {
  readonly column: string;
  readonly value: string;
}

export interface Table {
  readonly name: string;
  readonly layer: Layer;
  readonly database: string;
  readonly description: string;
  /** In the order of the files. New columns go last: readers by position depend on it. */
  readonly columns: readonly Column[];
  /** What identifies a row within a partition. */
  readonly keyColumns: readonly string[];
  /** The ticker, or another code that rows are asked for by: the first column of the key. */
  readonly tickerColumn: string;
  /** The instant by which the newest of several rows of one key is known; undefined where rows carry none. */
  readonly versionColumn: string | undefined;
  readonly partition: PartitionScheme;
  /** The value of a column by which a row is known that only stands in for a collected one, which is always kept. */
  readonly substitute: Substitute | undefined;
  /**
   * Whether copies of its past periods are made, which queries over many days read faster: of the tables that have
   * a file a day and are asked over time, as raw text is not.
   */
  readonly hasPeriodCopies: boolean;
}

/** How the text of a raw row becomes typed. */
export interface Typing {
  /** `brazilian`: 1.234,56, 12,3% and 31/12/2026; `iso`: 1234.56 and 2026-12-31. */
  readonly notation: 'brazilian' | 'iso';
  /** The columns in which 0.35 means 35%: they are printed with %. */
  readonly fractions: ReadonlySet<string>;
  /** The columns of text that are not the source's own, and are copied as they are. */
  readonly copied: ReadonlySet<string>;
}

/** How rows of another data set's typed table become rows of this one's Spec table, in the same partition. */
export interface Derivation {
  readonly from: Dataset;
  /** The column of the typed table that feeds each column. */
  readonly columns: Readonly<Record<string, string>>;
  /** The columns that have one value for all rows of `from`. */
  readonly constants: Readonly<Record<string, Cell>>;
}

export interface Dataset<Id extends string = string> {
  /** The first part of its files' names, and a part of its resources' names in the template. */
  readonly id: Id;
  /** The folder of `src/sources` that collects it; undefined where it is derived alone. */
  readonly source: string | undefined;
  readonly keyColumns: readonly string[];
  readonly partition: PartitionScheme;
  readonly tables: Readonly<Partial<Record<Layer, Table>>>;
  /** Undefined where its source gives typed values, or where it is derived alone. */
  readonly typing: Typing | undefined;
  readonly derivations: readonly Derivation[];
}

interface TableDefinition {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly substitute?: Substitute | undefined;
}

interface DatasetDefinition<Id extends string> {
  readonly id: Id;
  readonly source?: string;
  readonly keyColumns: readonly [string, ...string[]];
  readonly versionColumn?: string;
  readonly partition: PartitionScheme;
  readonly tables: Readonly<Partial<Record<Layer, TableDefinition>>>;
  readonly typing?: {
    readonly notation: Typing['notation'];
    readonly fractions?: readonly string[];
    readonly copied?: readonly string[];
  };
  readonly derivations?: readonly Derivation[];
}

/** A data set whose tables share its key, its version and its partitions. */
export function defineDataset<Id extends string>(definition: DatasetDefinition<Id>): Dataset<Id> {
  const { id, source, keyColumns, versionColumn, partition, typing, derivations = [] } = definition;
  const tables: Partial<Record<Layer, Table>> = {};
  for (const layer of layers) {
    const table = definition.tables[layer];
    if (table === undefined) continue;
    const identity = { keyColumns, tickerColumn: keyColumns[0], versionColumn, partition };
    const database = `db_pynvest_${layer}`;
    const hasPeriodCopies = layer !== 'sor' && partition.grain === 'day';
    const { substitute } = table;
    tables[layer] = { ...table, substitute, layer, database, hasPeriodCopies, ...identity };
  }
  return {
    id,
    source,
    keyColumns,
    partition,
    tables,
    typing: typing && {
      notation: typing.notation,
      fractions: new Set(typing.fractions),
      copied: new Set(typing.copied),
    },
    derivations,
  };
}

/** The table of a layer that the data set must have. */
export function getTable({ id, tables }: Dataset, layer: Layer): Table {
  const table = tables[layer];
  if (table === undefined) throw new Error(`the data set ${id} has no table in ${layer}`);
  return table;
}

/** The table that a collection writes: SoR, or SoT where the source gives typed values. */
export function getCollectedTable(dataset: Dataset): Table {
  return dataset.tables.sor ?? getTable(dataset, 'sot');
}

/** The tables of some data sets, layer by layer. */
export function getTables(datasets: readonly Dataset[]): readonly Table[] {
  return layers.flatMap((layer) => datasets.flatMap(({ tables }) => tables[layer] ?? []));
}

/** The collected data sets whose rows become those of a table. */
export function findOrigins<D extends Dataset>(datasets: readonly D[], table: Table): D[] {
  const own = findDataset(datasets, table);
  if (own === undefined) return [];
  if (own.derivations.length === 0) return [own];
  return datasets.filter((each) => own.derivations.some(({ from }) => from === each));
}

/** The data set that a table belongs to. */
function findDataset<D extends Dataset>(datasets: readonly D[], table: Table): D | undefined {
  return datasets.find(({ tables }) => tables[table.layer] === table);
}
