/**
 * Reads databases and tables of the Glue catalog.
 */

import { GetDatabaseCommand, GetTableCommand, type Table } from '@aws-sdk/client-glue';
import type { TableDefinition } from '../deploy/intrinsics.ts';
import { getAwsErrorCode } from './errors.ts';
import type { AwsSession } from './session.ts';

export function findTable(
  { glue }: AwsSession,
  { database, name }: Pick<TableDefinition, 'database' | 'name'>,
): Promise<Table | undefined> {
  return ignoreNotFound(async () => {
    const answer = await glue.send(new GetTableCommand({ DatabaseName: database, Name: name }));
    return answer.Table;
  });
}

export async function databaseExists({ glue }: AwsSession, name: string): Promise<boolean> {
  const answer = await ignoreNotFound(() => glue.send(new GetDatabaseCommand({ Name: name })));
  return answer !== undefined;
}

/** What the catalog answers; undefined where it has no such thing. */
export async function ignoreNotFound<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (getAwsErrorCode(error) === 'EntityNotFoundException') return undefined;
    throw error;
  }
}
