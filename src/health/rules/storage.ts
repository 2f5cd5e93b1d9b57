/**
 * Rules about what is stored for each table: its files, foreign objects among them, and the Glue catalog. Pure.
 */

import { RECREATE_HINT } from '../../aws/resource-names.ts';
import { type Dataset, findOrigins, type Table } from '../../catalog/dataset.ts';
import { tables as allTables, dailyTables, indicators } from '../../catalog/datasets.ts';
import { formatPartition, isWithin, type Partition } from '../../catalog/partition.ts';
import type { ForeignEntry } from '../../lake/inspector.ts';
import { formatQuantity } from '../../text.ts';
import type { FileFacts } from '../facts/file-facts.ts';
import { type Facts, getSection, type SectionValues, type TableCatalog } from '../facts/model.ts';
import {
  createFinding,
  createNote,
  createPassedCheck,
  createUnavailableFinding,
  type Finding,
} from '../finding.ts';
import { EMPTY_TABLE, getCollectRemedy } from './tables.ts';

/** A lake is whole without them: who wants prices or events imports them. */
const importedTables = allTables.filter((table) => !dailyTables.includes(table));

/** How many days, or years, each table has. */
export function summarizeTables(
  { datasets, contents, shapes }: FileFacts,
  facts: Facts,
): Finding[] {
  const collectedByRun: readonly Dataset[] = indicators;
  return [...contents].flatMap(([table, { files }]) => {
    const partitions = new Set(files.map(({ partition }) => partition));
    const newest = files.at(-1)?.partition;
    if (newest === undefined) {
      const isOfRun = findOrigins(datasets, table).some((each) => collectedByRun.includes(each));
      if (!isOfRun && importedTables.includes(table)) return [];
      const remedy = isOfRun ? getCollectRemedy(facts) : '`pynvest run` does not collect it.';
      return createFinding('empty', { table, detail: EMPTY_TABLE, remedy });
    }
    const ofNewest = files.filter(({ partition }) => partition === newest);
    const rows = ofNewest.reduce((sum, file) => sum + (shapes.get(file)?.rows ?? 0), 0);
    const withRows = ofNewest.every((file) => shapes.has(file))
      ? ` with ${formatQuantity(rows, 'row')}`
      : '';
    const noun = table.partition.grain === 'day' ? 'day' : 'year';
    const detail = `${formatQuantity(partitions.size, noun)}, the newest ${formatPartition(newest)}${withRows}`;
    return createPassedCheck('table', { table, detail });
  });
}

export function findForeignEntries({ contents }: FileFacts, { target }: Facts): Finding[] {
  return [...contents].flatMap(([table, { foreign }]) =>
    foreign.map((entry) =>
      entry.kind === 'folder'
        ? reportForeignFolder(table, entry)
        : reportForeignFile(table, entry, target === 'aws'),
    ),
  );
}

function reportForeignFolder(table: Table, { path }: ForeignEntry): Finding {
  const report = path.startsWith(table.partition.column) ? createFinding : createNote;
  return report('foreign-folder', { table, subject: path, detail: 'a folder that is not a day' });
}

function reportForeignFile(table: Table, { path, kind }: ForeignEntry, isInAws: boolean): Finding {
  const name = path.split('/').filter(Boolean).at(-1) ?? path;
  // Athena skips names that begin so.
  const isHidden = /^[._]/.test(name);
  return isInAws && kind === 'inside' && !isHidden
    ? createFinding('foreign-file', {
        table,
        subject: path,
        detail: 'not a Parquet file, and Athena reads it as rows',
      })
    : createNote('foreign-file', {
        table,
        subject: path,
        detail: 'not a file of the table',
      });
}

/** The Glue catalog: the columns of each table, and its days. */
export function findCatalogFaults(catalog: SectionValues['catalog'], facts: Facts): Finding[] {
  const files = getSection(facts, 'files');
  if (files === undefined) return [];
  return [...catalog].flatMap(([table, read]) => {
    if ('error' in read) return [createUnavailableFinding(read.error, { table })];
    if (read.value === undefined) {
      return [
        createFinding('catalog-table', {
          table,
          detail: 'not in the Glue catalog',
          remedy: `\`pynvest deploy\` creates a table that the stack does not own; else: ${RECREATE_HINT}`,
        }),
      ];
    }
    return [
      ...findColumnFaults(table, read.value),
      ...findPartitionFaults(table, read.value, files),
    ];
  });
}

function findColumnFaults(table: Table, { columns }: TableCatalog): Finding[] {
  const known = new Map(columns.map((column) => [column.name, column]));
  const unknown = columns.filter(({ name }) => !table.columns.some((own) => own.name === name));
  const missing: string[] = [];
  const differences: string[] = [];
  const comments: string[] = [];
  for (const { name, type, description } of table.columns) {
    const column = known.get(name);
    if (column === undefined) missing.push(name);
    else if (column.type !== type) differences.push(`${name} is ${column.type}, not ${type}`);
    else if (column.comment !== description) comments.push(name);
  }
  const texts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...differences,
    ...(unknown.length > 0
      ? [`has ${unknown.map(({ name }) => name).join(', ')}, which this version does not know`]
      : []),
    ...(comments.length > 0 ? [`another comment on ${comments.join(', ')}`] : []),
  ];
  if (texts.length === 0) return [];
  const report = missing.length + differences.length > 0 ? createFinding : createNote;
  const detail = texts.join('; ');
  if (unknown.length === 0) {
    return [report('catalog-table', { table, detail, fix: { kind: 'update-columns', table } })];
  }
  const remedy = 'A newer pynvest may have created it: update this one.';
  return [report('catalog-table', { table, detail, remedy })];
}

function findPartitionFaults(
  table: Table,
  { partitions, locationOf }: TableCatalog,
  { contents, bounds }: FileFacts,
): Finding[] {
  const days = new Set((contents.get(table)?.files ?? []).map(({ partition }) => partition));
  const known = new Set(partitions.map(({ partition }) => partition));
  const inCatalog = partitions.flatMap(({ partition, value, location }) => {
    if (partition === undefined) {
      return [
        createFinding('partition-elsewhere', {
          table,
          subject: value,
          detail: `the catalog has a day ${JSON.stringify(value)}, which is not a date`,
          remedy: 'pynvest did not create it: `aws glue delete-partition` removes it.',
        }),
      ];
    }
    if (!isWithin(bounds, partition)) return [];
    if (removeTrailingSlash(location) !== removeTrailingSlash(locationOf(partition))) {
      const detail = `the catalog has its files at ${location || 'no location'}`;
      return [createFinding('partition-elsewhere', { table, partition, detail })];
    }
    return days.has(partition) ? [] : [reportEmptyPartition(table, partition)];
  });
  const notInCatalog = [...days]
    .filter((day) => !known.has(day) && isWithin(bounds, day))
    .map((day) => reportUnknownPartition(table, day));
  return [...inCatalog, ...notInCatalog];
}

function reportEmptyPartition(table: Table, partition: Partition): Finding {
  const detail = 'in the catalog, without a file';
  const fix = { kind: 'unregister', table, partition } as const;
  return createFinding('partition-empty', { table, partition, detail, fix });
}

function reportUnknownPartition(table: Table, partition: Partition): Finding {
  const detail = 'has files, and is not in the catalog';
  const fix = { kind: 'register', table, partition } as const;
  return createFinding('partition-unknown', { table, partition, detail, fix });
}

function removeTrailingSlash(location: string): string {
  return location.replace(/\/+$/, '');
}
