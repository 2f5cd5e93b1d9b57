/**
 * A command is one object: its name, description, arguments, options and handler. This file types it, and adds it
 * to commander's program.
 */

import { Argument, type Command, Option } from 'commander';
import type { ExitStatus } from './exit.ts';
import type {
  ArgumentDeclarations,
  ArgumentValues,
  OptionDeclaration,
  OptionDeclarations,
  OptionGroup,
  OptionValues,
  TerminalOptions,
} from './option.ts';
import { type Terminal, wrapText } from './terminal/terminal.ts';

interface CommandContext<
  Options extends OptionDeclarations,
  Arguments extends ArgumentDeclarations,
> {
  readonly terminal: Terminal;
  readonly options: OptionValues<Options>;
  readonly args: ArgumentValues<Arguments>;
  /** The whole program, for the command that completes the words of all others. */
  readonly program: Command;
}

export interface CommandDefinition<
  Options extends OptionDeclarations = OptionDeclarations,
  Arguments extends ArgumentDeclarations = ArgumentDeclarations,
> {
  readonly name: string;
  readonly description: string;
  readonly args?: Arguments;
  readonly options: Options;
  /** Command lines that the command's help begins with. */
  readonly examples?: readonly string[];
  /** Follows the options in the command's help. */
  readonly helpText?: string;
  /** Called by programs: not in the help, without one of its own, and any words are its arguments. */
  readonly internal?: true;
  /** In a group: what the group's name alone runs. */
  readonly isDefault?: true;
  handler(context: CommandContext<Options, Arguments>): Promise<ExitStatus>;
}

/** A name that only holds commands, such as `query`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  /** Command lines that the group's help begins with. */
  readonly examples?: readonly string[];
  readonly commands: readonly CommandDefinition[];
}

/** Returns the definition as it is: the types of the handler's values follow from its declarations. */
export function defineCommand<
  const Options extends OptionDeclarations,
  const Arguments extends ArgumentDeclarations = Record<never, never>,
>(definition: CommandDefinition<Options, Arguments>): CommandDefinition<Options, Arguments> {
  return definition;
}

/** Runs a command's work on a terminal of these options, and makes its answer the exit status of the process. */
export type CommandRunner = (
  options: TerminalOptions,
  work: (terminal: Terminal) => Promise<ExitStatus>,
) => Promise<void>;

export function addCommand(
  program: Command,
  run: CommandRunner,
  definition: CommandDefinition | CommandGroup,
  helpGroup: string,
): void {
  if ('commands' in definition) {
    const group = program.command(definition.name).description(definition.description);
    group.helpGroup(helpGroup);
    addExamples(group, definition.examples);
    for (const each of definition.commands) addTo(group, program, run, each);
  } else {
    addTo(program, program, run, definition).helpGroup(helpGroup);
  }
}

function addTo(
  parent: Command,
  program: Command,
  run: CommandRunner,
  definition: CommandDefinition,
): Command {
  const { name, description, args: declared = {}, options: declaredOptions } = definition;
  const command = parent.command(name, {
    hidden: definition.internal === true,
    isDefault: definition.isDefault === true,
  });
  command.description(description);
  for (const { syntax, description: meaning, choices } of Object.values(declared)) {
    const argument = new Argument(syntax, meaning);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const declaration of orderOptions(Object.values(declaredOptions))) {
    command.addOption(createOption(declaration));
  }
  const { helpText, examples } = definition;
  addExamples(command, examples);
  if (helpText !== undefined) {
    command.addHelpText('after', ({ error }) => wrapHelp(helpText, getHelpWidth(command, error)));
  }
  if (definition.internal) {
    command.allowUnknownOption().allowExcessArguments().helpOption(false);
  }
  const names = Object.keys(declared);
  return command.action((...given: unknown[]) => {
    const args = Object.fromEntries(names.map((each, at) => [each, restoreWords(given[at])]));
    const options = restoreOptions(command.opts());
    return run(options, (terminal) =>
      definition.handler({
        terminal,
        options,
        args: args as ArgumentValues<ArgumentDeclarations>,
        program,
      }),
    );
  });
}

function createOption(declaration: OptionDeclaration): Option {
  const { flags, description, choices, repeatable, isList, hidden, group } = declaration;
  const option = new Option(flags, description).hideHelp(hidden === true);
  if (group !== undefined) option.helpGroup(OPTION_GROUPS[group]);
  if (choices !== undefined) option.choices(choices);
  if (repeatable) option.argParser(addValue);
  if (isList) option.argParser(joinList);
  return option;
}

function addExamples(command: Command, examples: readonly string[] = []): void {
  if (examples.length === 0) return;
  command.addHelpText('before', ({ error }) =>
    formatExamples(examples, getHelpWidth(command, error)),
  );
}

function getHelpWidth(command: Command, isError: boolean): number {
  const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
  return (isError ? getErrHelpWidth : getOutHelpWidth)?.() ?? 80;
}

/** No word of a command line holds it. */
const MARK = '\0';

/** An option with a value in the same word, such as `--where=vlr_cot > 10`. */
const OPTION_WITH_VALUE = /^(--[a-z][a-z-]*=|-o\S)/;

/**
 * The words with those marked that commander would take for options, although a person means none: a text with white
 * space, such as a SELECT that begins with a comment.
 */
export function markTexts(words: readonly string[]): string[] {
  return words.map((word) =>
    word.startsWith('-') && /\s/.test(word) && !OPTION_WITH_VALUE.test(word)
      ? `${MARK}${word}`
      : word,
  );
}

/** A value as it was typed, without marks. */
export function restoreWords<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((each: unknown) => restoreWords(each)) as Value;
  return typeof value === 'string' ? (value.replaceAll(MARK, '') as Value) : value;
}

function restoreOptions<Values extends object>(options: Values): Values {
  const values = Object.entries(options).map(([name, value]) => [name, restoreWords(value)]);
  return Object.fromEntries(values) as Values;
}

const OPTION_GROUPS: Readonly<Record<OptionGroup, string>> = { output: 'Output:', aws: 'AWS:' };

/** The command's own first, those of AWS last. */
function orderOptions(options: readonly OptionDeclaration[]): readonly OptionDeclaration[] {
  const groups: readonly (OptionGroup | undefined)[] = [undefined, 'output', 'aws'];
  return groups.flatMap((group) => options.filter((option) => option.group === group));
}

/** A line that does not fit goes on as a shell lets it, so that it can still be copied. */
function formatExamples(examples: readonly string[], width: number): string {
  const lines = examples.map((example) =>
    wrapText(example, width - EXAMPLE_INDENT.length - CONTINUED.length)
      .join(`${CONTINUED}\n${EXAMPLE_INDENT}${EXAMPLE_INDENT}`)
      .replace(/^/, EXAMPLE_INDENT),
  );
  return ['Examples:', ...lines, ''].join('\n');
}

const EXAMPLE_INDENT = '  ';
const CONTINUED = ' \\';

/**
 * Wraps each line of a help text, which is a whole paragraph. A line that begins with a word and two spaces or more
 * hangs behind these, or where they take half of the screen, below.
 */
export function wrapHelp(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const [label = ''] = /^ *(\S+ {2,})?/.exec(line) ?? [];
      const words = line.slice(label.length);
      if (label.trim() !== '' && label.length > width / 2) {
        return [label.trimEnd(), ...wrapText(words, width, ' '.repeat(6))];
      }
      const lines = wrapText(words, width, label);
      return lines.length === 0 ? [''] : lines;
    })
    .join('\n');
}

function joinList(value: string, before?: string): string {
  return before === undefined ? value : `${before},${value}`;
}

function addValue(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
