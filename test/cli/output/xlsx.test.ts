import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import type { TabularData } from '../../../src/cli/output/rows.ts';
import { renderXlsx } from '../../../src/cli/output/xlsx.ts';
import type { OutputValue } from '../../../src/query/engine.ts';
import { newFolder } from '../../support/folders.ts';
import { pynvest } from '../../support/in-process.ts';
import { fromPython, hasOpenpyxl } from '../../support/python.ts';

async function render(data: TabularData): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of renderXlsx(data)) parts.push(part);
  return Buffer.concat(parts);
}

async function readSheet(data: TabularData): Promise<string> {
  const sheet = unzipSync(await render(data))['xl/worksheets/sheet1.xml'];
  return strFromU8(sheet ?? new Uint8Array());
}

/**
 * Values, kinds (n number, s text, b boolean, d date) and formats of all cells, as openpyxl reads them, and the sheet.
 */
const READ_WITH_OPENPYXL = `
import json, sys, openpyxl
from openpyxl.utils.escape import unescape
sheet = openpyxl.load_workbook(sys.argv[1]).active
print(json.dumps({
  'frozen': sheet.freeze_panes,
  'widths': [sheet.column_dimensions[c[0].column_letter].width for c in sheet.columns],
  'cells': [[[str(c.value)[:10] if c.data_type == 'd' else unescape(c.value) if isinstance(c.value, str) else c.value, c.data_type, c.number_format]
    for c in row] for row in sheet.iter_rows()],
}))`;

interface ReadSheet {
  readonly frozen: string;
  readonly widths: readonly number[];
  readonly cells: readonly (readonly (readonly [OutputValue, string, string])[])[];
}

async function readBack(bytes: Buffer): Promise<ReadSheet> {
  const path = join(await newFolder(), 'answer.xlsx');
  await writeFile(path, bytes);
  return (await fromPython(READ_WITH_OPENPYXL, path)) as ReadSheet;
}

/** A column: its name, the engine's type, a value, and the cell that it has to be. */
const CASES: readonly (readonly [string, string, OutputValue, OutputValue, string, string])[] = [
  ['anomesdia_exec', 'integer', 20261119, '2026-11-19', 'd', 'dd/mm/yyyy'],
  ['dt_ult_cot', 'DATE', '2026-11-19', '2026-11-19', 'd', 'dd/mm/yyyy'],
  ['dt_1900', 'date', '1900-03-01', '1900-03-01', 'd', 'dd/mm/yyyy'],
  ['dt_antiga', 'date', '1822-09-07', '1822-09-07', 's', 'dd/mm/yyyy'],
  ['codigo_ticker_ativo', 'string', 'PETR4', 'PETR4', 's', '@'],
  ['vlr_cot', 'double', 38.1, 38.1, 'n', '#,##0.00'],
  ['pct_var_dia', 'double', -0.0066, -0.0066, 'n', '0.00%'],
  ['vlr_ind_roe', 'double', 0.354, 0.354, 'n', '0.00%'],
  ['vlr_mercado', 'bigint', 195_091_000_000n, 195_091_000_000, 'n', '#,##0'],
  ['vlr_ind_p_sobre_l', 'double', 5.1234567890123, 5.1234567890123, 'n', '#,##0.00'],
  ['vlr_provento', 'double', 0.00012345, 0.00012345, 'n', '#,##0.00######'],
  ['fator_total', 'double', 0.98765432101234, 0.98765432101234, 'n', 'General'],
  ['ano', 'integer', 2026, 2026, 'n', '0'],
  ['soma', 'HUGEINT', 9_007_199_254_740_991n, 9_007_199_254_740_991, 'n', '0'],
  ['grande', 'BIGINT', 9_007_199_254_740_993n, '9007199254740993', 's', '0'],
  ['decimal', 'DECIMAL(4,2)', 1.25, 1.25, 'n', 'General'],
  [
    'decimal_exato',
    'DECIMAL(38,3)',
    '12345678901234567.891',
    '12345678901234567.891',
    's',
    'General',
  ],
  ['infinito', 'DOUBLE', Number.POSITIVE_INFINITY, 'Infinity', 's', 'General'],
  ['sim', 'boolean', true, true, 'b', 'General'],
  ['nada', 'double', null, null, 'n', 'General'],
  ['lista', 'INTEGER[]', [1, 2], '[1,2]', 's', '@'],
  ['momento', 'TIMESTAMP', '2026-11-19 18:45:00', '2026-11-19', 'd', 'dd/mm/yyyy hh:mm:ss'],
  [
    'fuso',
    'TIMESTAMP WITH TIME ZONE',
    '2026-11-19 18:45:00+00',
    '2026-11-19 18:45:00+00',
    's',
    '@',
  ],
  // A person's own columns, whatever their names begin with.
  ['pct_meu', 'double', 35.4, 35.4, 'n', 'General'],
  ['total_y', 'double', 0.4, 0.4, 'n', 'General'],
  ['vlr_ult_12m', 'double', 0.4, 0.4, 'n', 'General'],
  ['=1+1', 'varchar', '=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")', 's', '@'],
  ['mais', 'varchar', '+5', '+5', 's', '@'],
  ['arroba', 'varchar', '@SUM(A1)', '@SUM(A1)', 's', '@'],
  ['tab', 'varchar', '\t=1', '\t=1', 's', '@'],
  ['numero_em_texto', 'varchar', '0012', '0012', 's', '@'],
  ['xml', 'varchar', ' <a> & "b" ', ' <a> & "b" ', 's', '@'],
  ['escape', 'varchar', '_x0041_ _X0042_ \u0001\uFFFF', '_x0041_ _X0042_ \u0001\uFFFF', 's', '@'],
  ['linhas', 'varchar', 'a\r\nb', 'a\r\nb', 's', '@'],
  ['vazio', 'varchar', '', '', 's', '@'],
  ['acentos', 'varchar', 'Ação 🍉', 'Ação 🍉', 's', '@'],
];

const data: TabularData = {
  columns: CASES.map(([name]) => name),
  types: CASES.map(([, type]) => type),
  rows: [CASES.map(([, , value]) => value), CASES.map(() => null)],
};

describe.skipIf(!hasOpenpyxl)('a spreadsheet, as openpyxl reads it,', () => {
  test('has each value with its type and its format', async () => {
    const { cells, frozen, widths } = await readBack(await render(data));
    expect(cells).toHaveLength(3);
    expect(cells[0]?.map(([value, kind]) => [value, kind])).toEqual(
      CASES.map(([name]) => [name, 's']),
    );
    for (const [at, [name, , , ...expected]] of CASES.entries()) {
      expect(cells[1]?.[at], name).toEqual(expected);
      expect(cells[2]?.[at]?.[0], name).toBeNull();
    }
    expect(frozen).toBe('A2');
    expect(widths[0]).toBe(16);
    expect(Math.max(...widths)).toBeLessThanOrEqual(50);
  });

  test('has the rows of any number of batches, and of none', async () => {
    const rows = Array.from({ length: 1500 }, (_, at) => [at, `linha ${at}`]);
    const columns = ['n', 'texto'];
    const types = ['BIGINT', 'VARCHAR'];
    const { cells } = await readBack(await render({ columns, types, rows }));
    expect(cells.slice(1).map((row) => row.map(([value]) => value))).toEqual(rows);
    expect((await readBack(await render({ columns, types, rows: [] }))).cells).toHaveLength(1);
  });
});

describe('a spreadsheet', () => {
  test("formats no column of a person's own by its name", async () => {
    const formatsOf = async (columns: readonly string[]): Promise<string> => {
      const types = columns.map(() => 'DOUBLE');
      const bytes = await render({ columns, types, rows: [columns.map(() => 0.4)] });
      return strFromU8(unzipSync(bytes)['xl/styles.xml'] ?? new Uint8Array());
    };
    expect(await formatsOf(['pct_var_dia'])).toContain('0.00%');
    const own = await formatsOf(['pct_meu', 'total_y', 'vlr_meu_ult_12m']);
    expect(own).not.toMatch(/formatCode="(?:0\.00%|#,##0)/);
    expect(own).not.toMatch(/<xf[^>]* numFmtId="(?:[1-9]|10)"/);
  });

  test('has the time of a TIMESTAMP as a part of its day', async () => {
    const sheet = await readSheet({
      columns: ['momento'],
      types: ['TIMESTAMP'],
      rows: [['2026-11-19 18:00:00'], ['1822-09-07 12:00:00']],
    });
    expect(sheet).toContain('<v>46345.75</v>');
    expect(sheet).toContain('<t>1822-09-07 12:00:00</t>');
  });

  test('has text in cells of text, and no formula', async () => {
    const sheet = await readSheet(data);
    expect(sheet).toContain('t="inlineStr"');
    expect(sheet).toContain('<t>=HYPERLINK("http://x","y")</t>');
    expect(sheet).not.toContain('<f>');
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" state="frozen"');
  });

  test('refuses more rows, columns and characters than one can have', async () => {
    const columns = Array.from({ length: 16_385 }, (_, at) => `c${at}`);
    await expect(render({ columns, rows: [] })).rejects.toThrow('at most 16384 columns');
    await expect(render({ columns: ['texto'], rows: [['x'.repeat(32_768)]] })).rejects.toThrow(
      'a text of the answer has 32768',
    );
    const rows = [[1], [2], [3]];
    const renderMost = async (most: number): Promise<number> => {
      let size = 0;
      for await (const part of renderXlsx({ columns: ['n'], rows }, most)) size += part.length;
      return size;
    };
    await expect(renderMost(3)).rejects.toThrow('at most 3 rows with the heading');
    expect(await renderMost(4)).toBeGreaterThan(0);
  });
});

describe('query -o x.xlsx', () => {
  const write = (sql: string, path: string) =>
    pynvest(['query', 'sql', sql, '--dialect', 'duckdb', '-o', path]);

  test('writes the file whole, or leaves the old one with its permissions', async () => {
    const folder = await newFolder();
    const path = join(folder, 'a.xlsx');
    await writeFile(path, 'old', { mode: 0o600 });
    const failing = [
      `SELECT CASE WHEN range < 60000 THEN 1 ELSE error('halfway') END AS n FROM range(70000)`,
      `SELECT repeat('x', 40000) AS texto FROM range(3)`,
    ];
    for (const sql of failing) {
      const { status, stderr } = await write(sql, path);
      expect(status, stderr).toBe(1);
      expect(stderr).toMatch(/^error: (?:.*halfway|a cell of a spreadsheet has at most 32767)/);
      expect(await readFile(path, 'utf8')).toBe('old');
    }
    const { status, stderr } = await write('SELECT 1 AS n', path);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `Wrote 1 row to ${path}\n` });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['a.xlsx']);
  });

  test('writes the same bytes each time', async () => {
    const folder = await newFolder();
    const digests = [];
    for (const name of ['a.xlsx', 'b.xlsx']) {
      await write(
        `SELECT range AS n, DATE '2026-11-19' AS dia FROM range(5000)`,
        join(folder, name),
      );
      const bytes = await readFile(join(folder, name));
      digests.push(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(digests[0]).toBe(digests[1]);
  });
});
