/** What unpacks the pages of other programs' files. */
import type { Compressors, FileMetaData } from 'hyparquet';

/** What hyparquet reads by itself, and what all our own files are. */
const BUILT_IN_CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'];

/** A page that could not be unpacked: spoilt, or packed as these decompressors do not know. */
export class UnpackingError extends Error {
  constructor(codec: string, options: { cause?: unknown } = {}) {
    const { cause } = options;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    super(`its pages cannot be unpacked (codec ${codec})${reason}`, options);
  }
}

/** The decompressors are large, and loaded only for a file that needs one. @throws UnpackingError */
export async function compressorsFor({ row_groups: groups }: FileMetaData): Promise<Compressors> {
  const codecs = groups.flatMap(({ columns }) =>
    columns.flatMap((column) => column.meta_data?.codec ?? []),
  );
  const others = [...new Set(codecs)].filter((codec) => !BUILT_IN_CODECS.includes(codec));
  if (others.length === 0) return {};
  const { compressors } = await import('hyparquet-compressors');
  const careful = others.map((codec) => {
    const unpack = compressors[codec];
    if (unpack === undefined) throw new UnpackingError(codec);
    const unpackPage: typeof unpack = (input, length) => {
      // The dictionary of a column without a value; of such a page the decompressor of LZ4 says that it is spoilt.
      if (length === 0) return new Uint8Array();
      try {
        return unpack(input, length);
      } catch (cause) {
        throw new UnpackingError(codec, { cause });
      }
    };
    return [codec, unpackPage] as const;
  });
  return Object.fromEntries(careful);
}
