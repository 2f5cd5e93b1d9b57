/** The built command as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/pynvest.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Answers when stderr has come to hold `text`; rejects where the command ends without it. */
  said(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Modules that Node loads before the command. */
  readonly preload?: readonly URL[];
}

export function startCommand(
  args: readonly string[],
  { env = {}, preload = [] }: CommandOptions = {},
): Started {
  const preloads = preload.flatMap((url) => ['--import', url.href]);
  const child = spawn(process.execPath, [...preloads, BIN, ...args], {
    env: { ...process.env, NO_COLOR: '1', PYNVEST_PAUSE_MS: '0', PYNVEST_BACKOFF_MS: '1', ...env },
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
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    async said(text) {
      let over = false;
      const end = ended.then(() => {
        over = true;
      });
      while (!stderr.includes(text)) {
        if (over) throw new Error(`the command never said ${JSON.stringify(text)}: ${stderr}`);
        await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
    },
    ended,
  };
}

export function runCommand(args: readonly string[], options?: CommandOptions): Promise<Ended> {
  return startCommand(args, options).ended;
}
