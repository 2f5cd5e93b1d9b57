/** Where on a command line the cursor stands. Pure. */
import type { Command, Option } from 'commander';

export interface Place {
  readonly command: Command;
  /** The option whose value is being typed; undefined where it is an argument or an option's name. */
  readonly option: Option | undefined;
  /** How many arguments of the command stand before. */
  readonly argumentsBefore: number;
  /** What is being typed: of `--format=c` the `c`. */
  readonly typed: string;
  /** What stands before it in the same word: of `--format=c` the `--format=`. */
  readonly prefix: string;
  /** The values of options that stand before, by their long names. */
  readonly values: ReadonlyMap<string, string>;
}

/** @param words what stands behind the program's name; the last is what is being typed */
export function placeIn(program: Command, words: readonly string[]): Place {
  let command = program;
  let waiting: Option | undefined;
  let argumentsBefore = 0;
  const values = new Map<string, string>();
  for (const word of words.slice(0, -1)) {
    if (waiting !== undefined) {
      values.set(waiting.long ?? '', word);
      waiting = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = splitOption(word);
      const option = optionOf(command, name);
      if (value !== undefined) values.set(option?.long ?? name, value);
      else if (option?.required || option?.optional) waiting = option;
    } else {
      const below = argumentsBefore === 0 ? subcommandOf(command, word) : undefined;
      if (below === undefined) argumentsBefore += 1;
      else command = below;
    }
  }
  const last = words.at(-1) ?? '';
  const place = { command, argumentsBefore, values };
  if (waiting !== undefined) return { ...place, option: waiting, typed: last, prefix: '' };
  const [name, value] = splitOption(last);
  if (value === undefined) return { ...place, option: undefined, typed: last, prefix: '' };
  return { ...place, option: optionOf(command, name), typed: value, prefix: `${name}=` };
}

/** The words of a line as a shell takes them apart, without doing anything that stands in them. */
export function wordsOf(line: string): string[] {
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

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => long === name || short === name);
}

function subcommandOf(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name || each.aliases().includes(name));
}
