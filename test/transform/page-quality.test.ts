import { describe, expect, test } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { demoMarket } from '../../src/demo/market.ts';
import { findIncompleteReason } from '../../src/transform/extract.ts';
import { assetPage, recordAsset, recordOn } from '../support/demo-assets.ts';

/** Labels that stand once on a fund's page, so that no section has to tell them apart. */
const labels = assets.fiis.columns.flatMap(({ label, section }) =>
  typeof label === 'string' && section === undefined ? label : [],
);

/** A fund's page with so many labels, of which the first few have a value. */
function pageWith(all: number, said: number, absent: string) {
  const value = (label: string): string => (label === 'FII' ? 'TEST3' : 'x');
  const pairs = labels
    .slice(0, all)
    .map((label, index) => [label, index < said ? value(label) : absent] as const);
  return recordOn('2026-11-20', assetPage('fiis', pairs));
}

describe('a page is too poor', () => {
  test.each([
    [19, 19, '-', 'the page has only 19 known labels'],
    [20, 7, '-', 'the page has 20 known labels and only 7 values'],
    [25, 1, '', 'the page has 25 known labels and only 1 value'],
    [20, 8, '-', undefined],
    [20, 8, '', undefined],
  ])('with %s labels, of which %s have a value and the others %j: %s', (all, said, absent, why) => {
    expect(findIncompleteReason(pageWith(all, said, absent))).toBe(why);
  });

  test('never of those of the demo', () => {
    for (const asset of demoMarket)
      expect(findIncompleteReason(recordAsset(asset))).toBeUndefined();
  });
});
