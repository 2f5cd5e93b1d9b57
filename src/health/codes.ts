/**
 * The catalogue of doctor's codes: what each finding means, what a person does about it, what `--fix` does.
 * The findings, `doctor --list` and the README follow from it. Codes are stable: scripts depend on them. Pure data.
 */
import { RECREATE_HINT } from '../aws/resource-names.ts';

/** What is said of one code that the doctor can find. Pure. */
interface CodeEntry {
  /** What is so when it is found. */
  readonly meaning: string;
  /** What a person does about it; DAY stands for the day that was found. "" where there is nothing to do. */
  readonly remedy: string;
  /** What `--fix` does about it; absent where it does nothing. */
  readonly fix?: string;
}

const FIX_HINT = '`pynvest doctor --fix` mends it.';

const lakeCodes = {
  'lake-folder': {
    meaning: 'The folder of the lake is not there yet, or cannot be used.',
    remedy: 'Name a folder that you may write: --lake DIR.',
  },
  'lake-lock': {
    meaning: 'A run holds the lake, or died holding it.',
    remedy: FIX_HINT,
    fix: 'takes the lock of a dead run over, and lets it go',
  },
  'lake-leftovers': {
    meaning: 'Half-written files of a run that died; in S3, uploads that were never ended.',
    remedy: FIX_HINT,
    fix: 'removes those of a dead run (in S3 it leaves them)',
  },
  table: {
    meaning: 'How many days a table has, and which is the newest.',
    remedy: '`pynvest run` collects today.',
  },
  'file-unreadable': {
    meaning: 'A file is cut short, spoilt, or no Parquet file.',
    remedy:
      '`pynvest doctor --fix` moves it to _quarantine. The pages of a past day cannot be read again.',
    fix: 'moves it to _quarantine; typed rows and quotes are made again from the raw text',
  },
  'codec-unreadable': {
    meaning: 'A file is compressed in a way that this version cannot read; it may be whole.',
    remedy:
      'Another program wrote it, or it is spoilt: write it again with snappy, or move it out of the lake by hand.',
  },
  'columns-wrong': {
    meaning: 'A file lacks columns that it should have, or has them with another type.',
    remedy: '`pynvest backfill --date DAY` makes typed rows and quotes again from the raw text.',
    fix: 'makes typed rows and quotes again where their source is there',
  },
  'columns-older': {
    meaning: 'Files of an earlier version lack the newest columns; these read as null.',
    remedy: '',
  },
  'columns-unknown': {
    meaning: 'A file has columns that this version does not know.',
    remedy: 'A newer pynvest may have written it: update this one.',
  },
  'foreign-file': {
    meaning:
      "What is no Parquet file lies in a table's folder; Athena reads it as rows all the same.",
    remedy: 'It may be yours: move it out of the lake by hand.',
  },
  'foreign-folder': {
    meaning: "A folder in a table's folder is no day's: nobody reads the rows in it.",
    remedy: 'It may be yours: a day is anomesdia_exec=YYYYMMDD. Rename it or move it away by hand.',
  },
  'ticker-twice': {
    meaning: 'A ticker has more than one row in a day.',
    remedy: FIX_HINT,
    fix: 'keeps the newest row of each ticker',
  },
  'day-unfinished': {
    meaning: 'A day was left half-way: files from the midst of a run, or a layer without the next.',
    remedy: '`pynvest backfill --date DAY` completes it.',
    fix: 'makes typed rows and quotes of what is there',
  },
  'day-missing': {
    meaning: 'Days on which B3 traded are not in the lake.',
    remedy: 'The site shows the present alone: a day that was not collected stays missing.',
  },
  'raw-missing': {
    meaning: 'Typed rows whose raw text is gone, so that they cannot be made again.',
    remedy: 'Nothing, where the raw text was meant to go.',
  },
  'typed-differs': {
    meaning: 'Typed rows (SoT) are not what follows from the raw text (SoR).',
    remedy: '`pynvest backfill --date DAY` makes them follow.',
    fix: 'makes them again from the raw text',
  },
  'quotes-differ': {
    meaning: 'Quotes (Spec) are not what follows from the typed rows (SoT).',
    remedy: '`pynvest backfill --date DAY` makes them follow.',
    fix: 'makes them again from the typed rows',
  },
  'row-alone': {
    meaning:
      'Typed rows or quotes that follow from no row of the layer before, or are newer than it; a rebuild keeps them.',
    remedy:
      "Where they are wrong, move the day's file of that table away; `pynvest backfill --date DAY` then makes it again.",
  },
  'value-band': {
    meaning: 'A quote lies outside the lowest and the highest of its 52 weeks.',
    remedy: 'The site prints it so: nothing is changed.',
  },
  'value-fraction': {
    meaning: 'A fraction is over 10 (1,000%), or under -10.',
    remedy: 'The site prints it so: nothing is changed.',
  },
  'value-price': {
    meaning: 'A price is negative.',
    remedy: 'The site prints it so: nothing is changed.',
  },
  'value-date': {
    meaning: 'The date of a last quote comes after the day, or, on the newest day, long before it.',
    remedy: 'The site prints it so: assets that trade no more keep their last quote.',
  },
  'catalog-table': {
    meaning:
      'The Glue catalog lacks a table, or has other columns, types or comments than this version.',
    remedy: FIX_HINT,
    fix: "gives it this version's columns, where it has none that this version does not know",
  },
  'partition-unknown': {
    meaning: 'A day has files in the bucket, and Athena does not know it.',
    remedy: FIX_HINT,
    fix: 'registers it in the Glue catalog',
  },
  'partition-empty': {
    meaning: 'The Glue catalog has a day without files.',
    remedy: FIX_HINT,
    fix: 'looks into the bucket once more, and takes it out of the catalog',
  },
  'partition-elsewhere': {
    meaning: 'The Glue catalog has a day at another place than its files.',
    remedy:
      'Someone may have meant it. `aws glue delete-partition` takes it out, then `pynvest doctor --fix`.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

const systemCodes = {
  'aws-access': {
    meaning: 'AWS does not know who asks, or where.',
    remedy: 'Say --profile and --region, or log in: `aws sso login`.',
  },
  'aws-permission': {
    meaning: 'These credentials may not look at a part of the system.',
    remedy: 'What could not be looked at was not checked. Ask for the permission that is named.',
  },
  'not-looked-at': {
    meaning: 'A part of the lake, or of the system around it, did not let itself be looked at.',
    remedy: 'What it would have shown was not checked: run `pynvest doctor` again.',
  },
  'aws-quota': {
    meaning: 'The account lets fewer functions run at once than the chain may start.',
    remedy:
      'Nothing is lost, it only takes longer. Service Quotas raises it: Lambda, "Concurrent executions".',
  },
  stack: {
    meaning: 'The stack is not there, or not in a state in which it works.',
    remedy: '`pynvest deploy` mends it.',
  },
  function: {
    meaning: 'A function of the chain is not there, or cannot be started.',
    remedy: RECREATE_HINT,
  },
  'queue-trigger': {
    meaning: 'A queue does not start its function: its event source mapping is gone or disabled.',
    remedy: FIX_HINT,
    fix: 'enables one that is disabled',
  },
  notification: {
    meaning: 'New files in a bucket do not start the next function.',
    remedy: FIX_HINT,
    fix: "adds pynvest's own to the bucket's notifications; all others stay",
  },
  schedule: {
    meaning: 'A schedule is disabled: nothing is collected by itself.',
    remedy: '`pynvest resume` enables it.',
  },
  'dead-letters': {
    meaning: 'Tickers that failed for good wait in a dead-letter queue.',
    remedy: '`pynvest redrive` shows them with their reasons, and sends them back.',
  },
  site: {
    meaning: 'The site answers with its list of tickers.',
    remedy: '',
  },
  'site-blocked': {
    meaning: 'The site refuses us.',
    remedy: 'Wait, then ask more slowly: --concurrency 2 --pause 2000.',
  },
  'site-unavailable': {
    meaning: 'The site does not answer, or not to the end.',
    remedy: 'Check the network, and try again later.',
  },
  'site-layout': {
    meaning: 'The site answers with pages that this version cannot read.',
    remedy: 'A newer version of pynvest may know them.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

const entries = { ...lakeCodes, ...systemCodes };

export type Code = keyof typeof entries;

export const codes: Readonly<Record<Code, CodeEntry>> = entries;

export const allCodes = Object.keys(entries) as readonly Code[];

/** The list as a Markdown table. */
export function codesAsMarkdown(): string {
  const lines = allCodes.map((code) => {
    const { meaning, remedy, fix = '' } = codes[code];
    return `| \`${code}\` | ${meaning} | ${remedy} | ${fix} |`;
  });
  return ['| code | what is so | what to do | `--fix` |', '|---|---|---|---|', ...lines, ''].join(
    '\n',
  );
}
