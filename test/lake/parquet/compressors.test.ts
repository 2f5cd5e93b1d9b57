import { describe, expect, test } from 'vitest';
import { UnreadableCodecError } from '../../../src/errors.ts';
import { decodeRows, loadCompressors } from '../../../src/lake/parquet/decode.ts';
import { packedRows, packedUnreadably } from '../../support/packed-files.ts';
import { sotTables } from '../../support/tables.ts';

const stocks = sotTables.acoes;

const ROWS = "SELECT 'PETR' || i AS nome_papel, i::DOUBLE AS vlr_cot FROM range(3000) t(i)";

describe('the pages of other programs', () => {
  test.each(['snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw', 'uncompressed'])(
    'are unpacked from %s',
    async (codec) => {
      const rows = await decodeRows(stocks, await packedRows(ROWS, codec), '/lake/other.parquet');
      expect(rows).toHaveLength(3_000);
      expect(rows.at(-1)).toMatchObject({ nome_papel: 'PETR2999', vlr_cot: 2_999 });
    },
  );

  test('are nothing where they hold nothing, as the dictionary of a column without a value', async () => {
    const meta_data = { codec: 'LZ4_RAW' };
    const metadata = { row_groups: [{ columns: [{ meta_data }] }] };
    const { LZ4_RAW: unpack } = await loadCompressors(metadata as never);
    expect(unpack?.(Uint8Array.of(0), 0)).toEqual(new Uint8Array());
  });

  test('that cannot be unpacked are distinguished from a broken file, with their codec', async () => {
    const reading = decodeRows(
      stocks,
      await packedUnreadably(await packedRows(ROWS, 'snappy')),
      '/lake/x.parquet',
    );
    await expect(reading).rejects.toThrow(UnreadableCodecError);
    await expect(reading).rejects.toThrow(
      /^\/lake\/x\.parquet cannot be read as tbsot_\w+: its pages cannot be decompressed \(codec ZSTD\)/,
    );
    const metadata = { row_groups: [{ columns: [{ meta_data: { codec: 'LZO' } }] }] };
    await expect(loadCompressors(metadata as never)).rejects.toThrow('(codec LZO)');
  });
});
