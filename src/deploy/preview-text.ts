/** A preview in plain words. Pure. */
import { counted } from '../counted.ts';
import type { LakeMove } from './lake-moves.ts';
import type { ParameterChange } from './parameter-changes.ts';
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
  {
    action: 'may replace',
    mark: '~',
    title: 'Changed (AWS decides whether in place or by a new one)',
  },
  { action: 'change', mark: '~', title: 'Changed' },
  { action: 'release', mark: '-', title: 'No longer part of the stack, but kept' },
  { action: 'import', mark: '+', title: 'Taken into the stack' },
  { action: 'add', mark: '+', title: 'Added' },
];

/** What is told of a deployment besides its resources. */
export interface PreviewFacts {
  readonly parameters: readonly ParameterChange[];
  /** What the tables leave: no change of a resource tells it. */
  readonly moves: readonly LakeMove[];
  /** The bucket for the functions' code, where it has to be made; no part of the stack. */
  readonly bucketToMake: string | undefined;
}

/** @param everything lists what would be counted otherwise */
export function previewText(
  changes: readonly PlannedChange[],
  {
    everything = false,
    parameters = [],
    moves = [],
    bucketToMake,
  }: Partial<PreviewFacts> & { readonly everything?: boolean } = {},
): string {
  const lines: string[] = [];
  if (parameters.length > 0) lines.push('Parameters:');
  for (const { name, before, after } of parameters) {
    lines.push(`  ${name}: ${before || 'nothing'} -> ${after || 'nothing'}`);
  }
  if (bucketToMake !== undefined) {
    lines.push("Made first, outside the stack, for the functions' code:");
    lines.push(`  + bucket ${bucketToMake}`);
  }
  if (changes.length === 0 && moves.length === 0) {
    return [...lines, 'No resource changes; outputs, tags or policies do.'].join('\n');
  }
  for (const { action, mark, title } of HEADINGS) {
    const those = changes.filter((change) => change.action === action);
    if (those.length === 0) continue;
    lines.push(`${title}: ${those.length}`);
    const isMany = action === 'add' && those.length > MOST_LISTED && !everything;
    lines.push(...(isMany ? kindsOf(those) : those.map((each) => `  ${mark} ${lineOf(each)}`)));
  }
  const atRisk = [
    ...moves.map(
      ({ type, from, to, loss }) =>
        `the lake moves from the ${resourceKind(type).word} ${from} to ${to}: ${loss}`,
    ),
    ...changes
      .filter((change) => change.atRisk !== '')
      .map((change) => `${nameOf(change)}: ${change.atRisk}`),
  ];
  lines.push(atRisk.length === 0 ? 'Data at risk: none' : `DATA AT RISK: ${atRisk.length}`);
  lines.push(...atRisk.map((each) => `  ! ${each}`));
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

/** How many of each kind, in lines that fit a terminal, and how to see their names. */
function kindsOf(changes: readonly PlannedChange[]): string[] {
  const counts = new Map<string, number>();
  for (const { type } of changes) counts.set(type, (counts.get(type) ?? 0) + 1);
  const words = [...counts].map(([type, count]) => {
    const { word, plural } = resourceKind(type);
    return counted(count, word, plural);
  });
  const lines = [''];
  for (const [index, word] of words.entries()) {
    const piece = index < words.length - 1 ? `${word},` : word;
    const line = lines.at(-1) ?? '';
    if (line.length + piece.length < LINE) lines[lines.length - 1] = `${line} ${piece}`.trim();
    else lines.push(piece);
  }
  return [
    ...lines.map((line, index) => `  ${index === 0 ? '+' : ' '} ${line}`),
    '    (--verbose names each here, `pynvest plan --format csv` in a list)',
  ];
}

const LINE = 74;
