/**
 * The schemas of the files that an engine reads. Most commands ask several questions about the same files, and to read
 * their footers takes as long as the answers.
 */

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from '../../catalog/dataset.ts';
import { formatState, MIN_AGE_NS } from '../../lake/local/checked-files.ts';
import { tryReadStats } from '../../lake/local/copied-periods.ts';
import { type FileGroup, groupFilesBySchema } from './views.ts';

interface KnownGroups {
  /** Of all of the files. */
  readonly state: string;
  readonly groups: readonly FileGroup[];
}

export class FileGroups {
  /** Those that were last asked for. */
  readonly #known = new Map<Table, KnownGroups>();

  /** The files of a table, grouped by schema. */
  async find(
    connection: DuckDBConnection,
    table: Table,
    paths: readonly string[],
  ): Promise<readonly FileGroup[]> {
    const state = formatStates(paths);
    const known = this.#known.get(table);
    if (known !== undefined && known.state === state) return known.groups;
    const groups = await groupFilesBySchema(connection, paths);
    if (state !== undefined) this.#known.set(table, { state, groups });
    return groups;
  }
}

/** Undefined where a file is not there, or may yet be written again and keep its times. */
function formatStates(paths: readonly string[]): string | undefined {
  const youngest = BigInt(Date.now()) * 1_000_000n - MIN_AGE_NS;
  const states: string[] = [];
  for (const path of paths) {
    const stats = tryReadStats(path);
    if (stats === undefined || stats.ctimeNs > youngest) return undefined;
    states.push(`${formatState(stats)} ${path}`);
  }
  return states.join('\n');
}
