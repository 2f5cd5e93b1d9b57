/** How both kinds of page put an asset's labels into rows. Pure. */
import { assets } from '../catalog/asset.ts';
import type { DemoAsset, PrintedValues } from './asset.ts';
import { type LabelledText, pair, row, variationPair } from './markup.ts';

/** An asset's labels that stand once, its ticker among them. */
export function valuesOf({ kind, ticker, values }: DemoAsset): PrintedValues {
  return { [assets[kind].tickerLabel]: ticker, ...values };
}

/** The labels with what the asset prints beside them. */
export function labelled(values: PrintedValues, labels: readonly string[]): LabelledText[] {
  return labels.map((label) => [label, values[label]]);
}

/** One row for each group of labels. */
export function rowsOf(values: PrintedValues, groups: readonly (readonly string[])[]): string[] {
  return groups.map((labels) => row(...labelled(values, labels).map(pair)));
}

/** All values in the order given, two labels a row. */
export function pairsTwoByTwo(values: PrintedValues): string[] {
  const all: readonly LabelledText[] = Object.entries(values);
  const nothing: LabelledText = ['', undefined];
  return all.flatMap((left, index) =>
    index % 2 === 0 ? [[left, all[index + 1] ?? nothing].map(pair).join('\n')] : [],
  );
}

/** The results: the same labels twice, twelve months on the left and three on the right. */
export function resultPairs({ last12Months, last3Months }: DemoAsset): string[] {
  const labels = [...new Set([...Object.keys(last12Months), ...Object.keys(last3Months)])];
  return labels.map((label) =>
    [last12Months, last3Months].map((values) => pair([label, values[label]])).join('\n'),
  );
}

/**
 * The cells of rows that have the price's variations in their first two columns and `right` in the
 * other four. The shorter side goes on with empty pairs.
 */
export function besideVariations(
  asset: DemoAsset,
  year: number,
  right: readonly string[],
): string[] {
  const left: readonly LabelledText[] = [
    ...labelled(asset.values, ['Dia', 'Mês', '30 dias', '12 meses']),
    ...asset.years.map((text, back): LabelledText => [String(year - back), text]),
  ];
  const nothing: LabelledText = ['', undefined];
  const emptyRight = `${pair(nothing)}\n${pair(nothing)}`;
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    [variationPair(left[index] ?? nothing), right[index] ?? emptyRight].join('\n'),
  );
}
