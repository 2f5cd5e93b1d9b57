/** The functions of the chain, by the last part of their names. Pure. */

export const functionNames = [
  'check-and-delete-partitions',
  'get-tickers',
  'get-financial-data-for-acoes',
  'get-financial-data-for-fiis',
  'prep-financial-data-for-acoes',
  'prep-financial-data-for-fiis',
  'specialize-financial-data',
  'dedup-financial-data-for-acoes',
  'dedup-financial-data-for-fiis',
  'dedup-financial-data-for-spec-ativos',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** A function's name in the template, such as `GetTickers`. */
export function functionId(name: FunctionName): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join('');
}

/** The template's parameter for the key of a function's code, such as `CodeKeyGetTickers`. */
export function codeKeyParameter(name: FunctionName): string {
  return `CodeKey${functionId(name)}`;
}
