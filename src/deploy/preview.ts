/** What would change, and which data is at risk. Pure. */
import type { Change, ResourceChange } from '@aws-sdk/client-cloudformation';
import { holds, physicalName, type Scope } from './intrinsics.ts';
import { resourceKind } from './resource-kinds.ts';
import type { Template, TemplateResource } from './template.ts';

/**
 * - `may replace`: it depends on something that AWS only knows when it does it
 * - `release`: the stack lets go of it, and it stays
 */
export type Action = 'add' | 'import' | 'change' | 'may replace' | 'replace' | 'remove' | 'release';

export interface PlannedChange {
  readonly action: Action;
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  /** The properties that differ, where AWS says which. */
  readonly properties: readonly string[];
  /** What is lost, or may be; empty where nothing is. */
  readonly atRisk: string;
}

/** Everything that the template makes where there is no stack yet. */
export function previewOfNew(scope: Scope): PlannedChange[] {
  return [...scope.template.resources.values()]
    .filter(({ condition }) => holds(condition, scope))
    .map((resource) => ({
      action: 'add',
      logicalId: resource.id,
      type: resource.type,
      name: physicalName(resource, scope) ?? '',
      properties: [],
      atRisk: '',
    }));
}

export interface Before {
  /** The template that the stack was made of. */
  readonly template: Template;
  /** The names of its resources by their names in the template. */
  readonly names: ReadonlyMap<string, string>;
}

/** What a change set would do. */
export function previewOfChanges(
  changes: readonly Change[],
  before: Before,
  after: Scope,
): PlannedChange[] {
  return changes.flatMap(({ ResourceChange: change }) => {
    if (change === undefined) return [];
    const logicalId = change.LogicalResourceId ?? '';
    const type = change.ResourceType ?? '';
    const old = before.template.resources.get(logicalId);
    const resource = after.template.resources.get(logicalId);
    // A resource that its condition leaves out is neither there nor added.
    const isNoChange =
      change.Action === 'Add' && resource !== undefined && !holds(resource.condition, after);
    if (isNoChange) return [];
    const action = actionOf(change, old);
    const name =
      change.PhysicalResourceId ||
      before.names.get(logicalId) ||
      (resource === undefined ? '' : (physicalName(resource, after) ?? ''));
    const atRisk = lossOf(change, action, type, resource ?? old);
    return [{ action, logicalId, type, name, properties: propertiesOf(change), atRisk }];
  });
}

function actionOf(change: ResourceChange, old: TemplateResource | undefined): Action {
  switch (change.Action) {
    case 'Add':
      return 'add';
    case 'Import':
      return 'import';
    case 'Remove':
      return isRetained(change, old?.keptOnDelete) ? 'release' : 'remove';
  }
  if (change.Replacement === 'True') return 'replace';
  return change.Replacement === 'Conditional' ? 'may replace' : 'change';
}

/** AWS says it in PolicyAction; else the template does. */
function isRetained({ PolicyAction }: ResourceChange, template: boolean | undefined): boolean {
  return PolicyAction === undefined ? template === true : /Retain/.test(PolicyAction);
}

function lossOf(
  change: ResourceChange,
  action: Action,
  type: string,
  resource: TemplateResource | undefined,
): string {
  const { holds: contents } = resourceKind(type);
  if (contents === undefined) return '';
  switch (action) {
    case 'remove':
      return `${contents} would be lost`;
    case 'replace':
      return isRetained(change, resource?.keptOnReplace)
        ? `${contents} stays behind, in the old one`
        : `${contents} would be lost`;
    case 'may replace':
      return isRetained(change, resource?.keptOnReplace)
        ? ''
        : `${contents} would be lost if it is replaced`;
    default:
      return '';
  }
}

function propertiesOf({ Details = [], Scope: scope = [] }: ResourceChange): string[] {
  const names = Details.map(({ Target: target }) =>
    target?.Attribute === 'Properties' ? (target.Name ?? '') : (target?.Attribute ?? ''),
  );
  const known = names.length > 0 ? names : scope.filter((each) => each !== 'Properties');
  return [...new Set(known.filter((name) => name !== ''))].sort();
}
