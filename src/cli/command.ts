/**
 * A command is one object: its name, description, arguments, options and handler. This file types it, and adds it
 * to commander's program.
 */

import { Argument, type Command, Option } from 'commander';
import type { ExitStatus } from './exit.ts';
import type {
  ArgumentDeclarations,
  ArgumentValues,
  OptionDeclarations,
  OptionValues,
  TerminalOptions,
} from './option.ts';
import type { Terminal } from './terminal/terminal.ts';

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
  /** Follows the options in the command's help. */
  readonly helpText?: string;
  /** Called by programs: not in the help, without one of its own, and any words are its arguments. */
  readonly internal?: true;
  handler(context: CommandContext<Options, Arguments>): Promise<ExitStatus>;
}

/** A name that only holds commands, such as `query`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
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
): void {
  if ('commands' in definition) {
    const group = program.command(definition.name).description(definition.description);
    for (const each of definition.commands) addTo(group, program, run, each);
  } else {
    addTo(program, program, run, definition);
  }
}

function addTo(
  parent: Command,
  program: Command,
  run: CommandRunner,
  definition: CommandDefinition,
): void {
  const { name, description, args: declared = {}, options: declaredOptions } = definition;
  const command = parent.command(name, { hidden: definition.internal === true });
  command.description(description);
  for (const { syntax, description: meaning, choices } of Object.values(declared)) {
    const argument = new Argument(syntax, meaning);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const { flags, description: meaning, choices, repeatable, hidden } of Object.values(
    declaredOptions,
  )) {
    const option = new Option(flags, meaning).hideHelp(hidden === true);
    if (choices !== undefined) option.choices(choices);
    if (repeatable) option.argParser(addValue);
    command.addOption(option);
  }
  if (definition.helpText !== undefined) command.addHelpText('after', definition.helpText);
  if (definition.internal) {
    command.allowUnknownOption().allowExcessArguments().helpOption(false);
  }
  const names = Object.keys(declared);
  command.action((...given: unknown[]) => {
    const args = Object.fromEntries(names.map((each, at) => [each, given[at]]));
    const options = command.opts();
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

function addValue(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
