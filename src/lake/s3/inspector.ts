/**
 * Inspects what is stored in S3 and Glue, the lake's own files and everything else.
 */

import { classifyPaths, type LakeInspector } from '../inspector.ts';
import { FOOTER_BYTES, readShape } from '../parquet/shape.ts';
import { GlueCatalog } from './glue-catalog.ts';
import type { S3LakeLocation } from './layout.ts';
import { S3Objects } from './objects.ts';

export function createS3Inspector(location: S3LakeLocation): LakeInspector {
  const objects = new S3Objects(location);
  return {
    catalog: new GlueCatalog(location),
    locationOf: (file) => objects.uri(file),
    contents: async (table) => classifyPaths(table, await objects.listTable(table)),
    quarantine: (file) => objects.quarantine(file),

    async shape(file) {
      const { size } = file;
      // S3 rejects a range of an empty object.
      const tail =
        size === 0 ? new Uint8Array() : await objects.bytes(file, `bytes=-${FOOTER_BYTES}`);
      const tailStart = size - tail.byteLength;
      const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
        const bytes =
          start >= tailStart
            ? tail.subarray(start - tailStart, end - tailStart)
            : await objects.bytes(file, `bytes=${start}-${end - 1}`);
        return new Uint8Array(bytes).buffer;
      };
      return readShape({ byteLength: size, slice }, objects.uri(file));
    },
  };
}
