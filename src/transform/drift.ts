/** What the site changed, seen over the pages of a run. Pure. */
import { type AssetKind, assetKinds, assets } from '../catalog/asset.ts';
import { getYear, type Partition } from '../catalog/partition.ts';

export interface PageLabels {
  readonly ticker: string;
  readonly kind: AssetKind;
  readonly unknownLabels: readonly string[];
  readonly columnsSeen: ReadonlySet<string>;
}

export interface DriftReport {
  /** Labels that no column takes, kept in `outros_indicadores`: on how many pages, and on which first. */
  readonly unknownLabels: readonly {
    readonly kind: AssetKind;
    readonly label: string;
    readonly pages: number;
    readonly firstTicker: string;
  }[];
  /** Columns whose label is on no page of this kind. `retired` ones are known to be gone. */
  readonly vanishedColumns: readonly VanishedColumn[];
}

interface VanishedColumn {
  readonly kind: AssetKind;
  readonly column: string;
  readonly label: string;
  readonly retired: boolean;
  /** On how many pages it was looked for. */
  readonly pages: number;
}

/** That a few pages lack a label is normal, since only banks have some; that a whole market lacks it is not. */
const MIN_PAGES = 50;

/** Whether the absence of a column's label is worth a warning. */
export function isSignificant({ retired, pages }: VanishedColumn): boolean {
  return !retired && pages >= MIN_PAGES;
}

/** Sums up a run's pages; a kind without pages says nothing of its columns. */
export function findDrift(pages: readonly PageLabels[], partition: Partition): DriftReport {
  const unknown = new Map<
    string,
    { kind: AssetKind; label: string; pages: number; firstTicker: string }
  >();
  for (const { ticker, kind, unknownLabels } of pages) {
    for (const label of unknownLabels) {
      const key = `${kind} ${label}`;
      const entry = unknown.get(key) ?? { kind, label, pages: 0, firstTicker: ticker };
      unknown.set(key, { ...entry, pages: entry.pages + 1 });
    }
  }
  const vanishedColumns = assetKinds.flatMap((kind) => {
    const ofKind = pages.filter((page) => page.kind === kind);
    if (ofKind.length === 0) return [];
    const seen = new Set(ofKind.flatMap(({ columnsSeen }) => [...columnsSeen]));
    return assets[kind].columns
      .filter(({ name }) => !seen.has(name))
      .map(({ name, label, retired }) => ({
        kind,
        column: name,
        label: typeof label === 'string' ? label : String(getYear(partition) - label.yearsBack),
        retired: retired ?? false,
        pages: ofKind.length,
      }));
  });
  return { unknownLabels: [...unknown.values()], vanishedColumns };
}
