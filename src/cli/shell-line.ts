/** Command lines as a person types them. Pure. */

/** A word for a POSIX shell, quoted where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export interface CommandWords {
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
export function pynvestLine(command: string, options: CommandWords): string {
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
    value === undefined ? [] : [option, shellWord(value)],
  );
  return ['pynvest', command, ...words].join(' ');
}
