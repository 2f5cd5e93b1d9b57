/** Makes the copies of past years that answer for their daily files. Loads DuckDB, so load it only for that. */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { PARTITION_COLUMN } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { keepYearCopy } from '../lake/keep-year-copy.ts';
import { tableFolder, temporaryFolder } from '../lake/local-lake.ts';
import { countUnlikeCatalog, dailyFiles, identifier, literal, readDailyFiles } from './views.ts';

/** Enough for a year of 350 000 quotes; what takes more is sorted by way of the disk. */
const MEMORY_LIMIT = '100MB';

/**
 * Rows in a group, which a reader passes over by the first and last ticker in it: some groups of a year hold
 * the rows of one ticker, and a year has some dozens.
 */
const ROW_GROUP_SIZE = 8192;

/**
 * Copies a year of a table, its rows by ticker and day. A year with a file that is not just as the catalog
 * has it is not copied: to make sense of those together takes a look at them all.
 *
 * @throws LakeError where the copy cannot be made; nothing is left of it then
 */
export async function copyYear(root: string, table: Table, year: number): Promise<void> {
  const files = [dailyFiles(tableFolder(root, table), year)];
  await keepYearCopy(root, table, year, async (temporary) => {
    // A database a year, and one thread: together a hundred megabytes, which go when it is closed.
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      enable_external_file_cache: 'false',
      memory_limit: MEMORY_LIMIT,
      threads: '1',
      temp_directory: join(temporaryFolder(root), `sorting-${year}`),
    });
    const connection = await instance.connect();
    try {
      const unlike = await connection.runAndReadAll(countUnlikeCatalog(table, files));
      if (unlike.getRows()[0]?.[0] !== 0) return 'not to be copied';
      await connection.run(copyStatement(table, files, temporary));
      return 'written';
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

function copyStatement(table: Table, files: readonly string[], path: string): string {
  const names = [...table.columns.map(({ name }) => name), PARTITION_COLUMN].map(identifier);
  // In a dictionary DuckDB takes -0.0 for 0.0, so none is made.
  return `COPY (SELECT ${names.join(', ')} FROM ${readDailyFiles(files, true)}
    ORDER BY ${identifier(table.tickerColumn)}, ${PARTITION_COLUMN}) TO ${literal(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_SIZE}, DICTIONARY_SIZE_LIMIT 0,
    USE_TMP_FILE false)`;
}
