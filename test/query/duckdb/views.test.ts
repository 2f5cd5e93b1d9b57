import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tables } from '../../../src/catalog/datasets.ts';

import { openDuckDb } from '../../../src/query/duckdb/engine.ts';
import {
  createNamedViewStatements,
  createViewStatement,
  findNamedTables,
  findNeededTables,
} from '../../../src/query/duckdb/views.ts';
import { findReadTables, namedViews } from '../../../src/query/named-views.ts';
import { ask, askOne } from '../../support/engines.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { day, quote, typed, writeQuotes, writeRowsTo } from '../../support/made-up-lake.ts';
import { sotTables, specTable } from '../../support/tables.ts';

const DUCKDB_TYPES = {
  ...{ string: 'VARCHAR', double: 'DOUBLE', bigint: 'BIGINT' },
  ...{ date: 'DATE', boolean: 'BOOLEAN' },
};

/** The columns that a table must show, with the types that DuckDB has for the catalog's. */
function expectedColumns(index: number): unknown[][] {
  const columns = tables[index]?.columns ?? [];
  return [
    ...columns.map(({ name, type }) => [name, DUCKDB_TYPES[type]]),
    [tables[index]?.partition.column, 'INTEGER'],
  ];
}

async function describeTable(root: string, index: number): Promise<unknown[][]> {
  const table = tables[index];
  const { rows } = await ask(root, `DESCRIBE ${table?.database}.${table?.name}`);
  return rows.map(([name, type]) => [name, type]);
}

describe('a view', () => {
  test('has the catalog’s columns and types in its order and the partition last, without any files', async () => {
    const root = join(await newFolder(), 'nowhere');
    for (const [index, table] of tables.entries()) {
      expect(await describeTable(root, index)).toEqual(expectedColumns(index));
      const sql = `SELECT * FROM ${table.database}.${table.name}`;
      const { columns, rows } = await ask(root, sql);
      expect(columns.at(-1)).toBe(table.partition.column);
      expect(rows).toEqual([]);
    }
    expect(await filesBelow(root)).toEqual([]);
  });

  test('has the same columns and types with files', async () => {
    const root = await newFolder();
    for (const [index, table] of tables.entries()) {
      if (table.partition.grain !== 'day') continue;
      await writeRowsTo(root, table, '2026-11-20', [{ [table.tickerColumn]: 'PETR4' }]);
      expect(await describeTable(root, index)).toEqual(expectedColumns(index));
    }
    const columns = await describeTable(root, tables.indexOf(specTable));
    expect(columns.map(([name]) => name)).toEqual([
      ...specTable.columns.map(({ name }) => name),
      'anomesdia_exec',
    ]);
  });

  test('shows every day and every file of a day', async () => {
    const root = await newFolder();
    await writeQuotes(root, '2026-11-19', [quote('PETR4', 1)]);
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 2)]);
    await writeRowsTo(root, specTable, '2026-11-20', [quote('VALE3', 3)], 'acoes-1.cotacao');
    const sql = `SELECT anomesdia_exec, codigo_ticker_ativo, vlr_cot
      FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos ORDER BY vlr_cot`;
    expect((await ask(root, sql)).rows).toEqual([
      [20261119, 'PETR4', 1],
      [20261120, 'PETR4', 2],
      [20261120, 'VALE3', 3],
    ]);
  });

  test.each([
    ["O'Brien's lake"],
    ['two  spaces and ção'],
    ['[brackets] and [a-z]'],
    ['star*s and **'],
    ['what? {a,b} 100% $1'],
    ['say "lake"'],
    ['env=prod'],
  ])('finds its files in a folder named %s, and none in a folder like it', async (name) => {
    const parent = await newFolder();
    const root = join(parent, name);
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
    await writeQuotes(join(parent, 'x'), '2026-11-20', [quote('WRONG3', 1)]);
    const sql = `SELECT codigo_ticker_ativo, vlr_cot
      FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos ORDER BY 1`;
    expect((await ask(root, sql)).rows).toEqual([['PETR4', 38.72]]);
  });

  test('sees what was written after the engine was opened', async () => {
    const root = await newFolder();
    const engine = await openDuckDb(root);
    const count = async (): Promise<unknown> => {
      const sql = 'SELECT count(*) FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';
      for await (const [value] of (await engine.query({ sql })).rows) return value;
      return undefined;
    };
    expect(await count()).toBe(0n);
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 1)]);
    expect(await count()).toBe(1n);
    expect(await engine.newestPartition(specTable)).toBe(day('2026-11-20'));
    engine.close();
  });

  test('can be joined with the view of another table', async () => {
    const root = await newFolder();
    await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
    const row = typed('acoes', 'PETR4', { vlr_ind_roe: 0.25 });
    await writeRowsTo(root, sotTables.acoes, '2026-11-20', [row]);
    expect(
      await askOne(
        root,
        `SELECT c.vlr_cot, i.vlr_ind_roe
         FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos c
         JOIN db_pynvest_sot.tbsot_fundamentus_indicadores_acoes_prep i
           ON i.nome_papel = c.codigo_ticker_ativo AND i.anomesdia_exec = c.anomesdia_exec`,
      ),
    ).toEqual([38.72, 0.25]);
  });
});

describe('the tables that a statement reads', () => {
  test.each([
    ['SELECT 1 FROM cotacoes c JOIN "historico" h ON true', ['cotacoes', 'historico']],
    ['select 1 from acoes, (select 2 from fiis) f, Eventos', ['acoes', 'fiis', 'eventos']],
    ['SELECT 1 FROM (cotacoes CROSS JOIN acoes)', ['cotacoes', 'acoes']],
    ['WITH x AS (SELECT * FROM fiis) SELECT * FROM x', ['fiis']],
    ['WITH cotacoes AS (SELECT 1 AS n) SELECT * FROM cotacoes', []],
    ['WITH a AS (SELECT 1 x), Fiis (n) AS (SELECT * FROM acoes) SELECT * FROM fiis, a', ['acoes']],
    // The SELECT of a table does not see itself, unless it is recursive.
    ['WITH cotacoes AS (SELECT * FROM cotacoes) SELECT * FROM cotacoes', ['cotacoes']],
    [
      'WITH RECURSIVE fiis (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM fiis WHERE n < 3) SELECT * FROM fiis',
      [],
    ],
    // Only the SELECT of its WITH knows it.
    [
      'SELECT * FROM (WITH acoes AS (SELECT 1) SELECT * FROM acoes) x JOIN acoes ON true',
      ['acoes'],
    ],
    ['DESCRIBE cotacoes', ['cotacoes']],
    ["SELECT 'cotacoes' AS x", []],
    ['SELECT 1 AS historico -- FROM cotacoes\n/* JOIN fiis */', []],
    ['SELECT a, historico, cotacoes FROM fiis f', ['fiis']],
    ['SELECT 1 FROM fiis ORDER BY cotacoes, acoes', ['fiis']],
  ])('%s', (sql, views) => {
    const wanted = namedViews.filter(({ name }) => views.includes(name));
    const found = wanted.flatMap((view) => view.tables);
    expect(findReadTables(sql, tables)).toEqual(tables.filter((table) => found.includes(table)));
  });

  test('are found by their own names, with that of their database', () => {
    const name = `${specTable.database}.${specTable.name.toUpperCase()}`;
    expect(findReadTables(`SELECT 1 FROM awsdatacatalog.${name}`, tables)).toEqual([specTable]);
    expect(findReadTables(`SELECT '${name}'`, tables)).toEqual([]);
  });
});

describe('the tables that a text of SQL names', () => {
  test('are found in any case; where it names none, it may need all', () => {
    const sql = 'select * from DB_PYNVEST_SPEC.TBSPEC_Fundamentus_Cotacao_Ativos';
    expect(findNamedTables(sql, tables)).toEqual([specTable]);
    expect(findNeededTables(sql, tables)).toEqual([specTable]);
    expect(findNamedTables('SHOW ALL TABLES', tables)).toEqual([]);
    expect(findNeededTables('SHOW ALL TABLES', tables)).toEqual(tables);
    expect(findNeededTables('SELECT count(*) FROM duckdb_views()', tables)).toEqual(tables);
    expect(findNeededTables('select table_name from information_schema.tables', tables)).toEqual(
      tables,
    );
    expect(findNeededTables("SELECT * FROM query_table('tb' || 'spec')", tables)).toEqual(tables);
    for (const sql of ["date_add('day', 1, current_date)", '* FROM (VALUES 1)', "* FROM 'a.csv'"]) {
      expect(findNeededTables(`SELECT ${sql}`, tables)).toEqual([]);
    }
  });

  test.each([
    "SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%acoes%'",
    'SELECT view_name FROM duckdb_views() -- as cotacoes',
    `SELECT * FROM query_table('${specTable.name}' || '')`,
  ])('do not hide the others from what lists them all: %s', (sql) => {
    expect(findNeededTables(sql, tables)).toEqual(tables);
    expect(createNamedViewStatements(sql, tables, true)).toHaveLength(namedViews.length);
  });

  test('are alone in a text that describes one', () => {
    expect(findNeededTables(`DESCRIBE ${specTable.name}`, tables)).toEqual([specTable]);
  });

  test('are empty and typed in the view of a table that has no files', () => {
    expect(createViewStatement(specTable, [])).toMatch(
      /^CREATE OR REPLACE VIEW "db_pynvest_spec"\./,
    );
    expect(createViewStatement(specTable, [])).toMatch(/WHERE false$/);
  });
});
