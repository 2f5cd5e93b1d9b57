/**
 * DuckDB over the lake in a folder: one SELECT at a time, which only reads. Loads DuckDB, so import this module only
 * to run a query.
 */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import type { Table } from '../../catalog/dataset.ts';
import { tables as allTables } from '../../catalog/datasets.ts';
import type { Partition } from '../../catalog/partition.ts';
import { getBrokenFileRemedy } from '../../lake/lake.ts';
import { findNewestPartition, listPartitions } from '../../lake/local/layout.ts';
import { openVerifiedFiles, type VerifiedFiles } from '../../lake/local/verified-files.ts';
import { parsePartitionFolder } from '../../lake/names.ts';
import { createDamagedError } from '../../lake/parquet/checksum.ts';
import type { QueryEngine, QueryResult, Statement } from '../engine.ts';
import { type DerivationCheck, readsAdjustedPrices } from '../named-views.ts';
import { translateSelect, translateText } from './athena-sql/translate.ts';
import {
  openReadOnlyDatabase,
  parseReadOnlySelect,
  type Readable,
  type ReadOnlyDatabase,
} from './connection.ts';
import { getRefusedPath, isInterruption, toQueryError } from './errors.ts';
import { FileGroups } from './file-groups.ts';
import { streamRows, type UnreadRows } from './result-rows.ts';
import { type CopiesByTable, CopyFinder, type FilesByTable, listFiles } from './statement-files.ts';
import {
  createEmptyTableStatement,
  createNamedViewStatements,
  createViewStatement,
  findNeededTables,
} from './views.ts';

/** How often a query is tried if a run replaces its files meanwhile. */
const MAX_ATTEMPTS = 20;

const INTERRUPTION_MS = 100;

interface DuckDbSettings {
  /** The tables that a query can name; those of pynvest unless others are given. */
  readonly tables?: readonly Table[];
  /** Files besides the lake's that a query may read, and folders whose files it may read. */
  readonly allowedPaths?: readonly string[];
  /** Whether the factors of the lake are those of its prices; they are unless it says otherwise. */
  readonly isDerived?: DerivationCheck;
}

/** An engine over the lake at `root`, which need not exist. Times are in UTC, as in Athena. */
export async function openDuckDb(
  root: string,
  { tables = allTables, allowedPaths = [], isDerived = async () => true }: DuckDbSettings = {},
): Promise<QueryEngine> {
  const isFile = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const readable = {
    folders: [root, ...allowedPaths.filter((path) => !isFile(path))],
    files: allowedPaths.filter(isFile).flatMap((path) => [resolve(path), realpathSync(path)]),
  };
  const database = await openReadOnlyDatabase(tables, readable);
  return new DuckDbEngine({ root, tables, isDerived }, readable, database);
}

/** Empty tables of the lake's types; each is created for the first text that may name it. */
class EmptyTables {
  readonly database: ReadOnlyDatabase;
  readonly #tables: readonly Table[];
  readonly #created = new Set<Table>();

  constructor(database: ReadOnlyDatabase, tables: readonly Table[]) {
    this.database = database;
    this.#tables = tables;
  }

  async createFor(sql: string): Promise<void> {
    const { connection } = this.database;
    for (const table of findNeededTables(sql, this.#tables)) {
      if (this.#created.has(table)) continue;
      await connection.run(createEmptyTableStatement(table));
      this.#created.add(table);
    }
    for (const view of createNamedViewStatements(sql, this.#tables, true)) {
      await connection.run(view);
    }
  }
}

interface LocalTables {
  readonly root: string;
  readonly tables: readonly Table[];
  readonly isDerived: DerivationCheck;
}

class DuckDbEngine implements QueryEngine {
  readonly #lake: LocalTables;
  readonly #verified: VerifiedFiles;
  readonly #copies: CopyFinder;
  readonly #groups = new FileGroups();
  /** The statements of the views that the database has. */
  readonly #views = new Map<Table, string>();
  #readable: Readable;
  #database: ReadOnlyDatabase;
  /** Empty tables of the same types; opened for the first text of a person. */
  #types: EmptyTables | undefined;
  /** The rows of the last query, as far as they are not read yet. */
  #rows: UnreadRows | undefined;
  /** Repeats an interruption until the engine is closed. */
  #interruption: NodeJS.Timeout | undefined;

  constructor(lake: LocalTables, readable: Readable, database: ReadOnlyDatabase) {
    this.#lake = lake;
    this.#verified = openVerifiedFiles(lake.root);
    this.#copies = new CopyFinder(lake, this.#verified);
    this.#readable = readable;
    this.#database = database;
  }

  async query(statement: Statement): Promise<QueryResult> {
    const { sql, days } = statement;
    await this.#rows?.keep();
    this.#rows = undefined;
    try {
      await this.#database.endTransaction();
      const translated = await this.#translate(statement);
      const copies = await this.#copies.find(statement);
      return await this.#runOnCurrentFiles(translated, copies).catch((error: unknown) => {
        // The fault may be in a copy; the daily files have the same rows.
        if (copies.size === 0 || isInterruption(error)) throw error;
        return this.#runOnCurrentFiles(translated, new Map());
      });
    } catch (error) {
      this.#copies.forget();
      this.#views.clear();
      throw await toQueryError(error, { ...this.#lake, sql, days });
    }
  }

  async #translate(statement: Statement): Promise<Statement> {
    if (statement.dialect !== 'athena') {
      return { ...statement, sql: await parseReadOnlySelect(this.#database, statement.sql) };
    }
    const sql = await parseReadOnlySelect(this.#database, translateText(statement.sql));
    const { tables } = this.#lake;
    this.#types ??= new EmptyTables(await openReadOnlyDatabase(tables, this.#readable), tables);
    await this.#types.createFor(sql);
    return { ...statement, sql: await translateSelect(sql, this.#types.database) };
  }

  nameOf({ database, name }: Table): string {
    return `${database}.${name}`;
  }

  async newestPartition(table: Table): Promise<Partition | undefined> {
    return findNewestPartition(this.#lake.root, table);
  }

  async storedDays(table: Table): Promise<readonly Partition[]> {
    return listPartitions(this.#lake.root, table);
  }

  interrupt(): void {
    if (this.#interruption !== undefined) return;
    const interrupt = (): void => {
      this.#database.connection.interrupt();
      this.#types?.database.connection.interrupt();
    };
    // Between two statements DuckDB forgets that it was interrupted, and a query is several.
    this.#interruption = setInterval(interrupt, INTERRUPTION_MS);
    interrupt();
  }

  close(): void {
    clearInterval(this.#interruption);
    this.#database.close();
    this.#types?.database.close();
  }

  /** Runs a statement again if a run has merged files meanwhile: their rows are in another file by then. */
  async #runOnCurrentFiles(statement: Statement, copies: CopiesByTable): Promise<QueryResult> {
    const isDerived = !readsAdjustedPrices(statement.sql) || (await this.#lake.isDerived());
    for (let attempt = 1; ; attempt += 1) {
      const files = listFiles(this.#lake, statement, copies);
      await this.#assertIntact(files);
      const copyPaths = [...copies.values()].flatMap((each) => [...each.values()]);
      const paths = [...copyPaths, ...[...files.values()].flat()];
      const { connection } = this.#database;
      try {
        await this.#database.endTransaction();
        if (statement.dialect === 'athena') await this.#database.createMacros(statement.sql);
        await this.#createViews(statement, files, copies);
        const { tables } = this.#lake;
        for (const view of createNamedViewStatements(statement.sql, tables, isDerived)) {
          await connection.run(view);
        }
        const lookAhead = () => this.#copies.lookAhead(statement.next);
        const source = { ...this.#lake, usesCopies: copies.size > 0 };
        const answer = await streamRows(this.#database, source, statement, lookAhead);
        this.#rows = answer.unread;
        return answer.result;
      } catch (error) {
        // The database may be another in the next attempt, and what was begun before may be undone.
        this.#views.clear();
        if (attempt >= MAX_ATTEMPTS) throw error;
        const isRetried = isIn(this.#lake.root, getRefusedPath(error))
          ? await this.#allowLinkedFiles(paths)
          : !paths.every((path) => existsSync(path));
        if (!isRetried) throw error;
      }
    }
  }

  async #createViews(
    { sql, namesColumns = false }: Statement,
    files: FilesByTable,
    copies: CopiesByTable,
  ): Promise<void> {
    const { connection } = this.#database;
    for (const [table, paths] of files) {
      const groups = await this.#groups.find(connection, table, paths);
      const view = createViewStatement(
        namesColumns ? keepNamedColumns(table, sql) : table,
        groups,
        [...(copies.get(table)?.values() ?? [])],
      );
      if (this.#views.get(table) === view) continue;
      await connection.run(view);
      this.#views.set(table, view);
    }
  }

  /** @throws BrokenFileError naming the newest file that is damaged: its rows would be an answer that is wrong */
  async #assertIntact(files: FilesByTable): Promise<void> {
    const damaged = await this.#verified.findDamaged([...files.values()].flat());
    if (damaged.size === 0) return;
    for (const [table, paths] of files) {
      const path = paths.findLast((each) => damaged.has(each));
      if (path === undefined) continue;
      const partition = parsePartitionFolder(table, basename(dirname(path)));
      throw createDamagedError(path, { hint: getBrokenFileRemedy(table), partition });
    }
  }

  /**
   * Folders and files of the lake may be links to another disk; of a link DuckDB checks the file behind it. Of a folder
   * behind a link only the files of the lake may be read, and not what else is in it. What may be read is fixed when a
   * database is opened, so it is opened again.
   * @returns whether there are such files that were not allowed yet
   */
  async #allowLinkedFiles(paths: readonly string[]): Promise<boolean> {
    const { folders, files: known = [] } = this.#readable;
    const linked = paths.flatMap((path) => {
      const real = findRealPath(path);
      return real === undefined || isIn(this.#lake.root, real) ? [] : [real];
    });
    const files = [...new Set([...known, ...linked])];
    if (files.length === known.length) return false;
    this.#database.close();
    this.#readable = { folders, files };
    this.#database = await openReadOnlyDatabase(this.#lake.tables, this.#readable);
    return true;
  }
}

/**
 * The path of a file behind links; undefined if it has been removed. The library's own `realpathSync` takes thrice as
 * long.
 */
function findRealPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function isIn(folder: string, path: string | undefined): boolean {
  return path?.startsWith(`${resolve(folder)}${sep}`) === true;
}

/** The table with those of its columns whose names are in a text: a view of forty takes longer to bind than one to read. */
function keepNamedColumns(table: Table, sql: string): Table {
  return { ...table, columns: table.columns.filter(({ name }) => sql.includes(name)) };
}
