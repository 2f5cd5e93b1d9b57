/** The tickers of both listings, each under one kind. Pure. */
import type { AssetKind } from '../catalog/asset.ts';
import type { Ticker } from '../catalog/ticker.ts';

/**
 * Leaves out of the stocks what is listed among the funds too, and of each what is there twice: the site
 * lists a few funds among the stocks, and one page is asked for once. It is asked for as a fund's, for its
 * row goes there.
 */
export function eachOnce({
  acoes,
  fiis,
}: Readonly<Record<AssetKind, readonly Ticker[]>>): Record<AssetKind, readonly Ticker[]> {
  const funds = new Set(fiis);
  return {
    acoes: [...new Set(acoes)].filter((ticker) => !funds.has(ticker)),
    fiis: [...funds],
  };
}
