/** One file of raw text (SoR) to the file of its typed rows (SoT). */
import type { AssetKind } from '../catalog/asset.ts';
import { sotTables } from '../catalog/tables.ts';
import type { Lake, LakeFile } from '../lake/lake.ts';
import { preparedName } from '../lake/names.ts';
import { prepare, type UnparsedValue } from '../transform/prepare.ts';

export interface PreparedFile {
  readonly file: LakeFile;
  readonly unparsed: readonly UnparsedValue[];
  readonly bytes: number;
}

/** Types the rows of a file. */
export async function prepareFile(
  lake: Lake,
  kind: AssetKind,
  rawFile: LakeFile,
): Promise<PreparedFile> {
  const prepared = (await lake.read(rawFile)).map((row) => prepare(row, kind));
  const file: LakeFile = {
    table: sotTables[kind],
    partition: rawFile.partition,
    name: preparedName(rawFile.name),
  };
  const bytes = await lake.write(
    file,
    prepared.map(({ row }) => row),
  );
  return { file, unparsed: prepared.flatMap(({ unparsed }) => unparsed), bytes };
}
