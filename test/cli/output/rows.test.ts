import { describe, expect, test, vi } from 'vitest';
import {
  type OutputFormat,
  resolveFormat,
  type TabularData,
  writeObject,
  writeRows,
} from '../../../src/cli/output/rows.ts';
import type { OutputValue } from '../../../src/query/engine.ts';
import { type FakeTerminalOptions, fakeTerminal } from '../../support/fake-terminal.ts';

async function written(
  format: OutputFormat | undefined,
  data: TabularData,
  options?: FakeTerminalOptions,
): Promise<{ stdout: string; stderr: string }> {
  const { terminal, stdout, stderr, end } = fakeTerminal({ color: false, ...options });
  await writeRows(terminal, format, data);
  await end();
  return { stdout: stdout(), stderr: stderr() };
}

const mixed: TabularData = {
  columns: ['texto', 'nulo', 'inteiro', 'decimal', 'lógico', 'lista'],
  rows: [['Ação "ON", N1\nlinha', null, 9007199254740993n, -0.0066, true, [1n, 'a', null]]],
};

describe('the format', () => {
  test('is a table on a terminal, CSV elsewhere, and what was asked for anywhere', () => {
    const screen = fakeTerminal({ columns: 80 }).terminal;
    const pipe = fakeTerminal().terminal;
    expect(resolveFormat(screen, undefined)).toBe('table');
    expect(resolveFormat(pipe, undefined)).toBe('csv');
    expect(resolveFormat(screen, 'json')).toBe('json');
    expect(resolveFormat(pipe, 'table')).toBe('table');
  });
});

describe('CSV', () => {
  test('has a header, and quotes what needs it', async () => {
    const { stdout, stderr } = await written('csv', mixed);
    expect(stdout).toBe(
      'texto,nulo,inteiro,decimal,lógico,lista\n' +
        '"Ação ""ON"", N1\nlinha",,9007199254740993,-0.0066,true,"[1,""a"",null]"\n',
    );
    expect(stderr).toBe('');
  });

  test('without rows is its header', async () => {
    expect((await written('csv', { columns: ['a', 'b,c'], rows: [] })).stdout).toBe('a,"b,c"\n');
  });

  test('keeps spaces and semicolons, and the line ends of the text', async () => {
    const rows = [[' a ; b ', 'c\r\nd', "e'f"]];
    const { stdout } = await written('csv', { columns: ['x', 'y', 'z'], rows });
    expect(stdout).toBe('x,y,z\n a ; b ,"c\r\nd",e\'f\n');
  });
});

describe('JSON', () => {
  test('is an array of objects by column, whole numbers with every digit', async () => {
    const { stdout } = await written('json', mixed);
    expect(stdout).toContain('"inteiro":9007199254740993,');
    expect(JSON.parse(stdout)).toEqual([
      {
        texto: 'Ação "ON", N1\nlinha',
        nulo: null,
        inteiro: Number('9007199254740993'),
        decimal: -0.0066,
        lógico: true,
        lista: [1, 'a', null],
      },
    ]);
  });

  test('has an object a line, and is an array without rows, too', async () => {
    const { stdout } = await written('json', { columns: ['a'], rows: [['x'], ['y']] });
    expect(stdout).toBe('[\n{"a":"x"},\n{"a":"y"}\n]\n');
    expect(JSON.parse((await written('json', { columns: ['a'], rows: [] })).stdout)).toEqual([]);
  });

  test('has the fields of a structure in it', async () => {
    const value: OutputValue = { preço: 1.5, dias: [20261120n], vazio: {} };
    const { stdout } = await written('json', { columns: ['a "b"'], rows: [[value]] });
    expect(JSON.parse(stdout)).toEqual([{ 'a "b"': { preço: 1.5, dias: [20261120], vazio: {} } }]);
  });

  test('of one object ends in a line end', async () => {
    const { terminal, stdout, end } = fakeTerminal();
    await writeObject(terminal, { a: [1] });
    await end();
    expect(stdout()).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });
});

describe('a table', () => {
  test('shows null as nothing, and says on stderr which columns are not shown', async () => {
    const columns = ['ticker', 'nome', 'vlr_cot'];
    const rows = Array.from({ length: 10 }, () => ['PETR4', null, 38.72]);
    const whole = await written('table', { columns, rows }, { columns: 80 });
    expect(whole.stdout).not.toContain('null');
    expect(whole.stderr).toBe('');
    const narrow = await written('table', { columns, rows }, { columns: 14 });
    expect(narrow.stdout).not.toContain('vlr_cot');
    expect(narrow.stderr).toContain('1 more column does not fit here: --format csv shows them all');
    const quiet = await written('table', { columns, rows }, { columns: 14, quiet: true });
    expect(quiet.stderr).toBe('');
  });
});

describe('many rows', () => {
  test.each(['csv', 'json'] as const)('come whole and in order as %s', async (format) => {
    async function* rows(): AsyncGenerator<readonly OutputValue[]> {
      for (let index = 0; index < 1500; index += 1) yield [index, `linha ${index}`];
    }
    const { stdout } = await written(format, { columns: ['n', 'texto'], rows: rows() });
    const numbers =
      format === 'json'
        ? (JSON.parse(stdout) as { n: number }[]).map(({ n }) => n)
        : stdout
            .trimEnd()
            .split('\n')
            .slice(1)
            .map((line) => Number.parseInt(line, 10));
    expect(numbers).toEqual(Array.from({ length: 1500 }, (_, index) => index));
  });
});

describe('CSV for Excel in Brazil', () => {
  test('has semicolons, decimal commas and a byte order mark, and runs no formula', async () => {
    const { stdout } = await written('csv-br', {
      columns: ['ticker', 'vlr_cot', 'nota', 'num'],
      types: ['string', 'double', 'string', 'bigint'],
      rows: [
        ['PETR4', -38.72, '=HYPERLINK("x")', 12n],
        ['VALE3', null, '@cmd', null],
        ['ITUB4', 1e-7, '+cmd', 0n],
        ['B3SA3', 0, '-1,5', 0n],
        ['HGLG11', 0, '-a;b', 0n],
        ['ABEV3', 0, '\tx', 0n],
      ],
    });
    expect(stdout).toBe(
      [
        '\ufeffticker;vlr_cot;nota;num',
        'PETR4;-38,72;"\'=HYPERLINK(""x"")";12',
        "VALE3;;'@cmd;",
        "ITUB4;1e-7;'+cmd;0",
        'B3SA3;0;-1,5;0',
        'HGLG11;0;"\'-a;b";0',
        "ABEV3;0;'\tx;0",
        '',
      ].join('\r\n'),
    );
  });
});

describe('a text with control characters', () => {
  const hostile = 'A\u001b]0;x\u0007\u009b31m\u202eB';
  const data: TabularData = { columns: ['nome'], rows: [[hostile]] };
  const shown = 'A\\u001b]0;x\\u0007\\u009b31m\\u202eB';

  test('is shown as escapes on a screen', async () => {
    const screen = { columns: 80 };
    expect((await written('table', data, screen)).stdout).toBe(`nome\n${shown}\n`);
    expect((await written('csv', data, screen)).stdout).toBe(`nome\n${shown}\n`);
  });

  test('is exact in a pipe', async () => {
    expect((await written('csv', data)).stdout).toBe(`nome\n${hostile}\n`);
    const json = (await written('json', data)).stdout;
    expect(JSON.parse(json)).toEqual([{ nome: hostile }]);
    expect(json).toContain(shown);
  });

  test('is cut on a screen where it is endless', async () => {
    const long = { columns: ['nome'], rows: [['x'.repeat(1_000_000)]] };
    expect((await written('table', long, { columns: 80 })).stdout.length).toBeLessThan(3_000);
  });
});

test('a table without rows is empty, on a screen and in a pipe', async () => {
  const empty: TabularData = { columns: ['ticker'], rows: [] };
  expect((await written('table', empty, { columns: 80 })).stdout).toBe('');
  expect((await written('table', empty)).stdout).toBe('');
});

describe('what people see', () => {
  const quotes: TabularData = {
    columns: ['anomesdia_exec', 'codigo_ticker_ativo', 'vlr_cot', 'pct_var_dia', 'pct_var_ano_a1'],
    types: ['INTEGER', 'VARCHAR', 'DOUBLE', 'DOUBLE', 'DOUBLE'],
    rows: [
      [20261119, 'TUCA3', 1234.5, 0.0141, 0.1],
      [20261119, 'MANG3', 3.41, -0.0066, null],
    ],
  };

  test('is in Brazilian notation below the labels of the site, in any place where a table goes', async () => {
    const lines = [
      'Coleta      Papel   Cotação     Dia     2025',
      '19/11/2026  TUCA3  1.234,50  +1,41%  +10,00%',
      '19/11/2026  MANG3      3,41  -0,66%',
      '',
    ].join('\n');
    expect((await written('table', quotes)).stdout).toBe(lines);
    expect((await written(undefined, quotes, { columns: 80 })).stdout).toBe(lines);
  });

  test('has the names of the columns with --names, and English notation with --locale en', async () => {
    const options = { names: true, locale: 'en' } as const;
    expect((await written('table', quotes, options)).stdout).toBe(
      [
        'anomesdia_exec  codigo_ticker_ativo   vlr_cot  pct_var_dia  pct_var_ano_a1',
        '2026-11-19      TUCA3                1,234.50       +1.41%         +10.00%',
        '2026-11-19      MANG3                    3.41       -0.66%',
        '',
      ].join('\n'),
    );
  });

  test('is green where it rises and red where it falls, on a screen with colours', async () => {
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('NO_COLOR', '');
    const { stdout } = await written('table', quotes, { columns: 80, color: true });
    expect(stdout).toContain('\u001b[32m+1,41%\u001b[39m');
    expect(stdout).toContain('\u001b[31m-0,66%\u001b[39m');
    vi.stubEnv('NO_COLOR', '1');
    const plain = await written('table', quotes, { columns: 80, color: true });
    expect(plain.stdout).not.toContain('\u001b');
    vi.stubEnv('NO_COLOR', '');
    expect((await written('table', quotes, { color: true })).stdout).not.toContain('\u001b');
  });

  test('loses no digit of a column that pynvest does not know', async () => {
    const { stdout } = await written('table', {
      columns: ['media', 'pct_meu', 'soma', 'dia', 'quando', 'texto', 'certo'],
      types: ['DOUBLE', 'DOUBLE', 'HUGEINT', 'INTEGER', 'TIMESTAMP', 'VARCHAR', 'BOOLEAN'],
      rows: [
        [
          ...[12.345678901, 0.1234567, '170141183460469231731', 20261119],
          ...['2026-11-19 18:45:00.123', '2026-11-19', true],
        ],
      ],
    });
    expect(stdout.split('\n')[1]?.split(/ {2,}/)).toEqual([
      ...['12,345678901', '0,1234567', '170.141.183.460.469.231.731', '20261119'],
      ...['19/11/2026 18:45:00.123', '2026-11-19', 'sim'],
    ]);
  });
});

test.each([40, 60, 80, 120])(
  'prose is broken between words on a screen of %d columns',
  async (columns) => {
    const words =
      'Preço sobre o valor patrimonial por ação, em vezes, como o site o mostra na página';
    const { stdout } = await written(
      undefined,
      {
        columns: ['column', 'type', 'description'],
        rows: [['vlr_ind_pvp', 'double', words]],
        wide: true,
      },
      { columns },
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(stdout.replace(/\s+/g, ' ')).toContain(words);
  },
);
