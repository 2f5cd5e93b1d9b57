/** All that an account in the stand-in holds of lakes, asked for at once: by the SDK, it takes a request for each table. */
import type { AwsAccount } from './aws-account.ts';
import { callAws } from './aws-calls.ts';

interface NamedTable {
  readonly DatabaseName: string;
  readonly TableName: string;
}

interface ListedObject {
  readonly Bucket: string;
  readonly Key: string;
  readonly ETag: string;
  readonly LastModified: string;
}

interface ListedPartition extends NamedTable {
  readonly Values: readonly string[];
  readonly Location: string;
}

interface AccountContents {
  readonly Buckets: readonly string[];
  readonly Tables: readonly NamedTable[];
  /** In the order of their keys. */
  readonly Objects: readonly ListedObject[];
  readonly Partitions: readonly ListedPartition[];
}

/** The requests that are not sent yet. */
const next = new Map<string, Promise<AccountContents>>();

/** What an account holds when this is called, or a little later. Those who ask at the same time have one answer. */
function listAccount(account: AwsAccount): Promise<AccountContents> {
  const { id } = account;
  const asked = next.get(id) ?? callAws(account, 'AWSGlue.ListAll', {});
  if (!next.has(id)) queueMicrotask(() => next.delete(id));
  next.set(id, asked as Promise<AccountContents>);
  return asked as Promise<AccountContents>;
}

/** @throws Error where there is no such bucket, as AWS does */
export async function objectsIn(
  account: AwsAccount,
  bucket: string,
): Promise<readonly ListedObject[]> {
  const { Buckets, Objects } = await listAccount(account);
  if (!Buckets.includes(bucket)) throw new Error(`there is no bucket ${bucket}`);
  return Objects.filter(({ Bucket }) => Bucket === bucket);
}

/** @throws Error where the catalog has no such table, as AWS does */
export async function partitionsIn(
  account: AwsAccount,
  { DatabaseName, TableName }: NamedTable,
): Promise<readonly ListedPartition[]> {
  const { Tables, Partitions } = await listAccount(account);
  const isOfTable = (each: NamedTable): boolean =>
    each.DatabaseName === DatabaseName && each.TableName === TableName;
  if (!Tables.some(isOfTable)) throw new Error(`there is no table ${DatabaseName}.${TableName}`);
  return Partitions.filter(isOfTable);
}
