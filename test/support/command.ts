/** The built command as a process, in an environment that the caller's settings do not reach. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The file that starts the command. */
export const commandFile = fileURLToPath(new URL('../../bin/pynvest.js', import.meta.url));

export interface CommandResult {
  /** Null where a signal ended the process. */
  readonly status: number | null;
  /** The signal that ended it, where one did. */
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads from standard input; it is empty without it. */
  readonly input?: string;
  /** Modules that Node loads before the command. */
  readonly preload?: readonly URL[];
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly result: Promise<CommandResult>;
  /** Resolves when stderr has the text; rejects when the command ends without it. */
  says(text: string): Promise<void>;
}

/**
 * Variables of the caller that would change what a command does. Node reads the file of NODE_EXTRA_CA_CERTS at every
 * start, which takes longer than the rest of it where that has all authorities; no test asks a server of the world.
 */
const FOREIGN =
  /^(PYNVEST_|XDG_|NO_COLOR$|COLUMNS$|FORCE_COLOR$|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|AWS_SDK_JS_|npm_)/;

/** The environment of a command: the caller's own without its settings, and no pause between requests. */
export function commandEnvironment(
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const inherited: Record<string, string> = {};
  for (const [name, value] of kept) if (value !== undefined) inherited[name] = value;
  return { ...inherited, PYNVEST_PAUSE_MS: '0', PYNVEST_BACKOFF_MS: '1', ...own };
}

/** Makes these the variables of this process, and no others. */
export function setEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) delete process.env[name];
  }
  Object.assign(process.env, environment);
}

/** Starts any program and gathers what it prints. */
export function startProgram(
  program: string,
  args: readonly string[],
  { env, input = '' }: Omit<CommandOptions, 'preload'> = {},
): RunningCommand {
  const child = spawn(program, [...args], { env: commandEnvironment(env) });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command that ends without reading its input closes the pipe under us.
  child.stdin.on('error', () => undefined).end(input);
  const result = once(child, 'close').then(
    ([status, signal]): CommandResult => ({
      status,
      signal: signal ?? undefined,
      stdout,
      stderr,
    }),
  );
  const says = async (text: string): Promise<void> => {
    while (!stderr.includes(text)) {
      const next = await Promise.race([once(child.stderr, 'data').then(() => undefined), result]);
      if (next !== undefined && !stderr.includes(text)) {
        throw new Error(`the command ended without saying ${JSON.stringify(text)}: ${stderr}`);
      }
    }
  };
  return { process: child, result, says };
}

/** Starts `pynvest` with these arguments. */
export function startPynvest(
  args: readonly string[],
  { preload = [], ...options }: CommandOptions = {},
): RunningCommand {
  const preloads = preload.flatMap((url) => ['--import', url.href]);
  return startProgram(process.execPath, [...preloads, commandFile, ...args], options);
}

/** Runs `pynvest` with these arguments to its end. */
export function pynvest(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  return startPynvest(args, options).result;
}
