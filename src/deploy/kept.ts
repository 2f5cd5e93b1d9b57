/**
 * What an earlier stack left behind: buckets, databases and tables stay when their stack goes, and are in
 * the way of the next one, which would make them anew. They are taken into use instead, as existing ones
 * (CreateBuckets=no and the like).
 *
 * CloudFormation's import would make them the stack's own again, but it does not know Glue's databases and
 * tables; existing ones work the same for all three kinds, and everywhere.
 */
import { CreateDatabaseCommand } from '@aws-sdk/client-glue';
import { DeployError } from '../errors.ts';
import type { Aws } from './aws.ts';
import { bucketState, makePrivateBucket, takenBucket } from './buckets.ts';
import { findTable, isDatabaseThere, plannedTable, readsPlanned } from './glue.ts';
import type { DeployHost } from './host.ts';
import { evaluate, holds, physicalName, type Scope } from './intrinsics.ts';
import type { Values } from './settings.ts';
import { fieldsOf, type TemplateResource } from './template.ts';

export interface KeptData {
  /** Parameters that take what is there into use. */
  readonly parameters: Values;
  /** What is there, in words. */
  readonly found: readonly string[];
  /** Makes the few that are not there beside those that are. */
  makeMissing(host: DeployHost): Promise<void>;
}

interface Kind {
  readonly type: string;
  readonly parameter: string;
  exists(resource: TemplateResource, name: string): Promise<boolean>;
  make(resource: TemplateResource, name: string): Promise<void>;
}

/**
 * Looks for what the template is about to make although it is there, outside of this stack.
 * @param given the parameters that the person set: they are never overruled
 * @param inStack the names of the stack's own resources by their names in the template
 * @throws DeployError where it belongs to somebody else
 */
export async function findKept(
  aws: Aws,
  scope: Scope,
  given: Values,
  inStack: ReadonlyMap<string, string>,
): Promise<KeptData> {
  const parameters: Record<string, string> = {};
  const found: string[] = [];
  const missing: { readonly kind: Kind; readonly resource: TemplateResource; name: string }[] = [];
  for (const kind of kindsOf(aws, scope)) {
    if (kind.parameter in given || scope.parameters[kind.parameter] !== 'yes') continue;
    const planned = [...scope.template.resources.values()].filter(
      (resource) =>
        resource.type === kind.type &&
        resource.keptOnDelete &&
        holds(resource.condition, scope) &&
        !inStack.has(resource.id),
    );
    const there: typeof missing = [];
    const absent: typeof missing = [];
    for (const resource of planned) {
      const name = physicalName(resource, scope);
      if (name === undefined) continue;
      const exists = await kind.exists(resource, name);
      (exists ? there : absent).push({ kind, resource, name });
    }
    if (there.length === 0) continue;
    parameters[kind.parameter] = 'no';
    if (kind.type === 'AWS::S3::Bucket') {
      for (const { resource, name } of planned.map((each) => named(each, scope))) {
        parameters[`${resource.id}Name`] = name;
      }
    }
    found.push(...there.map(({ name }) => name));
    missing.push(...absent);
  }
  return {
    parameters,
    found,
    async makeMissing(host) {
      for (const { kind, resource, name } of missing) {
        host.notice(`Making ${name}, which is not there any more beside ${found.join(', ')}`);
        await kind.make(resource, name);
      }
    },
  };
}

function named(resource: TemplateResource, scope: Scope) {
  return { resource, name: physicalName(resource, scope) ?? '' };
}

function kindsOf(aws: Aws, scope: Scope): readonly Kind[] {
  return [
    {
      type: 'AWS::S3::Bucket',
      parameter: 'CreateBuckets',
      async exists({ id }, name) {
        const state = await bucketState(aws, name);
        if (state === 'foreign') throw takenBucket(name, `${id}Name`);
        return state === 'ours';
      },
      make: ({ properties }, name) =>
        makePrivateBucket(aws, {
          name,
          tags: { project: scope.parameters['NamePrefix'] ?? 'pynvest' },
          versioned: fieldsOf(properties['VersioningConfiguration'])['Status'] === 'Enabled',
        }),
    },
    {
      type: 'AWS::Glue::Database',
      parameter: 'CreateDatabases',
      exists: (_, name) => isDatabaseThere(aws, name),
      async make({ properties }, Name) {
        const input = fieldsOf(evaluate(properties['DatabaseInput'], scope));
        await aws.glue.send(new CreateDatabaseCommand({ DatabaseInput: { ...input, Name } }));
      },
    },
    {
      type: 'AWS::Glue::Table',
      parameter: 'CreateTables',
      exists: (resource) => isOurTable(aws, scope, resource),
      // `tables.ts` makes and mends the tables of a stack that does not make them itself.
      make: async () => undefined,
    },
  ];
}

/** A table that reads other files is another system's, and not to be taken over. */
async function isOurTable(aws: Aws, scope: Scope, resource: TemplateResource): Promise<boolean> {
  const planned = plannedTable(resource, scope);
  const table = await findTable(aws, planned);
  if (table === undefined || readsPlanned(table, planned)) return table !== undefined;
  const { database, name } = planned;
  const location = table.StorageDescriptor?.Location ?? 'nothing';
  throw new DeployError(`the table ${database}.${name} is there already and reads ${location}`, {
    hint: 'It belongs to another system. Take other databases: --parameter SorDatabaseName=… SotDatabaseName=… SpecDatabaseName=…',
  });
}
