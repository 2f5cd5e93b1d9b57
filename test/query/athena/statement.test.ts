import { describe, expect, test } from 'vitest';
import { QueryError, UsageError } from '../../../src/errors.ts';
import { createAthenaStatement } from '../../../src/query/athena/statement.ts';

const own = { sor: 'my_sor', sot: 'my_sot', spec: 'my_spec' };
const QUOTES = 'tbspec_fundamentus_cotacao_ativos';
const STOCKS = 'tbsot_fundamentus_indicadores_acoes_prep';
const forAthena = (sql: string): string => createAthenaStatement(sql, own);

describe('a text for Athena', () => {
  test.each([
    ['inserts', `INSERT INTO ${QUOTES} SELECT * FROM ${QUOTES}`],
    ['creates', 'CREATE TABLE t AS SELECT 1'],
    ['drops', `DROP TABLE ${QUOTES}`],
    ['unloads', `UNLOAD (SELECT 1) TO 's3://b/k' WITH (format = 'PARQUET')`],
    ['merges', `MERGE INTO ${QUOTES} USING t ON true WHEN MATCHED THEN DELETE`],
    ['updates', `UPDATE ${QUOTES} SET vlr_cot = 0`],
    ['deletes', `/* only */ DELETE FROM ${QUOTES}`],
    ['repairs', `MSCK REPAIR TABLE ${QUOTES}`],
    ['alters', `ALTER TABLE ${QUOTES} DROP PARTITION (anomesdia_exec = 20261120)`],
    ['vacuums', `VACUUM ${QUOTES}`],
    ['optimizes', `OPTIMIZE ${QUOTES} REWRITE DATA USING BIN_PACK`],
    ['prepares', 'PREPARE p FROM SELECT 1'],
    ['executes', 'EXECUTE p'],
    ['calls', 'CALL system.sync_partition_metadata()'],
    ['grants', `GRANT SELECT ON ${QUOTES} TO PUBLIC`],
    ['explains an insertion by making it', 'EXPLAIN ANALYZE INSERT INTO t SELECT 1'],
    ['explains with options', 'EXPLAIN (TYPE IO, FORMAT JSON) DELETE FROM t'],
    ['explains at length', 'EXPLAIN ANALYZE VERBOSE CREATE TABLE t AS SELECT 1'],
    ['inserts after a name', 'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x'],
    ['has two statements', 'SELECT 1; SELECT 2'],
    ['hides one after a quote', `SELECT ';'; DROP TABLE ${QUOTES}`],
    ['hides one after a comment', `SELECT 1 -- '\n; DROP TABLE ${QUOTES} -- '`],
    ['hides one after a doubled quote', `SELECT ''''; DROP TABLE ${QUOTES}`],
    ['hides one after a quoted name', `SELECT 1 AS "a""b"; DROP TABLE ${QUOTES}`],
    ['is a comment', '-- nothing'],
    ['is nothing', ' ;'],
  ])('that %s is refused', (_, sql) => {
    expect(() => forAthena(sql)).toThrow(UsageError);
  });

  test.each([
    ['a slip of the pen', 'SELEC 1', /syntax error at "SELEC"/],
    ['a quote without an end', "SELECT 1,\n 'x", /line 2 does not end/],
    ['a comment without an end', 'SELECT 1 /* x', /a comment .* does not end/],
  ])('with %s says so', (_, sql, message) => {
    expect(() => forAthena(sql)).toThrow(QueryError);
    expect(() => forAthena(sql)).toThrow(message);
  });

  test.each([
    'SELECT 1',
    'select 1 /* ; DROP TABLE t */',
    "SELECT 'it''s; -- no comment'",
    '(SELECT 1) UNION ALL (SELECT 2)',
    'WITH x AS (SELECT 1 AS n), y AS (SELECT 2) SELECT n FROM x',
    'WITH x AS (SELECT 1 AS n) (SELECT n FROM x)',
    'VALUES (1), (2)',
    'TABLE t',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN (FORMAT JSON) SELECT 1',
    'EXPLAIN (SELECT 1)',
    'SHOW TABLES',
    'DESCRIBE t',
    'SELECT "delete", update FROM t',
  ])('passes as it is: %s', (sql) => {
    expect(forAthena(sql)).toBe(sql.replace(/\s*\/\*.*\*\/$/, ''));
  });

  test('ends without semicolons, and keeps the comments within', () => {
    expect(forAthena('SELECT -- one\n1 ; ; -- end')).toBe('SELECT -- one\n1');
  });

  test.each([
    [`SELECT * FROM db_pynvest_spec.${QUOTES}`, `SELECT * FROM my_spec.${QUOTES}`],
    [`SELECT * FROM ${QUOTES} AS q`, `SELECT * FROM my_spec.${QUOTES} AS q`],
    [`SELECT * FROM "${QUOTES}"`, `SELECT * FROM my_spec."${QUOTES}"`],
    [
      `SELECT ${QUOTES}.vlr_cot FROM ${QUOTES} JOIN db_pynvest_sot.${STOCKS} ON true, ${STOCKS}`,
      `SELECT ${QUOTES}.vlr_cot FROM my_spec.${QUOTES} JOIN my_sot.${STOCKS} ON true, my_sot.${STOCKS}`,
    ],
    [`DESCRIBE ${QUOTES.toUpperCase()}`, `DESCRIBE my_spec.${QUOTES.toUpperCase()}`],
    [`SELECT '${QUOTES}' -- ${QUOTES}\nFROM t`, `SELECT '${QUOTES}' -- ${QUOTES}\nFROM t`],
    ['SHOW TABLES IN db_pynvest_spec', 'SHOW TABLES IN my_spec'],
    [`SHOW COLUMNS IN db_pynvest_spec.${QUOTES}`, `SHOW COLUMNS IN my_spec.${QUOTES}`],
    ["show tables from DB_PYNVEST_SOT '*acoes*'", "show tables from my_sot '*acoes*'"],
    [`SHOW COLUMNS IN ${QUOTES}`, `SHOW COLUMNS IN my_spec.${QUOTES}`],
    [`SHOW COLUMNS FROM ${QUOTES} IN db_pynvest_spec`, `SHOW COLUMNS FROM ${QUOTES} IN my_spec`],
    [`SHOW PARTITIONS db_pynvest_spec.${QUOTES}`, `SHOW PARTITIONS my_spec.${QUOTES}`],
    // A text is what it is, and a name that is no database is none.
    [
      "SELECT db_pynvest_spec FROM t WHERE table_schema = 'db_pynvest_spec'",
      "SELECT db_pynvest_spec FROM t WHERE table_schema = 'db_pynvest_spec'",
    ],
    [`SELECT * FROM other.${QUOTES}`, `SELECT * FROM other.${QUOTES}`],
    [
      `WITH ${QUOTES} AS (SELECT 1) SELECT * FROM ${QUOTES}`,
      `WITH ${QUOTES} AS (SELECT 1) SELECT * FROM ${QUOTES}`,
    ],
  ])('has the tables by their own names: %s', (sql, expected) => {
    expect(forAthena(sql)).toBe(expected);
  });

  test('quotes a database whose name needs it', () => {
    expect(createAthenaStatement(`SELECT * FROM ${QUOTES}`, { ...own, spec: 'my-spec' })).toBe(
      `SELECT * FROM "my-spec".${QUOTES}`,
    );
    const digits = { ...own, spec: '2026_spec' };
    expect(createAthenaStatement(`SELECT * FROM ${QUOTES}`, digits)).toBe(
      `SELECT * FROM "2026_spec".${QUOTES}`,
    );
    expect(createAthenaStatement(`DESCRIBE ${QUOTES}`, digits)).toBe(
      `DESCRIBE \`2026_spec\`.${QUOTES}`,
    );
    expect(createAthenaStatement('SHOW TABLES IN db_pynvest_spec', digits)).toBe(
      'SHOW TABLES IN `2026_spec`',
    );
  });

  test('has the short names as the SELECTs that they stand for, where a table may be', () => {
    expect(forAthena('SELECT * FROM acoes')).toBe(
      `SELECT * FROM (SELECT * FROM my_sot.${STOCKS}) AS acoes`,
    );
    expect(
      forAthena('SELECT a.x FROM db_pynvest_spec.acoes a JOIN "acoes" AS b ON a.x = b.x'),
    ).toBe(
      `SELECT a.x FROM (SELECT * FROM my_sot.${STOCKS}) a JOIN (SELECT * FROM my_sot.${STOCKS}) AS b ON a.x = b.x`,
    );
    expect(forAthena('SELECT x FROM cotacoes WHERE x > 1')).toBe(
      `SELECT x FROM (SELECT * FROM my_spec.${QUOTES}) AS cotacoes WHERE x > 1`,
    );
    for (const text of [
      'SELECT acoes, fiis FROM t',
      'WITH acoes AS (SELECT 1) SELECT * FROM acoes',
      'SELECT * FROM other.acoes',
      "SELECT 'FROM acoes'",
    ]) {
      expect(forAthena(text)).toBe(text);
    }
  });
});

test('adjusted prices after an import that was not completed are not proved', () => {
  const sql = 'SELECT ajuste_provado FROM cotacoes_ajustadas';
  expect(createAthenaStatement(sql, own)).toContain('coalesce(f.provado_acumulado, true)');
  const pending = createAthenaStatement(sql, own, false);
  expect(pending).toContain('false AS ajuste_provado');
  expect(pending).not.toContain('provado_acumulado');
});
