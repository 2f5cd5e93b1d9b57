/**
 * Shell completion: finds the cursor's position on a command line, and the words that can complete it. Pure.
 */
import type { Argument, Command, Option } from 'commander';
import type { ResultColumn } from '../query/columns.ts';

interface CursorPosition {
  readonly command: Command;
  /** The option whose value is being typed; undefined where it is an argument or an option's name. */
  readonly option: Option | undefined;
  /** The number of arguments of the command before the cursor. */
  readonly argumentCount: number;
  /** The text to complete: of `--format=c` the `c`. */
  readonly typed: string;
  /** What precedes it in the same word: of `--format=c` the `--format=`. */
  readonly prefix: string;
  /** The values of the options before the cursor, by their long names. */
  readonly values: ReadonlyMap<string, string>;
}

/** @param words those after the program's name; the last is being typed */
export function findCursor(program: Command, words: readonly string[]): CursorPosition {
  let command = program;
  let pending: Option | undefined;
  let argumentCount = 0;
  const values = new Map<string, string>();
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) {
      values.set(pending.long ?? '', word);
      pending = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = splitOption(word);
      const option = findOption(command, name);
      if (value !== undefined) values.set(option?.long ?? name, value);
      else if (option?.required || option?.optional) pending = option;
    } else {
      const subcommand = argumentCount === 0 ? findSubcommand(command, word) : undefined;
      if (subcommand === undefined) argumentCount += 1;
      else command = subcommand;
    }
  }
  const last = words.at(-1) ?? '';
  const position = { command, argumentCount, values };
  if (pending !== undefined) return { ...position, option: pending, typed: last, prefix: '' };
  const [name, value] = splitOption(last);
  if (value === undefined) return { ...position, option: undefined, typed: last, prefix: '' };
  return { ...position, option: findOption(command, name), typed: value, prefix: `${name}=` };
}

/** Splits a line into words as a shell does, without expanding anything in them. */
export function splitWords(line: string): string[] {
  const words: string[] = [''];
  let quote: string | undefined;
  let escaped = false;
  for (const character of line) {
    const last = words.length - 1;
    if (escaped) {
      words[last] += character;
      escaped = false;
    } else if (character === '\\' && quote !== "'") {
      escaped = true;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else words[last] += character;
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (/\s/.test(character)) {
      if (words[last] !== '') words.push('');
    } else {
      words[last] += character;
    }
  }
  return words;
}

function splitOption(word: string): [name: string, value?: string] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}

function findOption(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => long === name || short === name);
}

function findSubcommand(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name || each.aliases().includes(name));
}

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  readonly description: string;
}

/** What is known outside of the command line, each read only when it is needed. */
export interface CandidateSources {
  /** The columns of a query's result; none for other commands. */
  columns(command: string): Promise<readonly ResultColumn[]>;
  /** The tickers to offer; `lake` is the value of `--lake` on the line. */
  tickers(lake: string | undefined): Promise<readonly string[]>;
  watched(): Promise<readonly string[]>;
  /** The names that `logs` takes. */
  functions(): Promise<readonly string[]>;
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Whether a list or a direction may follow the word. */
  readonly open: boolean;
}

export async function findCandidates(
  position: CursorPosition,
  sources: CandidateSources,
): Promise<Candidates> {
  const { command, option, typed, prefix } = position;
  const { values, open } =
    option !== undefined
      ? await findOptionValues(position, option.long ?? '', option.argChoices, sources)
      : typed.startsWith('-')
        ? { values: getOptionNames(command), open: false }
        : {
            values: [...getSubcommands(position), ...(await findArgumentValues(position, sources))],
            open: false,
          };
  return {
    candidates: values
      .filter(({ value }) => startsWithIgnoringCase(value, typed))
      .map(({ value, description }) => ({ value: `${prefix}${value}`, description })),
    open,
  };
}

interface OptionValues {
  readonly values: readonly Candidate[];
  readonly open: boolean;
}

async function findOptionValues(
  { command, typed, values }: CursorPosition,
  option: string,
  choices: readonly string[] | undefined,
  sources: CandidateSources,
): Promise<OptionValues> {
  if (choices !== undefined) return { values: createCandidates(choices), open: false };
  switch (option) {
    case '--tipo':
    case '--queue':
      return { values: createCandidates(['acoes', 'fiis']), open: false };
    case '--ticker':
    case '--tickers':
      return completeList(typed, createCandidates(await sources.tickers(values.get('--lake'))));
    case '--columns':
      return completeList(typed, createColumnCandidates(await sources.columns(command.name())));
    case '--sort': {
      const columns = createColumnCandidates(await sources.columns(command.name()));
      const name = /(?:^|,)(\w+):\w*$/.exec(typed)?.[1];
      if (name === undefined) return completeList(typed, columns);
      return completeList(typed, createCandidates([`${name}:asc`, `${name}:desc`]));
    }
    default:
      return { values: [], open: false };
  }
}

/** A list continues after its last comma; the values that it has already are not offered again. */
function completeList(typed: string, values: readonly Candidate[]): OptionValues {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const taken = new Set(before.split(',').map((each) => each.replace(/:.*/, '').toUpperCase()));
  return {
    values: values
      .filter(({ value }) => !taken.has(value.toUpperCase()))
      .map(({ value, description }) => ({ value: `${before}${value}`, description })),
    open: true,
  };
}

async function findArgumentValues(
  { command, argumentCount, values }: CursorPosition,
  sources: CandidateSources,
): Promise<readonly Candidate[]> {
  const argument = getArgument(command, argumentCount);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return createCandidates(argument.argChoices);
  if (argument.name() === 'function') return createCandidates(await sources.functions());
  if (argument.name() === 'kind') return createCandidates(['acoes', 'fiis']);
  if (argument.name() === 'of') return createCandidates(['acoes', 'fiis', 'cotacoes']);
  if (argument.name() !== 'ticker') return [];
  return createCandidates(
    command.name() === 'remove'
      ? await sources.watched()
      : await sources.tickers(values.get('--lake')),
  );
}

function getArgument({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[position] ?? (last?.variadic ? last : undefined);
}

function getSubcommands({ command, argumentCount }: CursorPosition): readonly Candidate[] {
  if (argumentCount > 0) return [];
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }));
}

function getOptionNames(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
}

function createCandidates(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}

function createColumnCandidates(columns: readonly ResultColumn[]): readonly Candidate[] {
  return columns.map(({ name, description }) => ({ value: name, description }));
}

/** Tickers may be typed in lower case. */
function startsWithIgnoringCase(value: string, typed: string): boolean {
  return value.toUpperCase().startsWith(typed.toUpperCase());
}
