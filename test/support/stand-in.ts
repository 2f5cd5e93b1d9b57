/**
 * Starts the stand-in for AWS of test/aws/stand-in on a free port of this machine. It needs python3, and packages from
 * PyPI that it installs once into a virtual environment of its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const script = (name: string): string =>
  fileURLToPath(new URL(`../aws/stand-in/${name}`, import.meta.url));
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface StandIn {
  readonly url: string;
  stop(): Promise<void>;
}

/** Installs the packages where they are not installed yet. @throws where that is not possible on this machine */
export async function installStandIn(): Promise<void> {
  await run('python3', ['--version']).catch((error: Error) => {
    throw new Error(`python3 does not run here (${error.message})`, { cause: error });
  });
  await run(script('install.sh'));
}

export async function startStandIn(): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'pynvest-stand-in-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(script('start.sh'), [String(port), folder], {
    // It starts Node for the functions and the queries: see NODE_EXTRA_CA_CERTS in command.ts.
    env: { ...process.env, STAND_IN_NODE_ROOT: projectRoot, NODE_EXTRA_CA_CERTS: undefined },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-2_000);
  });
  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killAtExit);
    await terminate(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await waitUntilReady(url, child);
  } catch (error) {
    await stop();
    throw new Error(`the stand-in for AWS did not start: ${errors}`, { cause: error });
  }
  return { url, stop };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}`);
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error('it was not ready within a minute');
}

async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
