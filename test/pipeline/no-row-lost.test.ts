/** What a rebuild must not lose, nor leave wrong: other editions' columns, and a clock set back. */
import { utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import type { Table } from '../../src/catalog/dataset.ts';
import { LakeError } from '../../src/errors.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { getFilePath } from '../../src/lake/local/layout.ts';
import { encodeRows } from '../../src/lake/parquet/encode.ts';
import { rebuild } from '../../src/pipeline/rebuild.ts';
import { someDay } from '../support/days.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';
import { wholeRow } from '../support/rows.ts';
import { sorTables, sotTables, specTable } from '../support/tables.ts';

const READ_AT = '2026-11-20T18:45:00.000-03:00';
const raw: Row = wholeRow(sorTables.acoes, {
  nome_papel: 'TUCA3',
  vlr_cot: '10,00',
  datetime_exec: READ_AT,
});

describe('a rebuild', () => {
  it('refuses to replace a file with columns of a newer edition, and changes nothing', async () => {
    const root = await newFolder();
    const lake = createLocalLake(root);
    const file = { table: sorTables.acoes, partition: someDay, name: 'acoes-new.raw' };
    await lake.write(file, [raw]);
    const newer: Table = {
      ...sorTables.acoes,
      columns: [
        ...sorTables.acoes.columns,
        { name: 'coluna_nova', type: 'string', description: 'nova' },
      ],
    };
    await writeFile(getFilePath(root, file), encodeRows(newer, [{ ...raw, coluna_nova: 'x' }]));
    const before = await contentsBelow(root);
    const rebuilding = rebuild(lake, someDay);
    await expect(rebuilding).rejects.toThrow(LakeError);
    await expect(rebuilding).rejects.toThrow('coluna_nova');
    expect(await contentsBelow(root)).toEqual(before);
  });

  it('puts wrong typed rows right, even where their file claims to be of tomorrow', async () => {
    const root = await newFolder();
    const lake = createLocalLake(root);
    await lake.write({ table: sorTables.acoes, partition: someDay, name: 'dedup' }, [raw]);
    const wrong = wholeRow(sotTables.acoes, {
      nome_papel: 'TUCA3',
      vlr_cot: 999,
      datetime_exec: READ_AT,
    });
    const merged = { table: sotTables.acoes, partition: someDay, name: 'dedup' };
    await lake.write(merged, [wrong]);
    const tomorrow = new Date(Date.now() + 86_400_000);
    await utimes(getFilePath(root, merged), tomorrow, tomorrow);
    await rebuild(lake, someDay);
    expect((await lake.read(merged)).map((row) => row['vlr_cot'])).toEqual([10]);
    const quotes = await lake.read({ table: specTable, partition: someDay, name: 'dedup' });
    expect(quotes.map((row) => row['vlr_cot'])).toEqual([10]);
  });
});
