/**
 * The names of the system's resources in the template. Pure: no SDK client is loaded here.
 */

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

/** A function's logical ID in the template, such as `GetTickers`. */
export function getFunctionId(name: FunctionName): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join('');
}

/** The template's parameter for the key of a function's code, such as `CodeKeyGetTickers`. */
export function getCodeKeyParameter(name: FunctionName): string {
  return `CodeKey${getFunctionId(name)}`;
}

/** The purposes of the rules with their logical IDs in the template, in the order in which they fire. */
export const scheduleRules = [
  { purpose: 'collect', id: 'CollectRule' },
  { purpose: 'dedup', id: 'DedupRule' },
] as const;

export type SchedulePurpose = (typeof scheduleRules)[number]['purpose'];

/** What to do about a resource of the stack that was deleted by hand: no update creates it again. */
export const RECREATE_HINT =
  '`pynvest destroy` and then `pynvest deploy` create it again; the data is kept.';
