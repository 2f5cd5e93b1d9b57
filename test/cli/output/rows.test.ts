import { describe, expect, test } from 'vitest';
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
  const { terminal, stdout, stderr, end } = fakeTerminal(options);
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
