/** The demo's assets by ticker, and the rows that their pages become. */
import type { AssetKind, AssetPage, LabelledValue } from '../../src/catalog/asset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { parseTicker } from '../../src/catalog/ticker.ts';
import { type DemoAsset, demoMarket } from '../../src/demo/market.ts';
import { renderDetailsPage } from '../../src/demo/site.ts';
import { readDetails } from '../../src/sources/fundamentus/details.ts';
import { type ExtractedRow, extractRow } from '../../src/transform/extract.ts';

export const READ_AT = new Date('2026-11-20T21:45:00.000Z');

export function demoAsset(ticker: string): DemoAsset {
  const asset = demoMarket.find((each) => each.ticker === ticker);
  if (!asset) throw new Error(`no ${ticker} in the demo's market`);
  return asset;
}

/** A page that says these pairs and nothing else. */
export function assetPage(
  kind: AssetKind,
  pairs: readonly (readonly [label: string, value: string, section?: string])[],
): AssetPage {
  const labelled = pairs.map(([label, value, section]): LabelledValue => {
    return { label, section, value };
  });
  return { ticker: parseTicker('TEST3'), kind, pairs: labelled };
}

export function recordOn(day: string, page: AssetPage): ExtractedRow {
  return extractRow(page, parsePartition(day), READ_AT);
}

/** The raw row of an asset's page, as the demo prints it in `year` and a run of `day` reads it. */
export function recordAsset(asset: DemoAsset, year = 2026, day = '2026-11-20'): ExtractedRow {
  const html = renderDetailsPage(asset, year);
  return recordOn(day, readDetails(html, parseTicker(asset.ticker)));
}

/** What a row keeps of the labels that no column takes. */
export function othersOf(row: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const text = row['outros_indicadores'];
  if (typeof text !== 'string') return new Map();
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${text} is no JSON object`);
  return new Map(Object.entries(parsed));
}
