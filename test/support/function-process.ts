/** The functions as Lambda runs them: each bundle in a Node process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { FunctionName } from '../../src/aws/resource-names.ts';
import { readFunctionBundles } from '../../src/deploy/artifacts.ts';
import { newFolder } from './folders.ts';

export interface FunctionEnded {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface FunctionProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<FunctionEnded>;
}

const SCRIPT = `
  const { handler } = require(process.argv[1]);
  const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 900_000 };
  handler(JSON.parse(process.argv[2]), context).then(
    () => process.exit(0),
    (error) => { console.error(error); process.exit(1); },
  );`;

/** Unpacks the bundles of the build, and answers how to start a function with an event and an environment. */
export async function bundledFunctions(): Promise<
  (name: FunctionName, event: object, env: Readonly<Record<string, string>>) => FunctionProcess
> {
  const folder = await newFolder();
  for (const { name, zip } of await readFunctionBundles()) {
    await mkdir(join(folder, name));
    for (const [file, bytes] of Object.entries(unzipSync(zip))) {
      await writeFile(join(folder, name, file), bytes);
    }
  }
  return (name, event, env) => {
    const child = spawn('node', ['-e', SCRIPT, join(folder, name), JSON.stringify(event)], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stderr }));
    return { child, ended };
  };
}
