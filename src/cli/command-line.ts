/**
 * Command lines as a person types them: formatted so that they can be copied into a shell, and hints for those that
 * commander rejects. Pure.
 */

import { toTicker } from '../catalog/ticker.ts';
import type { LakeOptions } from './target.ts';

/** A word for a POSIX shell, quoted where necessary. */
function quoteShellWord(word: string): string {
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

/** `pynvest <command>` with these options, such as `pynvest deploy --parameter FunctionMemory=1024`. */
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

/** Those about the stack: they do not have the options of the folder. */
const STACK_COMMANDS = /^(deploy|plan|destroy)\b/;

/** The text with the options of the lake added to each command in it, so that a copied command acts on the same lake. */
export function addLakeOptions(
  text: string,
  { target, lake, stackName, region, profile }: LakeOptions,
): string {
  return text.replace(/`pynvest ([^`]+)`/g, (_, command: string) => {
    const awsOptions = { stackName, region, profile };
    const options = STACK_COMMANDS.test(command) ? awsOptions : { target, lake, ...awsOptions };
    return `\`${formatCommandLine(command, options)}\``;
  });
}

interface UsageProblem {
  /** commander's code, such as `commander.unknownOption`. */
  readonly code: string;
  /** What was typed after `pynvest`. */
  readonly args: readonly string[];
  readonly commands: readonly string[];
}

/** How it is written correctly; undefined where commander's own message is enough. */
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
  const quoted = findUnquotedValue(args);
  if (quoted !== undefined) return `Quote a value that contains spaces: ${quoted}`;
  const option = TICKER_OPTIONS[command];
  const tickers = args.flatMap((word) => toTicker(word) ?? []);
  if (option === undefined || tickers.length === 0) return undefined;
  return `Tickers are given with an option: pynvest ${command} ${option} ${tickers.join(',')}`;
}

/** The options whose values people write with spaces. */
const OPTIONS_WITH_SPACES = /^--(where|sort|columns)$/;

/** Such an option with all the words that follow it quoted as one, where the shell has split them. */
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
    return `pynvest query cotacoes --ticker ${ticker} reads the lake, pynvest scrape ${ticker} the site.`;
  }
  return words === args && QUERY_COMMANDS.includes(first)
    ? `It is a command of query: pynvest query ${args.map(quoteShellWord).join(' ')}`
    : undefined;
}

type OptionAliases = readonly (readonly [alias: RegExp, ours: string])[];

/** The names that other programs give these options. */
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

/** The commands that take as an argument what others take as an option. */
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
    return `${what} given without an option: pynvest ${words.map(quoteShellWord).join(' ')}`;
  }
  const isAssetQuery = args[0] === 'query' && args[1] !== 'sql';
  const aliases = isAssetQuery ? [...COMMON_ALIASES, ...QUERY_ALIASES] : COMMON_ALIASES;
  const ours = aliases.find(([alias]) => args.some((word) => alias.test(word)))?.[1];
  if (ours !== undefined) return `Use ${ours} instead`;
  const at = args.findIndex((word) => commands.includes(word));
  if (args[0]?.startsWith('-') && at > 0) {
    const line = [...args.slice(at), ...args.slice(0, at)].map(quoteShellWord).join(' ');
    return `Options come after the command: pynvest ${line}`;
  }
  const isSql = args[0] === 'query' && args[1] === 'sql';
  if (isSql && args.some((word) => /^--\s|^--.*\n/.test(word))) {
    return (
      'A SELECT that begins with a comment looks like an option: pass it on standard input, ' +
      'pynvest query sql - < select.sql, or after --, pynvest query sql -- "-- …"'
    );
  }
  return undefined;
}
