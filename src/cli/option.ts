/**
 * How a command declares its options and arguments, and the types of the values that its handler gets for them.
 * Declarations are plain data: the build stores them apart from the handlers.
 */
import { UsageError } from '../errors.ts';
import { locales } from '../presentation/notation.ts';

interface OptionSettings {
  /** The values that it takes; all without it. */
  readonly choices?: readonly string[];
  /** Given several times, it has all of those values. */
  readonly repeatable?: true;
  /** A list between commas; given several times, it is one list of all of those. */
  readonly isList?: true;
  /** Left out of the help. */
  readonly hidden?: true;
  /** Where the help has it, after the command's own options. */
  readonly group?: OptionGroup;
}

/** How the answer is written, and the account and the stack. */
export type OptionGroup = 'output' | 'aws';

export interface OptionDeclaration extends OptionSettings {
  /** As commander writes them, such as `-y, --yes`, `--date <day>` or `--no-site`. */
  readonly flags: string;
  readonly description: string;
}

interface ArgumentDeclaration {
  /** As commander writes it: `<ticker>`, `[ticker]` where it may be left out, `<ticker...>` of several. */
  readonly syntax: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

/** By the names of their values; those of an option are commander's, such as `stackName` of `--stack-name`. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;
export type ArgumentDeclarations = Readonly<Record<string, ArgumentDeclaration>>;

export function option<
  const Flags extends string,
  const Settings extends OptionSettings = Record<never, never>,
>(
  flags: Flags,
  description: string,
  settings?: Settings,
): Settings & { readonly flags: Flags; readonly description: string } {
  return { ...(settings as Settings), flags, description };
}

export function argument<
  const Syntax extends string,
  const Settings extends Pick<OptionSettings, 'choices'> = Record<never, never>,
>(
  syntax: Syntax,
  description: string,
  settings?: Settings,
): Settings & { readonly syntax: Syntax; readonly description: string } {
  return { ...(settings as Settings), syntax, description };
}

type Choice<Declaration> = Declaration extends { readonly choices: readonly (infer Each)[] }
  ? Each
  : string;

type OptionValue<Declaration extends OptionDeclaration> = Declaration extends {
  readonly repeatable: true;
}
  ? readonly Choice<Declaration>[]
  : Declaration['flags'] extends `${string}...>`
    ? readonly Choice<Declaration>[]
    : Declaration['flags'] extends `${string}>`
      ? Choice<Declaration>
      : boolean;

type ArgumentValue<Declaration extends ArgumentDeclaration> =
  Declaration['syntax'] extends `${string}...${string}`
    ? readonly Choice<Declaration>[]
    : Declaration['syntax'] extends `[${string}`
      ? Choice<Declaration> | undefined
      : Choice<Declaration>;

/** What a handler gets for declared options; one that was not given is absent, except `--no-…`, which is true. */
export type OptionValues<Declarations extends OptionDeclarations> = {
  readonly [Name in keyof Declarations]?: OptionValue<Declarations[Name]>;
};

export type ArgumentValues<Declarations extends ArgumentDeclarations> = {
  readonly [Name in keyof Declarations]: ArgumentValue<Declarations[Name]>;
};

/** The options of every command that prints anything. */
export const terminalOptions = {
  quiet: option('-q, --quiet', 'no notices and no progress on stderr, only problems', {
    group: 'output',
  }),
  color: option('--no-color', 'no colors (NO_COLOR does the same)', { group: 'output' }),
  verbose: option('--verbose', 'more notices, and where in the code an error came from', {
    group: 'output',
  }),
};

/** The options of every command that prints a table. */
export const notationOptions = {
  names: option('--names', "of tables: the columns' names as headings", { group: 'output' }),
  locale: option(
    '--locale <locale>',
    'of tables: 19/11/2026 and 1.234,56, or 2026-11-19 and 1,234.56 (default: pt-BR)',
    { choices: locales, group: 'output' },
  ),
};

export type TerminalOptions = OptionValues<typeof terminalOptions> &
  OptionValues<typeof notationOptions>;

interface NumberBounds {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

/**
 * A whole number within bounds; `otherwise` where there is no text.
 * @param name the option or the environment variable that it is the value of
 * @throws UsageError
 */
export function parseWholeNumber(
  name: string,
  text: string | undefined,
  { least, most, otherwise }: NumberBounds,
): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${name} is ${JSON.stringify(text)}: it takes a whole number from ${least} to ${most}`,
    { hint: `Such as ${otherwise}.` },
  );
}
