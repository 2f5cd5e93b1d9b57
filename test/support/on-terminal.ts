/** The built command on a pseudo-terminal that `script` makes up, with somebody who answers what it asks. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { commandEnvironment, commandFile } from './command.ts';

export const terminalAvailable =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

export interface OnTerminal {
  readonly status: number | null;
  /** All that the terminal showed: both of the command's outputs, and what was typed. */
  readonly shown: string;
}

interface Person {
  readonly env: Readonly<Record<string, string>>;
  /** The end of a question. */
  readonly question?: string;
  /** The keys pressed when it is asked. */
  readonly typed?: string;
  /** The width of the screen. */
  readonly columns?: number;
}

/** Runs `pynvest` with these arguments, and types once it has asked the question, if there is one. */
export async function onTerminal(
  args: readonly string[],
  { env, question, typed = '', columns }: Person,
): Promise<OnTerminal> {
  const words = [process.execPath, commandFile, ...args];
  const command = words.map((word) => `'${word}'`).join(' ');
  const line = columns === undefined ? command : `stty cols ${columns} && ${command}`;
  // `script` ends with the status of the command.
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: commandEnvironment({ TERM: 'dumb', ...env }),
  });
  let shown = '';
  let asked = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (asked || question === undefined || !shown.includes(question)) return;
    asked = true;
    child.stdin.write(typed);
  });
  child.stdin.on('error', () => undefined);
  const [status]: unknown[] = await once(child, 'close');
  return { status: typeof status === 'number' ? status : null, shown };
}
