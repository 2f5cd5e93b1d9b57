import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assetKinds, assets } from '../../src/catalog/asset.ts';
import type { IndicatorColumn } from '../../src/catalog/column.ts';

const reference = process.env['PYNVEST_REFERENCE'];

/** A column as the reference writes it: `asset,column,source_label,source_section,sot_type`. */
function asReferenceLine(kind: string, { name, label, section, type }: IndicatorColumn): string {
  const text = typeof label === 'string' ? label : `<year-${label.yearsBack}>`;
  return [kind, name, text, section ?? '', type].join(',');
}

describe('the two kinds of asset', () => {
  it('are distinguished by a label of their own', () => {
    expect(assets.acoes).toMatchObject({ tickerLabel: 'Papel' });
    expect(assets.fiis).toMatchObject({ tickerLabel: 'FII' });
  });

  it.each(assetKinds)('%s: the label of the ticker feeds the column of the ticker', (kind) => {
    const { columns, tickerColumn, tickerLabel } = assets[kind];
    expect(columns.find(({ name }) => name === tickerColumn)?.label).toBe(tickerLabel);
  });

  it.each(assetKinds)('%s: no two columns read the same label in the same section', (kind) => {
    const places = assets[kind].columns.map(({ label, section }) =>
      JSON.stringify([label, section ?? null]),
    );
    expect(new Set(places).size).toBe(places.length);
  });

  it.each(assetKinds)('%s: a label that stands in a section never stands without one', (kind) => {
    const { columns } = assets[kind];
    const sectioned = new Set(columns.filter((each) => each.section).map(({ label }) => label));
    const plain = columns.filter((each) => !each.section).map(({ label }) => label);
    expect(plain.filter((label) => sectioned.has(label))).toEqual([]);
  });

  it.each(assetKinds)('%s: six years, each a year further back', (kind) => {
    const years = assets[kind].columns.filter(({ name }) => name.startsWith('pct_var_ano_a'));
    expect(years.map(({ name, label }) => [name, label])).toEqual(
      [0, 1, 2, 3, 4, 5].map((back) => [`pct_var_ano_a${back}`, { yearsBack: back }]),
    );
  });

  it('knows that the site gave up one label', () => {
    const retired = assetKinds.flatMap((kind) => assets[kind].columns.filter((c) => c.retired));
    expect(retired.map(({ label }) => label)).toEqual(['Div Br/ Patrim']);
  });
});

describe.runIf(reference)('the reference', () => {
  const readLines = (): string[] =>
    readFileSync(join(reference ?? '', 'tables.csv'), 'utf8')
      .trim()
      .split(/\r?\n/);

  it.each(assetKinds)('has the same columns, labels, sections and types of %s', (kind) => {
    const expected = readLines().filter((line) => line.startsWith(`${kind},`));
    expect(assets[kind].columns.map((each) => asReferenceLine(kind, each))).toEqual(expected);
  });

  it('has nothing that the catalog lacks', () => {
    const known = assetKinds.reduce((sum, kind) => sum + assets[kind].columns.length, 0);
    expect(readLines().slice(1)).toHaveLength(known);
  });
});
