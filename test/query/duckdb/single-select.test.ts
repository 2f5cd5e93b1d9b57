import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { QueryError, UsageError } from '../../../src/errors.ts';
import { ask, askInAthenasSql } from '../../support/engines.ts';
import { contentsBelow, filesBelow, newFolder } from '../../support/folders.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';

const TABLE = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';

let root: string;
let outside: string;
beforeAll(async () => {
  root = await newFolder();
  outside = await newFolder();
  await writeQuotes(root, '2026-11-20', [quote('PETR4', 38.72)]);
});

describe('a query', () => {
  test.each([
    ['copies to a file', "COPY (SELECT 1) TO '<outside>/copy.csv'"],
    ['copies a table', `COPY ${TABLE} TO '<outside>/copy.parquet'`],
    ['exports', "EXPORT DATABASE '<outside>/export'"],
    ['attaches a database', "ATTACH '<outside>/new.db'"],
    ['inserts', `INSERT INTO ${TABLE} SELECT * FROM ${TABLE}`],
    ['updates', `UPDATE ${TABLE} SET vlr_cot = 0`],
    ['deletes', `DELETE FROM ${TABLE}`],
    ['drops', `DROP VIEW ${TABLE}`],
    ['creates', 'CREATE TABLE t AS SELECT 1'],
    ['changes a setting', "SET TimeZone = 'America/Sao_Paulo'"],
    ['changes a setting by a pragma', 'PRAGMA threads = 1'],
    ['installs an extension', 'INSTALL httpfs'],
    ['has two statements', 'SELECT 1; SELECT 2'],
    ['hides a statement behind another', `SELECT 1; COPY (SELECT 1) TO '<outside>/second.csv'`],
    ['is a comment', '-- nothing'],
    ['explains a copy by making it', "EXPLAIN ANALYZE COPY (SELECT 1) TO '<outside>/plan.csv'"],
    ['explains what creates', 'EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1'],
    [
      'explains a copy with options',
      "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '<outside>/plan.csv'",
    ],
    [
      'explains a copy behind a comment',
      "EXPLAIN /* SELECT 1 */ ANALYZE COPY (SELECT 1) TO '<outside>/plan.csv'",
    ],
    [
      'explains a copy before what another parser takes for a comment',
      "EXPLAIN /* /* */ ANALYZE COPY (SELECT 1) TO '<outside>/plan.csv' -- */ SELECT 1",
    ],
    ['explains an explanation', 'EXPLAIN EXPLAIN SELECT 1'],
  ])('that %s is refused, and nothing is written', async (_, sql) => {
    const before = await contentsBelow(root);
    const error = await ask(root, sql.replaceAll('<outside>', outside)).catch(
      (each: unknown) => each,
    );
    expect.soft(error).toBeInstanceOf(UsageError);
    expect(await filesBelow(outside)).toEqual([]);
    expect(await contentsBelow(root)).toEqual(before);
  });

  test.each([
    ['ends in a semicolon', 'SELECT 1;'],
    ['stands between comments', '-- one\nSELECT 1 /* two */;'],
    ['begins with a name for a part of it', 'WITH x AS (SELECT 1 AS n) SELECT n FROM x'],
    ['is a union', 'SELECT 1 UNION ALL SELECT 1'],
    ['has a semicolon in a text', "SELECT ';' "],
    ['shows its plan', `EXPLAIN SELECT * FROM ${TABLE}`],
    ['shows its plan with times', `EXPLAIN ANALYZE SELECT * FROM ${TABLE}`],
    ['shows its plan with options', 'EXPLAIN (ANALYZE, FORMAT json) SELECT 1'],
    ['shows its plan as', "/* a */ explain -- b\n(format /* c */ 'json')SELECT 1"],
    ['shows its plan from parentheses', 'EXPLAIN(SELECT 1)'],
    ['describes a table', `DESCRIBE ${TABLE}`],
    ['lists the tables', 'SHOW ALL TABLES'],
  ])('that %s is answered', async (_, sql) => {
    expect((await ask(root, sql)).rows.length).toBeGreaterThan(0);
  });

  test('that names no table of the lake gets an error that lists them', async () => {
    const error = await ask(join(root), 'SELECT * FROM nowhere').catch((each: unknown) => each);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ hint: expect.stringContaining(TABLE) });
  });

  test('may leave the database out of a name', async () => {
    const rows = await ask(join(root), 'SELECT * FROM tbspec_fundamentus_cotacao_ativos');
    expect(rows).toBeDefined();
  });

  test.each([
    ['SELEC 1', 'Did you mean SELECT?'],
    ['SELECT * FORM acoes', 'Did you mean FROM?'],
    ["SELECT 'ações' form acoes", 'Did you mean FROM?'],
    ['SELECT vlr_cot FROM acoes WEHRE vlr_cot > 1', 'Did you mean WHERE?'],
    ['SELECT * FROM acoes WHERE vlr_ind_roe > 20%', '0.2 for 20%.'],
    ['SELECT * FROM acoes WHERE vlr_ind_roe > 1.1 % AND true', '0.011 for 1.1%.'],
    ['SELECT * FROM acao', 'Did you mean acoes?'],
    ['SELECT * FROM db_pynvest_spec.cotacao', 'Did you mean cotacoes?'],
    ['SELECT * FROM acoess', 'Did you mean acoes?'],
    ['SELECT * FROM tbspec_fundamentus_cotacao_ativo', `Did you mean ${TABLE}?`],
    ['SELECT * FROM indicadores', 'Did you mean acoes, or fiis?'],
    ['SELECT * FROM proventos', 'Did you mean eventos?'],
    ['SELECT * FROM eventosB3', 'Did you mean eventos?'],
    [
      'SELECT * FROM acoes WHERE nome_papel = "TUCA3"',
      "Text stands between single quotes: 'TUCA3'.",
    ],
    [
      'SELECT * FROM acoes WHERE nome_papel = DEMO11',
      "Text stands between single quotes: 'DEMO11'.",
    ],
    ['SELECT "vlr_cott" FROM acoes', 'Did you mean vlr_cot?'],
    ['SELECT p/vp FROM acoes', 'Did you mean vlr_ind_p_sobre_vp?'],
    ['SELECT P / VP FROM fiis', 'Did you mean vlr_p_sobre_vp?'],
  ])('with a slip, %s, names what may be meant', async (sql, hint) => {
    expect(await ask(root, sql).catch((each: unknown) => each)).toMatchObject({
      hint: expect.stringContaining(hint),
    });
  });

  test('to a name of one letter nothing is similar', async () => {
    const error = await ask(root, 'SELECT x FROM acoes').catch((each: unknown) => each);
    expect(error).toMatchObject({ message: 'there is no column x' });
    expect(String(error)).not.toContain('Did you mean');
    expect((error as QueryError).hint).not.toContain('Did you mean');
  });

  test('that cannot be answered says why in one line', async () => {
    for (const [sql, reason] of [
      ['SELEC 1', /syntax error at or near "SELEC"/],
      [`SELECT vlr_cott FROM ${TABLE}`, /^there is no column vlr_cott$/],
      [
        `SELECT CAST(tipo_ativo AS integer) FROM ${TABLE}`,
        /^"Ação" is not a value of the type integer$/,
      ],
    ] as const) {
      const error = await ask(root, sql).catch((each: unknown) => each);
      expect(error).toBeInstanceOf(QueryError);
      expect(error).toMatchObject({ message: expect.stringMatching(reason) });
      expect(String(error)).not.toContain('\n');
    }
  });
});

describe("a text in Athena's SQL", () => {
  test.each([
    `WITH x AS (SELECT 1) INSERT INTO ${TABLE} SELECT * FROM ${TABLE}`,
    `COPY ${TABLE} TO '<outside>/copy.csv'`,
    'SELECT 1; SELECT 2',
    "SELECT * FROM query('SELECT 1')",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '<outside>/plan.csv'",
  ])('only reads: %s is refused', async (sql) => {
    const text = sql.replaceAll('<outside>', outside);
    const error = await askInAthenasSql(root, text).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(UsageError);
    expect(await filesBelow(outside)).toEqual([]);
  });

  test.each([
    ['PIVOT', `PIVOT ${TABLE} ON tipo_ativo USING max(vlr_cot)`],
    ['SUMMARIZE', `SUMMARIZE ${TABLE}`],
    ['EXPLAIN (ANALYZE)', 'EXPLAIN (ANALYZE) SELECT 1'],
  ])('has no %s', async (verb, sql) => {
    await expect(askInAthenasSql(root, sql)).rejects.toThrow(`Athena has no ${verb}`);
  });

  test.each([
    `SHOW ALL TABLES`,
    `DESCRIBE ${TABLE}`,
    `EXPLAIN SELECT count(*) FROM ${TABLE}`,
    `EXPLAIN /* a */ ANALYZE SELECT count(*) FROM ${TABLE}`,
    `EXPLAIN (FORMAT JSON) SELECT count(*) FROM ${TABLE}`,
    `-- one\nSELECT codigo_ticker_ativo /* two */ FROM ${TABLE};`,
    `SELECT count(*) FROM glob('<root>/*')`,
  ])('is answered: %s', async (sql) => {
    const { rows } = await askInAthenasSql(root, sql.replace('<root>', root));
    expect(rows.length).toBeGreaterThan(0);
  });
});
