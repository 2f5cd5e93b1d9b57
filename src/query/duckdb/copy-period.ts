/** Copies a past month, quarter or year into one file. Loads DuckDB, so import this module only to do that. */

import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { LakeError } from '../../errors.ts';
import { getPeriods, isWholeYear, type Period } from '../../lake/local/copied-periods.ts';
import { getTemporaryFolder, readLakeFile } from '../../lake/local/disk.ts';
import { listDailyFiles } from '../../lake/local/layout.ts';
import { writePeriodCopy } from '../../lake/local/period-copies.ts';
import { assertIntact, checksumPlaceholder } from '../../lake/parquet/checksum.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import {
  type Edition,
  formatCopiesSource,
  formatEditionsSelect,
  groupFilesByEdition,
} from './views.ts';

interface CopySettings {
  /** Beyond it, rows are sorted on the disk; to merge them takes some memory for each column. */
  readonly memoryLimit: string;
  /**
   * A query for one ticker reads the one or two groups whose range of tickers includes it, and the statistics of all
   * groups. In a year, its rows are next to each other, and with larger groups there are fewer statistics to read.
   */
  readonly rowGroupSize: number;
}

const OF_QUARTER_OR_MONTH: CopySettings = { memoryLimit: '100MB', rowGroupSize: 8192 };
const OF_YEAR: CopySettings = { memoryLimit: '130MB', rowGroupSize: 16_384 };

/**
 * Copies a period of a table, its rows by ticker and day. Files of earlier editions, without the newest columns, have
 * null there. A period with a file of other columns or types than the catalog's is skipped: such files are read in
 * groups, by rules that depend on all of them. No damaged row is copied, since the copy would give it a checksum that
 * matches.
 *
 * @returns whether it is copied
 * @throws BrokenFileError if a file of the period is damaged
 * @throws LakeError if the copy cannot be written, or has other rows than its files; nothing is left of it then
 */
export async function copyPeriod(root: string, table: Table, period: Period): Promise<boolean> {
  const { memoryLimit, rowGroupSize } = isWholeYear(period) ? OF_YEAR : OF_QUARTER_OR_MONTH;
  return writePeriodCopy(root, table, period, async (temporary) => {
    // Listed after the state of the period was taken: a file that comes in between shows as a change of it.
    const files = listDailyFiles(root, table, (day) => getPeriods(day).includes(period));
    for (const file of files) assertIntact(await readLakeFile(file), file);
    // One database per period, and one thread: so much memory at most, which is freed when it is closed.
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      enable_external_file_cache: 'false',
      memory_limit: memoryLimit,
      threads: '1',
      temp_directory: join(getTemporaryFolder(root), `sorting-${period}`),
    });
    const connection = await instance.connect();
    try {
      const editions = await groupFilesByEdition(connection, table, files);
      if (editions === undefined) return 'skipped';
      await connection.run(createCopyStatement(table, editions, temporary, rowGroupSize));
      await assertSameRows(connection, table, editions, temporary);
      return 'written';
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

function createCopyStatement(
  table: Table,
  editions: readonly Edition[],
  path: string,
  rowGroupSize: number,
): string {
  const { key, value } = checksumPlaceholder;
  // No dictionaries: in one, DuckDB takes -0.0 for 0.0.
  return `COPY (SELECT ${formatColumns(table)} FROM (${formatEditionsSelect(table, editions)})
    ORDER BY ${quoteIdentifier(table.tickerColumn)}, ${table.partition.column}) TO ${quoteLiteral(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupSize}, DICTIONARY_SIZE_LIMIT 0,
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
