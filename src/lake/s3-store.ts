/** What lies in the lake in S3 and Glue, as it lies there. */
import { sortContents } from './foreign.ts';
import { GlueCatalog } from './glue-catalog.ts';
import type { S3LakePlaces } from './s3-lake.ts';
import { S3Objects } from './s3-objects.ts';
import { FOOTER_BYTES, readShape } from './shape.ts';
import type { LakeStore } from './store.ts';

export function createS3Store({ s3, glue, buckets, databases }: S3LakePlaces): LakeStore {
  const objects = new S3Objects(s3, buckets);
  return {
    catalog: new GlueCatalog(glue, databases, buckets),
    placeOf: (file) => objects.uri(file),
    contents: async (table) => sortContents(table, await objects.below(table)),
    setAside: (file) => objects.setAside(file),

    async shape(file) {
      const { size } = file;
      // S3 refuses a range of an object that is empty.
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
