/**
 * By whose key existing buckets encrypt. What S3 encrypts by its own keys, or by the one that AWS keeps for
 * it (aws/s3), is open to whoever may read the object; by a key of the owner it wants leave for the key, too.
 */
import { GetBucketEncryptionCommand, type ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import { awsCode, awsStatus } from '../lake/aws-errors.ts';
import type { Aws } from './aws.ts';
import type { DeployHost } from './host.ts';
import { holds, physicalName, type Scope } from './intrinsics.ts';

/** A bucket whose new objects are encrypted by a key of its owner: its ARN, its id, or an alias. */
export interface KeyedBucket {
  readonly bucket: string;
  readonly key: string;
}

/** Warns of existing buckets that the functions could neither read nor write, for want of their key. */
export async function warnOfKeys(
  host: Pick<DeployHost, 'warn'>,
  aws: Aws,
  scope: Scope,
): Promise<void> {
  const keyed: KeyedBucket[] = [];
  for (const bucket of existingBuckets(scope)) {
    const found = await keyOf(aws, bucket);
    if (found.kind === 'customer') keyed.push({ bucket, key: found.key });
    if (found.kind === 'unseen') {
      host.warn(
        `Whether the bucket ${bucket} encrypts by a key of its owner cannot be seen ` +
          '(s3:GetEncryptionConfiguration is denied): if so, give it as --parameter DataKeyArn=…',
      );
    }
  }
  for (const warning of keyWarnings(keyed, scope)) host.warn(warning);
}

/** The buckets of the template that the stack takes into use, and does not make. */
function existingBuckets(scope: Scope): Set<string> {
  const names = [...scope.template.resources.values()]
    .filter(({ type, condition }) => type === 'AWS::S3::Bucket' && !holds(condition, scope))
    .flatMap((resource) => physicalName(resource, scope) ?? []);
  return new Set(names);
}

/** What to do about each bucket whose key is not the one that DataKeyArn names. Pure. */
export function keyWarnings(keyed: readonly KeyedBucket[], scope: Scope): string[] {
  const { parameters, partition, region, account } = scope;
  const named = parameters['DataKeyArn'] ?? '';
  const prefix = parameters['NamePrefix'] ?? 'pynvest';
  const whole = ({ bucket, key }: KeyedBucket): KeyedBucket => ({
    bucket,
    key: /^(arn:|alias\/)/.test(key) ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`,
  });
  const unnamed = keyed.map(whole).filter(({ key }) => {
    // Which key an alias stands for is KMS's to say: one that is named may be it.
    return isAlias(key) ? named === '' : key !== named;
  });
  const keys = new Set(keyed.map((each) => whole(each).key));
  return unnamed.map(({ bucket, key }) => {
    const value = isAlias(key)
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

type FoundKey =
  | { readonly kind: 'none' | 'unseen' }
  | { readonly kind: 'customer'; readonly key: string };

async function keyOf({ s3, account }: Aws, Bucket: string): Promise<FoundKey> {
  try {
    const { ServerSideEncryptionConfiguration: found } = await s3.send(
      new GetBucketEncryptionCommand({ Bucket, ExpectedBucketOwner: account }),
    );
    const key = found?.Rules?.map(customerKey).find((each) => each !== undefined);
    return key === undefined ? { kind: 'none' } : { kind: 'customer', key };
  } catch (error) {
    if (awsCode(error) === 'AccessDenied') return { kind: 'unseen' };
    // No bucket yet, or one from before every bucket was encrypted.
    if (awsStatus(error) === 404) return { kind: 'none' };
    throw error;
  }
}

function customerKey(rule: ServerSideEncryptionRule): string | undefined {
  const { SSEAlgorithm: algorithm = '', KMSMasterKeyID: key = '' } =
    rule.ApplyServerSideEncryptionByDefault ?? {};
  // SSE-KMS without a key is by aws/s3.
  const isCustomers = algorithm.startsWith('aws:kms') && !/^$|(^|:)alias\/aws\/s3$/.test(key);
  return isCustomers ? key : undefined;
}

function isAlias(key: string): boolean {
  return /(^|:)alias\//.test(key);
}
