/**
 * A query reads the lake and nothing else, whatever function or setting of DuckDB it uses: no file outside is read,
 * written or made, and no file of the lake is written.
 */
import { mkdir, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tables } from '../../../src/catalog/datasets.ts';
import { QueryError, RefusedFileError, UsageError } from '../../../src/errors.ts';
import { openReadOnlyDatabase } from '../../../src/query/duckdb/connection.ts';
import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import type { QueryEngine } from '../../../src/query/engine.ts';
import { quoteLiteral } from '../../../src/query/sql.ts';
import { ask } from '../../support/engines.ts';
import { contentsBelow, newFolder } from '../../support/folders.ts';
import { quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const SECRET = 'text of a file outside of the lake';
const TABLE = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';
/** The table of the fewest columns: its view is made for every query. */
const EMPTY_TABLE = 'tbsot_bcb_series';

let root: string;
let outside: string;
let home: string;
let engine: QueryEngine;
/** Knows that table alone, and takes less time for the many calls that need no other. */
let smallEngine: QueryEngine;
const realHome = process.env['HOME'];

beforeAll(async () => {
  [root, outside, home] = [await newFolder(), await newFolder(), await newFolder()];
  await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
  await writeFile(join(outside, 'secret.csv'), `a,b\n${SECRET},1\n`);
  await mkdir(join(home, '.duckdb', 'stored_secrets'), { recursive: true });
  process.env['HOME'] = home;
  engine = await openDuckDb(root);
  smallEngine = await openDuckDb(root, {
    tables: tables.filter(({ name }) => name === EMPTY_TABLE),
  });
});

afterAll(() => {
  engine.close();
  smallEngine.close();
  process.env['HOME'] = realHome;
});

/** All folders that a query could touch, with what is in them. */
async function contentsOfAll(): Promise<unknown> {
  return Promise.all([root, outside, home].map(contentsBelow));
}

/** The values of a query as one text; an error as its own. */
async function textOf(sql: string, asked = engine): Promise<string> {
  try {
    const { columns, rows } = await asked.query({ sql });
    let text = columns.join();
    for await (const row of rows) text += `\n${row.map(String).join()}`;
    return text;
  } catch (error) {
    expect([QueryError.name, RefusedFileError.name, UsageError.name]).toContain(
      (error as Error).name,
    );
    return String(error);
  }
}

interface TableFunction {
  readonly name: string;
  /** Those that a call gives by position, by their types. */
  readonly positional: readonly string[];
  /** The names of parameters that take a text. */
  readonly named: readonly string[];
}

/** Every overload of every table function that DuckDB has. */
async function listTableFunctions(): Promise<readonly TableFunction[]> {
  const { rows } = await ask(
    root,
    `SELECT function_name, parameters, parameter_types FROM duckdb_functions()
      WHERE function_type IN ('table', 'table_macro', 'pragma') ORDER BY ALL`,
  );
  return rows.map(([name, parameters, types]) => {
    const all = (parameters as string[]).map((parameter, at) => ({
      parameter,
      type: String((types as (string | null)[])[at] ?? 'VARCHAR'),
    }));
    const isPositional = ({ parameter }: { parameter: string }): boolean =>
      /^col\d+$/.test(parameter);
    return {
      name: String(name),
      positional: all.filter(isPositional).map(({ type }) => type),
      named: all
        .filter((each) => !isPositional(each) && /VARCHAR|ANY/.test(each.type))
        .map(({ parameter }) => parameter),
    };
  });
}

function argumentOf(type: string, path: string): string {
  if (/^(VARCHAR|ANY|"?NULL"?|T)$/i.test(type)) return quoteLiteral(path);
  if (/^VARCHAR\[\]$/.test(type)) return `[${quoteLiteral(path)}]`;
  if (/\[\]$/.test(type)) return '[1]';
  return /TIMESTAMP|DATE/.test(type) ? "TIMESTAMP '2026-11-20'" : '1';
}

describe('a query', () => {
  test('with any table function touches no file outside, and writes none of the lake', async () => {
    const before = await contentsOfAll();
    const [own] = Object.keys((await contentsBelow(root)) as object);
    const present = [
      join(outside, 'secret.csv'),
      join(outside, '*'),
      `${root}/../${basename(outside)}/secret.csv`,
      join(root, own ?? ''),
    ];
    const absent = [join(outside, 'new', 'file.csv'), join(root, 'new.json')];
    const functions = await listTableFunctions();
    expect(functions.length).toBeGreaterThan(150);
    const calls = new Set<string>();
    for (const { name, positional, named } of functions) {
      // What tells of tables has the views of all of them made, and so reads the files of the lake.
      const asked = /^(query_table|pragma_|duckdb_)/.test(name) ? engine : smallEngine;
      // Without a parameter that takes a text, no path can be given.
      const takesPath =
        named.length > 0 || positional.some((type) => /VARCHAR|ANY|NULL|^T$/.test(type));
      for (const path of takesPath ? [...present, ...absent] : absent.slice(-1)) {
        const values = positional.map((type) => argumentOf(type, path));
        const options = named.map((parameter) => `${parameter} = ${quoteLiteral(path)}`);
        const argumentLists = [values, [...values, ...options]];
        if (absent.includes(path)) {
          argumentLists.push(...options.map((option) => [...values, option]));
        }
        for (const list of argumentLists) {
          const call = `system.main.${name}(${list.join(', ')})`;
          // Without options, and with one, the lists are the same; and those of some overloads.
          if (calls.has(call)) continue;
          calls.add(call);
          // A text that names a table needs the view of that one alone; one without files is made at once.
          const found = await textOf(`SELECT * FROM ${call} LIMIT 5 -- ${EMPTY_TABLE}`, asked);
          expect(found, call).not.toContain(SECRET);
        }
      }
      // What a function switched on would write at the next query.
      expect(await textOf(`SELECT 42 -- ${EMPTY_TABLE}`, asked)).toContain('42');
      expect(await contentsOfAll(), name).toEqual(before);
    }
    expect(calls.size).toBeGreaterThan(1_000);
  });

  test('cannot change a setting', async () => {
    const settings = 'SELECT name, value FROM duckdb_settings() ORDER BY name';
    const names: string[] = [];
    for await (const [name] of (await engine.query({ sql: settings })).rows) {
      names.push(String(name));
    }
    expect(names.length).toBeGreaterThan(100);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['allowed_directories', 'allowed_paths', 'enable_external_access'],
        ...['lock_configuration', 'temp_directory'],
      ]),
    );
    const before = await textOf(settings);
    for (const name of names) {
      for (const sql of [
        `SET ${name} = ${quoteLiteral(join(outside, 'x'))}`,
        `SET GLOBAL ${name} = 1`,
        `SET SESSION ${name} = true`,
        `RESET ${name}`,
        `PRAGMA ${name} = ${quoteLiteral(join(outside, 'x'))}`,
        `SELECT 1; SET ${name} = 1`,
      ]) {
        await expect(engine.query({ sql }), sql).rejects.toThrow(UsageError);
      }
    }
    expect(await textOf(settings)).toBe(before);
  });

  test('reaches an engine whose settings are locked, if it ever passed for a SELECT', async () => {
    const database = await openReadOnlyDatabase([specTable], { folders: [root] });
    try {
      const names = await database.connection.runAndReadAll('SELECT name FROM duckdb_settings()');
      const accepted: string[] = [];
      for (const [name] of names.getRows()) {
        for (const sql of [
          `SET ${name} = ${quoteLiteral(join(outside, 'x'))}`,
          `SET GLOBAL ${name} = true`,
          `RESET ${name}`,
        ]) {
          await database.connection.run(sql).then(
            () => accepted.push(sql),
            () => undefined,
          );
        }
      }
      // Where an unqualified name is looked up; no file is read or written by it.
      expect(accepted).toEqual(['RESET schema', 'RESET search_path']);
      const sqls = [
        `COPY (SELECT 1) TO '${outside}/new.csv'`,
        `ATTACH '${outside}/new.db'`,
        `LOAD '${outside}/x.duckdb_extension'`,
        `INSTALL httpfs`,
      ];
      for (const sql of sqls) await expect(database.connection.run(sql), sql).rejects.toThrow();
    } finally {
      database.close();
    }
  });

  test.each([
    ['a profile', "enable_profiling(format = 'json', save_location = '<outside>/new.json')"],
    ['a profile in the lake', "enable_profiling(save_location = '<lake>/new.json')"],
    ['a log', "enable_logging(storage = 'file', storage_path = '<outside>/logs')"],
    ['SQL in a text', "query('SELECT * FROM enable_profiling()')"],
    ['SQL in JSON', "json_execute_serialized_sql(json_serialize_sql('SELECT 1'))"],
    ['another database', "read_duckdb('<outside>/new.db', table_name = 't')"],
  ])('with a function for %s is refused by name, wherever it stands', async (_, call) => {
    const filled = call.replace('<outside>', outside).replace('<lake>', root);
    const name = /^\w+/.exec(call)?.[0];
    const before = await contentsOfAll();
    for (const sql of [
      `SELECT * FROM ${filled}`,
      `FROM system.main.${filled.replace(/^\w+/, (each) => `"${each.toUpperCase()}"`)}`,
      `WITH a AS (FROM ${filled}) SELECT * FROM a`,
      `SELECT 1 WHERE EXISTS (FROM ${filled})`,
      `SELECT (SELECT count(*) FROM ${filled})`,
      `SELECT 1 UNION ALL SELECT 1 FROM ${filled}`,
      `DESCRIBE SELECT * FROM ${filled}`,
      `SUMMARIZE FROM ${filled}`,
      `EXPLAIN ANALYZE SELECT * FROM ${filled}`,
      `SELECT * FROM ${TABLE} t, LATERAL (FROM ${filled})`,
      `SELECT * FROM range(1) JOIN ${filled} ON true`,
    ]) {
      await expect(engine.query({ sql }), sql).rejects.toThrow(
        `the table function ${name} is not allowed`,
      );
    }
    expect(await contentsOfAll()).toEqual(before);
  });

  test.each([
    ["read_csv('<file>')"],
    ["read_text('<file>')"],
    ["read_blob(['<file>'])"],
    ["glob('<folder>/*')"],
    ["sniff_csv('<file>')"],
    ["'<file>'"],
    ["query_table('<file>')"],
    ["read_text('https://example.com/')"],
  ])('for %s outside of the lake names the option that allows it', async (source) => {
    const file = join(outside, 'secret.csv');
    const sql = `FROM ${source.replace('<file>', file).replace('<folder>', outside)}`;
    const error = await engine.query({ sql }).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ hint: expect.stringContaining('--allow-files') });
  });

  test.each([
    ['the lake', ''],
    ['a layer', 'spec'],
    ['a table', 'spec/tbspec_fundamentus_cotacao_ativos'],
    ['a day', 'spec/tbspec_fundamentus_cotacao_ativos/anomesdia_exec=20261119'],
    ['a file', 'spec/tbspec_fundamentus_cotacao_ativos/anomesdia_exec=20261119/dedup.parquet'],
  ])('reads the lake through a link in the place of %s', async (_, linked) => {
    const [parent, elsewhere] = [await newFolder(), await newFolder()];
    const lake = join(parent, 'lake');
    await writeQuotes(lake, '2026-11-19', [quote('PETR4', 1)]);
    await writeQuotes(lake, '2026-11-20', [quote('PETR4', 2)]);
    await writeFile(join(elsewhere, 'secret.csv'), `a,b\n${SECRET},1\n`);
    const moved = join(await newFolder(), 'moved');
    await rename(join(lake, linked), moved);
    await symlink(moved, join(lake, linked));
    const { rows } = await ask(lake, `SELECT vlr_cot FROM ${TABLE} ORDER BY 1`);
    expect(rows).toEqual([[1], [2]]);
    await expect(ask(lake, `FROM '${elsewhere}/secret.csv', ${TABLE}`)).rejects.toThrow('may not');
    if (linked === '') return;
    // Beside the files of the lake, behind the same link.
    const behind = (await stat(moved)).isDirectory() ? moved : dirname(moved);
    const days = (await readdir(behind, { recursive: true })).filter((each) => /=\d+$/.test(each));
    for (const folder of [behind, ...days.map((each) => join(behind, each))]) {
      await writeFile(join(folder, 'secret.csv'), `a,b\n${SECRET},1\n`);
      const refused = ask(lake, `FROM '${folder}/secret.csv', ${TABLE}`);
      await expect(refused).rejects.toThrow('may not');
      const list = ask(lake, `FROM glob('${folder}/*'), ${TABLE}`);
      await expect(list).rejects.toThrow('may not');
    }
  });

  test('reads a table again after another one, behind a link, has had the database opened anew', async () => {
    const lake = await newFolder();
    await writeQuotes(lake, '2026-11-20', [quote('PETR4', 2)]);
    const typedRows = [typed('acoes', 'PETR4', { vlr_cot: 3 })];
    const path = await writeRowsTo(lake, sotTables.acoes, '2026-11-20', typedRows);
    const moved = join(await newFolder(), 'moved.parquet');
    await rename(path, moved);
    await symlink(moved, path);
    const { database, name } = sotTables.acoes;
    for (const [table, price] of [
      [TABLE, 2],
      [`${database}.${name}`, 3],
      [TABLE, 2],
    ]) {
      expect((await ask(lake, `SELECT vlr_cot FROM ${table}`)).rows).toEqual([[price]]);
    }
  });

  test('reads no file outside through a link in the lake that is none of its files', async () => {
    const lake = await newFolder();
    await writeQuotes(lake, '2026-11-20', [quote('PETR4', 2)]);
    await symlink(outside, join(lake, 'link'));
    const refused = ask(lake, `FROM '${lake}/link/secret.csv', ${TABLE}`);
    await expect(refused).rejects.toThrow('may not');
  });

  test('reads the files of a folder that is allowed, and of no other', async () => {
    const other = await newFolder();
    await writeFile(join(other, 'secret.csv'), `a,b\n${SECRET},1\n`);
    const allowed = await openDuckDb(root, { allowedPaths: [outside] });
    try {
      const { rows } = await allowed.query({
        sql: `SELECT a, vlr_cot FROM read_csv('${outside}/secret.csv'), ${TABLE}`,
      });
      for await (const row of rows) expect(row).toEqual([SECRET, 38.72]);
      const refused = allowed.query({ sql: `FROM '${other}/secret.csv'` });
      await expect(refused).rejects.toThrow(`may not read ${other}/secret.csv`);
    } finally {
      allowed.close();
    }
  });
});
