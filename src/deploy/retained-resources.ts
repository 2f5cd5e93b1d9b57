/**
 * Buckets, databases and tables that an earlier stack retained. A new stack would try to create them again, so they
 * are used as existing ones (CreateBuckets=no and the like), and their tables are brought up to date here.
 * CloudFormation's import is no alternative: it does not support Glue databases and tables.
 */

import { createPrivateBucket, getBucketState } from '../aws/buckets.ts';
import {
  createDatabase,
  createTable,
  databaseExists,
  findTable,
  type GlueTable,
  type GlueTableInput,
  updateTable,
} from '../aws/glue.ts';
import type { AwsSession } from '../aws/session.ts';
import type { StackValues } from '../aws/stack.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { createBucketTakenError } from './artifacts.ts';
import {
  evaluate,
  evaluateTable,
  getPhysicalName,
  isConditionMet,
  type Scope,
  type TableDefinition,
} from './intrinsics.ts';
import { type TemplateResource, toFields } from './template.ts';

export interface RetainedResources {
  /** Parameters that take what is there into use. */
  readonly parameters: StackValues;
  /** What is there, in words. */
  readonly names: readonly string[];
  /** Makes the few that are not there beside those that are. */
  createMissing(host: Host): Promise<void>;
}

interface RetainedKind {
  readonly type: string;
  readonly parameter: string;
  exists(resource: TemplateResource, name: string): Promise<boolean>;
  create(resource: TemplateResource, name: string): Promise<void>;
}

/**
 * Looks for what the template is about to make although it is there, outside of this stack.
 * @param given the parameters that the person set: they are never overruled
 * @param inStack the names of the stack's own resources by their names in the template
 * @throws DeployError where it belongs to somebody else
 */
export async function findRetainedResources(
  aws: AwsSession,
  scope: Scope,
  given: StackValues,
  inStack: ReadonlyMap<string, string>,
): Promise<RetainedResources> {
  const parameters: Record<string, string> = {};
  const found: string[] = [];
  const missing: {
    readonly kind: RetainedKind;
    readonly resource: TemplateResource;
    name: string;
  }[] = [];
  for (const kind of createRetainedKinds(aws, scope)) {
    if (kind.parameter in given || scope.parameters[kind.parameter] !== 'yes') continue;
    const planned = [...scope.template.resources.values()].filter(
      (resource) =>
        resource.type === kind.type &&
        resource.retainOnDelete &&
        isConditionMet(resource.condition, scope) &&
        !inStack.has(resource.id),
    );
    const there: typeof missing = [];
    const absent: typeof missing = [];
    for (const resource of planned) {
      const name = getPhysicalName(resource, scope);
      if (name === undefined) continue;
      const exists = await kind.exists(resource, name);
      (exists ? there : absent).push({ kind, resource, name });
    }
    if (there.length === 0) continue;
    parameters[kind.parameter] = 'no';
    if (kind.type === 'AWS::S3::Bucket') {
      for (const { resource, name } of planned.map((each) => withName(each, scope))) {
        parameters[`${resource.id}Name`] = name;
      }
    }
    found.push(...there.map(({ name }) => name));
    missing.push(...absent);
  }
  return {
    parameters,
    names: found,
    async createMissing(host) {
      for (const { kind, resource, name } of missing) {
        host.notice(`Making ${name}, which is not there any more beside ${found.join(', ')}`);
        await kind.create(resource, name);
      }
    },
  };
}

function withName(resource: TemplateResource, scope: Scope) {
  return { resource, name: getPhysicalName(resource, scope) ?? '' };
}

function createRetainedKinds(aws: AwsSession, scope: Scope): readonly RetainedKind[] {
  return [
    {
      type: 'AWS::S3::Bucket',
      parameter: 'CreateBuckets',
      async exists({ id }, name) {
        const state = await getBucketState(aws, name);
        if (state === 'foreign') throw createBucketTakenError(name, `${id}Name`);
        return state === 'ours';
      },
      create: ({ properties }, name) =>
        createPrivateBucket(aws, {
          name,
          tags: { project: scope.parameters['NamePrefix'] ?? 'pynvest' },
          isVersioned: toFields(properties['VersioningConfiguration'])['Status'] === 'Enabled',
        }),
    },
    {
      type: 'AWS::Glue::Database',
      parameter: 'CreateDatabases',
      exists: (_, name) => databaseExists(aws, name),
      async create({ properties }, Name) {
        const input = toFields(evaluate(properties['DatabaseInput'], scope));
        await createDatabase(aws, { ...input, Name });
      },
    },
    {
      type: 'AWS::Glue::Table',
      parameter: 'CreateTables',
      exists: (resource) => isOwnTable(aws, scope, resource),
      // `tables.ts` makes and mends the tables of a stack that does not make them itself.
      create: async () => undefined,
    },
  ];
}

/** A table that reads other files is another system's, and not to be taken over. */
async function isOwnTable(
  aws: AwsSession,
  scope: Scope,
  resource: TemplateResource,
): Promise<boolean> {
  const planned = evaluateTable(resource, scope);
  const table = await findTable(aws, planned);
  if (table === undefined || hasSameLocation(table, planned)) return table !== undefined;
  const { database, name } = planned;
  const location = table.StorageDescriptor?.Location ?? 'nothing';
  throw new DeployError(`the table ${database}.${name} is there already and reads ${location}`, {
    hint: 'It belongs to another system. Take other databases: --parameter SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
  });
}

/** Makes and mends the tables, where the stack leaves them alone (CreateTables=no). */
export async function updateTables(host: Host, aws: AwsSession, scope: Scope): Promise<void> {
  if (scope.parameters['CreateTables'] !== 'no') return;
  const resources = [...scope.template.resources.values()];
  for (const resource of resources.filter(({ type }) => type === 'AWS::Glue::Table')) {
    const planned = evaluateTable(resource, scope);
    const { database, location } = planned;
    const input: GlueTableInput = { ...planned.input, Name: planned.name };
    const name = `${database}.${planned.name}`;
    const table = await findTable(aws, planned);
    if (table === undefined) {
      await createTable(aws, database, input);
      host.notice(`Made the table ${name}`);
    } else if (!hasSameLocation(table, planned)) {
      const actual = table.StorageDescriptor?.Location ?? 'nothing';
      host.warn(`${name} reads ${actual}, not ${location}: left as it is`);
    } else if (!includesAll(table, input)) {
      const Parameters = { ...table.Parameters, ...input.Parameters };
      await updateTable(aws, database, { ...input, Parameters });
      host.notice(`Brought the table ${name} to this version's columns`);
    }
  }
}

/** Whether `actual` says all that `wanted` says; it may say more. Pure. */
function includesAll(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((each, index) => includesAll(actual[index], each))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const fields = toFields(actual);
    return Object.entries(wanted).every(([key, value]) => includesAll(fields[key], value));
  }
  return String(actual) === String(wanted);
}

/** Whether the table reads the files that the template means; another is another system's. */
export function hasSameLocation(table: GlueTable, { location }: TableDefinition): boolean {
  const bare = (text: string): string => text.replace(/\/+$/, '');
  return bare(table.StorageDescriptor?.Location ?? '') === bare(location);
}
