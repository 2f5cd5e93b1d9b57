import { describe, expect, it } from 'vitest';
import { assetPage, demoAsset, othersOf, recordAsset, recordOn } from '../support/demo-assets.ts';

const DAY = '2026-11-20';
const years = (row: Readonly<Record<string, unknown>>): unknown[] =>
  [0, 1, 2, 3, 4, 5].map((back) => row[`pct_var_ano_a${back}`]);

describe('the columns of years', () => {
  const asset = demoAsset('TUCA3');
  const [y0 = '', y1 = '', y2 = '', y3 = '', y4 = '', y5 = ''] = asset.years;

  it('follow the year that is printed', () => {
    expect(years(recordAsset(asset, 2026, DAY).row)).toEqual([y0, y1, y2, y3, y4, y5]);
  });

  it('do not shift on New Year’s Day, before the page has the new year', () => {
    const { row, unknownLabels } = recordAsset(asset, 2026, '2027-01-01');
    expect(years(row)).toEqual([null, y0, y1, y2, y3, y4]);
    expect(unknownLabels).toEqual(['Oscilações: 2021']);
    expect(othersOf(row)).toEqual(new Map([['Oscilações: 2021', y5]]));
  });

  it("keep a year after the partition's among the others", () => {
    const { row } = recordAsset(asset, 2027, '2026-12-31');
    expect(years(row)).toEqual([y1, y2, y3, y4, y5, null]);
    expect(othersOf(row)).toEqual(new Map([['Oscilações: 2027', y0]]));
  });

  it('are null for a year that the page leaves out', () => {
    const page = assetPage('acoes', [
      ['2026', '1%', 'Oscilações'],
      ['2024', '3%', 'Oscilações'],
    ]);
    expect(years(recordOn(DAY, page).row)).toEqual(['1%', null, '3%', null, null, null]);
  });

  it('go by the partition and not by the run before it', () => {
    recordAsset(asset, 2026, '2026-11-20');
    recordAsset(asset, 2026, '2027-01-01');
    expect(years(recordAsset(asset, 2026, '2026-11-20').row)[0]).toBe(y0);
  });
});
