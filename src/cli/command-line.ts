/**
 * Command lines as a person types them: formatted so that they can be copied into a shell, and hints for those that
 * commander rejects. Pure.
 */

import { toNamedTicker } from '../catalog/ticker.ts';
import { UsageError } from '../errors.ts';
import { findClosest, findMisspelt } from '../suggest.ts';
import { formatFirst, quoteBriefly, removeAccents } from '../text.ts';
import type { LakeOptions } from './target.ts';

/** A word for a POSIX shell, quoted where necessary. */
export function quoteShellWord(word: string): string {
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

/** Those that are about no lake, and those that name one already. */
const WITHOUT_LAKE =
  /^(tickers|scrape|columns|watch|completion|demo)\b|\s--(lake|target|stack-name|region|profile)\b/;

/**
 * The text with the options of the lake added to each command in it, so that a copied command acts on the same lake.
 */
export function addLakeOptions(
  text: string,
  { target, lake, stackName, region, profile }: LakeOptions,
): string {
  return text.replace(/`pynvest ([^`]+)`/g, (whole, command: string) => {
    if (WITHOUT_LAKE.test(command)) return whole;
    const awsOptions = { stackName, region, profile };
    const options = STACK_COMMANDS.test(command) ? awsOptions : { target, lake, ...awsOptions };
    return `\`${formatCommandLine(command, options)}\``;
  });
}

interface UsageProblem {
  /** commander's code, such as `commander.unknownOption`. */
  readonly code: string;
  /** commander's message. */
  readonly message: string;
  /** What was typed after `pynvest`. */
  readonly args: readonly string[];
  readonly commands: readonly string[];
  /** The command that was called, such as `query cotacoes`; empty where there is none. */
  readonly command: string;
  /** What that command was given beside its options. */
  readonly given: readonly string[];
  /** Those of the group that was called, such as `watch`. */
  readonly subcommands: readonly string[];
}

/** What is wrong with a command line that commander refuses, and how it is written. */
export function createUsageError(problem: UsageProblem): UsageError {
  const message = problem.message.replace(/^error: /, '').replace(/\n\(Did you mean .*\?\)$/s, '');
  const suggestion = findSuggestion(problem.message);
  const help = ['pynvest', problem.command, '--help'].filter(Boolean).join(' ');
  return new UsageError(describeUsageProblem(message, problem), {
    hint:
      findUsageHint(problem) ??
      (suggestion === undefined
        ? `\`${help}\` shows how it is written.`
        : `Did you mean ${suggestion}?`),
  });
}

/** What commander suggests, if that is close enough for a slip: to it, --sort is much like --format. */
function findSuggestion(message: string): string | undefined {
  const suggestion = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1];
  const [, typed = ''] = /^error: unknown (?:option|command) '([^']*)'/.exec(message) ?? [];
  const candidates = suggestion?.split(', ') ?? [];
  // Of four letters two may be those of another word: --date is no slip of --lake.
  const tolerance = typed.replace(/^-*/, '').length > 4 ? 2 : 1;
  const isSlip = candidates.some((each) => findMisspelt(typed, [each], tolerance).length > 0);
  return isSlip ? suggestion : undefined;
}

/** commander's messages, and ours for them. */
const MESSAGES: readonly (readonly [pattern: RegExp, ours: (...groups: string[]) => string])[] = [
  [/^unknown option '(.*)'/s, (option) => `there is no option ${option}`],
  [/^unknown command '(.*)'/s, (command) => `there is no command ${nameWord(command)}`],
  [/^missing required argument '(.*)'/, (name) => `<${name}> is missing`],
  [
    /^option '(?:-\w, )?(--\S+) (<.+>)' argument missing/,
    (option, value) => `${option} takes a value: ${option} ${value}`,
  ],
  [
    /^option '(?:-\w, )?(--\S+)[^']*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s,
    (option, value, choices) =>
      `${option} is ${JSON.stringify(value)}: it takes ${joinChoices(choices)}`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/s,
    (value, name, choices) =>
      `<${name}> is ${JSON.stringify(value)}: it takes ${joinChoices(choices)}`,
  ],
];

/** Whole texts are pasted, too. */
function nameWord(word = ''): string {
  return /\s/.test(word) ? quoteBriefly(word) : word;
}

function joinChoices(choices = ''): string {
  return choices.replace(/, ([^,]*)$/, ' or $1');
}

function describeUsageProblem(message: string, problem: UsageProblem): string {
  const { code, command, given } = problem;
  if (code === 'commander.excessArguments') {
    const word = findUnknownSubcommand(problem);
    if (word !== undefined) return `there is no command ${command} ${word}`;
    return `too many arguments for ${command === '' ? 'pynvest' : command}: ${formatFirst(given.map(quoteShellWord))}`;
  }
  for (const [pattern, ours] of MESSAGES) {
    const match = pattern.exec(message);
    if (match !== null) return ours(...match.slice(1));
  }
  return message;
}

/** The word in the place of a group's command, where the group alone runs one that takes no words. */
function findUnknownSubcommand({ args, command, subcommands }: UsageProblem): string | undefined {
  const [group, word = ''] = args;
  const isCommand = group === command && subcommands.length > 0 && /^[a-z]+$/i.test(word);
  return isCommand && toNamedTicker(word) === undefined ? word : undefined;
}

/** The names that other programs give the commands of `watch`. */
const SUBCOMMAND_ALIASES: Readonly<Record<string, string>> = {
  rm: 'remove',
  del: 'remove',
  delete: 'remove',
  ls: 'list',
  show: 'list',
  new: 'add',
  reset: 'clear',
};

function findSubcommandHint(problem: UsageProblem): string | undefined {
  const word = findUnknownSubcommand(problem);
  if (word === undefined) return undefined;
  const { args, command, subcommands } = problem;
  const meant = SUBCOMMAND_ALIASES[word] ?? findClosest(word, subcommands);
  if (meant === undefined || !subcommands.includes(meant)) return undefined;
  const line = [command, meant, ...args.slice(2)].map(quoteShellWord).join(' ');
  return `Did you mean pynvest ${line}?`;
}

/** How it is written correctly; undefined where no rule knows what is meant. */
function findUsageHint(problem: UsageProblem): string | undefined {
  const { code, args } = problem;
  switch (code) {
    case 'commander.excessArguments':
      return findSubcommandHint(problem) ?? findArgumentHint(args);
    case 'commander.missingMandatoryOptionValue':
      return findArgumentHint(args);
    case 'commander.unknownOption':
      return findOptionHint(problem);
    case 'commander.unknownCommand':
      return findCommandHint(args);
    default:
      return undefined;
  }
}

function findArgumentHint(args: readonly string[]): string | undefined {
  if (args[0] === 'query' && args[1] === 'sql') {
    return 'The SELECT is one argument: put it between quotes, "SELECT …".';
  }
  const tickers = args.flatMap((word) => toNamedTicker(word) ?? []);
  return args[0] === 'watch' && tickers.length > 0
    ? `pynvest watch add ${tickers.join(' ')} adds to the list.`
    : undefined;
}

const QUERY_COMMANDS: readonly string[] = [
  ...['cotacoes', 'indicadores', 'historico', 'proventos', 'retorno', 'sql'],
];

/** What people call the commands of `query`; a slip of their own names is found by itself. */
const QUERY_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ cotacao: 'cotacoes', quote: 'cotacoes', quotes: 'cotacoes' },
    ...{ indicador: 'indicadores', indicators: 'indicadores', history: 'historico' },
    ...{ dividendo: 'proventos', dividendos: 'proventos', dividends: 'proventos' },
    ...{ return: 'retorno', returns: 'retorno' },
  }),
);

/** A query, also one that begins with comments. */
const SQL_TEXT = /^(\s|--.*\n)*(select|with)\s/i;

function findCommandHint(args: readonly string[]): string | undefined {
  const words = args[0] === 'query' ? args.slice(1) : args;
  const [first = ''] = words;
  const ticker = toNamedTicker(first);
  if (ticker !== undefined) {
    return `pynvest query cotacoes ${ticker} reads the lake, pynvest scrape ${ticker} the site.`;
  }
  const meant = QUERY_NAMES.get(removeAccents(first));
  if (meant !== undefined) {
    return `Did you mean pynvest ${['query', meant, ...words.slice(1)].map(quoteShellWord).join(' ')}?`;
  }
  if (SQL_TEXT.test(first)) return 'A SELECT is asked by query sql: pynvest query sql "SELECT …"';
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
  [/^--(date|day|dia|data)(=|$)/, '--from 2026-11-19 --to 2026-11-19'],
  [/^--(since|start|desde)(=|$)/, '--from 2026-11-19'],
  [/^--(until|end|ate)(=|$)/, '--to 2026-11-19'],
  [/^--(order|order-by|orderby)(=|$)/, '--sort vlr_cot:desc'],
  [/^--filter(=|$)/, '--where "vlr_cot > 10"'],
  [/^--fields(=|$)/, '--columns vlr_cot'],
  [/^(--(top|head)(=|$)|-n$)/, '--limit 20'],
];

/** The queries that sort and filter their rows, and the options for that. */
const REFINED_QUERIES: readonly string[] = ['cotacoes', 'indicadores'];
const REFINEMENT = /^(.*unknown option ')?--(sort|where|limit)\b/;

/** The commands that take as an argument what others take as an option. */
const KIND_COMMANDS: readonly string[] = ['tickers', 'columns'];
const KIND_OPTION = /^--(tipo|kind)(=|$)/;

function findOptionHint({ args, commands, message }: UsageProblem): string | undefined {
  if (KIND_COMMANDS.includes(args[0] ?? '') && args.some((word) => KIND_OPTION.test(word))) {
    const words = args.map((word) => word.replace(KIND_OPTION, '')).filter((word) => word !== '');
    return `The kind is given without an option: pynvest ${words.map(quoteShellWord).join(' ')}`;
  }
  const isAssetQuery = args[0] === 'query' && args[1] !== 'sql';
  const aliases = isAssetQuery ? [...COMMON_ALIASES, ...QUERY_ALIASES] : COMMON_ALIASES;
  const ours = aliases.find(([alias]) => args.some((word) => alias.test(word)))?.[1];
  const isRefinement = REFINEMENT.test(ours ?? message);
  if (isAssetQuery && isRefinement && !REFINED_QUERIES.includes(args[1] ?? '')) {
    return '--sort, --where and --limit belong to query cotacoes and indicadores; query sql sorts and filters any rows.';
  }
  if (ours !== undefined) return `Use ${ours} instead`;
  if (isAssetQuery && /unknown option '--last['=]/.test(message)) {
    return '--last belongs to query cotacoes, indicadores and historico; here --from 30d begins thirty days ago.';
  }
  const at = args.findIndex((word) => commands.includes(word));
  if (args[0]?.startsWith('-') && at > 0) {
    const line = [...args.slice(at), ...args.slice(0, at)].map(quoteShellWord).join(' ');
    return `Options come after the command: pynvest ${line}`;
  }
  return undefined;
}
