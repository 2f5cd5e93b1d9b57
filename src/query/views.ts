/** The lake's tables as DuckDB views, under the names that they have in Athena. Pure. */
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import { type Table, tables } from '../catalog/tables.ts';
import type { LikeFiles } from './like-files.ts';
import { duckDbTypes, identifier, listOfFiles } from './sql-names.ts';
import { type FileTypes, typedExpression } from './typed-expression.ts';

/**
 * The view of a table over its daily files, and over copies of the quarters whose daily files are not among
 * them. Its columns stand in the catalog's order and the partition last; a column that a file lacks is null
 * there. Files that are not alike are read apart, so that none changes what another holds.
 */
export function viewOf(
  table: Table,
  dailyFiles: readonly LikeFiles[],
  copies: readonly string[] = [],
): string {
  const ofCatalog = new Map(table.columns.map(({ name, type }) => [name, duckDbTypes[type]]));
  const selects = [
    ...(copies.length === 0
      ? []
      : [
          selectFrom(
            table,
            `read_parquet(${listOfFiles(copies)}, hive_partitioning = false)`,
            ofCatalog,
          ),
        ]),
    ...dailyFiles.map(({ paths, types }) => selectFrom(table, readDailyFiles(paths), types)),
  ];
  const select = selects.length === 0 ? noRowsOf(table) : selects.join(' UNION ALL ');
  return `CREATE OR REPLACE VIEW ${identifier(table.database)}.${identifier(table.name)} AS ${select}`;
}

function selectFrom(table: Table, source: string, types: FileTypes): string {
  const columns = table.columns.map(
    (column) => `${typedExpression(column, types)} AS ${identifier(column.name)}`,
  );
  return `SELECT ${columns.join(', ')}, ${PARTITION_COLUMN} FROM ${source}`;
}

/** The rows of daily files that are alike, with their partition. */
export function readDailyFiles(paths: readonly string[]): string {
  return (
    `read_parquet(${listOfFiles(paths)}, ` +
    `hive_partitioning = true, hive_types = {'${PARTITION_COLUMN}': INTEGER})`
  );
}

function noRowsOf(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `NULL::${duckDbTypes[type]} AS ${identifier(name)}`,
  );
  return `SELECT ${columns.join(', ')}, NULL::INTEGER AS ${PARTITION_COLUMN} WHERE false`;
}

/** The tables that a text of SQL names. */
export function tablesNamedIn(sql: string): readonly Table[] {
  const text = sql.toLowerCase();
  return tables.filter(({ name }) => text.includes(name));
}

/** The tables whose views a text of SQL needs; all of them where it names none (`SHOW ALL TABLES`). */
export function tablesNeededBy(sql: string): readonly Table[] {
  const named = tablesNamedIn(sql);
  return named.length > 0 ? named : tables;
}
