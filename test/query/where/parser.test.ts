import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { indicatorResultColumns, quoteResultColumns } from '../../../src/query/columns.ts';
import { formatCondition } from '../../../src/query/sql.ts';
import type { Condition } from '../../../src/query/where/condition.ts';
import { parseWhere } from '../../../src/query/where/parser.ts';
import { conditions, written } from '../../support/conditions.ts';

const sqlOf = (text: string) =>
  formatCondition(parseWhere(text, quoteResultColumns), (c) => c.name);

function refusal(text: string): UsageError {
  try {
    parseWhere(text, quoteResultColumns);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe('a condition', () => {
  test.each([
    ['vlr_cot > 10', '(vlr_cot > CAST(? AS double))', ['10']],
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
    ["nome_ativo not like 'Banc%'", '(NOT (nome_ativo LIKE CAST(? AS varchar)))', ['Banc%']],
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
  ])('%s', (text, sql, parameters) => {
    expect(sqlOf(text)).toEqual({ sql, parameters });
  });

  test('of whole numbers compares with whole numbers exactly, and with fractions too', () => {
    const of = (text: string) =>
      formatCondition(parseWhere(text, indicatorResultColumns), (c) => c.name);
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
    ['vlr_cot > 10,5', 'after `10` comes `,`', 'For 10,5 write 10.5.'],
    ['vlr_cot > 1.234,50', 'after `1.234` comes `,`', 'For 1.234,50 write 1234.50.'],
    ['vlr_cot > 1,234', 'after `1` comes `,`', 'with a point and no thousands: 1234.5.'],
    ['vlr_cot > 1,234,567', 'after `1` comes `,`', 'For 1,234,567 write 1234567.'],
    ['vlr_cot > 1.234.567', 'cannot read on at "1.234.567"', 'For 1.234.567 write 1234567.'],
    ['vlr_cot > 10k', 'cannot read on at "10k"', 'no thousands: 1234.5.'],
    ['vlr_cot > 1, vlr_cot < 3', 'after `1` comes `,`', 'joined by and, or'],
    ['vlr_cot > 1 vlr_cot < 3', 'after `1` comes `vlr_cot`', 'joined by and, or'],
    ['vlr_cot > 1 e vlr_cot < 3', 'after `1` comes `e`', 'For e write and.'],
    ['vlr_cot > 1 && vlr_cot < 3', 'cannot read on at "&& vlr_cot < 3"', 'For && write and.'],
    ['vlr_cot => 1', 'after `vlr_cot` comes `=>`', 'For => write >=.'],
    ['vlr_cot ≥ 1', 'cannot read on at "≥ 1"', 'For ≥ write >=.'],
    ['vlr_cot entre 1 e 2', 'after `vlr_cot` comes `entre`', 'For entre write between.'],
    ['vlr_cot between 1, 2', 'after `1` comes `,`', 'vlr_cot between 10 and 20.'],
    ['vlr_cot in 1, 2', 'after `in` comes `1`', 'vlr_cot in (…, …).'],
    ['vlr_cot * 2 > 1', 'cannot read on at "* 2 > 1"', '`pynvest query sql` calculates'],
    ['abs(vlr_cot) > 1', 'there is no column "abs"', 'Functions are for `pynvest query sql`.'],
    ['where vlr_cot > 1', 'there is no column "where"', 'Leave the word where out.'],
    ['t.vlr_cot > 1', 'cannot read on at ".vlr_cot > 1"', 'without a table'],
    ['`vlr_cot` > 1', 'cannot read on at "`vlr_cot` > 1"', 'without quotes: vlr_cot.'],
    ['"vlr_cot" > 1', 'comes `"vlr_cot"`, not a column', 'without quotes: vlr_cot.'],
    ['vlr_cot > 1;', 'cannot read on at ";"', 'Leave the ; out.'],
    ['vlr_cot > 1 order by vlr_cot', 'comes `order`', '--sort vlr_cot:desc sorts.'],
    ['vlr_cot = null', 'after `=` comes `null`, not a value', 'is null'],
    ['vlr_cot is 1', 'after `is` comes `1`', '= and != compare.'],
    ['vlr_cot > 🍉', 'cannot read on at "🍉"', "texts 'Bancos'"],
    ["nome_ativo ilike 'b%'", 'comes `ilike`', "like 'Banc%'"],
    ['nome_ativo like Banc%', 'cannot read on at "%"', "in a text in quotes: 'Banc%'."],
    ['nome_ativo like Bancos', "comes `Bancos`, not a text such as 'Banc%'", undefined],
    ['nome_ativo = ‘Bancos’', 'cannot read on at "‘Bancos’"', 'straight quotes'],
    ['dt_ult_cot > 3/7/2026', '3/7/2026 is none', 'For 3/7/2026 write 2026-07-03.'],
    ["dt_ult_cot > '2026.7.3'", "'2026.7.3' is none", "For '2026.7.3' write 2026-07-03."],
    ['dt_ult_cot > 31/2/2026', '31/2/2026 is none', 'Write a day that exists'],
    ['dt_ult_cot > hoje', 'there is no column "hoje"', 'Write a day that exists'],
    ["vlr_cot > '10'", "vlr_cot is a number, and '10' is none", 'without quotes: 10.'],
    ['cotação > 1', 'there is no column "cotação"', 'Did you mean vlr_cot,'],
    ['vlr_cot', 'after `vlr_cot` comes nothing', 'stands in quotes, --where "vlr_cot > 10"'],
    ['vlr_cot >', 'after `>` comes nothing, not a value', undefined],
    ['(vlr_cot > 3', 'comes nothing, not ")"', 'wants its )'],
    ['vlr_cot > 3)', 'comes `)`, not and, or, or the end', 'leave it out'],
    ['vlr_cot not > 3', 'not between, in or like', undefined],
    ['vlr_cot in ()', 'not a value', undefined],
    ['and vlr_cot > 3', 'at the beginning comes `and`, not a column', undefined],
    ['10 < vlr_cot', 'at the beginning comes `10`, not a column', 'A column comes first'],
    ["vlr_cot > 'x'", "vlr_cot is a number, and 'x' is none", undefined],
    ['nome_ativo = Bancos', 'there is no column "Bancos"', "Texts stand in quotes: 'Bancos'."],
    ['nome_ativo = 3', 'nome_ativo is a text, and 3 is none', "Texts stand in quotes: '3'."],
    ['dt_ult_cot = 2026-02-30', 'dt_ult_cot is a day', 'Write a day that exists'],
    ['anomesdia_exec = 20260230', 'anomesdia_exec is a day', 'Write a day that exists'],
    ["vlr_cot like '1%'", 'vlr_cot is no text, so nothing is like it', undefined],
    ['vlr_cot > nome_ativo', 'vlr_cot is a number and nome_ativo a text: they do not', undefined],
    ['anomesdia_exec > vlr_cot', 'do not compare', undefined],
    ["nome_ativo = 'x", 'has no closing quote', undefined],
    ['vlr_cot > 1; drop table x', 'cannot read on at "; drop table x"', undefined],
    ['vlr_cot > 1e999', 'vlr_cot is a number', undefined],
    ['vlr_cot > 1.2.3', 'cannot read on', undefined],
    [`${'('.repeat(60)}vlr_cot > 1${')'.repeat(60)}`, 'too deep', undefined],
    [`${'not '.repeat(60)}vlr_cot > 1`, 'too many words "not"', undefined],
    [`vlr_cot in (${'1,'.repeat(3000)}1)`, '--where takes 4000 characters', undefined],
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
    ['pct_var_12m > 35', 'pct_var_12m holds fractions: 35 there is 3500%. For 35% write 35%.'],
    ['pct_var_12m between -35 and 1', 'holds fractions: -35 there is -3500%'],
    ['vlr_cot in (0,05)', 'A fraction is written with a point, 0.05: 05 there is 5.'],
    ["codigo_ticker_ativo = 'petr4'", "in capitals: for 'petr4' write 'PETR4'."],
  ])('of %j is doubted, and read all the same', (text, doubt) => {
    const doubts: string[] = [];
    const condition = parseWhere(text, quoteResultColumns, (what) => doubts.push(what));
    expect(condition).toEqual(parseWhere(text, quoteResultColumns));
    expect(doubts).toEqual([expect.stringContaining(doubt)]);
  });

  test('that says what is meant is not doubted', () => {
    const text =
      "pct_var_12m > 300% and pct_var_dia < 1.5 and vlr_cot > 35 and codigo_ticker_ativo = 'PETR4' and nome_ativo = 'petr4'";
    parseWhere(text, quoteResultColumns, (what) => {
      throw new Error(what);
    });
  });

  test('takes a text that Athena takes as a parameter, and none longer', () => {
    for (const test of ['= ', 'like ']) {
      expect(refusal(`nome_ativo ${test}'${'x'.repeat(1023)}'`).message.split('\n')[0]).toBe(
        '--where: a text has at most 1024 characters, its quotes among them; ' +
          '"xxxxxxxxxxxxxxxxxxxx…" has 1025',
      );
    }
    // A quote within counts twice, as Athena gets it.
    expect(refusal(`nome_ativo in ('a', "${"'".repeat(512)}")`).message).toMatch(/ has 1026$/m);
    const longest = 'x'.repeat(1022);
    expect(parseWhere(`nome_ativo = '${longest}'`, quoteResultColumns)).toMatchObject({
      value: { text: longest },
    });
  });

  test('that is written out reads as itself', () => {
    fc.assert(
      fc.property(conditions(indicatorResultColumns), (condition: Condition) => {
        expect(parseWhere(written(condition), indicatorResultColumns)).toEqual(condition);
      }),
      { numRuns: 500 },
    );
  });

  test('has a parameter for each question mark, and no value in its text', () => {
    fc.assert(
      fc.property(conditions(indicatorResultColumns), (condition) => {
        const { sql, parameters } = formatCondition(condition, (column) => column.name);
        expect(sql.split('?').length - 1).toBe(parameters.length);
        expect(sql).toMatch(/^[A-Za-z0-9_ (),?<>=]+$/);
        expect(sql).not.toContain("'");
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
        '10',
        '35%',
        "'x'",
      ],
      ...['"y"', '=', '<', '>=', '<>', '(', ')', ',', 'and', 'or', 'not', 'in', 'between', 'like'],
      ...['is', 'null', "'", '"', ';', '--', '-', '\\', '\u0000', '🍉', '\ud800', '%', '?', ' '],
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(' ')),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const condition = parseWhere(text, quoteResultColumns);
          expect(parseWhere(written(condition), quoteResultColumns)).toEqual(condition);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
