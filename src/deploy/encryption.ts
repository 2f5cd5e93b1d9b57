/**
 * Warns of existing buckets that are encrypted by a customer managed key which the functions may not use.
 */

import { readBucketKey } from '../aws/buckets.ts';
import type { AwsSession } from '../aws/session.ts';
import type { Host } from '../host.ts';
import { getPhysicalName, isConditionMet, type Scope } from './intrinsics.ts';

/** A bucket whose new objects are encrypted by a key of its owner: its ARN, its id, or an alias. */
interface KeyedBucket {
  readonly bucket: string;
  readonly key: string;
}

/** Warns of existing buckets that the functions could neither read nor write, for want of their key. */
export async function warnAboutKeys(
  host: Pick<Host, 'warn'>,
  aws: AwsSession,
  scope: Scope,
): Promise<void> {
  const keyed: KeyedBucket[] = [];
  for (const bucket of getExistingBuckets(scope)) {
    const found = await readBucketKey(aws, bucket);
    if (found.kind === 'customer') keyed.push({ bucket, key: found.key });
    if (found.kind === 'unseen') {
      host.warn(
        `Whether the bucket ${bucket} encrypts by a key of its owner cannot be seen ` +
          '(s3:GetEncryptionConfiguration is denied): if so, give it as --parameter DataKeyArn=…',
      );
    }
  }
  for (const warning of formatKeyWarnings(keyed, scope)) host.warn(warning);
}

/** The buckets of the template that the stack takes into use, and does not make. */
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
  const whole = ({ bucket, key }: KeyedBucket): KeyedBucket => ({
    bucket,
    key: /^(arn:|alias\/)/.test(key) ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`,
  });
  const unnamed = keyed.map(whole).filter(({ key }) => {
    // Which key an alias stands for is KMS's to say: one that is named may be it.
    return isKeyAlias(key) ? named === '' : key !== named;
  });
  const keys = new Set(keyed.map((each) => whole(each).key));
  return unnamed.map(({ bucket, key }) => {
    const value = isKeyAlias(key)
      ? `… with what \`aws kms describe-key --key-id ${key} --query KeyMetadata.Arn\` prints`
      : key;
    return (
      `The bucket ${bucket} encrypts by the key ${key}, which the functions may not use: they could ` +
      `neither read nor write there. Give --parameter DataKeyArn=${value}; the key's own policy, ` +
      `too, must let the roles ${prefix}-lambda-* use it (kms:Decrypt, kms:GenerateDataKey).` +
      (keys.size > 1 ? ' DataKeyArn takes one key: give the buckets the same.' : '')
    );
  });
}

function isKeyAlias(key: string): boolean {
  return /(^|:)alias\//.test(key);
}
