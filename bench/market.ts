/** A market of any size out of the demo's few assets: other tickers, other figures, the same pages. */
import type { AssetKind } from '../src/catalog/asset.ts';
import { type DemoAsset, demoMarket, type PrintedValues } from '../src/demo/market.ts';
import { randomFrom } from './random.ts';

/** As many as the site lists. */
export const MARKET_SIZE: Readonly<Record<AssetKind, number>> = { acoes: 986, fiis: 427 };

export function marketOf(sizes: Readonly<Record<AssetKind, number>>): DemoAsset[] {
  return [...assetsOf('acoes', sizes.acoes), ...assetsOf('fiis', sizes.fiis)];
}

function assetsOf(kind: AssetKind, count: number): DemoAsset[] {
  const models = demoMarket.filter((asset) => asset.kind === kind);
  return Array.from({ length: count }, (_, index) => {
    const model = models[index % models.length];
    if (model === undefined) throw new Error(`the demo has no asset of the kind ${kind}`);
    const vary = varier(index);
    return {
      ...model,
      ticker: tickerOf(kind, index),
      values: vary(model.values),
      years: model.years.map((text) => Object.values(vary({ '': text })).join('')),
      balance: vary(model.balance),
      last12Months: vary(model.last12Months),
      last3Months: vary(model.last3Months),
    };
  });
}

/** AAAA3, AAAB3, … and AAAA11, AAAB11, … */
export function tickerOf(kind: AssetKind, index: number): string {
  const letters = [3, 2, 1, 0].map((place) =>
    String.fromCharCode(65 + (Math.floor(index / 26 ** place) % 26)),
  );
  return `${letters.join('')}${kind === 'acoes' ? 3 : 11}`;
}

/** Other digits in the numbers, the first one apart; dates and words stay. */
function varier(seed: number): (values: PrintedValues) => PrintedValues {
  const random = randomFrom(seed);
  const varied = (text: string): string =>
    /^-?\d[\d.]*(,\d+)?%?$/.test(text)
      ? text.replace(/(?<=\d[\d.,]*)\d/g, () => String(Math.floor(random() * 10)))
      : text;
  return (values) =>
    Object.fromEntries(Object.entries(values).map(([label, text]) => [label, varied(text)]));
}
