/**
 * What a deployment would change and which data is at risk, as data and as text. Pure.
 */

import type { ResourceChange } from '../aws/stack-changes.ts';
import { formatQuantity } from '../text.ts';
import {
  evaluateTable,
  formatResourceName,
  getPhysicalName,
  getResourceKind,
  hasPartitions,
  isConditionMet,
  type Scope,
} from './intrinsics.ts';
import type { ParameterChange } from './parameters.ts';
import type { Template, TemplateResource } from './template.ts';

/**
 * - `may replace`: depends on values that AWS knows only while it applies the change
 * - `release`: the resource is kept, and no longer belongs to the stack
 */
type ChangeAction = 'add' | 'import' | 'change' | 'may replace' | 'replace' | 'remove' | 'release';

export interface ResourcePreview {
  readonly action: ChangeAction;
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  /** The properties that differ, where AWS says which. */
  readonly properties: readonly string[];
  /** Which data would or may be lost; empty where none is. */
  readonly atRisk: string;
}

/** Everything that the template creates for a new stack. */
export function previewNewStack(scope: Scope): ResourcePreview[] {
  return [...scope.template.resources.values()]
    .filter(({ condition }) => isConditionMet(condition, scope))
    .map((resource) => ({
      action: 'add',
      logicalId: resource.id,
      type: resource.type,
      name: getPhysicalName(resource, scope) ?? '',
      properties: [],
      atRisk: '',
    }));
}

interface PreviousStack {
  /** The template from which the stack was last deployed. */
  readonly template: Template;
  /** The physical names of its resources by their logical IDs. */
  readonly names: ReadonlyMap<string, string>;
}

/** What a change set would do. */
export function previewChangeSet(
  changes: readonly ResourceChange[],
  before: PreviousStack,
  after: Scope,
): ResourcePreview[] {
  return changes.flatMap((change) => {
    const { logicalId, type, properties } = change;
    const old = before.template.resources.get(logicalId);
    const resource = after.template.resources.get(logicalId);
    // AWS lists a resource that its condition leaves out as added.
    const isLeftOut =
      change.action === 'add' &&
      resource !== undefined &&
      !isConditionMet(resource.condition, after);
    if (isLeftOut) return [];
    const action = classifyChange(change, old);
    const physicalId = change.physicalId || before.names.get(logicalId) || '';
    const name =
      formatResourceName(logicalId, physicalId) ||
      (resource === undefined ? '' : (getPhysicalName(resource, after) ?? ''));
    const atRisk = describeLoss(change, action, resource ?? old);
    return [{ action, logicalId, type, name, properties, atRisk }];
  });
}

function classifyChange(change: ResourceChange, old: TemplateResource | undefined): ChangeAction {
  switch (change.action) {
    case 'add':
    case 'import':
      return change.action;
    case 'remove':
      return isRetained(change, old?.retainOnDelete) ? 'release' : 'remove';
  }
  if (change.replacement === 'yes') return 'replace';
  return change.replacement === 'conditional' ? 'may replace' : 'change';
}

/** As AWS says it, else as the template does. */
function isRetained(change: ResourceChange, inTemplate: boolean | undefined): boolean {
  return change.isRetained ?? inTemplate === true;
}

function describeLoss(
  change: ResourceChange,
  action: ChangeAction,
  resource: TemplateResource | undefined,
): string {
  const { contents } = getResourceKind(change.type);
  if (contents === undefined) return '';
  switch (action) {
    case 'remove':
      return `${contents} would be lost`;
    case 'replace':
      return isRetained(change, resource?.retainOnReplace)
        ? `${contents} stays in the old one`
        : `${contents} would be lost`;
    case 'may replace':
      return isRetained(change, resource?.retainOnReplace)
        ? ''
        : `${contents} would be lost if it is replaced`;
    default:
      return '';
  }
}

/** More additions than this are counted instead of listed: they are a first deployment. */
const MAX_LISTED = 12;

interface PreviewHeading {
  readonly action: ChangeAction;
  readonly mark: string;
  readonly title: string;
}

/** The most important first. */
const PREVIEW_HEADINGS: readonly PreviewHeading[] = [
  { action: 'remove', mark: '-', title: 'REMOVED' },
  { action: 'replace', mark: '!', title: 'REPLACED' },
  {
    action: 'may replace',
    mark: '~',
    title: 'Changed (AWS decides whether to replace it)',
  },
  { action: 'change', mark: '~', title: 'Changed' },
  { action: 'release', mark: '-', title: 'No longer part of the stack, but kept' },
  { action: 'import', mark: '+', title: 'Imported' },
  { action: 'add', mark: '+', title: 'Added' },
];

/** What a deployment changes besides resources. */
export interface PreviewDetails {
  readonly parameters: readonly ParameterChange[];
  /** Databases and buckets that the tables leave: the changes of resources do not show it. */
  readonly moves: readonly LakeMove[];
  /** The bucket for the functions' code, if it has to be created; it is not part of the stack. */
  readonly newBucket: string | undefined;
}

/** @param everything lists the additions even where there are many */
export function formatPreview(
  changes: readonly ResourcePreview[],
  {
    everything = false,
    parameters = [],
    moves = [],
    newBucket,
  }: Partial<PreviewDetails> & { readonly everything?: boolean } = {},
): string {
  const lines: string[] = [];
  if (parameters.length > 0) lines.push('Parameters:');
  for (const { name, before, after } of parameters) {
    lines.push(`  ${name}: ${before || 'nothing'} -> ${after || 'nothing'}`);
  }
  if (newBucket !== undefined) {
    lines.push("Created first, outside the stack, for the functions' code:");
    lines.push(`  + bucket ${newBucket}`);
  }
  if (changes.length === 0 && moves.length === 0) {
    return [...lines, 'No resource changes, only outputs, tags or policies.'].join('\n');
  }
  for (const { action, mark, title } of PREVIEW_HEADINGS) {
    const matching = changes.filter((change) => change.action === action);
    if (matching.length === 0) continue;
    lines.push(`${title}: ${matching.length}`);
    const isMany = action === 'add' && matching.length > MAX_LISTED && !everything;
    lines.push(
      ...(isMany
        ? formatCounts(matching)
        : matching.map((each) => `  ${mark} ${formatChange(each)}`)),
    );
  }
  const atRisk = [
    ...moves.map(
      ({ type, from, to, consequence }) =>
        `the lake moves from the ${getResourceKind(type).singular} ${from} to ${to}: ${consequence}`,
    ),
    ...changes
      .filter((change) => change.atRisk !== '')
      .map((change) => `${formatChangeName(change)}: ${change.atRisk}`),
  ];
  lines.push(atRisk.length === 0 ? 'Data at risk: none' : `DATA AT RISK: ${atRisk.length}`);
  lines.push(...atRisk.map((each) => `  ! ${each}`));
  return lines.join('\n');
}

function formatChange(change: ResourcePreview): string {
  const properties = change.properties.length > 0 ? `: ${change.properties.join(', ')}` : '';
  return `${formatChangeName(change)}${properties}`;
}

function formatChangeName({ type, name, logicalId }: ResourcePreview): string {
  const short = name.startsWith('https://') ? (name.split('/').at(-1) ?? name) : name;
  return `${getResourceKind(type).singular} ${short === '' ? logicalId : short}`;
}

/** How many there are of each kind, in lines that fit a terminal. */
function formatCounts(changes: readonly ResourcePreview[]): string[] {
  const counts = new Map<string, number>();
  for (const { type } of changes) counts.set(type, (counts.get(type) ?? 0) + 1);
  const phrases = [...counts].map(([type, count]) => {
    const { singular, plural } = getResourceKind(type);
    return formatQuantity(count, singular, plural);
  });
  const lines = [''];
  for (const [index, phrase] of phrases.entries()) {
    const piece = index < phrases.length - 1 ? `${phrase},` : phrase;
    const line = lines.at(-1) ?? '';
    if (line.length + piece.length < LINE_WIDTH)
      lines[lines.length - 1] = `${line} ${piece}`.trim();
    else lines.push(piece);
  }
  return [
    ...lines.map((line, index) => `  ${index === 0 ? '+' : ' '} ${line}`),
    '    (--verbose lists their names, `pynvest plan --format csv` as a table)',
  ];
}

const LINE_WIDTH = 74;

interface LakeMove {
  readonly type: 'AWS::Glue::Database' | 'AWS::S3::Bucket';
  readonly from: string;
  readonly to: string;
  /** What stays behind, and what still reads it. */
  readonly consequence: string;
}

interface TableMove {
  readonly database: Move;
  readonly bucket: Move;
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * The databases and buckets that the tables leave, each once. A change set shows neither: for another database,
 * CloudFormation creates a new table and keeps the old one; for another bucket it only changes the table's location,
 * while each partition keeps its own.
 * @param before the same template with the stack's current parameters
 */
export function findLakeMoves(before: Scope, after: Scope): LakeMove[] {
  const tables = [...after.template.resources.values()]
    .filter(hasPartitions)
    .map((resource): TableMove => {
      const old = evaluateTable(resource, before);
      const planned = evaluateTable(resource, after);
      return {
        database: { from: old.database, to: planned.database },
        bucket: { from: parseBucket(old.location), to: parseBucket(planned.location) },
      };
    });
  return [
    ...groupMoves(tables, 'database').map(describeDatabaseMove),
    ...groupMoves(tables, 'bucket').map(describeBucketMove),
  ];
}

type MoveGroup = Move & { readonly tables: readonly TableMove[] };

function describeDatabaseMove({ from, to, tables }: MoveGroup): LakeMove {
  const count = formatQuantity(tables.length, 'table');
  const filesStay = tables.every(({ bucket }) => !isMove(bucket));
  return {
    type: 'AWS::Glue::Database',
    from,
    to,
    consequence:
      `${count} in ${from} and the days listed there stay behind, where pynvest no longer reads` +
      (filesStay
        ? `; the files are still used: \`pynvest doctor --all --fix\` lists their days in ${to}`
        : ''),
  };
}

function describeBucketMove({ from, to, tables }: MoveGroup): LakeMove {
  const catalogStays = tables.every(({ database }) => !isMove(database));
  return {
    type: 'AWS::S3::Bucket',
    from,
    to,
    consequence:
      `the files in ${from} stay behind, where pynvest no longer reads or writes` +
      (catalogStays ? '; only queries still read the days listed so far' : ''),
  };
}

function groupMoves(tables: readonly TableMove[], what: keyof TableMove): MoveGroup[] {
  const groups = new Map<string, { from: string; to: string; tables: TableMove[] }>();
  for (const table of tables) {
    const { from, to } = table[what];
    if (!isMove(table[what])) continue;
    const group = groups.get(`${from} ${to}`) ?? { from, to, tables: [] };
    group.tables.push(table);
    groups.set(`${from} ${to}`, group);
  }
  return [...groups.values()];
}

function isMove({ from, to }: Move): boolean {
  return from !== to;
}

function parseBucket(location: string): string {
  return location.replace(/^s3:\/\//, '').split('/')[0] ?? '';
}
