/**
 * Resources and CloudFormation's record of them out of step: those that a deleted stack retained and a new one imports,
 * and those that were deleted by hand and an update creates again.
 */

import pMap from 'p-map';
import { createPrivateBucket, getBucketState } from '../aws/buckets.ts';
import { isAccessDenied } from '../aws/errors.ts';
import { stateMachineExists } from '../aws/executions.ts';
import { findEventSource, findFunction } from '../aws/functions.ts';
import {
  createDatabase,
  createTable,
  databaseExists,
  findTable,
  type GlueTable,
  type GlueTableInput,
  updateTable,
} from '../aws/glue.ts';
import { queueExists } from '../aws/queues.ts';
import { findSchedule } from '../aws/schedules.ts';
import type { AwsSession } from '../aws/session.ts';
import { readResourceNames, type StackValues } from '../aws/stack.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { createBucketTakenError } from './artifacts.ts';
import { toFields } from './fields.ts';
import {
  evaluate,
  evaluateTable,
  formatResourceName,
  getPhysicalName,
  isConditionMet,
  type Scope,
  type TableDefinition,
} from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

export interface RetainedResources {
  /** The parameters by which the stack uses them. */
  readonly parameters: StackValues;
  /** The names of those that exist. */
  readonly names: readonly string[];
  /** Creates the missing ones: a parameter makes the stack create all of a kind, or none. */
  createMissing(host: Host): Promise<void>;
}

interface RetainedKind {
  readonly type: string;
  readonly parameter: string;
  exists(resource: TemplateResource, name: string): Promise<boolean>;
  create(resource: TemplateResource, name: string): Promise<void>;
}

/**
 * Finds resources that the template would create and that exist already, outside this stack.
 * @param given the parameters that the person set, which are never changed
 * @param inStack the physical names of the stack's own resources by their logical IDs
 * @throws DeployError when one belongs to another system
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
    const existing: typeof missing = [];
    const absent: typeof missing = [];
    for (const resource of planned) {
      const name = getPhysicalName(resource, scope);
      if (name === undefined) continue;
      const exists = await kind.exists(resource, name);
      (exists ? existing : absent).push({ kind, resource, name });
    }
    if (existing.length === 0) continue;
    parameters[kind.parameter] = 'no';
    if (kind.type === 'AWS::S3::Bucket') {
      for (const { resource, name } of planned.map((each) => withName(each, scope))) {
        parameters[`${resource.id}Name`] = name;
      }
    }
    found.push(...existing.map(({ name }) => name));
    missing.push(...absent);
  }
  return {
    parameters,
    names: found,
    async createMissing(host) {
      for (const { kind, resource, name } of missing) {
        host.notice(`Creating ${name}, which is missing beside ${found.join(', ')}`);
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
      // `updateTables` creates the tables of a stack that does not create them itself.
      create: async () => undefined,
    },
  ];
}

/** Whether the table exists. @throws DeployError when it reads other files: it belongs to another system */
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
  throw new DeployError(`the table ${database}.${name} exists already and reads ${location}`, {
    hint: 'It belongs to another system. Choose other databases: --parameter SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
  });
}

/** Creates and updates the tables where the stack does not (CreateTables=no). */
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
      host.notice(`Created the table ${name}`);
    } else if (!hasSameLocation(table, planned)) {
      const actual = table.StorageDescriptor?.Location ?? 'nothing';
      host.warn(`The table ${name} reads ${actual}, not ${location}: it is not changed`);
    } else if (!includesAll(table, input)) {
      const Parameters = { ...table.Parameters, ...input.Parameters };
      await updateTable(aws, database, { ...input, Parameters });
      host.notice(`Updated the table ${name} to this version's columns`);
    }
  }
}

/** Whether `actual` has all the fields of `wanted`, with the same values; it may have more. Pure. */
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

/** Whether the table reads the files of the template's table; one that does not belongs to another system. */
export function hasSameLocation(table: GlueTable, { location }: TableDefinition): boolean {
  const bare = (text: string): string => text.replace(/\/+$/, '');
  return bare(table.StorageDescriptor?.Location ?? '') === bare(location);
}

/** How a resource of each type is looked up by its physical name; answers undefined or false where it is missing. */
interface Lookups {
  readonly [type: string]: (name: string, resource: TemplateResource) => Promise<unknown>;
}

const CONCURRENCY = 4;

/**
 * The names of the functions, queues, queue triggers, schedules, tables and the state machine of the stack
 * that do not exist. A resource that these credentials may not read counts as existing, and a warning names it.
 */
export async function findMissingResources(
  host: Pick<Host, 'warn'>,
  aws: AwsSession,
  stackName: string,
  scope: Scope,
): Promise<string[]> {
  const names = await readResourceNames(aws, stackName);
  const lookups: Lookups = {
    'AWS::Lambda::Function': (name) => findFunction(aws, name),
    'AWS::Lambda::EventSourceMapping': (uuid) => findEventSource(aws, uuid),
    'AWS::Events::Rule': (name) => findSchedule(aws, name),
    'AWS::SQS::Queue': (url) => queueExists(aws, url),
    'AWS::Glue::Table': (_, resource) => findTable(aws, evaluateTable(resource, scope)),
    'AWS::StepFunctions::StateMachine': (arn) => stateMachineExists(aws, arn),
  };
  const unreadable: string[] = [];
  const missing = await pMap(
    scope.template.resources.values(),
    async (resource) => {
      const { id, type } = resource;
      const lookup = lookups[type];
      const name = names.get(id);
      if (lookup === undefined || name === undefined) return [];
      const label = formatResourceName(id, name);
      try {
        return (await lookup(name, resource)) ? [] : [label];
      } catch (error) {
        if (!isAccessDenied(error)) throw error;
        unreadable.push(label);
        return [];
      }
    },
    { concurrency: CONCURRENCY },
  );
  if (unreadable.length > 0) {
    host.warn(
      `Not checked whether they exist, as these credentials may not read them: ${unreadable.join(', ')}. ` +
        '`pynvest iam-policy` prints the permissions, with --role-arn those beside a service role.',
    );
  }
  return missing.flat();
}
