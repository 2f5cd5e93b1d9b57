/**
 * Rules about what is stored for each table: its files, foreign objects among them, and the Glue catalog. Pure.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { isoDate, type Partition } from '../../catalog/partition.ts';
import type { Table } from '../../catalog/tables.ts';
import type {
  CatalogColumn,
  CatalogPartition,
  ForeignEntry,
  LakeInspector,
  StoredFile,
} from '../../lake/inspector.ts';
import { formatQuantity } from '../../text.ts';
import type { FileFacts } from '../facts/read-files.ts';
import { type Finding, finding } from '../finding.ts';

export function tableFinding(table: Table, files: readonly StoredFile[], seen: FileFacts): Finding {
  const days = [...new Set(files.map(({ partition }) => partition))];
  const newest = days.at(-1);
  if (newest === undefined) {
    return finding('table', { status: 'note', table, detail: 'no rows yet' });
  }
  const ofNewest = files.filter(({ partition }) => partition === newest);
  const rows = ofNewest.reduce((sum, file) => sum + (seen.shapes.get(file)?.rows ?? 0), 0);
  const count = formatQuantity(days.length, 'day');
  const withRows = ofNewest.every((file) => seen.shapes.has(file)) ? ` with ${rows} rows` : '';
  const detail = `${count}, the newest ${isoDate(newest)}${withRows}`;
  return finding('table', { status: 'ok', table, detail });
}

export function foreignObjects(
  { catalog }: LakeInspector,
  table: Table,
  foreign: readonly ForeignEntry[],
): Finding[] {
  return foreign.map(({ path, kind }) => {
    const name = path.split('/').filter(Boolean).at(-1) ?? path;
    // Readers pass over names that begin so.
    const isHidden = /^[._]/.test(name);
    if (kind === 'folder') {
      const status = path.startsWith('anomesdia_exec') ? 'problem' : 'note';
      const detail = "a folder that is no day's";
      return finding('foreign-folder', { status, table, subject: path, detail });
    }
    const isRead = kind === 'inside' && catalog !== undefined && !isHidden;
    const status = isRead ? 'problem' : 'note';
    const detail = isRead ? 'no Parquet file, and Athena reads it as rows' : 'no file of the table';
    return finding('foreign-file', { status, table, subject: path, detail });
  });
}

export function catalogTable(
  table: Table,
  columns: readonly CatalogColumn[] | undefined,
): Finding[] {
  if (columns === undefined) {
    const detail = 'not in the Glue catalog';
    const remedy = `\`pynvest deploy\` makes a table that the stack does not own; else: ${RECREATE_HINT}`;
    return [finding('catalog-table', { status: 'problem', table, detail, remedy })];
  }
  const known = new Map(columns.map((column) => [column.name, column]));
  const unknown = columns.filter(({ name }) => !table.columns.some((own) => own.name === name));
  const lacks: string[] = [];
  const differs: string[] = [];
  const comments: string[] = [];
  for (const { name, type, description } of table.columns) {
    const column = known.get(name);
    if (column === undefined) lacks.push(name);
    else if (column.type !== type) differs.push(`${name} is ${column.type}, not ${type}`);
    else if (column.comment !== description) comments.push(name);
  }
  const said = [
    ...(lacks.length > 0 ? [`lacks ${lacks.join(', ')}`] : []),
    ...differs,
    ...(unknown.length > 0
      ? [`has ${unknown.map(({ name }) => name).join(', ')}, which this version does not know`]
      : []),
    ...(comments.length > 0 ? [`another comment on ${comments.join(', ')}`] : []),
  ];
  if (said.length === 0) return [];
  const isFault = lacks.length + differs.length > 0;
  const about = { status: isFault ? 'problem' : 'note', table, detail: said.join('; ') } as const;
  if (unknown.length > 0) {
    const remedy = 'A newer pynvest may have made it: update this one.';
    return [finding('catalog-table', { ...about, remedy })];
  }
  return [finding('catalog-table', { ...about, fix: { kind: 'describe', table } })];
}

interface CatalogFacts {
  readonly partitions: readonly CatalogPartition[];
  /** The days that have a file in the bucket. */
  readonly withFiles: ReadonlySet<Partition>;
  readonly isWithin: (day: Partition) => boolean;
  readonly locationOf: (day: Partition) => string;
}

export function catalogPartitions(table: Table, facts: CatalogFacts): Finding[] {
  const { partitions, withFiles, isWithin, locationOf } = facts;
  const findings: Finding[] = [];
  const known = new Set<Partition>();
  for (const { partition, value, location } of partitions) {
    if (partition === undefined) {
      const detail = `the catalog has a day ${JSON.stringify(value)}, which is none`;
      const remedy = 'Nobody of pynvest made it: `aws glue delete-partition` takes it out.';
      const subject = value;
      findings.push(
        finding('partition-elsewhere', { status: 'problem', table, subject, detail, remedy }),
      );
      continue;
    }
    known.add(partition);
    if (!isWithin(partition)) continue;
    const about = { status: 'problem', table, partition } as const;
    if (withoutTrailingSlash(location) !== withoutTrailingSlash(locationOf(partition))) {
      const detail = `the catalog looks for it at ${location || 'no place'}`;
      findings.push(finding('partition-elsewhere', { ...about, detail }));
    } else if (!withFiles.has(partition)) {
      const fix = { kind: 'forget', table, partition } as const;
      const detail = 'in the catalog, without a file';
      findings.push(finding('partition-empty', { ...about, detail, fix }));
    }
  }
  for (const partition of withFiles) {
    if (known.has(partition) || !isWithin(partition)) continue;
    const fix = { kind: 'register', table, partition } as const;
    const detail = 'has files, and is not in the catalog';
    findings.push(
      finding('partition-unknown', { status: 'problem', table, partition, detail, fix }),
    );
  }
  return findings;
}

function withoutTrailingSlash(location: string): string {
  return location.replace(/\/+$/, '');
}
