/** Copies a past quarter into one file. Loads DuckDB, so import this module only to do that. */

import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { LakeError } from '../../errors.ts';
import { getTemporaryFolder, readLakeFile } from '../../lake/local/disk.ts';
import { listDailyFiles } from '../../lake/local/layout.ts';
import { getQuarter, type Quarter, writeQuarterCopy } from '../../lake/local/quarter-copies.ts';
import { assertIntact, checksumPlaceholder } from '../../lake/parquet/checksum.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import {
  type Edition,
  formatCopiesSource,
  formatEditionsSelect,
  groupFilesByEdition,
} from './views.ts';

/** Enough for a few hundred thousand quotes; larger quarters are sorted on the disk. */
const MEMORY_LIMIT = '100MB';

/** A quarter has some ten groups; a query for one ticker reads the one or two whose range of tickers includes it. */
const ROW_GROUP_SIZE = 8192;

/**
 * Copies a quarter of a table, its rows by ticker and day. Files of earlier editions, without the newest columns, have
 * null there. A quarter with a file of other columns or types than the catalog's is skipped: such files are read in
 * groups, by rules that depend on all of them. No damaged row is copied, since the copy would give it a checksum that
 * matches.
 *
 * @throws BrokenFileError if a file of the quarter is damaged
 * @throws LakeError if the copy cannot be written, or has other rows than its files; nothing is left of it then
 */
export async function copyQuarter(root: string, table: Table, quarter: Quarter): Promise<void> {
  const files = listDailyFiles(root, table, (day) => getQuarter(day) === quarter);
  await writeQuarterCopy(root, table, quarter, async (temporary) => {
    for (const file of files) assertIntact(await readLakeFile(file), file);
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
      const editions = await groupFilesByEdition(connection, table, files);
      if (editions === undefined) return 'skipped';
      await connection.run(createCopyStatement(table, editions, temporary));
      await assertSameRows(connection, table, editions, temporary);
      return 'written';
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

function createCopyStatement(table: Table, editions: readonly Edition[], path: string): string {
  const { key, value } = checksumPlaceholder;
  // No dictionaries: in one, DuckDB takes -0.0 for 0.0.
  return `COPY (SELECT ${formatColumns(table)} FROM (${formatEditionsSelect(table, editions)})
    ORDER BY ${quoteIdentifier(table.tickerColumn)}, ${table.partition.column}) TO ${quoteLiteral(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_SIZE}, DICTIONARY_SIZE_LIMIT 0,
    USE_TMP_FILE false, KV_METADATA {${quoteLiteral(key)}: ${quoteLiteral(value)}})`;
}

function formatColumns(table: Table): string {
  const names = [...table.columns.map(({ name }) => name), table.partition.column];
  return names.map(quoteIdentifier).join(', ');
}

/** @throws LakeError unless a copy has exactly the rows of the daily files, each as often */
export async function assertSameRows(
  connection: DuckDBConnection,
  table: Table,
  editions: readonly Edition[],
  copy: string,
): Promise<void> {
  const summarize = (source: string): string =>
    `SELECT count(*) AS rows, sum(hash(${formatColumns(table)})) AS hash FROM ${source}`;
  const compared = await connection.runAndReadAll(
    `SELECT daily.rows, copied.rows, daily.hash IS NOT DISTINCT FROM copied.hash
      FROM (${summarize(`(${formatEditionsSelect(table, editions)})`)}) daily,
      (${summarize(formatCopiesSource([copy]))}) copied`,
  );
  const [daily, copied, isSame] = compared.getRows()[0] ?? [];
  if (daily === copied && isSame === true) return;
  throw new LakeError(
    daily === copied
      ? 'a copy has other values than its daily files'
      : `a copy has ${copied} rows, and its daily files have ${daily}`,
    { hint: 'The disk may be failing: `pynvest doctor --all` reads every file.' },
  );
}
