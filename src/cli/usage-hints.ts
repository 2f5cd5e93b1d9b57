/** What to do about a command line that commander refuses, where more can be said than it says. Pure. */
import { toTicker } from '../catalog/ticker.ts';
import { shellWord } from './shell-line.ts';

export interface Refusal {
  /** commander's own word for it, such as `commander.unknownOption`. */
  readonly code: string;
  /** What was typed after `pynvest`. */
  readonly args: readonly string[];
  readonly commands: readonly string[];
}

/** A sentence that says how it is written; undefined where commander has said all. */
export function usageHint({ code, args, commands }: Refusal): string | undefined {
  switch (code) {
    case 'commander.excessArguments':
    case 'commander.missingMandatoryOptionValue':
      return hintAtArguments(args);
    case 'commander.unknownOption':
      return hintAtOptions(args, commands);
    default:
      return undefined;
  }
}

/** The commands that take tickers by an option, and the option. */
const TICKER_OPTIONS: Readonly<Record<string, string>> = {
  run: '--tickers',
  'query cotacoes': '--ticker',
  'query indicadores': '--ticker',
};

function hintAtArguments(args: readonly string[]): string | undefined {
  const command = args[0] === 'query' ? args.slice(0, 2).join(' ') : (args[0] ?? '');
  if (command === 'query sql') {
    return 'The SELECT is one argument: put it between quotes, "SELECT …".';
  }
  const option = TICKER_OPTIONS[command];
  const tickers = args.flatMap((word) => toTicker(word) ?? []);
  if (option === undefined || tickers.length === 0) return undefined;
  return `Tickers are named by an option: pynvest ${command} ${option} ${tickers.join(',')}`;
}

/** The commands that take by an argument what others take by an option. */
const ARGUMENTS: readonly (readonly [command: string, option: RegExp, what: string])[] = [
  ['tickers', /^--(tipo|kind)(=|$)/, 'The kind is'],
  ['watch add', /^--tickers?(=|$)/, 'Tickers are'],
  ['watch remove', /^--tickers?(=|$)/, 'Tickers are'],
];

function hintAtOptions(args: readonly string[], commands: readonly string[]): string | undefined {
  for (const [command, option, what] of ARGUMENTS) {
    if (command.split(' ').some((name, at) => args[at] !== name)) continue;
    if (!args.some((word) => option.test(word))) continue;
    const words = args.map((word) => word.replace(option, '')).filter((word) => word !== '');
    return `${what} named without an option: pynvest ${words.map(shellWord).join(' ')}`;
  }
  const at = args.findIndex((word) => commands.includes(word));
  if (args[0]?.startsWith('-') && at > 0) {
    const line = [...args.slice(at), ...args.slice(0, at)].map(shellWord).join(' ');
    return `Options come after the command: pynvest ${line}`;
  }
  const isSql = args[0] === 'query' && args[1] === 'sql';
  if (isSql && args.some((word) => /^--\s|^--.*\n/.test(word))) {
    return (
      'A SELECT that begins with a comment looks like an option: give it by standard input, ' +
      'pynvest query sql - < select.sql, or after a lone --, pynvest query sql -- "-- …"'
    );
  }
  return undefined;
}
