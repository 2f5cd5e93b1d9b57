/** The Python original as a peer: installed once into the bench's cache, run as one long-lived process. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Context } from './context.ts';
import type { Contestant } from './measure.ts';

const VERSION = '0.1.2';
export const ORIGINAL_NAME = `Python pynvest ${VERSION}`;

export type OriginalJob = 'raw' | 'typed' | 'listing';

export interface Original {
  /** A contestant that does a job `times` times on the page at `path`. */
  timing(job: OriginalJob, page: { path: string; ticker: string }, times: number): Contestant;
  close(): void;
}

/** The original, or why it cannot take part. */
export async function startOriginal(
  context: Context,
): Promise<{ original: Original } | { missing: string }> {
  try {
    const python = await install(join(context.cache, `original-${VERSION}`));
    return { original: connect(spawn(python, [join(context.project, 'bench', 'original.py')])) };
  } catch (error) {
    return { missing: `${ORIGINAL_NAME} is left out: ${reasonOf(error)}` };
  }
}

const run = promisify(execFile);

async function install(folder: string): Promise<string> {
  const python =
    process.platform === 'win32'
      ? join(folder, 'Scripts', 'python.exe')
      : join(folder, 'bin', 'python');
  const importIt = ['-c', 'from pynvest.scrappers.fundamentus import Fundamentus'];
  try {
    await run(python, importIt);
    return python;
  } catch {
    console.error(`… installing ${ORIGINAL_NAME} into ${folder}`);
  }
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `pynvest==${VERSION}`],
    { timeout: 300_000 },
  );
  await run(python, importIt);
  return python;
}

function connect(child: ChildProcessWithoutNullStreams): Original {
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = text.toString();
  });
  child.on('error', () => undefined);
  return {
    timing: (job, page, times) => async () => {
      child.stdin.write(`${JSON.stringify({ job, ...page, times })}\n`);
      const answer = await answers.next();
      if (answer.done) {
        await once(child, 'close').catch(() => undefined);
        throw new Error(`${ORIGINAL_NAME} failed at ${job} of ${page.path}: ${said}`);
      }
      return (JSON.parse(answer.value) as { ms: number }).ms;
    },
    close: () => child.stdin.end(),
  };
}

/** The last line that a failed process said, which is where Python and pip put the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = 'stderr' in error ? String(error.stderr).trim() : '';
  return said.split('\n').at(-1) || error.message;
}
