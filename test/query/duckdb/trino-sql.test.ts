import { beforeAll, describe, expect, test } from 'vitest';
import { getPartition } from '../../../src/catalog/partition.ts';
import type { QueryError } from '../../../src/errors.ts';
import {
  askInAthenasSql as ask,
  ask as askInDuckDb,
  askOneInAthenasSql as askOne,
} from '../../support/engines.ts';
import { newFolder } from '../../support/folders.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';

const TABLE = 'db_pynvest_spec.tbspec_fundamentus_cotacao_ativos';
const empty = newFolder();
const one = async (expression: string): Promise<unknown> =>
  (await askOne(await empty, `SELECT ${expression}`))[0];

const TEXTS = Array.from({ length: 30 }, (_, at) => `'${at}'`).join(', ');
const THIRTY = Array.from({ length: 30 }, (_, at) => at).join(', ');

describe('the SQL of Athena', () => {
  test('casts with its names of types', async () => {
    expect(await one("CAST('20261120' AS integer)")).toBe(20261120);
    expect(await one("CAST('9007199254740993' AS bigint)")).toBe(9007199254740993n);
    expect(await one("CAST('38.72' AS double)")).toBe(38.72);
    expect(await one("CAST('38.72' AS decimal(10, 1))")).toBe(38.7);
    expect(await one('CAST(20261120 AS varchar)')).toBe('20261120');
    expect(await one("CAST('2026-11-20' AS date)")).toBe('2026-11-20');
    expect(await one("TRY_CAST('x' AS integer)")).toBeNull();
  });

  test('looks into text by a pattern', async () => {
    expect(await one("regexp_like('1a 2b 14m', '\\d+b')")).toBe(true);
    expect(await one("regexp_like('PETR4', '^VALE')")).toBe(false);
    expect(await one("regexp_like('PETR4', '[0-9]$')")).toBe(true);
    expect(await one("regexp_like(NULL, 'x')")).toBeNull();
  });

  test.each([
    ["regexp_replace('1a 2b 14m', '\\d+[ab] ')", '14m'],
    ["regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')", '3ca 3cb 14m'],
    ["regexp_replace('a.b.c', '\\.', ',')", 'a,b,c'],
    ["regexp_replace(NULL, 'a', 'b')", null],
    ["regexp_extract('1a 2b 14m', '\\d+')", '1'],
    ["regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", 'a'],
    ["regexp_extract('PETR', '\\d+')", null],
    ["regexp_extract('PETR', '(\\d+)', 1)", null],
  ])('replaces and takes out by a pattern: %s', async (expression, expected) => {
    expect(await one(expression)).toBe(expected);
  });

  test.each([
    ["concat('a', 'b', 'c', 'd')", 'abcd'],
    ["concat('a', NULL, 'c')", null],
    ['greatest(1, 3, 2)', 3],
    ['greatest(1, NULL)', null],
    ["greatest(DATE '2026-11-20', DATE '2026-11-23')", '2026-11-23'],
    ['least(1.5e0, 3e0)', 1.5],
    ['least(NULL, 3)', null],
    ['least(9, 8, 7, 6, 5, 4, 3, 2, 1)', 1],
    [`concat(${TEXTS})`, Array.from({ length: 30 }, (_, at) => at).join('')],
    [`greatest(${THIRTY})`, 29],
    [`least(NULL, ${THIRTY.replace('0, ', '')})`, null],
  ])('has nothing where a value is missing: %s', async (expression, expected) => {
    expect(await one(expression)).toEqual(expected);
  });

  test('takes values out of JSON text', async () => {
    const json = `'{"Sede": "Rio", "n": {"x": 1.5}, "lista": ["a", "b"], "nada": null}'`;
    expect(await one(`json_extract_scalar(${json}, '$.Sede')`)).toBe('Rio');
    expect(await one(`json_extract_scalar(${json}, '$.n.x')`)).toBe('1.5');
    expect(await one(`json_extract_scalar(${json}, '$.lista[1]')`)).toBe('b');
    expect(await one(`json_extract_scalar(${json}, '$.fora')`)).toBeNull();
    expect(await one(`json_extract_scalar(${json}, '$.nada')`)).toBeNull();
    expect(await one("json_extract_scalar(NULL, '$.a')")).toBeNull();
  });

  test('takes values out of JSON text by a name with spaces, as the labels of the site have', async () => {
    const json = `'{"Dív. Tributária": "12.345", "Últimos 3 meses: Lucro": "1"}'`;
    expect(await one(`json_extract_scalar(${json}, '$["Dív. Tributária"]')`)).toBe('12.345');
    expect(await one(`json_extract_scalar(${json}, '$["Últimos 3 meses: Lucro"]')`)).toBe('1');
  });

  test('has no scalar where the JSON holds a list or an object', async () => {
    expect(await one(`json_extract_scalar('{"a": [1], "b": {}}', '$.a')`)).toBeNull();
    expect(await one(`json_extract_scalar('{"a": [1], "b": {}}', '$.b')`)).toBeNull();
  });

  test('counts roughly, takes any value and reads ISO 8601', async () => {
    expect(await one('approx_distinct(x) FROM (VALUES (1), (1), (2)) t(x)')).toBe(2n);
    expect(await one("arbitrary(x) FROM (VALUES ('a'), ('a')) t(x)")).toBe('a');
    expect(await one("from_iso8601_date('2026-11-20')")).toBe('2026-11-20');
    expect(
      await one(
        "date_format(from_iso8601_timestamp('2026-11-20T18:45:00.000-03:00'), '%Y-%m-%d %T')",
      ),
    ).toBe('2026-11-20 18:45:00');
  });
});

describe('a text that only DuckDB reads is refused', () => {
  test.each([
    ["'a' !~ 'b'", 'Athena has no ~'],
    ["'a' SIMILAR TO 'b'", 'Athena has no SIMILAR TO'],
    ["e'a'", "Athena has no E'…'"],
    ['$$a$$', 'Athena has no $'],
    ['?', 'parameters (?) are not supported here'],
    ['a: 1', 'Athena has no :'],
    ['0x1F', 'the local lake does not read 0x1F, which Athena does'],
    ["x'65'", "the local lake does not read X'…', which Athena has"],
    ['1a', 'Athena has no number 1a'],
    ['CAST(1 AS text)', 'Athena has no type text'],
    ['CAST(ARRAY[1] AS array(varchar))', 'the local lake does not cast to an array'],
    ['TRY_CAST(1 + 1 AS float)', 'Athena has no type float'],
    ['true IS NOT FALSE', 'Athena has no IS NOT FALSE'],
    ['1 ISNULL', 'in Athena ISNULL is a name; here it is not supported'],
    ['current_user', 'the local lake has no current_user as Athena has it'],
    ['1 AS current_user', 'Athena does not take current_user for a name'],
    ['1 AS current_date', 'Athena does not take current_date for a name'],
    ['x, FROM (VALUES 1) t(x)', 'Athena takes no comma before FROM'],
    ['#1 FROM (VALUES 1) t(x)', 'Athena has no #'],
    ['x FROM (VALUES 1) t(x) LIMIT 1.5', 'Athena takes only a whole number after LIMIT'],
    ['x FROM (VALUES 1) t(x) LIMIT 10%', 'Athena takes only a whole number after LIMIT'],
    ['x FROM (VALUES 1) t(x) OFFSET 0.5', 'Athena takes only a whole number after OFFSET'],
    ['x FROM (VALUES 1) t(x) FETCH FIRST 1.5 ROWS ONLY', 'a whole number after FETCH'],
    ['1 FROM (VALUES 1) t(x) JOIN (VALUES 1) u(y) ON 1', 'Athena takes only a condition after ON'],
    ['1 FROM (VALUES 1) t(x) NATURAL JOIN (VALUES 1) u(x)', 'Athena has no NATURAL JOIN'],
    ['1 FROM (VALUES 1) t(x) SEMI JOIN (VALUES 1) u(x) USING (x)', 'Athena has no SEMI JOIN'],
    ["* FROM (VALUES 1) t(x) UNION SELECT 'a'", 'Athena does not take a number for a text'],
  ])('%s', async (rest, message) => {
    await expect(one(rest)).rejects.toThrow(message);
  });

  test('and what looks like it is read', async () => {
    expect(await one("'~ $ # 1,' WHERE 1e-3 < 1_000")).toBe('~ $ # 1,');
    expect(await one('x FROM (VALUES 1, 2) t(x) WHERE x IS NOT NULL OFFSET 1 LIMIT 1')).toBe(2);
    expect(await one('x FROM (VALUES 1) t(x) ORDER BY 1 FETCH FIRST ROW ONLY')).toBe(1);
    expect(await one('1 AS session_user, 2 AS "current_user"')).toBe(1);
    expect(await one('text FROM (VALUES 1) t(text) UNION SELECT 1')).toBe(1);
  });
});

test.each(['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN'])(
  'IS %s is refused with a hint that gives the same',
  async (truth) => {
    const error = await one(`x IS ${truth} FROM (VALUES true) t(x)`).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ message: `Athena has no IS ${truth}` });
    const hint = /^Write (.+)\.$/.exec((error as QueryError).hint ?? '')?.[1];
    const values = 'FROM (VALUES (true), (false), (NULL)) t(x) ORDER BY x';
    const { rows } = await askInDuckDb(await empty, `SELECT x IS ${truth} ${values}`);
    expect((await ask(await empty, `SELECT ${hint} ${values}`)).rows).toEqual(rows);
  },
);

test.each([
  ['median(1)', 'DuckDB has it: --dialect duckdb reads its SQL.'],
  ['foo(1)', undefined],
  ["lenght('a')", 'Did you mean length?'],
])('Athena has no function in %s', async (expression, hint) => {
  const error = await one(expression).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: expect.stringMatching(/^Athena has no function \w+$/) });
  expect((error as QueryError).hint).toBe(hint);
});

test('a number of single precision is the shortest decimal that gives it', async () => {
  expect(await one('CAST(11.82 AS real)')).toBe(11.82);
  expect(await one('ARRAY[CAST(46.48 AS real), CAST(2 AS real)]')).toBe('[46.48, 2.0]');
});

test('the day of today has no name, as in Athena', async () => {
  expect((await ask(await empty, 'SELECT current_date, 1 AS n')).columns).toEqual(['_col0', 'n']);
});

test('a part of a text of no length is empty, and parts are counted from one', async () => {
  expect(await one("substr('abc', 2, -1)")).toBe('');
  expect(await one("substr('abc', 2, 0)")).toBe('');
  await expect(one("split_part('a,b', ',', 0)")).rejects.toThrow('Athena counts from 1');
});

test.each([
  ["try(split_part('a-b', '-', 2))", 'b'],
  ["try(split_part('a-b', '-', 0))", null],
  ["TRY(CAST(split_part('a-7', '-', 2) AS integer))", 7],
  ["TRY(CAST(split_part('a-b', '-', 2) AS integer))", null],
  ["try(date_format(DATE '2026-11-19', '%Y'))", '2026'],
  ["try(date_format(DATE '2026-11-19', '%D'))", null],
])('%s is tried', async (expression, expected) => {
  expect(await one(expression)).toBe(expected);
});

test.each([
  ["try(codepoint('a'))", 'the local lake does not try codepoint'],
  ['try(1 + random())', 'the local lake does not try random'],
  ['try(ARRAY[1][2])', 'the local lake does not try an element'],
  ['try(1 / 0)', 'the local lake does not try a division'],
])('%s is not tried', async (expression, message) => {
  await expect(one(expression)).rejects.toThrow(message);
});

describe('a table of a WITH', () => {
  test.each([
    [
      'of another has the same name',
      'WITH t(a, b) AS (WITH u AS (SELECT 1, 2) SELECT * FROM u), s(c) AS (WITH u AS (SELECT 9) SELECT * FROM u) SELECT * FROM t CROSS JOIN s',
      [1, 2, 9],
    ],
    [
      'has columns of its own',
      'SELECT * FROM (WITH u AS (SELECT 1 AS k) SELECT k AS k FROM u) a CROSS JOIN (WITH u AS (SELECT 2 AS j) SELECT j AS j FROM u) b',
      [1, 2],
    ],
    [
      'hides the one that it reads',
      'WITH u AS (SELECT 1 AS k) SELECT * FROM (WITH u AS (SELECT k AS j FROM u) SELECT j AS j FROM u) t(n)',
      [1],
    ],
    [
      'hides the one that another reads',
      'WITH u AS (SELECT 1 AS k), v AS (SELECT k FROM u) SELECT * FROM (WITH u AS (SELECT 2 AS j, 3 AS i) SELECT v.k AS k, j FROM v CROSS JOIN u) t(a, b)',
      [1, 2],
    ],
  ])('%s', async (_, sql, row) => {
    expect(await askOne(await empty, sql)).toEqual(row);
  });

  test.each([
    [
      'WITH u AS (SELECT 1 AS k) SELECT * FROM (WITH u AS (SELECT 2 AS j) SELECT j + 1 AS k, k + 1 AS l FROM u) t',
      'there is no column k',
    ],
    [
      'WITH u(a) AS (SELECT 1), v(b) AS (SELECT a AS a, 2 FROM u) SELECT b AS b FROM v',
      'v has 2 columns, but 1 name is given',
    ],
    ['WITH u(a, b) AS (SELECT 1) SELECT a FROM u', 'u has 1 column, but 2 names are given'],
    [
      'WITH RECURSIVE r(n) AS (SELECT 1, 2 UNION ALL SELECT n + 1, n FROM r WHERE n < 3) SELECT n FROM r',
      'r has 2 columns, but 1 name is given',
    ],
  ])('is refused: %s', async (sql, message) => {
    await expect(askOne(await empty, sql)).rejects.toThrow(message);
  });
});

test.each([
  ['length(1)', 'length does not take a number'],
  ["date_diff('day', 1, 2)", 'date_diff does not take these values'],
  ['substr(1, 2)', 'substr does not take these values'],
  ['substring(1 FROM 2)', 'substring does not take these values'],
  ["truncate('a')", 'truncate does not take these values'],
  ["split_part(1, '-', 2)", 'split_part does not take these values'],
  ['contains(1, 1)', 'contains does not take a number and a number'],
  ['array_max(1)', 'a function does not take a number and a text'],
  ["1 + 'a'", '+ does not take a number and a text'],
  ["substr('a')", 'substr does not take these values'],
  ['2147483647 + 1', 'the result is out of the range of its type: 2147483647 + 1'],
  ['CAST(3000000000 AS integer)', '3000000000 is out of the range of its type'],
  ["CAST('x' AS integer)", '"x" is not a whole number'],
  ["CAST('1.5' AS bigint)", '"1.5" is not a whole number'],
  ["CAST('300000000000' AS integer)", '"300000000000" is not a value of the type integer'],
  ["CAST('x' AS double)", '"x" is not a number'],
  ["CAST('x' AS real)", '"x" is not a number'],
  ["CAST('1,5' AS decimal(5, 1))", '"1,5" is not a number'],
  ["CAST('123456.5' AS decimal(5, 1))", '"123456.5" is not a value of the type decimal(5,1)'],
  ["CAST('yes' AS boolean)", '"yes" is not a boolean'],
  ["CAST('19/11/2026' AS date)", '"19/11/2026" is not a day (YYYY-MM-DD)'],
  ["DATE '19/11/2026'", '"19/11/2026" is not a day (YYYY-MM-DD)'],
  ["DATE '2026-02-30'", '"2026-02-30" is not a day'],
  ["CAST('19/11/2026' AS timestamp)", '"19/11/2026" is not a time (YYYY-MM-DD HH:MM:SS)'],
  ["TIMESTAMP 'a: b'", '"a: b" is not a time (YYYY-MM-DD HH:MM:SS)'],
  ["TIMESTAMP '2026-02-30 10:00:00'", '"2026-02-30 10:00:00" is not a time'],
  ["CAST('x' AS timestamp with time zone)", '"x" is not a time (YYYY-MM-DD HH:MM:SS)'],
  ["date_parse('x', '%Y')", '"x" is not written as %Y'],
  [
    '(SELECT x FROM (VALUES 1, 2) t(x))',
    'a subquery in the place of a value gives more than one row',
  ],
])('%s is refused in words of ours', async (expression, message) => {
  const error = await one(expression).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message });
  expect(String((error as { hint?: string }).hint)).not.toMatch(/SET |athena_|Candidate|->/);
});

describe('a query that a user of Athena writes', () => {
  let root: string;
  beforeAll(async () => {
    root = await newFolder();
    // Athena's clock is in UTC: the days are counted from there.
    for (const back of [9, 5, 4, 3, 0]) {
      const date = new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
      const rest = { dt_ult_cot: date };
      await writeQuotes(root, date, [quote('PETR4', 30 + back, rest), quote('VALE3', 60, rest)]);
    }
  });

  test('finds the last days by the partition', async () => {
    const { columns, rows } = await ask(
      root,
      `SELECT
         anomesdia_exec,
         codigo_ticker_ativo,
         vlr_cot
       FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos
       WHERE anomesdia_exec
         BETWEEN CAST(date_format(date_add('day', -4, now()), '%Y%m%d') AS integer)
         AND CAST(date_format(now(), '%Y%m%d') AS integer)
         AND codigo_ticker_ativo = 'PETR4'
       ORDER BY anomesdia_exec DESC`,
    );
    expect(columns).toEqual(['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot']);
    expect(rows.map((row) => row[2])).toEqual([30, 33, 34]);
  });

  test('compares with the newest day by a subquery', async () => {
    const { rows } = await ask(
      root,
      `SELECT codigo_ticker_ativo, round(vlr_cot, 1) FROM ${TABLE} t
       WHERE anomesdia_exec = (SELECT max(anomesdia_exec) FROM ${TABLE})
         AND codigo_ticker_ativo IN (SELECT codigo_ticker_ativo FROM ${TABLE} WHERE vlr_cot > 38)
       ORDER BY 1`,
    );
    expect(rows).toEqual([
      ['PETR4', 30],
      ['VALE3', 60],
    ]);
  });

  test('reckons with windows and groups', async () => {
    const { rows } = await ask(
      root,
      `WITH dias AS (
         SELECT codigo_ticker_ativo, dt_ult_cot, vlr_cot,
                lag(vlr_cot) OVER (PARTITION BY codigo_ticker_ativo ORDER BY anomesdia_exec) AS antes
         FROM ${TABLE}
         WHERE dt_ult_cot >= date_add('day', -30, current_date)
       )
       SELECT codigo_ticker_ativo, count(*) AS dias, min(vlr_cot - antes) AS pior
       FROM dias GROUP BY codigo_ticker_ativo HAVING count(*) > 1 ORDER BY codigo_ticker_ativo`,
    );
    expect(rows).toEqual([
      ['PETR4', 5n, -4],
      ['VALE3', 5n, 0],
    ]);
  });

  test('finds today’s partition within a day of São Paulo’s', async () => {
    const [found] = await askOne(root, `SELECT max(anomesdia_exec) FROM ${TABLE}`);
    const around = [-1, 0, 1].map((days) => getPartition(new Date(Date.now() + days * 86_400_000)));
    expect(around).toContain(found);
  });
});
