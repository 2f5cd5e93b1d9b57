/** Starts other processes and measures them from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessRun {
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs Node to its end.
 * @param accepted the exit statuses of success
 * @throws Error with what it printed if it fails
 */
export async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  accepted: readonly number[] = [0],
): Promise<ProcessRun> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  const ms = performance.now() - start;
  if (!accepted.includes(code))
    throw new Error(`node ${args.join(' ')} ended with ${code}: ${stderr}`);
  return { ms, stdout, stderr };
}

/** Bare Node, which no command can start faster than. */
export async function bareNode(): Promise<number> {
  return (await runNode(['-e', '0'])).ms;
}
