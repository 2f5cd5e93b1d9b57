/** A few assets of the demo's market, and the same with another price. */
import { type DemoAsset, demoMarket, type PrintedValues } from '../../src/demo/market.ts';

export const stocks = demoMarket.filter(({ kind }) => kind === 'acoes').slice(0, 3);
export const funds = demoMarket.filter(({ kind }) => kind === 'fiis').slice(0, 2);

/** Three stocks and two funds. */
export const smallMarket: readonly DemoAsset[] = [...stocks, ...funds];

/** One asset of each kind, and a stock that may fail or stay as it was. */
export const smallestMarket: readonly DemoAsset[] = [...stocks.slice(0, 2), ...funds.slice(0, 1)];

export function tickersOf(assets: readonly DemoAsset[]): string[] {
  return assets.map(({ ticker }) => ticker).sort();
}

/** The asset with other printed values. */
export function withValues(asset: DemoAsset, values: Readonly<Record<string, string>>): DemoAsset {
  return { ...asset, values: { ...asset.values, ...values } };
}

/** Every asset with this price, as printed. */
export function priced(assets: readonly DemoAsset[], price: string): DemoAsset[] {
  return assets.map((asset) => withValues(asset, { Cotação: price }));
}

/** So many stocks that differ in nothing but the ticker. */
export function manyStocks(count: number): DemoAsset[] {
  const [model] = stocks;
  if (model === undefined) throw new Error('the demo has no stock');
  return Array.from({ length: count }, (_, index) => ({
    ...model,
    ticker: `AA${String.fromCharCode(65 + (index % 26))}${String.fromCharCode(65 + Math.floor(index / 26))}3`,
  }));
}

/** What a page prints of an asset beside its ticker that is no number: kind, name, sector, management. */
const WHO_IT_IS: ReadonlySet<string> = new Set([
  ...['Tipo', 'Empresa', 'Setor', 'Subsetor'],
  ...['Nome', 'Mandato', 'Segmento', 'Gestão'],
]);

/** The asset with all its labels, and this text in place of every number and date. */
export function blanked(asset: DemoAsset, text: '' | '-'): DemoAsset {
  const blank = (values: PrintedValues): PrintedValues =>
    Object.fromEntries(
      Object.entries(values).map(([label, value]) => [label, WHO_IT_IS.has(label) ? value : text]),
    );
  return {
    ...asset,
    values: blank(asset.values),
    years: asset.years.map(() => text),
    balance: blank(asset.balance),
    last12Months: blank(asset.last12Months),
    last3Months: blank(asset.last3Months),
  };
}
