import { describe, expect, it } from 'vitest';
import { assets } from '../../src/catalog/asset.ts';
import { parsePartition } from '../../src/catalog/partition.ts';
import { type DemoAsset, demoMarket } from '../../src/demo/market.ts';
import { findDrift, isSignificant, type PageLabels } from '../../src/transform/drift.ts';
import { demoAsset, recordAsset } from '../support/demo-assets.ts';

const DAY = '2026-11-20';

function labelsOf(asset: DemoAsset, day = DAY): PageLabels {
  const { unknownLabels, columnsSeen } = recordAsset(asset, 2026, day);
  return { ticker: asset.ticker, kind: asset.kind, unknownLabels, columnsSeen };
}

function driftOn(day: string, market: readonly DemoAsset[]) {
  return findDrift(
    market.map((asset) => labelsOf(asset, day)),
    parsePartition(day),
  );
}

function without(label: string): DemoAsset[] {
  return demoMarket.map((asset) => {
    const { [label]: _, ...values } = asset.values;
    return { ...asset, values };
  });
}

describe('drift', () => {
  it('is nothing but the retired label on a day like any other', () => {
    expect(driftOn(DAY, demoMarket)).toEqual({
      unknownLabels: [],
      vanishedColumns: [
        {
          kind: 'acoes',
          column: 'vlr_ind_divida_bruta_sobre_patrim',
          label: 'Div Br/ Patrim',
          retired: true,
          pages: 8,
        },
      ],
    });
  });

  it('counts the pages with a new label, by kind, and names the first', () => {
    const extra = { Novo: '1' };
    const pages = ['TUCA3', 'MANG3', 'DEMO11'].map((ticker) =>
      labelsOf({ ...demoAsset(ticker), extra }),
    );
    const { unknownLabels } = findDrift(
      [labelsOf(demoAsset('BSAB4')), ...pages],
      parsePartition(DAY),
    );
    expect(unknownLabels).toEqual([
      { kind: 'acoes', label: 'Novo', pages: 2, firstTicker: 'TUCA3' },
      { kind: 'fiis', label: 'Novo', pages: 1, firstTicker: 'DEMO11' },
    ]);
  });

  it('tells a label that was renamed: the old vanished, the new unknown', () => {
    const renamed = without('ROE').map((asset) =>
      asset.kind === 'acoes' ? { ...asset, extra: { 'R.O.E.': '1%' } } : asset,
    );
    const { unknownLabels, vanishedColumns } = driftOn(DAY, renamed);
    expect(unknownLabels.map(({ label }) => label)).toEqual(['R.O.E.']);
    expect(vanishedColumns).toContainEqual({
      kind: 'acoes',
      column: 'vlr_ind_roe',
      label: 'ROE',
      retired: false,
      pages: 8,
    });
  });

  it('reports a label that vanished from every page, not from some', () => {
    const some = [...without('P/VP').slice(0, 3), ...demoMarket.slice(3)];
    expect(driftOn(DAY, some).vanishedColumns).toHaveLength(1);
    const all = driftOn(DAY, without('P/VP')).vanishedColumns;
    expect(all.filter(({ label }) => label === 'P/VP').map(({ kind }) => kind)).toEqual([
      'acoes',
      'fiis',
    ]);
  });

  it('does not call a label vanished that has no value', () => {
    const empty = demoMarket.map((asset) => ({ ...asset, values: { ...asset.values, ROE: '' } }));
    const vanished = driftOn(DAY, empty).vanishedColumns.map(({ label }) => label);
    expect(vanished).toEqual(['Div Br/ Patrim']);
  });

  it('names a year’s column by the year that the page lacks', () => {
    const { unknownLabels, vanishedColumns } = driftOn('2027-01-01', demoMarket);
    expect(vanishedColumns.filter(({ column }) => column === 'pct_var_ano_a0')).toEqual([
      { kind: 'acoes', column: 'pct_var_ano_a0', label: '2027', retired: false, pages: 8 },
      { kind: 'fiis', column: 'pct_var_ano_a0', label: '2027', retired: false, pages: 4 },
    ]);
    expect(new Set(unknownLabels.map(({ label }) => label))).toEqual(new Set(['Oscilações: 2021']));
  });

  it('says nothing of a kind without pages', () => {
    expect(findDrift([], parsePartition(DAY))).toEqual({ unknownLabels: [], vanishedColumns: [] });
    const stocks = demoMarket.filter(({ kind }) => kind === 'acoes');
    expect(driftOn(DAY, stocks).vanishedColumns.map(({ kind }) => kind)).toEqual(['acoes']);
  });

  it('knows every column of a kind whose pages are blank', () => {
    const blank: PageLabels = {
      ticker: 'DEMO11',
      kind: 'fiis',
      unknownLabels: [],
      columnsSeen: new Set(),
    };
    const { vanishedColumns } = findDrift([blank], parsePartition(DAY));
    expect(vanishedColumns.map(({ column }) => column)).toEqual(
      assets.fiis.columns.map(({ name }) => name),
    );
  });

  it('is significant where enough pages were read, and not of a label that is known to be retired', () => {
    const [column] = driftOn(DAY, without('P/VP')).vanishedColumns.filter(
      ({ retired }) => !retired,
    );
    if (column === undefined) throw new Error('nothing vanished');
    expect([49, 50].map((pages) => isSignificant({ ...column, pages }))).toEqual([false, true]);
    expect(isSignificant({ ...column, pages: 900, retired: true })).toBe(false);
  });
});
