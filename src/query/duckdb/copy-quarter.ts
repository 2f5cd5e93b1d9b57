/** Copies a past quarter into one file. Loads DuckDB, so import this module only to do that. */

import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { getTemporaryFolder } from '../../lake/local/disk.ts';
import { listDailyFiles } from '../../lake/local/layout.ts';
import { getQuarter, type Quarter, writeQuarterCopy } from '../../lake/local/quarter-copies.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import { createMismatchCountStatement, formatDailyFilesSource } from './views.ts';

/** Enough for a few hundred thousand quotes; larger quarters are sorted on the disk. */
const MEMORY_LIMIT = '100MB';

/** A quarter has some ten groups; a query for one ticker reads the one or two whose range of tickers includes it. */
const ROW_GROUP_SIZE = 8192;

/**
 * Copies a quarter of a table, its rows by ticker and day. A quarter with a file whose columns are not exactly the
 * catalog's is skipped: such files are read in groups, by rules that depend on all of them.
 *
 * @throws LakeError if the copy cannot be written; nothing is left of it then
 */
export async function copyQuarter(root: string, table: Table, quarter: Quarter): Promise<void> {
  const files = listDailyFiles(root, table, (day) => getQuarter(day) === quarter);
  await writeQuarterCopy(root, table, quarter, async (temporary) => {
    // One database per quarter, and one thread: fifty megabytes, which are freed when it is closed.
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      enable_external_file_cache: 'false',
      memory_limit: MEMORY_LIMIT,
      threads: '1',
      temp_directory: join(getTemporaryFolder(root), `sorting-${quarter}`),
    });
    const connection = await instance.connect();
    try {
      const mismatches = await connection.runAndReadAll(createMismatchCountStatement(table, files));
      if (mismatches.getRows()[0]?.[0] !== 0) return 'skipped';
      await connection.run(createCopyStatement(table, files, temporary));
      return 'written';
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

function createCopyStatement(table: Table, files: readonly string[], path: string): string {
  const partition = table.partition.column;
  const names = [...table.columns.map(({ name }) => name), partition].map(quoteIdentifier);
  // No dictionaries: in one, DuckDB takes -0.0 for 0.0.
  return `COPY (SELECT ${names.join(', ')} FROM ${formatDailyFilesSource(table, files)}
    ORDER BY ${quoteIdentifier(table.tickerColumn)}, ${partition}) TO ${quoteLiteral(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_SIZE}, DICTIONARY_SIZE_LIMIT 0,
    USE_TMP_FILE false)`;
}
