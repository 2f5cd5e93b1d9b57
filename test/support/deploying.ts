/** Deploying a small system to the stand-in for AWS: a host that answers by itself, and what to deploy. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { vi } from 'vitest';
import { type AwsSession, createSession } from '../../src/aws/session.ts';
import type { CodeBundle } from '../../src/deploy/artifacts.ts';
import type { DeployOptions } from '../../src/deploy/deploy.ts';
import type { ResourcePreview } from '../../src/deploy/preview.ts';
import { parseTemplate } from '../../src/deploy/template.ts';
import type { Host } from '../../src/host.ts';
import type { AwsAccount } from './aws-account.ts';

export interface TestHost extends Host {
  /** All that was said, in order; warnings begin with `!`, questions with `?`. */
  readonly said: string[];
  readonly steps: string[];
  readonly goingOn: () => string | undefined;
}

export interface Answers {
  readonly confirm?: boolean;
  readonly typed?: string | undefined;
}

export function testHost({ confirm = true, typed }: Answers = {}): TestHost {
  const said: string[] = [];
  const steps: string[] = [];
  let goingOn: string | undefined;
  return {
    said,
    steps,
    goingOn: () => goingOn,
    notice: (text) => void said.push(text),
    warn: (text) => void said.push(`! ${text}`),
    confirm: async (question) => {
      said.push(`? ${question}`);
      return confirm;
    },
    ask: async (question) => {
      said.push(`? ${question}`);
      return typed;
    },
    wait: (_, work) => work(),
    progress: () => ({
      step: ({ line, isFinished: isOver }) => void (isOver && steps.push(line)),
      stop: () => undefined,
    }),
    setBackgroundNotice(text) {
      goingOn = text;
    },
  };
}

const fixture = new URL('../deploy/fixtures/small.yaml', import.meta.url);
export const smallTemplateText = readFileSync(fixture, 'utf8');
export const smallTemplate = parseTemplate(smallTemplateText);

/** The code of a function that answers with `answer`. */
export function bundleAnswering(answer: string): CodeBundle {
  const source = `exports.handler = async () => ${JSON.stringify(answer)};`;
  const mtime = new Date(1980, 0, 1);
  const zip = zipSync({ 'index.js': [new TextEncoder().encode(source), { mtime }] });
  return { name: 'get-tickers', zip, hash: createHash('sha256').update(zip).digest('hex') };
}

export interface SmallDeployment extends DeployOptions {
  readonly shown: ResourcePreview[];
}

export function smallDeployment(options: Partial<DeployOptions> = {}): SmallDeployment {
  const shown: ResourcePreview[] = [];
  return {
    stackName: 'small',
    template: smallTemplate,
    bundles: [bundleAnswering('one')],
    parameters: {},
    tags: {},
    artifactsToKeep: 2,
    terminationProtection: true,
    show: (changes) => void shown.splice(0, shown.length, ...changes),
    shown,
    ...options,
  };
}

/** Nothing of this machine's own AWS settings is to be seen by a test. */
export function isolateAws(environment: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  const isolated = {
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...environment,
  };
  for (const [name, value] of Object.entries(isolated)) vi.stubEnv(name, value);
}

export function connectTo(environment: Readonly<Record<string, string>>): Promise<AwsSession> {
  isolateAws(environment);
  return createSession({});
}

export interface FunctionSettings {
  readonly MemorySize: number;
  readonly CodeSha256: string;
}

/** A function as AWS has it; undefined where it has none of that name. */
export async function functionSettings(
  account: AwsAccount,
  name: string,
): Promise<FunctionSettings | undefined> {
  const answer = await account.fetch(`/2015-03-31/functions/${name}/configuration`);
  return answer.ok ? (JSON.parse(String(answer.bytes)) as FunctionSettings) : undefined;
}
