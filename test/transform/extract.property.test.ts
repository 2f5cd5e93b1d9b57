import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import type { DemoAsset, PrintedValues } from '../../src/demo/market.ts';
import { othersOf, recordAsset } from '../support/demo-assets.ts';
import { anyAsset, oneLine, printedPairs } from '../support/random-assets.ts';

describe('nothing on the page is lost', () => {
  it('every label’s text is in the row or among the others, word for word', () => {
    const days = fc.constantFrom('2025-12-31', '2026-11-20', '2027-01-01', '2031-06-30');
    fc.assert(
      fc.property(anyAsset, days, (asset, day) => {
        const { row } = recordAsset(asset, 2026, day);
        const others = [...othersOf(row).values()].flat();
        const kept = [...Object.values(row), ...others];
        for (const [, text] of printedPairs(asset, 2026)) expect(kept).toContain(text);
      }),
    );
  });

  it('a label that only the page’s own table has is found under its own name', () => {
    const names = /^(Rótulo novo|__proto__|constructor|A: B)$/;
    fc.assert(
      fc.property(anyAsset, (asset) => {
        const others = othersOf(recordAsset(asset).row);
        for (const [name, text] of Object.entries(asset.extra ?? {})) {
          if (names.test(name)) expect([others.get(name)].flat()).toContain(oneLine(text));
        }
      }),
    );
  });

  it('a known label goes to its own column, and only years go elsewhere', () => {
    const plain = anyAsset.map(({ extra: _, ...asset }) => asset);
    fc.assert(
      fc.property(plain, (asset) => {
        const { row, unknownLabels } = recordAsset(asset);
        expect(unknownLabels.filter((label) => label !== 'Oscilações: 2020')).toEqual([]);
        for (const { name, label, section } of assets[asset.kind].columns) {
          if (typeof label !== 'string' || label === assets[asset.kind].tickerLabel) continue;
          const text = printedIn(asset, section)[label];
          expect(row[name], name).toBe(text === undefined ? null : oneLine(text));
        }
      }),
    );
  });
});

/** The texts of an asset that stand under a heading, or under none of those that matter. */
function printedIn(asset: DemoAsset, section: string | undefined): PrintedValues {
  if (section === 'Últimos 12 meses') return asset.last12Months;
  if (section === 'Últimos 3 meses') return asset.last3Months;
  return { ...asset.values, ...asset.balance };
}
