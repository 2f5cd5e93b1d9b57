/** A market of any size: the demo's assets, and under other tickers as many more of them. */
import { type AssetKind, assetKinds } from '../../src/catalog/asset.ts';
import { type DemoAsset, demoMarket } from '../../src/demo/market.ts';

export function wholeMarket(sizes: Readonly<Record<AssetKind, number>>): DemoAsset[] {
  return assetKinds.flatMap((kind) => assetsOf(kind, sizes[kind]));
}

/** The demo's own assets come first, under their own tickers. */
function assetsOf(kind: AssetKind, count: number): DemoAsset[] {
  const models = demoMarket.filter((asset) => asset.kind === kind);
  return Array.from({ length: count }, (_, index) => {
    const model = models[index % models.length];
    if (model === undefined) throw new Error(`the demo has no asset of the kind ${kind}`);
    return index < models.length ? model : { ...model, ticker: madeUpTicker(kind, index) };
  });
}

/** ZZAA3, ZZBA3, … and ZZAA11, ZZBA11, … */
function madeUpTicker(kind: AssetKind, index: number): string {
  const [first, second] = [index % 26, Math.floor(index / 26)];
  const letters = [first, second].map((place) => String.fromCharCode(65 + place));
  return `ZZ${letters.join('')}${kind === 'acoes' ? 3 : 11}`;
}
