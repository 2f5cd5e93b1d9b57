/**
 * Formats command lines that a person can copy into a shell. Pure.
 */
import type { LakeOptions } from './options.ts';

/** A word for a POSIX shell, quoted where it has to be. */
export function quoteShellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

interface CommandLineOptions {
  readonly target?: string | undefined;
  readonly lake?: string | undefined;
  readonly parameter?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly roleArn?: string | undefined;
  readonly stackName?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** `pynvest <command>` with these options again, such as `pynvest deploy --parameter FunctionMemory=1024`. */
export function formatCommandLine(command: string, options: CommandLineOptions): string {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ...(options.parameter ?? []).map((value) => ['--parameter', value] as const),
    ...(options.tag ?? []).map((value) => ['--tag', value] as const),
    ['--target', options.target],
    ['--lake', options.lake],
    ['--role-arn', options.roleArn],
    ['--stack-name', options.stackName],
    ['--region', options.region],
    ['--profile', options.profile],
  ];
  const words = pairs.flatMap(([option, value]) =>
    value === undefined ? [] : [option, quoteShellWord(value)],
  );
  return ['pynvest', command, ...words].join(' ');
}

/** Those that are about the stack: they know no folder. */
const STACK_COMMANDS = /^(deploy|plan|destroy)\b/;

/** The text with what says which lake in every command that it names: copied as it stands, it acts on this one. */
export function addLakeOptions(
  text: string,
  { target, lake, stackName, region, profile }: LakeOptions,
): string {
  return text.replace(/`pynvest ([^`]+)`/g, (_, command: string) => {
    const ofAws = { stackName, region, profile };
    const words = STACK_COMMANDS.test(command) ? ofAws : { target, lake, ...ofAws };
    return `\`${formatCommandLine(command, words)}\``;
  });
}
