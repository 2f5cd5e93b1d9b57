/**
 * The code of the functions: packaged into zips that are the same for the same sources, and uploaded to the bucket of
 * artifacts under the hash of their bytes.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createPrivateBucket,
  deleteBucketObjects,
  getBucketState,
  isBucketComplete,
} from '../aws/buckets.ts';
import { getObjectState, listObjects, readObjectText, writeObject } from '../aws/objects.ts';
import { functionNames } from '../aws/resource-names.ts';
import { type AwsSession, getCustomEndpoint } from '../aws/session.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../host.ts';
import { formatQuantity } from '../text.ts';
import { getS3Host } from './intrinsics.ts';

export interface CodeBundle {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly hash: string;
}

export interface Artifact {
  readonly key: string;
  readonly body: Uint8Array | string;
  readonly label: string;
}

const FUNCTIONS = 'functions/';
const TEMPLATES = 'templates/';
const SETS = 'sets/';

export function createCodeArtifact({ name, zip, hash }: CodeBundle): Artifact {
  return { key: `${FUNCTIONS}${name}/${hash}.zip`, body: zip, label: name };
}

export function createTemplateArtifact(text: string): Artifact {
  return { key: `${TEMPLATES}${hashText(text)}.yaml`, body: text, label: 'the template' };
}

/** The URL from which CloudFormation reads an artifact. */
export function formatArtifactUrl(
  { region, partition }: AwsSession,
  bucket: string,
  key: string,
): string {
  const endpoint = getCustomEndpoint();
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${bucket}/${key}`;
  return `https://${bucket}.${getS3Host({ region, partition })}/${key}`;
}

/** Creates the bucket unless it exists. @throws DeployError when another account owns the name */
export async function ensureArtifactsBucket(
  host: Host,
  aws: AwsSession,
  name: string,
  prefix: string,
): Promise<void> {
  const state = await getBucketState(aws, name);
  if (state === 'foreign') throw createBucketTakenError(name, 'NamePrefix');
  if (state === 'ours' && (await isBucketComplete(aws, name))) return;
  host.notice(`Creating the bucket ${name} for the functions' code`);
  await createPrivateBucket(aws, { name, tags: { project: prefix } });
}

/** Uploads the artifacts that the bucket does not have yet. */
export async function uploadArtifacts(
  host: Host,
  aws: AwsSession,
  bucket: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const { key, body, label } of artifacts) {
    const state = await getObjectState(aws, { bucket, key });
    if (state === 'exists') continue;
    if (state === 'denied') throw createReadDeniedError(bucket, key);
    await host.wait(`Uploading ${label}`, () => writeObject(aws, { bucket, key }, body));
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    host.notice(`Uploaded ${label} (${Math.ceil(size / 1000)} KB)`);
  }
}

/**
 * Records the keys that this deployment uses, and deletes the artifacts that neither it nor the `keep` deployments
 * before it used. Only after a deployment that succeeded: until then CloudFormation may roll back to the one before.
 */
export async function deleteOldArtifacts(
  host: Host,
  aws: AwsSession,
  bucket: string,
  used: readonly string[],
  keep: number,
): Promise<void> {
  const keys = (await listObjects(aws, bucket)).map(({ key }) => key);
  const sets = keys.filter((key) => key.startsWith(SETS)).sort();
  const current = JSON.stringify([...used].sort());
  const currentHash = hashText(current).slice(0, 16);
  // A set that is deployed again, after others, becomes the newest.
  const isCurrent = (key: string): boolean => key.endsWith(`-${currentHash}.json`);
  const before = sets.filter((key) => !isCurrent(key));
  const isRecorded = isCurrent(sets.at(-1) ?? '');
  if (!isRecorded) {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
    await writeObject(aws, { bucket, key: `${SETS}${time}-${currentHash}.json` }, current);
  }
  const keptSets = keep === 0 ? [] : before.slice(-keep);
  const inUse = new Set([...used, ...keptSets, ...(isRecorded ? sets.slice(-1) : [])]);
  for (const set of keptSets) {
    for (const key of await readArtifactSet(aws, bucket, set)) inUse.add(key);
  }
  const own = new RegExp(`^(${FUNCTIONS}|${TEMPLATES}|${SETS})`);
  const old = keys.filter((key) => own.test(key) && !inUse.has(key));
  if (old.length === 0) return;
  await deleteBucketObjects(
    aws,
    bucket,
    old.map((key) => ({ key })),
  );
  const code = old.filter((key) => !key.startsWith(SETS)).length;
  if (code > 0) host.notice(`Deleted ${formatQuantity(code, 'old artifact')} from ${bucket}`);
}

async function readArtifactSet(
  aws: AwsSession,
  bucket: string,
  key: string,
): Promise<readonly string[]> {
  const keys: unknown = JSON.parse((await readObjectText(aws, { bucket, key })) || '[]');
  return Array.isArray(keys) ? keys.map(String) : [];
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function createReadDeniedError(bucket: string, key: string): DeployError {
  return new DeployError(`no permission to read s3://${bucket}/${key}`, {
    hint: '`pynvest iam-policy` prints the permissions that deploying needs.',
  });
}

export function createBucketTakenError(name: string, parameter: string): DeployError {
  return new DeployError(
    `the bucket ${name} belongs to another account, is in another region, or is closed to these credentials`,
    { hint: `Choose another name: --parameter ${parameter}=… (bucket names are global).` },
  );
}

/** Where the build writes the bundles, `<function>.zip` each, relative to the package. */
export const BUNDLES_FOLDER = 'dist/functions';

/** Beside the bundles: the SHA-256 of every source file that one of them contains, by its path. */
export const SOURCES_FILE = 'sources.json';

export type SourceHashes = Readonly<Record<string, string>>;

/** The nearest folder above this file, bundled or not, that has the template. */
export function findPackageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cloudformation', 'pynvest.yaml'))) return folder;
    if (dirname(folder) === folder) {
      throw new Error(
        `pynvest's own files are incomplete: no cloudformation folder above ${start}`,
      );
    }
  }
}

/**
 * The code of every function, in the order of their names.
 * @throws DeployError when a bundle is missing, or older than its sources
 */
export async function readFunctionBundles(root: string = findPackageRoot()): Promise<CodeBundle[]> {
  await assertBundlesAreCurrent(root);
  return Promise.all(
    functionNames.map(async (name) =>
      createCodeBundle(name, await readPackageFile(root, join(BUNDLES_FOLDER, `${name}.zip`))),
    ),
  );
}

export function createCodeBundle(name: string, zip: Uint8Array): CodeBundle {
  return { name, zip, hash: hashBytes(zip) };
}

export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** In a clone, the code must not be deployed from before an edit of its source. */
async function assertBundlesAreCurrent(root: string): Promise<void> {
  if (!isClone(root)) return;
  const text = await readPackageFile(root, join(BUNDLES_FOLDER, SOURCES_FILE));
  const sources = JSON.parse(text.toString()) as SourceHashes;
  const changed = await Promise.all(
    Object.entries(sources).map(async ([path, hash]) => {
      const source = await readFile(join(root, path)).catch(() => undefined);
      return source !== undefined && hashBytes(source) === hash ? [] : [path];
    }),
  );
  const [first] = changed.flat();
  if (first === undefined) return;
  throw new DeployError(`the functions were bundled before ${first} was changed`, {
    hint: `Run \`npm run build\` in ${root}, then try again.`,
  });
}

async function readPackageFile(root: string, path: string): Promise<Buffer> {
  return readFile(join(root, path)).catch((error: unknown) => {
    throw new DeployError(`pynvest's own file ${path} cannot be read`, {
      hint: isClone(root) ? `Run \`npm run build\` in ${root}.` : 'Install pynvest again.',
      cause: error,
    });
  });
}

function isClone(root: string): boolean {
  return existsSync(join(root, 'lambda-src'));
}
