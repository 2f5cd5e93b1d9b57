/** Assets that say anything at all, in the shapes that the demo's pages can print. */
import fc from 'fast-check';
import { type AssetKind, assets } from '../../src/catalog/asset.ts';
import { type DemoAsset, demoMarket, type PrintedValues } from '../../src/demo/market.ts';

/** Text of a cell: as the site prints numbers, or any characters that a page can hold. */
const printedText = fc.oneof(
  fc.constantFrom('', '-', '0,57%', '-1.234,5', '-3.293.290.000', '20/11/2026', 'n/d', 'R$ 5'),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter(isPrintable),
);

const label = fc
  .oneof(
    fc.constantFrom('__proto__', 'constructor', 'Rótulo novo', 'P/L', 'EBIT', '2019', 'A: B'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }).filter(isPrintable),
  )
  .filter((text) => oneLine(text) !== '');

/** Pages hold no NUL, no controls that HTML reads as other characters, and no mark of a lost one. */
function isPrintable(text: string): boolean {
  return !/[\p{Cc}\uFFFD]/u.test(text);
}

/** Text as a browser shows it. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Texts for some of the labels of a sample, at least half of them, in any order. */
function valuesLike(sample: PrintedValues): fc.Arbitrary<PrintedValues> {
  const labels = Object.keys(sample);
  return fc.dictionary(fc.constantFrom(...labels), printedText, {
    minKeys: Math.floor(labels.length / 2),
    maxKeys: labels.length,
    size: 'max',
  });
}

function assetLike(sample: DemoAsset): fc.Arbitrary<DemoAsset> {
  return fc.record({
    kind: fc.constant(sample.kind),
    ticker: fc.constant(sample.ticker),
    values: valuesLike(sample.values),
    years: fc.array(printedText, { maxLength: 7 }),
    balance: valuesLike(sample.balance),
    last12Months: valuesLike(sample.last12Months),
    last3Months: valuesLike(sample.last3Months),
    extra: fc
      .array(fc.tuple(label, printedText), { maxLength: 5 })
      .map((pairs) => Object.fromEntries(pairs))
      .filter((extra) => !namesAnAsset(extra)),
  });
}

/** A second label for the ticker would make it another page. */
function namesAnAsset(extra: PrintedValues): boolean {
  const tickerLabels = Object.values(assets).map(({ tickerLabel }) => tickerLabel);
  return Object.keys(extra).some((text) => tickerLabels.includes(oneLine(text)));
}

/** Assets of any kind: industry, bank or fund. */
export const anyAsset: fc.Arbitrary<DemoAsset> = fc.oneof(
  ...demoMarket.filter(({ ticker }) => /TUCA3|BSAB4|DEMO11/.test(ticker)).map(assetLike),
);

export const anyKind: fc.Arbitrary<AssetKind> = fc.constantFrom('acoes', 'fiis');

/** Every label that the page of an asset prints, with its text. */
export function printedPairs(asset: DemoAsset, year: number): [label: string, text: string][] {
  const { values, balance, last12Months, last3Months, extra = {} } = asset;
  const years = asset.years.map((text, back): [string, string] => [String(year - back), text]);
  const named = [values, balance, last12Months, last3Months, extra].flatMap((printed) =>
    Object.entries(printed),
  );
  return [...named, ...years].map(([name, text]) => [oneLine(name), oneLine(text)]);
}
