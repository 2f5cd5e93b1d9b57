/** Makes a copy of a past quarter. Loads DuckDB, so load this module only for that. */

import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { PARTITION_COLUMN } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import { listDailyFiles, temporaryFolder } from '../../lake/local/layout.ts';
import { type Quarter, quarterOf, writeQuarterCopy } from '../../lake/local/quarter-copies.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import { createMismatchCountStatement, formatDailyFilesSource } from './views.ts';

/** Enough for a few hundred thousand quotes; what takes more is sorted by way of the disk. */
const MEMORY_LIMIT = '100MB';

/** Of some ten groups of a quarter a reader takes the one or two whose first and last ticker tell of its own. */
const ROW_GROUP_SIZE = 8192;

/**
 * Copies a quarter of a table, its rows by ticker and day. A quarter with a file that is not just as the catalog
 * has it is not copied: to make sense of those together takes a look at them all.
 *
 * @throws LakeError where the copy cannot be made; nothing is left of it then
 */
export async function copyQuarter(root: string, table: Table, quarter: Quarter): Promise<void> {
  const files = listDailyFiles(root, table, (day) => quarterOf(day) === quarter);
  await writeQuarterCopy(root, table, quarter, async (temporary) => {
    // A database for each, and one thread: fifty megabytes, which go when it is closed.
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      enable_external_file_cache: 'false',
      memory_limit: MEMORY_LIMIT,
      threads: '1',
      temp_directory: join(temporaryFolder(root), `sorting-${quarter}`),
    });
    const connection = await instance.connect();
    try {
      const unlike = await connection.runAndReadAll(createMismatchCountStatement(table, files));
      if (unlike.getRows()[0]?.[0] !== 0) return 'not to be copied';
      await connection.run(createCopyStatement(table, files, temporary));
      return 'written';
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

function createCopyStatement(table: Table, files: readonly string[], path: string): string {
  const names = [...table.columns.map(({ name }) => name), PARTITION_COLUMN].map(quoteIdentifier);
  // In a dictionary DuckDB takes -0.0 for 0.0, so none is made.
  return `COPY (SELECT ${names.join(', ')} FROM ${formatDailyFilesSource(files)}
    ORDER BY ${quoteIdentifier(table.tickerColumn)}, ${PARTITION_COLUMN}) TO ${quoteLiteral(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_SIZE}, DICTIONARY_SIZE_LIMIT 0,
    USE_TMP_FILE false)`;
}
