/** What may come where the cursor stands: commands, options, their values. */
import type { Argument, Command } from 'commander';
import type { Column } from '../catalog/column.ts';
import type { Place } from './completion-place.ts';

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  readonly about: string;
}

/** What is known outside of the command line; each is looked up when it is asked for. */
export interface Sources {
  /** The columns that a query's answer has; none of another command. */
  columnsOf(command: string): Promise<readonly Column[]>;
  /** The tickers that the person may mean, in the lake of the `--lake` on the line. */
  tickers(lake: string | undefined): Promise<readonly string[]>;
  watched(): Promise<readonly string[]>;
  /** What `logs` can be asked about. */
  functions(): Promise<readonly string[]>;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** A list or a direction may go on behind the word. */
  readonly open: boolean;
}

export async function candidatesAt(place: Place, sources: Sources): Promise<Candidates> {
  const { command, option, typed, prefix } = place;
  const { values, open } =
    option !== undefined
      ? await optionValues(place, option.long ?? '', option.argChoices, sources)
      : typed.startsWith('-')
        ? { values: optionNames(command), open: false }
        : {
            values: [...subcommands(place), ...(await argumentValues(place, sources))],
            open: false,
          };
  return {
    candidates: values
      .filter(({ value }) => startsWith(value, typed))
      .map(({ value, about }) => ({ value: `${prefix}${value}`, about })),
    open,
  };
}

interface Values {
  readonly values: readonly Candidate[];
  readonly open: boolean;
}

async function optionValues(
  { command, typed, values }: Place,
  option: string,
  choices: readonly string[] | undefined,
  sources: Sources,
): Promise<Values> {
  if (choices !== undefined) return { values: plain(choices), open: false };
  switch (option) {
    case '--tipo':
    case '--queue':
      return { values: plain(['acoes', 'fiis']), open: false };
    case '--ticker':
    case '--tickers':
      return listOf(typed, plain(await sources.tickers(values.get('--lake'))));
    case '--columns':
      return listOf(typed, described(await sources.columnsOf(command.name())));
    case '--sort': {
      const columns = described(await sources.columnsOf(command.name()));
      const name = /(?:^|,)(\w+):\w*$/.exec(typed)?.[1];
      if (name === undefined) return listOf(typed, columns);
      return listOf(typed, plain([`${name}:asc`, `${name}:desc`]));
    }
    default:
      return { values: [], open: false };
  }
}

/** A list goes on behind its last comma; what stands in it already is not offered again. */
function listOf(typed: string, values: readonly Candidate[]): Values {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const taken = new Set(before.split(',').map((each) => each.replace(/:.*/, '').toUpperCase()));
  return {
    values: values
      .filter(({ value }) => !taken.has(value.toUpperCase()))
      .map(({ value, about }) => ({ value: `${before}${value}`, about })),
    open: true,
  };
}

async function argumentValues(
  { command, argumentsBefore, values }: Place,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const argument = argumentAt(command, argumentsBefore);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  if (argument.name() === 'function') return plain(await sources.functions());
  if (argument.name() === 'kind') return plain(['acoes', 'fiis']);
  if (argument.name() !== 'ticker') return [];
  return plain(
    command.name() === 'remove'
      ? await sources.watched()
      : await sources.tickers(values.get('--lake')),
  );
}

function argumentAt({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[position] ?? (last?.variadic ? last : undefined);
}

function subcommands({ command, argumentsBefore }: Place): readonly Candidate[] {
  if (argumentsBefore > 0) return [];
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), about: each.description() }));
}

function optionNames(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));
}

function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: '' }));
}

function described(columns: readonly Column[]): readonly Candidate[] {
  return columns.map(({ name, description }) => ({ value: name, about: description }));
}

/** Tickers may be typed in small letters. */
function startsWith(value: string, typed: string): boolean {
  return value.toUpperCase().startsWith(typed.toUpperCase());
}
