import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { indicatorResultColumns, quoteResultColumns } from '../../../src/query/columns.ts';
import { formatCondition } from '../../../src/query/sql.ts';
import type { Condition } from '../../../src/query/where/condition.ts';
import { parseWhere } from '../../../src/query/where/parser.ts';
import { anyCharacter } from '../../support/characters.ts';
import { conditions, written } from '../../support/conditions.ts';
import { day } from '../../support/made-up-lake.ts';

const today = day('2026-11-30');

const sqlOf = (text: string) =>
  formatCondition(parseWhere(text, quoteResultColumns, { today }), (c) => c.name);

function refusal(text: string): UsageError {
  try {
    parseWhere(text, quoteResultColumns, { today });
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe('a condition', () => {
  test.each([
    ['vlr_cot > 10', '(vlr_cot > CAST(? AS double))', ['10']],
    ['preço > 10', '(vlr_cot > CAST(? AS double))', ['10']],
    ['"Data últ cot" > 2026-11-19', '(dt_ult_cot > CAST(? AS date))', ['2026-11-19']],
    ["'12 meses' > 1%", '(pct_var_12m > CAST(? AS double))', ['0.01']],
    ['"vlr_cot" > 1', '(vlr_cot > CAST(? AS double))', ['1']],
    ['VLR_COT>-.5', '(vlr_cot > CAST(? AS double))', ['-0.5']],
    ['pct_var_12m >= 35%', '(pct_var_12m >= CAST(? AS double))', ['0.35']],
    ['pct_var_12m >= 6.9%', '(pct_var_12m >= CAST(? AS double))', ['0.069']],
    ['pct_var_12m < -1e1%', '(pct_var_12m < CAST(? AS double))', ['-0.1']],
    ["tipo_ativo != 'Ação'", '(tipo_ativo <> CAST(? AS varchar))', ['Ação']],
    ['nome_ativo = "D\'água"', '(nome_ativo = CAST(? AS varchar))', ["D'água"]],
    ["nome_ativo = 'D''água'", '(nome_ativo = CAST(? AS varchar))', ["D'água"]],
    ['dt_ult_cot <= 2026-11-20', '(dt_ult_cot <= CAST(? AS date))', ['2026-11-20']],
    ["dt_ult_cot <= '2026-11-20'", '(dt_ult_cot <= CAST(? AS date))', ['2026-11-20']],
    ['anomesdia_exec = 2026-11-20', '(anomesdia_exec = CAST(? AS integer))', ['20261120']],
    ['anomesdia_exec <> 20261120', '(anomesdia_exec <> CAST(? AS integer))', ['20261120']],
    ['vlr_cot == +3', '(vlr_cot = CAST(? AS double))', ['3']],
    ['pct_var_12m >= 35 %', '(pct_var_12m >= CAST(? AS double))', ['0.35']],
    ['dt_ult_cot = 20261120', '(dt_ult_cot = CAST(? AS date))', ['2026-11-20']],
    ["dt_ult_cot = date '2026-11-20'", '(dt_ult_cot = CAST(? AS date))', ['2026-11-20']],
    ["nome_ativo = 'and'", '(nome_ativo = CAST(? AS varchar))', ['and']],
    ['vlr_cot < vlr_max_52_sem', '(vlr_cot < vlr_max_52_sem)', []],
    ['vlr_cot is null', '(vlr_cot IS NULL)', []],
    ['vlr_cot IS NOT NULL', '(NOT (vlr_cot IS NULL))', []],
    [
      'vlr_cot between 1 and 2',
      '(vlr_cot BETWEEN CAST(? AS double) AND CAST(? AS double))',
      ['1', '2'],
    ],
    [
      "codigo_ticker_ativo not in ('PETR4','VALE3')",
      '(NOT (codigo_ticker_ativo IN (CAST(? AS varchar), CAST(? AS varchar))))',
      ['PETR4', 'VALE3'],
    ],
    [
      'vlr_cot = 1 or vlr_cot = 2 and not vlr_cot = 3',
      '((vlr_cot = CAST(? AS double)) OR ((vlr_cot = CAST(? AS double)) AND (NOT (vlr_cot = CAST(? AS double)))))',
      ['1', '2', '3'],
    ],
    [
      '(vlr_cot = 1 or vlr_cot = 2) and pct_var_dia < 0',
      '(((vlr_cot = CAST(? AS double)) OR (vlr_cot = CAST(? AS double))) AND (pct_var_dia < CAST(? AS double)))',
      ['1', '2', '0'],
    ],
    ['dt_ult_cot > 3/7/2026', '(dt_ult_cot > CAST(? AS date))', ['2026-07-03']],
    ["dt_ult_cot > '2026.7.3'", '(dt_ult_cot > CAST(? AS date))', ['2026-07-03']],
    ['dt_ult_cot >= Hoje', '(dt_ult_cot >= CAST(? AS date))', ['2026-11-30']],
    ['anomesdia_exec < ontem', '(anomesdia_exec < CAST(? AS integer))', ['20261129']],
    ["anomesdia_exec > '30d'", '(anomesdia_exec > CAST(? AS integer))', ['20261031']],
    ['dt_ult_cot < 2026-02', '(dt_ult_cot < CAST(? AS date))', ['2026-02-01']],
    ['dt_ult_cot <= 2024-02', '(dt_ult_cot <= CAST(? AS date))', ['2024-02-29']],
    ['dt_ult_cot > 2026', '(dt_ult_cot > CAST(? AS date))', ['2026-12-31']],
    ['anomesdia_exec >= 2026', '(anomesdia_exec >= CAST(? AS integer))', ['20260101']],
    [
      'dt_ult_cot = 2026-11',
      '(dt_ult_cot BETWEEN CAST(? AS date) AND CAST(? AS date))',
      ['2026-11-01', '2026-11-30'],
    ],
    [
      'dt_ult_cot != 2026',
      '(NOT (dt_ult_cot BETWEEN CAST(? AS date) AND CAST(? AS date)))',
      ['2026-01-01', '2026-12-31'],
    ],
    [
      'dt_ult_cot between 2026-02 and 2026-03',
      '(dt_ult_cot BETWEEN CAST(? AS date) AND CAST(? AS date))',
      ['2026-02-01', '2026-03-31'],
    ],
    [
      'dt_ult_cot in (hoje, 2026-10, 19/11/2026)',
      '((dt_ult_cot IN (CAST(? AS date), CAST(? AS date))) OR (dt_ult_cot BETWEEN CAST(? AS date) AND CAST(? AS date)))',
      ['2026-11-30', '2026-11-19', '2026-10-01', '2026-10-31'],
    ],
    [
      'dt_ult_cot not in (2026-10)',
      '(NOT (dt_ult_cot BETWEEN CAST(? AS date) AND CAST(? AS date)))',
      ['2026-10-01', '2026-10-31'],
    ],
  ])('%s', (text, sql, parameters) => {
    expect(sqlOf(text)).toEqual({ sql, parameters });
  });

  test('of a pattern compares letters without their accents and their case', () => {
    const { sql, parameters } = sqlOf("nome_ativo not like 'Ação%'");
    expect(sql).toMatch(/^\(NOT \(translate\(lower\(nome_ativo\), '.+', '[a-z]+'\) LIKE CAST/);
    expect(parameters).toEqual(['acao%']);
  });

  test('of whole numbers compares with whole numbers exactly, and with fractions too', () => {
    const of = (text: string) =>
      formatCondition(parseWhere(text, indicatorResultColumns, { today }), (c) => c.name);
    expect(of('num_acoes > 9007199254740991')).toEqual({
      sql: '(num_acoes > CAST(? AS bigint))',
      parameters: ['9007199254740991'],
    });
    expect(of('num_acoes > 1.5e9').sql).toBe('(num_acoes > CAST(? AS double))');
    expect(() => of('num_acoes > 5%')).toThrow(UsageError);
  });

  test.each([
    ['', '--where is empty', undefined],
    ['vlr_cott > 1', 'there is no column "vlr_cott"', 'Did you mean vlr_cot?'],
    ['vlr_cot > 10,5', 'after `10`, found `,`', 'Write 10.5 instead of 10,5.'],
    ['vlr_cot > 1.234,50', 'after `1.234`, found `,`', 'Write 1234.50 instead of 1.234,50.'],
    ['vlr_cot > 1,234', 'after `1`, found `,`', 'and no thousands separators: 1234.5.'],
    ['vlr_cot > 1,234,567', 'after `1`, found `,`', 'Write 1234567 instead of 1,234,567.'],
    ['vlr_cot > 1.234.567', 'unexpected "1.234.567"', 'Write 1234567 instead of 1.234.567.'],
    ['vlr_cot > 10k', 'unexpected "10k"', 'no thousands separators: 1234.5.'],
    ['vlr_cot > 1, vlr_cot < 3', 'after `1`, found `,`', 'Join conditions by and, or'],
    ['vlr_cot > 1 vlr_cot < 3', 'after `1`, found `vlr_cot`', 'Join conditions by and, or'],
    ['vlr_cot > 1 e vlr_cot < 3', 'after `1`, found `e`', 'Write and instead of e.'],
    ['vlr_cot > 1 && vlr_cot < 3', 'unexpected "&& vlr_cot < 3"', 'Write and instead of &&.'],
    ['vlr_cot => 1', 'after `vlr_cot`, found `=>`', 'Write >= instead of =>.'],
    ['vlr_cot ≥ 1', 'unexpected "≥ 1"', 'Write >= instead of ≥.'],
    ['vlr_cot entre 1 e 2', 'after `vlr_cot`, found `entre`', 'Write between instead of entre.'],
    ['vlr_cot between 1, 2', 'expected "and" after `1`, found `,`', 'vlr_cot between 10 and 20.'],
    ['vlr_cot in 1, 2', 'expected "(" after `in`, found `1`', 'vlr_cot in (…, …).'],
    ['dt_ult_cot = 11/2026', 'unexpected "/2026"', 'a month or a year, 2026-11'],
    ['dt_ult_cot = 19/11/26', 'unexpected "/11/26"', '19/11/2026'],
    ['dt_ult_cot = 19/11', 'unexpected "/11"', '19/11/2026'],
    ['vlr_cot > 10/2', 'unexpected "/2"', 'no arithmetic; `pynvest query sql` has'],
    ['dt_ult_cot > 30d and vlr_cot > 10/2', 'unexpected "/2"', 'no arithmetic'],
    ['EV / EBIT > 1', 'unexpected "/ EBIT > 1"', "in quotes: 'EV / EBIT'"],
    ['Marg. Bruta > 1', 'unexpected ". Bruta > 1"', "in quotes: 'Marg. Bruta'"],
    ['vlr_cot * 2 > 1', 'unexpected "* 2 > 1"', 'no arithmetic; `pynvest query sql` has'],
    ['abs(vlr_cot) > 1', 'there is no column "abs"', 'no functions; `pynvest query sql` has'],
    ['where vlr_cot > 1', 'there is no column "where"', 'Leave out the word where.'],
    ['t.vlr_cot > 1', 'unexpected ".vlr_cot > 1"', 'without a table'],
    ['`vlr_cot` > 1', 'unexpected "`vlr_cot` > 1"', 'without quotes: vlr_cot.'],
    ['vlr_cot > 1;', 'unexpected ";"', 'Leave out the ;.'],
    ['vlr_cot > 1 order by vlr_cot', 'found `order`', 'Use --sort vlr_cot:desc to sort.'],
    ['vlr_cot = null', 'expected a value after `=`, found `null`', 'is null'],
    ['vlr_cot is 1', 'expected "null" after `is`, found `1`', 'use = and != to compare.'],
    ['vlr_cot > 🍉', 'unexpected "🍉"', "texts as 'Bancos'"],
    ["nome_ativo ilike 'b%'", 'found `ilike`', "use like: 'Banc%'"],
    ['nome_ativo like Banc%', 'unexpected "%"', "part of a text in quotes: 'Banc%'."],
    [
      'nome_ativo like Bancos',
      "expected a text such as 'Banc%' after `like`, found `Bancos`",
      undefined,
    ],
    ['nome_ativo = ‘Bancos’', 'unexpected "‘Bancos’"', 'straight quotes'],
    ['dt_ult_cot > 31/2/2026', 'and 31/2/2026 is not', 'Write a day that exists'],
    ['dt_ult_cot > amanha', 'there is no column "amanha"', 'hoje, ontem or 30d'],
    ['vlr_cot > hoje', 'there is no column "hoje"', undefined],
    ['vlr_cot > 30d', 'vlr_cot is a number, and 30d is not', undefined],
    ['dt_ult_cot = 2026-13', 'dt_ult_cot is a day, and 2026-13 is not', 'a month or a year'],
    ["vlr_cot > '10'", "vlr_cot is a number, and '10' is not", 'without quotes: 10.'],
    ['cotaçãoo > 1', 'there is no column "cotaçãoo"', 'lists them all'],
    ['vlr_cot/vlr_lpa > 1', 'there is no column "vlr_cot/vlr_lpa"', 'no arithmetic'],
    ['roe > 20%', 'there is no column "roe"', 'roe (vlr_ind_roe) is a column of acoes'],
    ['vlr_cot', 'after `vlr_cot`, found nothing', 'condition in quotes, --where "vlr_cot > 10"'],
    ['vlr_cot >', 'expected a value after `>`, found nothing', undefined],
    ['(vlr_cot > 3', 'expected ")" after `3`, found nothing', 'Close the parenthesis'],
    ['vlr_cot > 3)', 'expected and, or, or the end after `3`, found `)`', 'leave it out'],
    ['vlr_cot not > 3', 'expected between, in or like after `not`, found `>`', undefined],
    ['vlr_cot in ()', 'expected a value after `(`, found `)`', undefined],
    ['and vlr_cot > 3', 'expected a column at the beginning, found `and`', undefined],
    ['10 < vlr_cot', 'expected a column at the beginning, found `10`', 'Begin with a column'],
    ["vlr_cot > 'x'", "vlr_cot is a number, and 'x' is not", undefined],
    ['nome_ativo = Bancos', 'there is no column "Bancos"', "Write texts in quotes: 'Bancos'."],
    ['nome_ativo = 3', 'nome_ativo is a text, and 3 is not', "Write texts in quotes: '3'."],
    ['dt_ult_cot = 2026-02-30', 'dt_ult_cot is a day', 'Write a day that exists'],
    ['anomesdia_exec = 20260230', 'anomesdia_exec is a day', 'Write a day that exists'],
    ["vlr_cot like '1%'", 'vlr_cot is not a text, so like cannot be used', undefined],
    [
      'vlr_cot > nome_ativo',
      'vlr_cot is a number and nome_ativo is a text: they cannot be compared',
      undefined,
    ],
    ['anomesdia_exec > vlr_cot', 'cannot be compared', undefined],
    ["nome_ativo = 'x", 'has no closing quote', undefined],
    ['vlr_cot > 1; drop table x', 'unexpected "; drop table x"', undefined],
    ['vlr_cot > 1e999', 'vlr_cot is a number', undefined],
    ['vlr_cot > 1.2.3', 'unexpected', undefined],
    [`${'('.repeat(60)}vlr_cot > 1${')'.repeat(60)}`, 'nested too deeply', undefined],
    [`${'not '.repeat(60)}vlr_cot > 1`, 'too many words "not"', undefined],
    [`vlr_cot in (${'1,'.repeat(3000)}1)`, '--where can have 4000 characters', undefined],
  ])('is refused where it is %j', (text, message, hint) => {
    const error = refusal(text);
    expect(error.message).toContain(message);
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  test.each([
    ['vlr_cot > 10,5', '  vlr_cot > 10,5', '              ^'],
    ['vlr_cott > 1', '  vlr_cott > 1', '  ^'],
    ['vlr_cot >\n\t x  ', '  vlr_cot >   x', '              ^'],
    ["nome_ativo = '🍉' vlr_cot", "  nome_ativo = '🍉' vlr_cot", '                   ^'],
    ['vlr_cot > 1 and ', '  vlr_cot > 1 and', '                 ^'],
    [
      `vlr_cot in (${'1, '.repeat(30)}x, ${'2, '.repeat(30)}3)`,
      `  …${'1, '.repeat(12)}x, ${'2, '.repeat(11)}…`,
      `   ${' '.repeat(36)}^`,
    ],
  ])('of %j shows the place', (text, line, mark) => {
    const [, ...shown] = refusal(text).message.split('\n');
    expect(shown).toEqual([line, mark]);
  });

  test.each([
    ['pct_var_12m > 35', 'pct_var_12m holds fractions: 35 means 3500%. For 35% write 35%.'],
    ['pct_var_12m between -35 and 1', 'holds fractions: -35 means -3500%'],
    ['vlr_cot in (0,05)', 'Write a fraction with a decimal point, 0.05: 05 means 5.'],
    ['vlr_cot > 1.500', 'The point of 1.500 begins its decimals: for thousands write 1500.'],
    ['vlr_cot between 5 and -5', 'vlr_cot: between takes the lowest value first'],
    ['dt_ult_cot between 2026-11 and 2026-10', 'dt_ult_cot: between takes the lowest value first'],
    ["codigo_ticker_ativo = 'petr4'", "in capitals: write 'PETR4' instead of 'petr4'."],
  ])('of %j is doubted, and read all the same', (text, doubt) => {
    const doubts: string[] = [];
    const condition = parseWhere(text, quoteResultColumns, {
      today,
      warn: (what) => doubts.push(what),
    });
    expect(condition).toEqual(parseWhere(text, quoteResultColumns, { today }));
    expect(doubts).toEqual([expect.stringContaining(doubt)]);
  });

  test('that says what is meant is not doubted', () => {
    const text =
      "pct_var_12m > 300% and pct_var_dia < 1.500 and vlr_cot > 35 and codigo_ticker_ativo = 'PETR4' and nome_ativo = 'petr4' " +
      'and vlr_cot between -10 and 9.25 and vlr_cot between 9 and 10 and dt_ult_cot between 2026-11 and 2026-11';
    parseWhere(text, quoteResultColumns, {
      today,
      warn: (what) => {
        throw new Error(what);
      },
    });
  });

  test('takes a text that Athena takes as a parameter, and none longer', () => {
    for (const test of ['= ', 'like ']) {
      expect(refusal(`nome_ativo ${test}'${'x'.repeat(1023)}'`).message.split('\n')[0]).toBe(
        '--where: a text can have 1024 characters, its quotes included; ' +
          '"xxxxxxxxxxxxxxxxxxxx…" has 1025',
      );
    }
    // A quote within counts twice, as Athena gets it.
    expect(refusal(`nome_ativo in ('a', "${"'".repeat(512)}")`).message).toMatch(/ has 1026$/m);
    const longest = 'x'.repeat(1022);
    expect(parseWhere(`nome_ativo = '${longest}'`, quoteResultColumns, { today })).toMatchObject({
      value: { text: longest },
    });
  });

  test('that is written out reads as itself', () => {
    fc.assert(
      fc.property(conditions(indicatorResultColumns), (condition: Condition) => {
        expect(parseWhere(written(condition), indicatorResultColumns, { today })).toEqual(
          condition,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('has a parameter for each question mark, and no value in its text', () => {
    fc.assert(
      fc.property(conditions(indicatorResultColumns), (condition) => {
        const { sql, parameters } = formatCondition(condition, (column) => column.name);
        expect(sql.split('?').length - 1).toBe(parameters.length);
        const withoutAccents = sql.replace(/, '[^']*', '[a-z]*'\) LIKE/g, ') LIKE');
        expect(withoutAccents).toMatch(/^[A-Za-z0-9_ (),?<>=]+$/);
      }),
      { numRuns: 500 },
    );
  });

  test('of any text at all is one, or is refused as wrong usage', () => {
    const pieces = fc.constantFrom(
      ...[
        'vlr_cot',
        'nome_ativo',
        'dt_ult_cot',
        'anomesdia_exec',
        '2026-11-20',
        '2026-11',
        '30d',
        'hoje',
        '10',
        '35%',
        "'x'",
      ],
      ...['"y"', '=', '<', '>=', '<>', '(', ')', ',', 'and', 'or', 'not', 'in', 'between', 'like'],
      ...['is', 'null', "'", '"', ';', '--', '-', '\\', '\u0000', '🍉', '\ud800', '%', '?', ' '],
    );
    const texts = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 200 }),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(' ')),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const condition = parseWhere(text, quoteResultColumns, { today });
          expect(parseWhere(written(condition), quoteResultColumns, { today })).toEqual(condition);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
