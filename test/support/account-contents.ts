/** All that an account in the stand-in holds of lakes, asked for at once: by the SDK, it takes a request for each table. */
import type { AwsAccount } from './aws-account.ts';
import { callAws } from './aws-calls.ts';

interface AccountContents {
  /** In the order of their keys. */
  readonly Objects: readonly {
    readonly Bucket: string;
    readonly Key: string;
    readonly ETag: string;
    readonly LastModified: string;
  }[];
  readonly Partitions: readonly {
    readonly DatabaseName: string;
    readonly TableName: string;
    readonly Values: readonly string[];
    readonly Location: string;
  }[];
}

/** The requests that are not sent yet. */
const next = new Map<string, Promise<AccountContents>>();

/** What an account holds when this is called, or a little later. Those who ask at the same time have one answer. */
export function listAccount(account: AwsAccount): Promise<AccountContents> {
  const { id } = account;
  const asked = next.get(id) ?? callAws(account, 'AWSGlue.ListAll', {});
  if (!next.has(id)) queueMicrotask(() => next.delete(id));
  next.set(id, asked as Promise<AccountContents>);
  return asked as Promise<AccountContents>;
}
