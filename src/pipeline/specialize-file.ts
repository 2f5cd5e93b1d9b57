/** One file of typed rows (SoT) to the file of its quotes (Spec). */
import type { AssetKind } from '../catalog/asset.ts';
import { specTable } from '../catalog/tables.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { quotesName } from '../lake/names.ts';
import { specialize } from '../transform/specialize.ts';

export async function specializeFile(
  lake: Lake,
  kind: AssetKind,
  preparedFile: LakeFile,
): Promise<{ readonly file: LakeFile; readonly bytes: number }> {
  const rows = (await lake.read(preparedFile)).map((row) => specialize(row, kind));
  const file: LakeFile = {
    table: specTable,
    partition: preparedFile.partition,
    name: quotesName(kind, preparedFile.name),
  };
  return { file, bytes: await lake.write(file, rows) };
}
