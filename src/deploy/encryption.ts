/**
 * Warns of existing buckets that are encrypted by a customer managed key which the functions may not use.
 */

import { readBucketKey } from '../aws/buckets.ts';
import type { AwsSession } from '../aws/session.ts';
import type { Host } from '../host.ts';
import { getPhysicalName, isConditionMet, type Scope } from './intrinsics.ts';

/** A bucket whose new objects are encrypted with a customer managed key: its ARN, its ID, or an alias. */
interface KeyedBucket {
  readonly bucket: string;
  readonly key: string;
}

/** Warns of existing buckets that the functions could neither read nor write, because they may not use the key. */
export async function warnAboutKeys(
  host: Pick<Host, 'warn'>,
  aws: AwsSession,
  scope: Scope,
): Promise<void> {
  const keyed: KeyedBucket[] = [];
  for (const bucket of getExistingBuckets(scope)) {
    const found = await readBucketKey(aws, bucket);
    if (found.kind === 'customer') keyed.push({ bucket, key: found.key });
    if (found.kind === 'unreadable') {
      host.warn(
        `Cannot read whether the bucket ${bucket} is encrypted with a customer managed key ` +
          '(s3:GetEncryptionConfiguration is denied): if so, pass it as --parameter DataKeyArn=…',
      );
    }
  }
  for (const warning of formatKeyWarnings(keyed, scope)) host.warn(warning);
}

/** The buckets of the template that the stack uses and does not create. */
function getExistingBuckets(scope: Scope): Set<string> {
  const names = [...scope.template.resources.values()]
    .filter(
      ({ type, condition }) => type === 'AWS::S3::Bucket' && !isConditionMet(condition, scope),
    )
    .flatMap((resource) => getPhysicalName(resource, scope) ?? []);
  return new Set(names);
}

/** What to do about each bucket whose key is not the one that DataKeyArn names. Pure. */
function formatKeyWarnings(keyed: readonly KeyedBucket[], scope: Scope): string[] {
  const { parameters, partition, region, account } = scope;
  const named = parameters['DataKeyArn'] ?? '';
  const prefix = parameters['NamePrefix'] ?? 'pynvest';
  const withArns = keyed.map(({ bucket, key }) => ({
    bucket,
    key: /^(arn:|alias\/)/.test(key) ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`,
  }));
  const unnamed = withArns.filter(({ key }) => {
    // Only KMS knows the key of an alias: the named key may be the one.
    return isKeyAlias(key) ? named === '' : key !== named;
  });
  const keys = new Set(withArns.map(({ key }) => key));
  return unnamed.map(({ bucket, key }) => {
    const value = isKeyAlias(key)
      ? `…, the ARN that \`aws kms describe-key --key-id ${key} --query KeyMetadata.Arn\` prints`
      : key;
    return (
      `The bucket ${bucket} is encrypted with the key ${key}, which the functions may not use: they could ` +
      `neither read nor write it. Pass --parameter DataKeyArn=${value}; the key's own policy ` +
      `must also allow the roles ${prefix}-lambda-* to use it (kms:Decrypt, kms:GenerateDataKey).` +
      (keys.size > 1 ? ' DataKeyArn takes one key: encrypt all the buckets with the same.' : '')
    );
  });
}

function isKeyAlias(key: string): boolean {
  return /(^|:)alias\//.test(key);
}
