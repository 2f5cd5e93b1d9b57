/**
 * Hints for command lines that commander rejects, where more can be said than it says. Pure.
 */
import { toTicker } from '../catalog/ticker.ts';
import { quoteShellWord } from './command-line.ts';

interface UsageProblem {
  /** commander's own word for it, such as `commander.unknownOption`. */
  readonly code: string;
  /** What was typed after `pynvest`. */
  readonly args: readonly string[];
  readonly commands: readonly string[];
}

/** A sentence that says how it is written; undefined where commander has said all. */
export function findUsageHint({ code, args, commands }: UsageProblem): string | undefined {
  switch (code) {
    case 'commander.excessArguments':
    case 'commander.missingMandatoryOptionValue':
      return findArgumentHint(args);
    case 'commander.unknownOption':
      return findOptionHint(args, commands);
    case 'commander.unknownCommand':
      return findCommandHint(args);
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

function findArgumentHint(args: readonly string[]): string | undefined {
  const command = args[0] === 'query' ? args.slice(0, 2).join(' ') : (args[0] ?? '');
  if (command === 'query sql') {
    return 'The SELECT is one argument: put it between quotes, "SELECT …".';
  }
  const lone = findUnquotedValue(args);
  if (lone !== undefined) return `What has spaces stands in quotes: ${lone}`;
  const option = TICKER_OPTIONS[command];
  const tickers = args.flatMap((word) => toTicker(word) ?? []);
  if (option === undefined || tickers.length === 0) return undefined;
  return `Tickers are named by an option: pynvest ${command} ${option} ${tickers.join(',')}`;
}

/** The options whose values people write with spaces. */
const OPTIONS_WITH_SPACES = /^--(where|sort|columns)$/;

/** Such an option with all the words that follow it, where a shell has taken them apart. */
function findUnquotedValue(args: readonly string[]): string | undefined {
  const at = args.findIndex((word) => OPTIONS_WITH_SPACES.test(word));
  const following = args.slice(at + 1);
  const end = following.findIndex((word) => word.startsWith('-'));
  const words = following.slice(0, end < 0 ? undefined : end);
  return at < 0 || words.length < 2 ? undefined : `${args[at]} ${quoteShellWord(words.join(' '))}`;
}

const QUERY_COMMANDS: readonly string[] = ['cotacoes', 'indicadores', 'sql'];

function findCommandHint(args: readonly string[]): string | undefined {
  const words = args[0] === 'query' ? args.slice(1) : args;
  const [first = ''] = words;
  const ticker = toTicker(first);
  if (ticker !== undefined) {
    return `pynvest query cotacoes --ticker ${ticker} asks the lake, pynvest scrape ${ticker} the site.`;
  }
  return words === args && QUERY_COMMANDS.includes(first)
    ? `The lake is asked by query: pynvest query ${args.map(quoteShellWord).join(' ')}`
    : undefined;
}

type OptionAliases = readonly (readonly [elsewhere: RegExp, here: string])[];

/** What people call our options out of habit. */
const COMMON_ALIASES: OptionAliases = [
  [/^--json$/, '--format json'],
  [/^--csv$/, '--format csv'],
  [/^--parquet$/, '--format parquet'],
];

/** Those of `query cotacoes` and `query indicadores`. */
const QUERY_ALIASES: OptionAliases = [
  [/^--(date|day|dia|data)(=|$)/, '--from 2026-11-20 --to 2026-11-20'],
  [/^--(since|start|desde)(=|$)/, '--from 2026-11-20'],
  [/^--(until|end|ate)(=|$)/, '--to 2026-11-20'],
  [/^--(order|order-by|orderby)(=|$)/, '--sort vlr_cot:desc'],
  [/^--filter(=|$)/, '--where "vlr_cot > 10"'],
  [/^--fields(=|$)/, '--columns vlr_cot'],
  [/^(--(top|head)(=|$)|-n$)/, '--limit 20'],
];

/** The commands that take by an argument what others take by an option. */
const ARGUMENT_COMMANDS: readonly (readonly [command: string, option: RegExp, what: string])[] = [
  ['tickers', /^--(tipo|kind)(=|$)/, 'The kind is'],
  ['watch add', /^--tickers?(=|$)/, 'Tickers are'],
  ['watch remove', /^--tickers?(=|$)/, 'Tickers are'],
];

function findOptionHint(args: readonly string[], commands: readonly string[]): string | undefined {
  for (const [command, option, what] of ARGUMENT_COMMANDS) {
    if (command.split(' ').some((name, at) => args[at] !== name)) continue;
    if (!args.some((word) => option.test(word))) continue;
    const words = args.map((word) => word.replace(option, '')).filter((word) => word !== '');
    return `${what} named without an option: pynvest ${words.map(quoteShellWord).join(' ')}`;
  }
  const isQuestion = args[0] === 'query' && args[1] !== 'sql';
  const names = isQuestion ? [...COMMON_ALIASES, ...QUERY_ALIASES] : COMMON_ALIASES;
  const here = names.find(([elsewhere]) => args.some((word) => elsewhere.test(word)))?.[1];
  if (here !== undefined) return `Here that is ${here}`;
  const at = args.findIndex((word) => commands.includes(word));
  if (args[0]?.startsWith('-') && at > 0) {
    const line = [...args.slice(at), ...args.slice(0, at)].map(quoteShellWord).join(' ');
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
