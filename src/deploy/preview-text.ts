/** A preview in plain words. Pure. */
import type { Action, PlannedChange } from './preview.ts';
import { resourceKind } from './resource-kinds.ts';

/** More additions than this are counted, not listed: they are a first deployment. */
const MOST_LISTED = 12;

interface Heading {
  readonly action: Action;
  readonly mark: string;
  readonly title: string;
}

/** In the order of how much they matter. */
const HEADINGS: readonly Heading[] = [
  { action: 'remove', mark: '-', title: 'REMOVED' },
  { action: 'replace', mark: '!', title: 'REPLACED by new ones' },
  { action: 'may replace', mark: '~', title: 'Changed, or replaced (AWS knows when it does it)' },
  { action: 'change', mark: '~', title: 'Changed' },
  { action: 'release', mark: '-', title: 'No longer part of the stack, but kept' },
  { action: 'import', mark: '+', title: 'Taken into the stack' },
  { action: 'add', mark: '+', title: 'Added' },
];

/** @param everything lists what would be counted otherwise */
export function previewText(
  changes: readonly PlannedChange[],
  { everything = false }: { readonly everything?: boolean } = {},
): string {
  if (changes.length === 0) return 'No resource changes; outputs, tags or policies do.';
  const lines: string[] = [];
  for (const { action, mark, title } of HEADINGS) {
    const those = changes.filter((change) => change.action === action);
    if (those.length === 0) continue;
    lines.push(`${title}: ${those.length}`);
    const isMany = action === 'add' && those.length > MOST_LISTED && !everything;
    lines.push(...(isMany ? counted(those) : those.map((each) => `  ${mark} ${lineOf(each)}`)));
  }
  const atRisk = changes.filter((change) => change.atRisk !== '');
  lines.push(atRisk.length === 0 ? 'Data at risk: none' : `DATA AT RISK: ${atRisk.length}`);
  lines.push(...atRisk.map((each) => `  ! ${nameOf(each)}: ${each.atRisk}`));
  return lines.join('\n');
}

function lineOf(change: PlannedChange): string {
  const properties = change.properties.length > 0 ? `: ${change.properties.join(', ')}` : '';
  return `${nameOf(change)}${properties}`;
}

function nameOf({ type, name, logicalId }: PlannedChange): string {
  const short = name.startsWith('https://') ? (name.split('/').at(-1) ?? name) : name;
  return `${resourceKind(type).word} ${short === '' ? logicalId : short}`;
}

function counted(changes: readonly PlannedChange[]): string[] {
  const counts = new Map<string, number>();
  for (const { type } of changes) counts.set(type, (counts.get(type) ?? 0) + 1);
  const words = [...counts].map(([type, count]) => {
    const { word, plural } = resourceKind(type);
    return `${count} ${count === 1 ? word : plural}`;
  });
  return [`  + ${words.join(', ')}`];
}
