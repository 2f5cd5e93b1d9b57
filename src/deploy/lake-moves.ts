/** What a deployment leaves behind where it gives the lake another place: data never moves with it. Pure. */
import { counted } from '../counted.ts';
import { plannedTable } from './glue.ts';
import type { Scope } from './intrinsics.ts';

export interface LakeMove {
  readonly type: 'AWS::Glue::Database' | 'AWS::S3::Bucket';
  readonly from: string;
  readonly to: string;
  /** What stays behind, and who still reaches it. */
  readonly loss: string;
}

interface MovedTable {
  readonly database: Step;
  readonly bucket: Step;
}

interface Step {
  readonly from: string;
  readonly to: string;
}

/**
 * The databases and buckets that the tables leave, each once. A change set says it of neither: CloudFormation
 * makes a new table in another database and keeps the old one, and only changes where a table begins in
 * another bucket, while each day that the table lists keeps its own place.
 * @param before the same template with the parameters that the stack has
 */
export function lakeMoves(before: Scope, after: Scope): LakeMove[] {
  const tables = [...after.template.resources.values()]
    .filter(({ type }) => type === 'AWS::Glue::Table')
    .map((resource): MovedTable => {
      const was = plannedTable(resource, before);
      const will = plannedTable(resource, after);
      return {
        database: { from: was.database, to: will.database },
        bucket: { from: bucketOf(was.location), to: bucketOf(will.location) },
      };
    });
  return [
    ...grouped(tables, 'database').map((those) => leftDatabase(those)),
    ...grouped(tables, 'bucket').map((those) => leftBucket(those)),
  ];
}

type Group = Step & { readonly tables: readonly MovedTable[] };

function leftDatabase({ from, to, tables }: Group): LakeMove {
  const those = counted(tables.length, 'table');
  const filesStay = tables.every(({ bucket }) => !isMove(bucket));
  return {
    type: 'AWS::Glue::Database',
    from,
    to,
    loss:
      `${those} in ${from} and the days listed there stay behind, where pynvest no longer looks` +
      (filesStay
        ? `; the files stay in use: \`pynvest doctor --all --fix\` lists their days in ${to}`
        : ''),
  };
}

function leftBucket({ from, to, tables }: Group): LakeMove {
  const catalogStays = tables.every(({ database }) => !isMove(database));
  return {
    type: 'AWS::S3::Bucket',
    from,
    to,
    loss:
      `the files in ${from} stay behind, where pynvest no longer reads or writes` +
      (catalogStays ? '; queries alone still reach the days listed so far' : ''),
  };
}

function grouped(tables: readonly MovedTable[], what: keyof MovedTable): Group[] {
  const groups = new Map<string, { from: string; to: string; tables: MovedTable[] }>();
  for (const table of tables) {
    const { from, to } = table[what];
    if (!isMove(table[what])) continue;
    const group = groups.get(`${from} ${to}`) ?? { from, to, tables: [] };
    group.tables.push(table);
    groups.set(`${from} ${to}`, group);
  }
  return [...groups.values()];
}

function isMove({ from, to }: Step): boolean {
  return from !== to;
}

function bucketOf(location: string): string {
  return location.replace(/^s3:\/\//, '').split('/')[0] ?? '';
}
