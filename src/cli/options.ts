/**
 * The options that commands share: their declarations, choices and types. `settings.ts` parses the values.
 */

import { type Command, Option } from 'commander';
import { defaultSiteSettings } from '../sources/fundamentus/settings.ts';
import type { TerminalOptions } from './terminal/terminal.ts';

export interface OutputOptions extends TerminalOptions {
  readonly format?: OutputFormat;
}

/** Of commands whose data are rows: these can go into a file, too. */
export interface RowsOptions extends TerminalOptions {
  readonly format?: RowFormat;
  readonly output?: string;
}

/** Which rows of an answer, and in which order. */
export interface RefinementOptions {
  readonly columns?: string;
  /** All of them must hold. */
  readonly where?: readonly string[];
  readonly sort?: string;
  readonly limit?: string;
}

export interface WatchlistOptions {
  readonly watchlist?: boolean;
}

/** Which lake: the folder on this machine, or the one in AWS. */
export interface LakeOptions extends AwsOptions {
  readonly target?: 'local' | 'aws';
  readonly lake?: string;
  readonly stackName?: string;
}

export interface SiteOptions {
  readonly concurrency?: string;
  readonly pause?: string;
  readonly timeout?: string;
  readonly retries?: string;
}

export interface DaysOptions {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
}

export function withOutput(command: Command): Command {
  return withTerminal(
    command.addOption(
      new Option(
        '--format <format>',
        'how to print the data (default: a table on a terminal, else csv)',
      ).choices(outputFormats),
    ),
  );
}

export function withRows(command: Command): Command {
  return withTerminal(
    command
      .addOption(
        new Option(
          '--format <format>',
          "table on a terminal, else csv; of --output by the file's name",
        ).choices(rowFormats),
      )
      .option('-o, --output <file>', 'into this file, which appears whole or not at all'),
  );
}

export function withRefinements(command: Command, columns: string): Command {
  return command
    .option('--columns <list>', `only these columns, such as ${columns}`)
    .option(
      '--where <condition>',
      'only rows such as "vlr_cot > 10 and pct_var_12m >= 35%": = != < <= > >=, between, in, like, is null, and, or, not; with --last, the newest of those rows; of several, all must hold',
      (condition: string, before: readonly string[] = []) => [...before, condition],
    )
    .option(
      '--sort <list>',
      'by these columns, such as vlr_cot:desc,codigo_ticker_ativo; empty values last',
    )
    .option('--limit <n>', 'only the first so many rows');
}

export function withWatchlist(command: Command): Command {
  return command.option('--watchlist', 'the tickers of `pynvest watch list`, too');
}

/** For commands that have no data to print, or only in one form. */
export function withTerminal(command: Command): Command {
  return command
    .option('-q, --quiet', 'no notices and no progress on stderr, only problems')
    .option('--no-color', 'no colors (NO_COLOR does the same)')
    .option('--verbose', 'more notices, and where in the code an error came from');
}

/** For commands that ask the site and no lake, so that a script may say the same to all. */
export function withAnyTarget(command: Command): Command {
  return command.addOption(createTargetOption('changes nothing: the site is asked, and no lake'));
}

function createTargetOption(description: string): Option {
  return new Option('--target <lake>', description).choices(['local', 'aws']);
}

export function withLake(command: Command): Command {
  return withAws(
    command
      .addOption(
        createTargetOption(
          'the lake in AWS or on this machine (PYNVEST_TARGET; default: aws once deployed from here)',
        ),
      )
      .option(
        '--lake <dir>',
        "the folder of the lake on this machine (PYNVEST_LAKE; default: in the platform's data folder)",
      )
      .option('--stack-name <name>', 'the stack in AWS (default: the one last deployed from here)'),
  );
}

export function withSite(command: Command): Command {
  const { concurrency, pauseMs, timeoutMs, retries } = defaultSiteSettings;
  return command
    .option('--concurrency <n>', `requests under way at once (default ${concurrency})`)
    .option('--pause <ms>', `pause between two requests of one of those (default ${pauseMs})`)
    .option('--timeout <ms>', `longest wait for one page (default ${timeoutMs})`)
    .option('--retries <n>', `how often a failed request is sent again (default ${retries})`);
}

export function withDays(command: Command): Command {
  return command
    .option('--from <day>', 'the first day, YYYY-MM-DD')
    .option('--to <day>', 'the last day, YYYY-MM-DD')
    .option('--last <n>', 'only so many of the newest days of each asset');
}

export interface AwsOptions {
  readonly region?: string;
  readonly profile?: string;
}

export interface StackOptions {
  readonly stackName?: string;
  readonly parameter?: readonly string[];
}

export function withAws(command: Command): Command {
  return command
    .option('--region <region>', "AWS region, such as sa-east-1 (default: the AWS chain's own)")
    .option('--profile <name>', 'AWS profile (AWS_PROFILE does the same)');
}

export function withStack(command: Command): Command {
  return command
    .option(
      '--stack-name <name>',
      'the stack (default: the one last deployed from here, else pynvest)',
    )
    .option(
      '-p, --parameter <Key=Value...>',
      'a parameter of cloudformation/pynvest.yaml, which describes them',
    );
}

export function withStackChange(command: Command): Command {
  return command
    .option('--role-arn <arn>', 'the role that CloudFormation takes up instead of yours')
    .option('-y, --yes', 'do it without asking');
}

/** What `iam-policy --for` prints a policy for. */
export const iamTasks = ['deploy', 'service-role', 'operate', 'collect', 'mend'] as const;

export interface RunOptions extends OutputOptions, LakeOptions, SiteOptions, WatchlistOptions {
  readonly tickers?: string;
  /** As the queries call it. */
  readonly ticker?: string;
  readonly tipo?: string;
  readonly remote?: boolean;
  readonly wait?: string;
}

export interface DedupOptions extends OutputOptions, LakeOptions {
  readonly date?: string;
  readonly remote?: boolean;
  readonly wait?: string;
}

/** The formats of `--format`. */
const outputFormats = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Of rows; Parquet is for files and pipes. */
export const rowFormats = [...outputFormats, 'parquet'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** Whose columns `pynvest columns` lists; on its own so that the command line can be read without them. */
export const columnSets = ['acoes', 'fiis', 'cotacoes'] as const;

export type ColumnSet = (typeof columnSets)[number];

/** The shells whose completion there is. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];
