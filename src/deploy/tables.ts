/**
 * Tables that were there before the stack. CloudFormation does not know them, so that a newer catalog
 * would never reach them: they are brought to what the template says here, and made where one is gone.
 */
import { CreateTableCommand, type TableInput, UpdateTableCommand } from '@aws-sdk/client-glue';
import type { Aws } from './aws.ts';
import { findTable, plannedTable, readsPlanned } from './glue.ts';
import type { DeployHost } from './host.ts';
import type { Scope } from './intrinsics.ts';
import { fieldsOf } from './template.ts';

/** Makes and mends the tables, where the stack leaves them alone (CreateTables=no). */
export async function mendTables(host: DeployHost, aws: Aws, scope: Scope): Promise<void> {
  if (scope.parameters['CreateTables'] !== 'no') return;
  const resources = [...scope.template.resources.values()];
  for (const resource of resources.filter(({ type }) => type === 'AWS::Glue::Table')) {
    const planned = plannedTable(resource, scope);
    const { database: DatabaseName, location } = planned;
    const input: TableInput = { ...planned.input, Name: planned.name };
    const name = `${DatabaseName}.${planned.name}`;
    const table = await findTable(aws, planned);
    if (table === undefined) {
      await aws.glue.send(new CreateTableCommand({ DatabaseName, TableInput: input }));
      host.notice(`Made the table ${name}`);
    } else if (!readsPlanned(table, planned)) {
      const actual = table.StorageDescriptor?.Location ?? 'nothing';
      host.warn(`${name} reads ${actual}, not ${location}: left as it is`);
    } else if (!covers(table, input)) {
      const Parameters = { ...table.Parameters, ...input.Parameters };
      const TableInput = { ...input, Parameters };
      await aws.glue.send(new UpdateTableCommand({ DatabaseName, TableInput }));
      host.notice(`Brought the table ${name} to this version's columns`);
    }
  }
}

/** Whether `actual` says all that `wanted` says; it may say more. Pure. */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((each, index) => covers(actual[index], each))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const fields = fieldsOf(actual);
    return Object.entries(wanted).every(([key, value]) => covers(fields[key], value));
  }
  return String(actual) === String(wanted);
}
