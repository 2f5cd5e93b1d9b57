/**
 * A session with AWS: region, account, credentials and clients.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { buildQueryString, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NoCredentialsError, NoRegionError } from '../errors.ts';
import { findProxy, formatProxy, getProxyAgent, loadUndici, toProxyError } from '../proxy.ts';
import { withAwsErrors } from './errors.ts';

interface SessionSettings {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Used when neither `region` nor the SDK's own chain names a region. */
  readonly defaultRegion?: string | undefined;
}

interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly maxAttempts: number;
  readonly logger: typeof silentLogger;
  /** Sends the requests through the proxy of this machine; absent where it has none. */
  readonly requestHandler?: RequestHandler;
}

/** The SDK's log messages are about the SDK itself; what concerns a person is thrown as an error. */
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
  /** `aws`; other values for regions in China and of the US government. */
  readonly partition: string;
  readonly clientSettings: ClientSettings;
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
  readonly glue: GlueClient;
  /** The session's client of any other service: all calls share its connections and credentials. */
  client<T extends object>(Client: ClientClass<T>): T;
}

/**
 * Opens a session and reads the caller's identity. Region, credentials and endpoint come from the SDK's own chain.
 * @throws AwsAccessError
 */
export async function createSession(settings: SessionSettings): Promise<AwsSession> {
  // The SDK would warn on stderr about versions of Node that it will drop; npm does so already.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { profile } = settings;
  await assertProfileExists(profile);
  const region = await findRegion(settings);
  const requestHandler = createProxiedHandler();
  const clientSettings = {
    ...(requestHandler === undefined ? {} : { requestHandler }),
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
    // An endpoint other than AWS's own has no host name for each bucket.
    s3: new S3Client({ ...clientSettings, forcePathStyle: getCustomEndpoint() !== undefined }),
    glue: new GlueClient(clientSettings),
    client,
  };
}

/** The endpoint that replaces AWS's own for S3, if the environment sets one. */
export function getCustomEndpoint(): string | undefined {
  return process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL'] || undefined;
}

/** The proxy between this machine and AWS, for messages; undefined where there is none. */
export function describeAwsProxy(region: string): string | undefined {
  const proxy = findProxy(new URL(getCustomEndpoint() ?? `https://sts.${region}.amazonaws.com`));
  return proxy && formatProxy(proxy);
}

async function findRegion({ region, profile, defaultRegion }: SessionSettings): Promise<string> {
  if (region !== undefined) return region;
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch (error) {
    if (defaultRegion !== undefined) return defaultRegion;
    throw new NoRegionError('no AWS region is set', {
      hint: 'Pass --region sa-east-1 (São Paulo), or set AWS_REGION, or set a region in the AWS profile.',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

/** Sections of AWS's configuration files that are not profiles. */
const NON_PROFILE_SECTION = /^(sso-session|services)\./;

/**
 * Checks that the profile exists: the SDK would only report missing credentials, without the cause.
 * @param profile the value of `--profile`; undefined uses AWS_PROFILE, as the SDK does
 * @throws NoCredentialsError when neither of AWS's files has the profile
 */
async function assertProfileExists(profile: string | undefined): Promise<void> {
  const name = profile ?? process.env['AWS_PROFILE'];
  // Without files, `default` means the rest of the SDK's chain.
  if (name === undefined || name === '' || name === 'default') return;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    .filter((each) => !NON_PROFILE_SECTION.test(each))
    .sort();
  if (known.includes(name)) return;
  const file = process.env['AWS_CONFIG_FILE'] || '~/.aws/config';
  const origin = profile === undefined ? 'AWS_PROFILE names it. ' : '';
  throw new NoCredentialsError(`there is no profile ${JSON.stringify(name)} in ${file}`, {
    hint:
      known.length > 0
        ? `${origin}Known profiles: ${known.join(', ')}.`
        : `${origin}\`aws configure --profile ${name}\` creates it.`,
  });
}

/** What a client of the SDK takes as `requestHandler`. */
interface RequestHandler {
  handle(
    request: HttpRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: HttpResponse }>;
  readonly metadata: { readonly handlerProtocol: string };
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/**
 * Sends the SDK's requests through the HTTP proxy of this machine: the SDK's own handler knows none. Undefined where
 * the environment names no proxy.
 */
function createProxiedHandler(): RequestHandler | undefined {
  const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];
  if (names.every((name) => (process.env[name] ?? '').trim() === '')) return undefined;
  return {
    handle: async (request, { abortSignal } = {}) => {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      return { response: await send(request, signal) };
    },
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

/** Headers about the connection, which undici makes itself; the signature covers none of them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

async function send(
  { protocol, hostname, port, path, query, method, headers, body }: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const search = buildQueryString(query);
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  const url = new URL(`${origin}${path}${search === '' ? '' : `?${search}`}`);
  const proxy = findProxy(url);
  const { Agent, request } = await loadUndici();
  direct ??= new Agent();
  try {
    const answer = await request(url, {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase())),
      ),
      body: body ?? null,
      signal,
      dispatcher: proxy === undefined ? direct : await getProxyAgent(proxy),
    });
    return new HttpResponse({
      statusCode: answer.statusCode,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      ),
      body: answer.body,
    });
  } catch (error) {
    throw toNodeError(toProxyError(error));
  }
}

let direct: import('undici').Agent | undefined;

/** With the code that Node's own client gives: by it the SDK knows what may be sent again. */
function toNodeError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (/^UND_ERR_\w+_TIMEOUT$/.test(String(error.code))) {
    return Object.assign(error, { name: 'TimeoutError' });
  }
  return error.code === 'UND_ERR_SOCKET' ? Object.assign(error, { code: 'ECONNRESET' }) : error;
}
