/** A lake that is spoilt on purpose, and can be brought back to what it was. */
import type { LakeBytes } from './lake-bytes.ts';

export interface TamperedLake extends Pick<LakeBytes, 'get' | 'put' | 'remove'> {
  /** Everything that was put or removed is as it was before. */
  undo(): Promise<void>;
}

export function tampered(lake: LakeBytes): TamperedLake {
  /** What each path held before it was first touched; undefined where there was nothing. */
  const before = new Map<string, Buffer | undefined>();
  const remember = async (path: string): Promise<void> => {
    if (before.has(path)) return;
    before.set(path, await lake.get(path).catch(() => undefined));
  };
  return {
    get: (path) => lake.get(path),
    async put(path, bytes) {
      await remember(path);
      await lake.put(path, bytes);
    },
    async remove(path) {
      await remember(path);
      await lake.remove(path);
    },
    async undo() {
      for (const [path, bytes] of before) {
        await (bytes === undefined ? lake.remove(path) : lake.put(path, bytes));
      }
    },
  };
}
