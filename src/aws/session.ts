/**
 * Connects to AWS: region, account, credentials and the clients that most calls share.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { NoCredentialsError, NoRegionError } from '../errors.ts';
import { withAwsErrors } from './errors.ts';

interface SessionSettings {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The region where neither an option nor the SDK's own chain names one. */
  readonly defaultRegion?: string | undefined;
}

interface ClientSettings {
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

type ClientClass<T> = new (settings: ClientSettings) => T;

export interface AwsSession {
  readonly region: string;
  readonly account: string;
  /** `aws`, or another where the region is in China or the government's. */
  readonly partition: string;
  readonly clientSettings: ClientSettings;
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
  readonly glue: GlueClient;
  /** The session's client of any other service: all calls share its connections and credentials. */
  client<T extends object>(Client: ClientClass<T>): T;
}

/**
 * Finds out who asks and where. Region, credentials and endpoint come from the SDK's own chain.
 * @throws AwsAccessError
 */
export async function createSession(settings: SessionSettings): Promise<AwsSession> {
  // The SDK warns on stderr of versions of Node that it will not support some day; npm says so already.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { profile } = settings;
  await assertProfileExists(profile);
  const region = await findRegion(settings);
  const clientSettings = {
    ...(profile === undefined ? {} : { profile }),
    maxAttempts: 5,
    region,
    logger: silentLogger,
  };
  const sts = new STSClient(clientSettings);
  const identity = await withAwsErrors(() => sts.send(new GetCallerIdentityCommand({})));
  sts.destroy();
  const clients = new Map<ClientClass<object>, object>();
  const client = <T extends object>(Client: ClientClass<T>): T => {
    const existing = clients.get(Client);
    if (existing instanceof Client) return existing;
    const created = new Client(clientSettings);
    clients.set(Client, created);
    return created;
  };
  return {
    region,
    account: identity.Account ?? '',
    partition: identity.Arn?.split(':')[1] || 'aws',
    clientSettings,
    cloudformation: new CloudFormationClient(clientSettings),
    // Another endpoint than AWS's own has no host name for each bucket.
    s3: new S3Client({ ...clientSettings, forcePathStyle: getCustomEndpoint() !== undefined }),
    glue: new GlueClient(clientSettings),
    client,
  };
}

/** The endpoint that stands in for S3, where the environment names one. */
export function getCustomEndpoint(): string | undefined {
  return process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

async function findRegion({
  region,
  profile,
  defaultRegion: otherwiseRegion,
}: SessionSettings): Promise<string> {
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

/** Of the sections that AWS's files have, those that are no profiles. */
const NON_PROFILE_SECTION = /^(sso-session|services)\./;

/**
 * Looks whether the profile is there: the SDK alone would say that it has no credentials, and not why.
 * @param profile as `--profile` says; else AWS_PROFILE counts, as it does for the SDK
 * @throws NoCredentialsError where neither of AWS's files has it
 */
async function assertProfileExists(profile: string | undefined): Promise<void> {
  const name = profile ?? process.env['AWS_PROFILE'];
  // Without files, `default` is no more than a word for what the rest of the chain finds.
  if (name === undefined || name === '' || name === 'default') return;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    .filter((each) => !NON_PROFILE_SECTION.test(each))
    .sort();
  if (known.includes(name)) return;
  const where = process.env['AWS_CONFIG_FILE'] || '~/.aws/config';
  const said = profile === undefined ? 'AWS_PROFILE names it. ' : '';
  throw new NoCredentialsError(`there is no profile ${JSON.stringify(name)} in ${where}`, {
    hint:
      known.length > 0
        ? `${said}There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`
        : `${said}\`aws configure --profile ${name}\` makes it.`,
  });
}
