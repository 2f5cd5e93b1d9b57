/** The account and region that all calls go to, and what AWS's refusals mean. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import {
  AwsAccessError,
  DeployError,
  ExpiredTokenError,
  NoCredentialsError,
  NoRegionError,
  PynvestError,
} from '../errors.ts';
import { awsStatus } from '../lake/aws-errors.ts';
import { checkProfile } from './profile.ts';

export interface AwsSettings {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The region where neither an option nor the SDK's own chain names one. */
  readonly otherwiseRegion?: string | undefined;
}

export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly maxAttempts: number;
  readonly logger: typeof silentLogger;
}

/** What the SDK would tell the person in passing is about itself; what matters comes as an error. */
const silentLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Aws {
  readonly region: string;
  readonly account: string;
  /** `aws`, or another where the region is in China or the government's. */
  readonly partition: string;
  /** What a client of another service is made with. */
  readonly clientSettings: ClientSettings;
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
  readonly glue: GlueClient;
}

/**
 * Finds out who asks and where. Region, credentials and endpoint come from the SDK's own chain.
 * @throws AwsAccessError
 */
export async function connect(settings: AwsSettings): Promise<Aws> {
  // The SDK warns on stderr of versions of Node that it will not support some day; npm says so already.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { profile } = settings;
  await checkProfile(profile);
  const region = await regionOf(settings);
  const clientSettings = {
    ...(profile === undefined ? {} : { profile }),
    maxAttempts: 5,
    region,
    logger: silentLogger,
  };
  const sts = new STSClient(clientSettings);
  const identity = await plainly(() => sts.send(new GetCallerIdentityCommand({})));
  sts.destroy();
  return {
    region,
    account: identity.Account ?? '',
    partition: identity.Arn?.split(':')[1] || 'aws',
    clientSettings,
    cloudformation: new CloudFormationClient(clientSettings),
    // Another endpoint than AWS's own has no host name for each bucket.
    s3: new S3Client({ ...clientSettings, forcePathStyle: ownEndpoint() !== undefined }),
    glue: new GlueClient(clientSettings),
  };
}

/** The endpoint that stands in for S3, where the environment names one. */
export function ownEndpoint(): string | undefined {
  return process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

/** Does the work; an error of AWS that comes out of it is one of ours, with what to do about it. */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inPlainWords(error);
  }
}

async function regionOf({ region, profile, otherwiseRegion }: AwsSettings): Promise<string> {
  if (region !== undefined) return region;
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch (error) {
    if (otherwiseRegion !== undefined) return otherwiseRegion;
    throw new NoRegionError('no AWS region is set', {
      hint: 'Say --region sa-east-1 (São Paulo), or set AWS_REGION, or a region in the AWS profile.',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

function inPlainWords(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PynvestError) return error;
  const { name, message } = error;
  if (EXPIRED.test(name) || EXPIRED.test(message)) {
    return new ExpiredTokenError('the AWS credentials have expired', {
      hint: 'Log in again: `aws sso login`, `aws login`, or new keys; then run the command again.',
      cause: error,
    });
  }
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message)) {
    return new NoCredentialsError(`no AWS credentials: ${message}`, {
      hint: 'Say --profile NAME, or log in with `aws login` or `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      cause: error,
    });
  }
  if (WRONG_KEYS.test(name)) {
    return new NoCredentialsError(`AWS does not know these credentials: ${message}`, {
      hint: 'Check the profile (--profile) and the keys, and the clock of this machine.',
      cause: error,
    });
  }
  if (DENIED.test(name) || (awsStatus(error) === 403 && message !== '')) {
    return new AwsAccessError(`AWS denied it: ${message}`, {
      hint: '`pynvest iam-policy` prints what deploying needs; with --for operate or --for collect, what that does.',
      cause: error,
    });
  }
  const code = 'code' in error ? String(error.code) : '';
  if (UNREACHABLE.test(code) || name === 'TimeoutError') {
    return new AwsAccessError(`AWS does not answer: ${message || code}`, {
      hint: 'Check the network, the region and AWS_ENDPOINT_URL.',
      cause: error,
    });
  }
  // Whatever else AWS says is about what was asked of it, not a bug of ours.
  if ('$metadata' in error || '$fault' in error) {
    return new DeployError(`AWS answered: ${name}: ${message}`, { cause: error });
  }
  return error;
}

const EXPIRED = /^ExpiredToken|^RequestExpired$|token.*(is|has) expired|sso session.*expired/i;
const WRONG_KEYS =
  /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure)$/;
const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden)$/;
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;
