/**
 * A stand-in for AWS, started for one test file: real wire protocols on a free port of this machine.
 * It needs python3 and a package from PyPI, which it installs into a folder of its own; where that
 * cannot be, the tests that need it are left out and say so.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import lockfile from 'proper-lockfile';

const run = promisify(execFile);

const startScript = fileURLToPath(new URL('../aws/stand-in/start.sh', import.meta.url));
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The release that the corrections beside the script were written for; the script names it too. */
const PACKAGE = 'ministack==1.4.21';

const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
const venv = process.env['PYNVEST_STAND_IN_VENV'] || join(cache, 'pynvest-stand-in');
const python = join(venv, 'bin', 'python');

export interface StandIn {
  readonly url: string;
  /** What an SDK, a command or a function needs in its environment to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Forgets everything that was made in it. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

let availability: Promise<boolean> | undefined;

/** Whether it can be started here, for `describe.runIf`; says why where it cannot. */
export function standInAvailable(): Promise<boolean> {
  availability ??= install().then(
    () => true,
    (error: unknown) => {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      process.stderr.write(`Left out, for want of a stand-in for AWS on this machine: ${reason}\n`);
      return false;
    },
  );
  return availability;
}

/** Installs it where it is not yet; of several test files at once, one does. */
async function install(): Promise<void> {
  if (await isInstalled()) return;
  await run('python3', ['--version']).catch((error: Error) => {
    throw new Error(`python3 does not run here (${error.message})`, { cause: error });
  });
  await mkdir(venv, { recursive: true });
  const release = await lockfile.lock(venv, {
    lockfilePath: `${venv}.lock`,
    retries: { retries: 120, factor: 1, minTimeout: 1_000 },
  });
  try {
    if (await isInstalled()) return;
    await run('python3', ['-m', 'venv', venv]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE]);
  } finally {
    await release();
  }
}

async function isInstalled(): Promise<boolean> {
  return run(python, ['-c', 'import ministack']).then(
    () => true,
    () => false,
  );
}

export async function startStandIn(): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'pynvest-stand-in-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(startScript, [String(port), folder], {
    env: { ...process.env, STAND_IN_VENV: venv, STAND_IN_NODE_ROOT: projectRoot },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-2_000);
  });
  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killAtExit);
    await end(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilReady(url, child);
  } catch (error) {
    await stop();
    throw new Error(`the stand-in for AWS did not start: ${complaint}`, { cause: error });
  }
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'sa-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    reset: async () => {
      const answer = await fetch(`${url}/_ministack/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`the stand-in for AWS was not reset: ${answer.status}`);
    },
    stop,
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}`);
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error('it was not ready within a minute');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
}

function freePort(): Promise<number> {
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
