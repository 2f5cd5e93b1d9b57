/**
 * The data that stays behind when a deployment changes the lake's databases or buckets, as data is never moved. Pure.
 */

import { formatQuantity } from '../text.ts';
import { evaluateTable, type Scope } from './intrinsics.ts';

export interface LakeMove {
  readonly type: 'AWS::Glue::Database' | 'AWS::S3::Bucket';
  readonly from: string;
  readonly to: string;
  /** What stays behind, and what still reads it. */
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
 * The databases and buckets that the tables leave, each once. A change set shows neither: for another database,
 * CloudFormation creates a new table and keeps the old one; for another bucket it only changes the table's location,
 * while each partition keeps its own.
 * @param before the same template with the stack's current parameters
 */
export function findLakeMoves(before: Scope, after: Scope): LakeMove[] {
  const tables = [...after.template.resources.values()]
    .filter(({ type }) => type === 'AWS::Glue::Table')
    .map((resource): TableMove => {
      const old = evaluateTable(resource, before);
      const planned = evaluateTable(resource, after);
      return {
        database: { from: old.database, to: planned.database },
        bucket: { from: parseBucket(old.location), to: parseBucket(planned.location) },
      };
    });
  return [
    ...groupMoves(tables, 'database').map(describeDatabaseMove),
    ...groupMoves(tables, 'bucket').map(describeBucketMove),
  ];
}

type MoveGroup = Move & { readonly tables: readonly TableMove[] };

function describeDatabaseMove({ from, to, tables }: MoveGroup): LakeMove {
  const count = formatQuantity(tables.length, 'table');
  const filesStay = tables.every(({ bucket }) => !isMove(bucket));
  return {
    type: 'AWS::Glue::Database',
    from,
    to,
    consequence:
      `${count} in ${from} and the days listed there stay behind, where pynvest no longer reads` +
      (filesStay
        ? `; the files are still used: \`pynvest doctor --all --fix\` lists their days in ${to}`
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
      (catalogStays ? '; only queries still read the days listed so far' : ''),
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
