/** What the Glue catalog has of a table that the template speaks of. */
import { GetDatabaseCommand, GetTableCommand, type Table } from '@aws-sdk/client-glue';
import { awsCode } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { type Fields, fieldsOf, type TemplateResource } from './template.ts';

/** A table as the template has it. */
export interface PlannedTable {
  readonly database: string;
  readonly name: string;
  readonly location: string;
  readonly input: Fields;
}

export function plannedTable({ properties }: TemplateResource, scope: Scope): PlannedTable {
  const input = fieldsOf(evaluate(properties['TableInput'], scope));
  return {
    database: String(evaluate(properties['DatabaseName'], scope)),
    name: String(input['Name']),
    location: String(fieldsOf(input['StorageDescriptor'])['Location'] ?? ''),
    input,
  };
}

export function findTable(
  { glue }: Aws,
  { database, name }: Pick<PlannedTable, 'database' | 'name'>,
): Promise<Table | undefined> {
  return found(async () => {
    const answer = await glue.send(new GetTableCommand({ DatabaseName: database, Name: name }));
    return answer.Table;
  });
}

export async function isDatabaseThere({ glue }: Aws, name: string): Promise<boolean> {
  const answer = await found(() => glue.send(new GetDatabaseCommand({ Name: name })));
  return answer !== undefined;
}

/** Whether the table reads the files that the template means; another is another system's. */
export function readsPlanned(table: Table, { location }: PlannedTable): boolean {
  const bare = (text: string): string => text.replace(/\/+$/, '');
  return bare(table.StorageDescriptor?.Location ?? '') === bare(location);
}

/** What the catalog answers; undefined where it has no such thing. */
export async function found<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (awsCode(error) === 'EntityNotFoundException') return undefined;
    throw error;
  }
}
