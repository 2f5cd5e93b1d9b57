import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/catalog/column.ts';
import { tables } from '../../../src/catalog/datasets.ts';
import { BrokenFileError } from '../../../src/errors.ts';
import { verifyChecksum } from '../../../src/lake/parquet/checksum.ts';
import { decodeRows } from '../../../src/lake/parquet/decode.ts';
import { encodeRows } from '../../../src/lake/parquet/encode.ts';
import { newFolder } from '../../support/folders.ts';
import { fromPython, hasPython } from '../../support/python.ts';
import { sampleRow, wholeRow } from '../../support/rows.ts';
import { sotTables } from '../../support/tables.ts';

const READ = `
import json, sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1], partitioning=None)
print(json.dumps({
    'types': [[field.name, str(field.type)] for field in table.schema],
    'rows': [{k: v.isoformat() if hasattr(v, 'isoformat') else v for k, v in row.items()}
             for row in table.to_pylist()],
}))
`;

const stocks = sotTables.acoes;

/** What a file that a Python script wrote to the path `out` reads as. */
async function writtenBy(script: string): Promise<Row[]> {
  const path = join(await newFolder(), 'python.parquet');
  await fromPython(
    `
import sys, datetime, pyarrow as pa, pyarrow.parquet as pq, pandas as pd, numpy as np
out = sys.argv[1]
${script}
print('{}')
`,
    path,
  );
  return decodeRows(stocks, await readFile(path), path);
}

describe.runIf(hasPython)('pyarrow', () => {
  test.each(tables)('reads our file of $name: exact types and exact values', async (table) => {
    const path = join(await newFolder(), 'ours.parquet');
    const rows = [
      sampleRow(table),
      wholeRow(table, { [table.tickerColumn]: 'JABU4' }),
      sampleRow(table, { [table.tickerColumn]: '' }),
    ];
    await writeFile(path, encodeRows(table, rows));
    const names = {
      ...{ string: 'string', double: 'double', bigint: 'int64' },
      ...{ date: 'date32[day]', boolean: 'bool' },
    };
    const read = (await fromPython(READ, path)) as { types: unknown; rows: unknown };
    expect(read.types).toEqual(table.columns.map(({ name, type }) => [name, names[type]]));
    // Python's integers are exact; in JSON the largest safe one still is.
    expect(read.rows).toEqual(rows);
  });

  test.each(['snappy', 'zstd', 'gzip', 'brotli', 'lz4', 'none'])(
    'writes files that we read, compressed with %s',
    async (codec) => {
      const rows = await writtenBy(`
table = pa.table({
    'num_acoes': pa.array([2**53 - 1, None, -1], pa.int64()),
    'nome_papel': ['TUCA3', 'JABU4', 'ARAF4'],
    'vlr_cot': pa.array([0.1, None, -5e-324], pa.float64()),
    'dt_ult_cot': pa.array([datetime.date(2026, 11, 20), None, datetime.date(1900, 1, 1)]),
    'nome_empresa': ['Araçá 🍉', '', None],
    'nome_setor': pa.array([None, None, None], pa.string()),
})
pq.write_table(table, out, compression='${codec}')`);
      const [first, second, third] = [
        { nome_papel: 'TUCA3', num_acoes: Number.MAX_SAFE_INTEGER, vlr_cot: 0.1 },
        { nome_papel: 'JABU4', nome_empresa: '' },
        { nome_papel: 'ARAF4', num_acoes: -1, vlr_cot: -5e-324, dt_ult_cot: '1900-01-01' },
      ];
      expect(rows).toEqual([
        wholeRow(stocks, { ...first, nome_empresa: 'Araçá 🍉', dt_ult_cot: '2026-11-20' }),
        wholeRow(stocks, second),
        wholeRow(stocks, third),
      ]);
    },
  );

  test('writes data pages of version 2 and dictionaries that we read', async () => {
    const rows = await writtenBy(`
names = ['A' * (i % 7) for i in range(5000)]
table = pa.table({'nome_papel': names, 'num_acoes': pa.array(range(5000), pa.int64())})
pq.write_table(table, out, data_page_version='2.0', row_group_size=1000, version='2.6')`);
    expect(rows).toHaveLength(5_000);
    expect(rows.at(-1)).toMatchObject({ nome_papel: 'A'.repeat(4999 % 7), num_acoes: 4_999 });
  });

  test('of large strings and of dictionary arrays is read as text', async () => {
    const rows = await writtenBy(`
table = pa.table({
    'nome_papel': pa.array(['TUCA3', 'TUCA3'], pa.large_string()),
    'nome_setor': pa.array(['x', None]).dictionary_encode(),
})
pq.write_table(table, out)`);
    expect(rows.map((row) => [row['nome_papel'], row['nome_setor']])).toEqual([
      ['TUCA3', 'x'],
      ['TUCA3', null],
    ]);
  });

  test.each(['decimal128(9, 2)', 'decimal128(18, 2)', 'decimal128(38, 2)', 'decimal256(60, 2)'])(
    'writes decimals that we read exactly, as %s',
    async (type) => {
      const rows = await writtenBy(`
from decimal import Decimal
texts = ['46.48', '0.07', '1.15', '-46.48', '-0.01', None, '0.00'] + [f'{i / 100:.2f}' for i in range(3000)]
table = pa.table({
    'nome_papel': [str(i) for i in range(len(texts))],
    'vlr_cot': pa.array([None if t is None else Decimal(t) for t in texts], pa.${type}),
})
pq.write_table(table, out, store_decimal_as_integer=True)`);
      const values = rows.map((row) => row['vlr_cot']);
      expect(values.slice(0, 7)).toEqual([46.48, 0.07, 1.15, -46.48, -0.01, null, 0]);
      expect(values.slice(7)).toEqual(Array.from({ length: 3000 }, (_, i) => i / 100));
    },
  );

  test('writes "no number", which we read as absent', async () => {
    const rows = await writtenBy(`
table = pa.table({'nome_papel': ['A', 'B'], 'vlr_cot': pa.array([float('nan'), 1.5])})
pq.write_table(table, out)`);
    expect(rows.map((row) => row['vlr_cot'])).toEqual([null, 1.5]);
  });
});

describe.runIf(hasPython)('pandas', () => {
  test('writes absent numbers, dates and texts that we read as absent', async () => {
    const rows = await writtenBy(`
frame = pd.DataFrame({
    'nome_papel': ['TUCA3', 'JABU4'],
    'vlr_cot': [38.72, np.nan],
    'num_acoes': [820400000, np.nan],
    'dt_ult_cot': pd.to_datetime(['2026-11-20', None]),
    'nome_empresa': ['Tucanaré', None],
})
frame.to_parquet(out)`);
    const known = { nome_papel: 'TUCA3', vlr_cot: 38.72, num_acoes: 820_400_000 };
    expect(rows).toEqual([
      wholeRow(stocks, { ...known, dt_ult_cot: '2026-11-20', nome_empresa: 'Tucanaré' }),
      wholeRow(stocks, { nome_papel: 'JABU4' }),
    ]);
  });

  test('with an index of its own adds a column that we leave out', async () => {
    const rows = await writtenBy(`
frame = pd.DataFrame({'nome_papel': ['A', 'B'], 'vlr_cot': [1.0, 2.0]}, index=['x', 'y'])
frame.to_parquet(out, compression='gzip')`);
    expect(rows).toEqual([
      wholeRow(stocks, { nome_papel: 'A', vlr_cot: 1 }),
      wholeRow(stocks, { nome_papel: 'B', vlr_cot: 2 }),
    ]);
  });

  test('that was ours, with our checksum in its metadata, is one of another program', async () => {
    const ours = join(await newFolder(), 'ours.parquet');
    await writeFile(ours, encodeRows(stocks, [wholeRow(stocks, { nome_papel: 'A', vlr_cot: 1 })]));
    const path = join(await newFolder(), 'python.parquet');
    const script = `
import sys, pyarrow as pa, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1], partitioning=None)
at = table.schema.get_field_index('vlr_cot')
pq.write_table(table.set_column(at, 'vlr_cot', pa.array([2.0])), sys.argv[2])
print('{}')`;
    await fromPython(script, ours, path);
    const bytes = await readFile(path);
    expect(bytes.includes('pynvest.sha256')).toBe(true);
    expect(verifyChecksum(bytes)).toBe('absent');
    expect(await decodeRows(stocks, bytes, path)).toEqual([
      wholeRow(stocks, { nome_papel: 'A', vlr_cot: 2 }),
    ]);
  });

  test('with text where numbers must be is a broken file', async () => {
    const reading = writtenBy(`
pd.DataFrame({'nome_papel': ['A'], 'vlr_cot': ['38,72']}).to_parquet(out)`);
    await expect(reading).rejects.toThrow(BrokenFileError);
    await expect(reading).rejects.toThrow(/python\.parquet cannot be read .*vlr_cot holds 38,72/);
  });
});
