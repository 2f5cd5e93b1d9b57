/** How texts, names, types and files are written in SQL. Pure. */
import type { ColumnType } from '../catalog/column.ts';

/** DuckDB's names of the catalog's types. */
export const duckDbTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  bigint: 'BIGINT',
  date: 'DATE',
};

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Files by their paths, which DuckDB takes for patterns. */
export function listOfFiles(paths: readonly string[]): string {
  return `[${paths.map((path) => literal(escapeGlob(path))).join(', ')}]`;
}

function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replace(/[[*?]/g, (character) => `[${character}]`);
}
