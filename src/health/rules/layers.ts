/**
 * Rules about the rows of a day: each layer follows from the one before. They are not applied to a day that is
 * unfinished, or that a run changed while it was read. Pure.
 */

import type { Row } from '../../catalog/column.ts';
import type { Layer, Table } from '../../catalog/dataset.ts';
import type { Partition } from '../../catalog/partition.ts';
import { convertRows, findRawTable, getStepsInto, type Step } from '../../pipeline/steps.ts';
import { formatFirst } from '../../text.ts';
import {
  deduplicate,
  fillNulls,
  formatRowKey,
  getVersion,
  isSameCell,
  isSubstitute,
} from '../../transform/deduplicate.ts';
import type { Code } from '../codes.ts';
import type { DayFacts } from '../facts/file-facts.ts';
import { type Facts, getSection } from '../facts/model.ts';
import { createFinding, type Finding } from '../finding.ts';
import { findUnfinishedReason } from './days.ts';
import { findFaultyTables } from './files.ts';

export function findChangingDay({ isChanging, partition }: DayFacts): Finding[] {
  if (!isChanging) return [];
  const detail = 'its files changed while it was read: its layers were not compared';
  return [createFinding('day-changing', { partition, detail })];
}

/**
 * Whether the layers of a day can be compared: an unfinished one differs in many ways, and completing it is one repair.
 */
export function isComparable(day: DayFacts, facts: Facts): boolean {
  const files = getSection(facts, 'files');
  return (
    files !== undefined && !day.isChanging && findUnfinishedReason(files, day.files) === undefined
  );
}

/** Where SoT is not what follows from SoR. A typed row that is newer than the raw text is left alone. */
export function findTypedDifferences(day: DayFacts, facts: Facts): Finding[] {
  return compareLayer('sot', day, facts).flatMap(({ target, actual, expected }) => {
    const isOlder = (row: Row, key: string): boolean => {
      const stored = actual.get(key);
      return stored !== undefined && getVersion(stored, target) > getVersion(row, target);
    };
    const newest = new Map([...expected].filter(([key, row]) => !isOlder(row, key)));
    return findDifferences('typed-differs', target, day.partition, actual, newest);
  });
}

/** Where Spec is not what follows from SoT. A quote without a typed row is left alone. */
export function findQuoteDifferences(day: DayFacts, facts: Facts): Finding[] {
  return compareLayer('spec', day, facts).flatMap(({ target, actual, expected }) =>
    findDifferences('quotes-differ', target, day.partition, actual, expected),
  );
}

type RowsByKey = ReadonlyMap<string, Row>;

interface LayerComparison {
  readonly target: Table;
  readonly actual: RowsByKey;
  /** What follows from the newest rows of the sources. */
  readonly expected: RowsByKey;
}

/** The tables of a layer, beside what follows from the layer before; those with faulty files are left out. */
function compareLayer(layer: Layer, day: DayFacts, facts: Facts): LayerComparison[] {
  const files = getSection(facts, 'files');
  if (files === undefined || !isComparable(day, facts)) return [];
  const faulty = findFaultyTables(day, facts);
  return files.datasets.flatMap((dataset) => {
    const target = dataset.tables[layer];
    const steps = getStepsInto(dataset, layer);
    if (target === undefined || steps.length === 0) return [];
    if ([target, ...steps.map(({ source }) => source)].some((table) => faulty.has(table))) {
      return [];
    }
    const stored = getNewestRows(day, target);
    const derived = steps.flatMap((step) => {
      const { rows } = convertRows(step, getNewestRows(day, step.source));
      const raw = findRawTable(dataset, step);
      const hasRawText = raw === undefined || day.files.some(({ table }) => table === raw);
      return hasRawText ? rows : fillNulls(rows, stored, target);
    });
    return [{ target, actual: indexRows(stored, target), expected: indexRows(derived, target) }];
  });
}

function deriveRows(step: Step, day: DayFacts): RowsByKey {
  const { rows } = convertRows(step, getNewestRows(day, step.source));
  return indexRows(rows, step.target);
}

function getNewestRows({ rows }: DayFacts, table: Table): readonly Row[] {
  return deduplicate(rows.get(table) ?? [], table);
}

function indexRows(rows: readonly Row[], table: Table): RowsByKey {
  return new Map(rows.map((row) => [formatRowKey(row, table), row]));
}

/**
 * Rows that follow from no row of the layer before. A rebuild keeps them, since it may be their source that was lost. A
 * substitute follows from another data set.
 * Where the layer before has nothing of a source at all, another rule reports the day.
 */
export function findOrphanRows(day: DayFacts, facts: Facts): Finding[] {
  const files = getSection(facts, 'files');
  if (files === undefined || !isComparable(day, facts)) return [];
  const { partition } = day;
  return (['sot', 'spec'] as const).flatMap((layer) =>
    files.datasets.flatMap((dataset) => {
      const table = dataset.tables[layer];
      const sources = getStepsInto(dataset, layer).map((step) => deriveRows(step, day));
      if (table === undefined || sources.length === 0) return [];
      if (sources.some(({ size }) => size === 0)) return [];
      const expected = new Map(sources.flatMap((rows) => [...rows]));
      const alone = [...indexRows(getNewestRows(day, table), table)].flatMap(([key, row]) =>
        isSubstitute(row, table) || followsFrom(row, expected.get(key), table) ? [] : [key],
      );
      if (alone.length === 0) return [];
      const detail = formatFirst(alone, MAX_EXAMPLES);
      return [createFinding('row-alone', { table, partition, detail })];
    }),
  );
}

/** Whether a row may follow from a source that becomes `expected`; the quotes have no version of their own. */
function followsFrom(row: Row, expected: Row | undefined, table: Table): boolean {
  return expected !== undefined && getVersion(row, table) <= getVersion(expected, table);
}

const MAX_EXAMPLES = 3;

function findDifferences(
  code: Code,
  table: Table,
  partition: Partition,
  actualRows: RowsByKey,
  expectedRows: RowsByKey,
): Finding[] {
  const missing = [...expectedRows.keys()].filter((key) => !actualRows.has(key));
  const differences = [...expectedRows].flatMap(([key, expected]) => {
    const actual = actualRows.get(key);
    if (actual === undefined) return [];
    const column = table.columns.find((each) => !isSameCell(actual, expected, each));
    if (column === undefined) return [];
    const [is, follows] = [actual[column.name], expected[column.name]].map(formatCell);
    return [`${key} ${column.name} is ${is}, ${follows} follows`];
  });
  const texts = [
    ...(missing.length > 0 ? [`${formatFirst(missing, MAX_EXAMPLES)} missing`] : []),
    ...(differences.length > 0 ? [formatFirst(differences, MAX_EXAMPLES)] : []),
  ];
  if (texts.length === 0) return [];
  const fix = { kind: 'rebuild', partition } as const;
  return [createFinding(code, { table, partition, detail: texts.join('; '), fix })];
}

function formatCell(cell: Row[string] | undefined): string {
  return cell === undefined || cell === null ? 'null' : JSON.stringify(cell);
}
