/** Which files are alike: DuckDB takes all files of one reading for the first of them, and casts what is not so. */
import { type DuckDBConnection, DuckDBListValue } from '@duckdb/node-api';
import type { Table } from '../catalog/tables.ts';
import { duckDbTypes, listOfFiles, literal } from './sql-names.ts';
import type { FileTypes } from './typed-expression.ts';

/** Files that have the same columns of the same types. */
export interface LikeFiles {
  readonly paths: readonly string[];
  readonly types: FileTypes;
}

/** The files by their likeness, as many groups as there are kinds; only their ends are read. */
export async function groupAlike(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<LikeFiles[]> {
  if (paths.length === 0) return [];
  // A sum, so that columns in another order are no other kind; hashes, which are compared in no time.
  const grouped = await connection.runAndReadAll(
    `SELECT list(file_name) FROM (
      SELECT file_name, sum(hash(name, duckdb_type, repetition_type, num_children)) AS kind
        FROM parquet_schema(${listOfFiles(paths)}) GROUP BY file_name)
      GROUP BY kind`,
  );
  const groups = grouped.getRows().map(([files]) => {
    if (!(files instanceof DuckDBListValue)) throw new TypeError('a list of files is no list');
    return files.items.map(String).sort();
  });
  const alike: LikeFiles[] = [];
  for (const group of groups.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))) {
    const described = await connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${listOfFiles(group.slice(0, 1))})`,
    );
    const types = described.getRows().map(([name, type]) => [String(name), String(type)] as const);
    alike.push({ paths: group, types: new Map(types) });
  }
  return alike;
}

/** The SELECT that counts the files whose columns are not just the table's: one more, one less, another type. */
export function countUnlikeCatalog(table: Table, paths: readonly string[]): string {
  const wanted = table.columns.map(({ name, type }) => literal(`${name} ${duckDbTypes[type]}`));
  return `SELECT count(*)::INTEGER FROM (
    SELECT list_sort(list(name || ' ' || duckdb_type) FILTER (num_children IS NULL)) AS columns,
      count(num_children) AS groups, count(*) FILTER (repetition_type = 'REPEATED') AS lists
    FROM parquet_schema(${listOfFiles(paths)}) GROUP BY file_name)
    WHERE groups <> 1 OR lists > 0 OR columns IS DISTINCT FROM list_sort([${wanted.join(', ')}])`;
}
