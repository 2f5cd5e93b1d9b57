/** The page of one asset to its row of raw text (SoR). Pure. */
import { type AssetKind, type AssetPage, assets, type LabelledValue } from '../catalog/asset.ts';
import type { IndicatorColumn } from '../catalog/column.ts';
import { OTHERS_COLUMN, READ_AT_COLUMN } from '../catalog/datasets/shared-indicators.ts';
import {
  formatInSaoPaulo,
  getPartition,
  getYear,
  type Partition,
  toPartition,
} from '../catalog/partition.ts';
import { formatQuantity } from '../text.ts';
import { isAbsent, parseValue } from './values.ts';

type RawRow = Readonly<Record<string, string | null>>;

export interface ExtractedRow {
  readonly row: RawRow;
  /** Labels that no column takes; their text is in the row's `outros_indicadores`. */
  readonly unknownLabels: readonly string[];
  /** The columns whose label is on the page, with a value or without. */
  readonly columnsSeen: ReadonlySet<string>;
}

/**
 * Puts every labelled value of a page under its column, as printed; null where the label is absent.
 *
 * A yearly variation goes to the column as many years back as the printed year lies before the
 * partition's. Where one label occurs twice with two values and no section to tell them apart,
 * neither is taken for the column's: both are kept under their label in `outros_indicadores`. The
 * ticker is the one that the page was read for, in capitals: it identifies the row.
 */
export function extractRow(page: AssetPage, partition: Partition, readAt: Date): ExtractedRow {
  const { columns, tickerColumn } = assets[page.kind];
  const columnOf = getColumnFinder(page.kind, partition);
  const values = new Map<string, string>();
  const ambiguous = new Set<string>();
  const named: { pair: LabelledValue; column: string | undefined }[] = [];
  for (const pair of page.pairs) {
    if (pair.label === '' && pair.value === '') continue;
    const found = columnOf(pair);
    const otherTicker = found === tickerColumn && pair.value.toUpperCase() !== page.ticker;
    const column = otherTicker ? undefined : found;
    named.push({ pair, column });
    if (column === undefined) continue;
    const before = values.get(column);
    if (before !== undefined && before !== pair.value) ambiguous.add(column);
    values.set(column, pair.value);
  }

  const others = new Map<string, string | string[]>();
  for (const { pair, column } of named) {
    if (column !== undefined && !ambiguous.has(column)) continue;
    const name = formatLabel(pair);
    const before = others.get(name);
    if (Array.isArray(before)) before.push(pair.value);
    else others.set(name, before === undefined ? pair.value : [before, pair.value]);
  }

  const row: Record<string, string | null> = {};
  for (const { name } of columns) {
    row[name] = ambiguous.has(name) ? null : (values.get(name) ?? null);
  }
  row[tickerColumn] = page.ticker;
  const unknownLabels = [...others.keys()];
  row[READ_AT_COLUMN] = formatInSaoPaulo(readAt);
  row[OTHERS_COLUMN] = unknownLabels.length > 0 ? JSON.stringify(Object.fromEntries(others)) : null;
  return { row, unknownLabels, columnsSeen: new Set(values.keys()) };
}

function formatLabel({ label, section }: LabelledValue): string {
  return section === undefined ? label : `${section}: ${label}`;
}

type ColumnFinder = (pair: LabelledValue) => string | undefined;

const finderCache = new Map<string, ColumnFinder>();

/** The rule from labels to columns for a kind and a year, built once. */
function getColumnFinder(kind: AssetKind, partition: Partition): ColumnFinder {
  const key = `${kind} ${getYear(partition)}`;
  const known = finderCache.get(key);
  if (known) return known;
  const finder = createColumnFinder(assets[kind].columns, getYear(partition));
  finderCache.set(key, finder);
  return finder;
}

function createColumnFinder(columns: readonly IndicatorColumn[], year: number): ColumnFinder {
  const byLabel = new Map<string, string>();
  const bySection = new Map<string, string>();
  for (const { label, section, name } of columns) {
    const text = typeof label === 'string' ? label : String(year - label.yearsBack);
    if (section === undefined) byLabel.set(text, name);
    else bySection.set(`${section}\n${text}`, name);
  }
  return ({ label, section }) => bySection.get(`${section}\n${label}`) ?? byLabel.get(label);
}

/** Every page of the site has far more known labels, with a value or without. */
const MIN_LABELS = 20;

/**
 * Every page says far more than this, also that of a paper without trades: beside its five texts of
 * what it is (ticker, name, kind, sector, …) it prints a price and its date, the band of 52 weeks, the volume,
 * how many there are and what they are worth, and 0,00% where nothing moved. Of the saved pages and the demo's
 * the one with the fewest has 41 values. A page with names and blank numbers has no data of the day. The bound is
 * low on purpose: a page that is refused cannot be read again once the day is over.
 */
const MIN_VALUES = 8;

/**
 * Why a page must not take the place of a row, in words that follow its ticker: it has next to no known
 * labels, or its labels stand there without values ("" and "-" are none). Undefined where it may.
 */
export function findIncompleteReason({ row, columnsSeen }: ExtractedRow): string | undefined {
  const labels = columnsSeen.size;
  if (labels < MIN_LABELS) return `the page has only ${formatQuantity(labels, 'known label')}`;
  const values = [...columnsSeen].filter((column) => !isAbsent(row[column] ?? null)).length;
  if (values < MIN_VALUES)
    return `the page has ${labels} known labels and only ${formatQuantity(values, 'value')}`;
  return undefined;
}

const LAST_TRADE_COLUMN = 'dt_ult_cot';

/**
 * The day of the last trade on a page that was read on a later day than `partition` and shows a trade
 * later than it: no row of that day can be made of it. Undefined for any other page; one that is read on
 * the partition's own day is never refused for its date.
 */
export function findLaterDay(
  row: RawRow,
  partition: Partition,
  readAt: Date,
): Partition | undefined {
  if (getPartition(readAt) <= partition) return undefined;
  const parsed = parseValue(row[LAST_TRADE_COLUMN] ?? null, 'date');
  const day = parsed.ok ? toPartition(String(parsed.value)) : undefined;
  return day !== undefined && day > partition ? day : undefined;
}
