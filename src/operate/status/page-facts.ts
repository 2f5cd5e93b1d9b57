/** What the raw text of a day tells of the site's pages: values that do not parse, labels that drifted. Pure. */
import { type AssetKind, assets } from '../../catalog/asset.ts';
import type { Row } from '../../catalog/column.ts';
import type { Partition } from '../../catalog/partition.ts';
import { OTHERS_COLUMN } from '../../catalog/tables.ts';
import { deduplicate } from '../../transform/deduplicate.ts';
import { type DriftReport, driftOf, type PageLabels } from '../../transform/drift.ts';
import { prepare, type UnparsedValue } from '../../transform/prepare.ts';

export interface PageFacts {
  readonly unparsed: readonly UnparsedValue[];
  readonly drift: DriftReport;
}

/** The raw rows of one kind on one day; of a ticker that is there twice, the newest counts. */
export function pageFactsOf(
  kind: AssetKind,
  partition: Partition,
  rows: readonly Row[],
): PageFacts {
  const { tickerColumn } = assets[kind];
  const newest = deduplicate(rows, tickerColumn);
  return {
    unparsed: newest.flatMap((row) => prepare(row, kind).unparsed),
    drift: driftOf(
      newest.map((row) => labelsOf(kind, row)),
      partition,
    ),
  };
}

/** Raw text is null where the page lacks the label, and only there. */
function labelsOf(kind: AssetKind, row: Row): PageLabels {
  const { columns, tickerColumn } = assets[kind];
  const seen = columns.filter(({ name }) => typeof row[name] === 'string');
  return {
    ticker: String(row[tickerColumn]),
    kind,
    unknownLabels: labelsIn(row[OTHERS_COLUMN]),
    columnsSeen: new Set(seen.map(({ name }) => name)),
  };
}

function labelsIn(others: Row[string] | undefined): string[] {
  if (typeof others !== 'string') return [];
  try {
    const parsed: unknown = JSON.parse(others);
    return typeof parsed === 'object' && parsed !== null ? Object.keys(parsed) : [];
  } catch {
    // Another program's text: it names no label.
    return [];
  }
}
