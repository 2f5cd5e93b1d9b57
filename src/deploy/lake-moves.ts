/**
 * The data that a deployment leaves behind when it changes the lake's databases or buckets: data is never moved. Pure.
 */

import { formatQuantity } from '../text.ts';
import { evaluateTable, type Scope } from './intrinsics.ts';

export interface LakeMove {
  readonly type: 'AWS::Glue::Database' | 'AWS::S3::Bucket';
  readonly from: string;
  readonly to: string;
  /** What stays behind, and who still reaches it. */
  readonly consequence: string;
}

interface TableMove {
  readonly database: Move;
  readonly bucket: Move;
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * The databases and buckets that the tables leave, each once. A change set says it of neither: CloudFormation
 * makes a new table in another database and keeps the old one, and only changes where a table begins in
 * another bucket, while each day that the table lists keeps its own place.
 * @param before the same template with the parameters that the stack has
 */
export function findLakeMoves(before: Scope, after: Scope): LakeMove[] {
  const tables = [...after.template.resources.values()]
    .filter(({ type }) => type === 'AWS::Glue::Table')
    .map((resource): TableMove => {
      const was = evaluateTable(resource, before);
      const will = evaluateTable(resource, after);
      return {
        database: { from: was.database, to: will.database },
        bucket: { from: parseBucket(was.location), to: parseBucket(will.location) },
      };
    });
  return [
    ...groupMoves(tables, 'database').map((those) => describeDatabaseMove(those)),
    ...groupMoves(tables, 'bucket').map((those) => describeBucketMove(those)),
  ];
}

type MoveGroup = Move & { readonly tables: readonly TableMove[] };

function describeDatabaseMove({ from, to, tables }: MoveGroup): LakeMove {
  const those = formatQuantity(tables.length, 'table');
  const filesStay = tables.every(({ bucket }) => !isMove(bucket));
  return {
    type: 'AWS::Glue::Database',
    from,
    to,
    consequence:
      `${those} in ${from} and the days listed there stay behind, where pynvest no longer looks` +
      (filesStay
        ? `; the files stay in use: \`pynvest doctor --all --fix\` lists their days in ${to}`
        : ''),
  };
}

function describeBucketMove({ from, to, tables }: MoveGroup): LakeMove {
  const catalogStays = tables.every(({ database }) => !isMove(database));
  return {
    type: 'AWS::S3::Bucket',
    from,
    to,
    consequence:
      `the files in ${from} stay behind, where pynvest no longer reads or writes` +
      (catalogStays ? '; queries alone still reach the days listed so far' : ''),
  };
}

function groupMoves(tables: readonly TableMove[], what: keyof TableMove): MoveGroup[] {
  const groups = new Map<string, { from: string; to: string; tables: TableMove[] }>();
  for (const table of tables) {
    const { from, to } = table[what];
    if (!isMove(table[what])) continue;
    const group = groups.get(`${from} ${to}`) ?? { from, to, tables: [] };
    group.tables.push(table);
    groups.set(`${from} ${to}`, group);
  }
  return [...groups.values()];
}

function isMove({ from, to }: Move): boolean {
  return from !== to;
}

function parseBucket(location: string): string {
  return location.replace(/^s3:\/\//, '').split('/')[0] ?? '';
}
