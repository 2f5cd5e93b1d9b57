/**
 * The catalogue of status's codes, which `status --list` and the documentation show. Codes are stable: scripts
 * depend on them. Pure data.
 */
import { RECREATE_HINT } from '../aws/resource-names.ts';

/**
 * What a code counts as. A problem makes the exit status 3; something that was not told makes it 1 where
 * there is no problem; a note leaves it at 0.
 */
type CountsAs = 'problem' | 'note' | 'not told';

interface StatusCodeEntry {
  /** Two where it depends, which the meaning then says. */
  readonly countsAs: readonly CountsAs[];
  readonly meaning: string;
  /** What a person does about it; DAY stands for the day that was found. "" where there is nothing to do. */
  readonly remedy: string;
}

const problem: Pick<StatusCodeEntry, 'countsAs'> = { countsAs: ['problem'] };
const note: Pick<StatusCodeEntry, 'countsAs'> = { countsAs: ['note'] };
const unavailable = {
  countsAs: ['not told'],
  remedy: 'What AWS answered says why; `pynvest iam-policy --for operate` prints what it takes.',
} as const;

const entries = {
  empty: {
    ...problem,
    meaning: 'Nothing is stored in a table yet.',
    remedy: '`pynvest run` collects today.',
  },
  unreadable: {
    ...problem,
    meaning: 'A file of the newest day cannot be read.',
    remedy:
      '`pynvest doctor --fix` moves a broken file aside, and makes typed rows and quotes again from the raw text.',
  },
  stale: {
    ...problem,
    meaning: 'The newest trading day that is due is not there.',
    remedy: '`pynvest run` collects today; in AWS `pynvest logs` says what went wrong.',
  },
  'missing-days': {
    ...problem,
    meaning: 'One of the last 5 trading days is not there.',
    remedy: '`pynvest backfill --date DAY` makes it from its raw text, where there is any.',
  },
  'old-gaps': {
    ...note,
    meaning: 'An older trading day is not there.',
    remedy: '`pynvest backfill --date DAY` makes it from its raw text, where there is any.',
  },
  'missing-tickers': {
    countsAs: ['problem', 'note'],
    meaning:
      'The newest day lacks tickers. A note where they are 1 % or fewer, or the day is not due or still at work.',
    remedy: '`pynvest run` asks for them again; in AWS `pynvest redrive` sends dead letters back.',
  },
  duplicates: {
    countsAs: ['problem', 'note'],
    meaning:
      'The newest day has tickers twice. A note where the day is not due or still at work. Raw text in AWS may have them.',
    remedy:
      '`pynvest dedup now --date DAY` leaves one row a ticker; in raw text `pynvest backfill --date DAY` does.',
  },
  'last-run-failed': {
    ...problem,
    meaning: 'The last run of this command stored nothing, or could not make the tables follow.',
    remedy: '`pynvest run` collects the day; `pynvest backfill --date DAY` makes tables follow.',
  },
  'listing-fault': {
    ...problem,
    meaning: 'A listing did not come in the last run of this command, or it was cut short.',
    remedy: '`pynvest run` asks for the listings again.',
  },
  'broken-report': {
    ...note,
    meaning: 'The report of a run cannot be read.',
    remedy: 'Remove it from _runs: nothing else needs it.',
  },
  'site-no-answer': {
    ...note,
    meaning: 'The site does not say what it lists: tickers are compared with the day before.',
    remedy: 'Ask again when it answers; --no-site does not ask it.',
  },
  unparsed: {
    ...note,
    meaning: 'Values of the newest day do not parse, and are null.',
    remedy:
      'The raw text is kept: a newer pynvest may read it, and `pynvest backfill --date DAY` then types it.',
  },
  'unknown-label': {
    ...note,
    meaning: 'Pages of the newest day have labels that no column is for.',
    remedy: 'The text is kept in outros_indicadores; a newer pynvest may have a column for it.',
  },
  'vanished-label': {
    ...note,
    meaning: 'A label that a column is for stood on no page of the newest day.',
    remedy: 'The site may have renamed it: look for labels without a column, update pynvest.',
  },
  'unfinished-day': {
    ...problem,
    meaning: 'A run left a day of the folder half-way.',
    remedy: '`pynvest run` completes today, `pynvest backfill --date DAY` any other day.',
  },
  'dead-lock': {
    ...problem,
    meaning: 'A run on the folder died at its work.',
    remedy: '`pynvest run` clears up after it and completes what it left.',
  },
  locked: {
    ...note,
    meaning: 'A run is at work on the folder.',
    remedy: 'What its day lacks can be told when it has ended.',
  },
  'schedule-disabled': {
    ...problem,
    meaning: 'A schedule is disabled: nothing is collected, or deduplicated, by itself.',
    remedy: '`pynvest resume` enables it.',
  },
  'schedule-missing': {
    ...problem,
    meaning: 'A schedule is gone: somebody removed its rule.',
    remedy: RECREATE_HINT,
  },
  'dead-letters': {
    ...problem,
    meaning: 'Tickers failed for good, and wait in a dead-letter queue.',
    remedy: '`pynvest redrive` shows why, and sends them back.',
  },
  'state-machine-failed': {
    ...problem,
    meaning: 'The last deduplication failed, was stopped, or took too long.',
    remedy: '`pynvest logs` says more; `pynvest dedup now` removes the duplicates.',
  },
  alarm: {
    countsAs: ['problem', 'note'],
    meaning:
      'An alarm of the stack is in ALARM. A note for the one of no new data: the days are looked at themselves.',
    remedy: 'What it says: each alarm has its own. It ends by itself once its cause is over.',
  },
  'alarm-missing': {
    ...note,
    meaning: 'An alarm of the stack is gone: somebody removed it, and it mails nobody.',
    remedy: RECREATE_HINT,
  },
  'stack-unhealthy': {
    ...problem,
    meaning: 'The stack is not whole: a deployment or a removal failed half-way.',
    remedy: '`pynvest deploy` says what is wrong with it and completes it.',
  },
  'stack-busy': {
    ...note,
    meaning: 'The stack is changing.',
    remedy: 'Wait until it has ended.',
  },
  'stack-rolled-back': {
    ...note,
    meaning: 'The last change of the stack failed and was undone.',
    remedy: '`pynvest deploy` tries it again.',
  },
  'stack-drifted': {
    ...note,
    meaning: 'Resources of the stack were changed by hand.',
    remedy: '`pynvest status --drift` looks again and names them.',
  },
  'drift-unknown': {
    ...note,
    meaning: 'Whether resources were changed by hand could not be found out.',
    remedy: '`pynvest status --drift` looks again.',
  },
  'stack-unprotected': {
    ...note,
    meaning: 'The stack has no termination protection.',
    remedy: '`pynvest deploy` turns it on.',
  },
  'last-run': { ...unavailable, meaning: 'The reports of runs in the bucket.' },
  schedules: { ...unavailable, meaning: 'The schedules.' },
  queues: { ...unavailable, meaning: 'How much is in the queues.' },
  'oldest-messages': { ...unavailable, meaning: 'How old the oldest message of a queue is.' },
  'state-machine': { ...unavailable, meaning: 'The last deduplication.' },
  alarms: { ...unavailable, meaning: 'The states of the alarms.' },
  stack: { ...unavailable, meaning: 'The stack as CloudFormation has it.' },
} as const satisfies Readonly<Record<string, StatusCodeEntry>>;

export type StatusCode = keyof typeof entries;

export const statusCodes: Readonly<Record<StatusCode, StatusCodeEntry>> = entries;

export const allStatusCodes = Object.keys(entries) as readonly StatusCode[];

/** The list as a Markdown table. */
export function statusCodesAsMarkdown(): string {
  const lines = allStatusCodes.map((code) => {
    const { countsAs, meaning, remedy } = statusCodes[code];
    return `| \`${code}\` | ${countsAs.join(', ')} | ${meaning} | ${remedy} |`;
  });
  return ['| code | counts as | what is so | what to do |', '|---|---|---|---|', ...lines, ''].join(
    '\n',
  );
}
