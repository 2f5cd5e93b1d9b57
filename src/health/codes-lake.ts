/**
 * The codes of findings about a lake: its folder, files, days, rows, values, runs and catalog. Pure data.
 */

const REPAIR_HINT = '`pynvest doctor --fix` repairs it.';

const BACKFILL_HINT =
  '`pynvest backfill --date DAY` rebuilds it from the raw text, where there is any, or its quotes from the imported history of B3.';

const PRINTED_VALUE_HINT = 'The site prints it so: nothing is changed.';

export const lakeCodes = {
  'lake-folder': {
    severity: 'problem',
    noteWhere: 'the folder does not exist yet',
    meaning: 'The folder of the lake cannot be used.',
    remedy: 'Name a folder that you can write to: --lake DIR.',
  },
  'demo-lake': {
    severity: 'note',
    meaning:
      'The market of the lake is fictional: it has the days that a demo made up, and is not expected to have others.',
    remedy: '`pynvest demo` recreates it. Use another lake for the real market.',
  },
  'lake-lock': {
    severity: 'ok',
    meaning: 'No run holds the lake.',
    remedy: '',
  },
  'dead-lock': {
    severity: 'problem',
    aliases: ['lake-lock'],
    meaning: 'A run on the folder died while it held the lock.',
    remedy: '`pynvest run` cleans up after it and completes its day.',
    fix: 'takes over the lock of the dead run and releases it',
  },
  locked: {
    severity: 'note',
    aliases: ['lake-lock'],
    meaning: 'A run is in progress on the folder.',
    remedy: 'Its day is incomplete until it ends; `doctor` examines no table until then.',
  },
  'lake-leftovers': {
    severity: 'note',
    meaning: 'Incomplete files of a run that died; in S3, uploads that were never completed.',
    remedy: REPAIR_HINT,
    fix: 'removes those of a dead run (in S3 it leaves them)',
  },
  table: {
    severity: 'ok',
    meaning: 'How many days a table has, and which is the newest.',
    remedy: '',
  },
  empty: {
    severity: 'note',
    aliases: ['table'],
    meaning: 'A table has no rows yet.',
    remedy: '`pynvest run` collects today.',
  },
  'file-unreadable': {
    severity: 'problem',
    aliases: ['unreadable'],
    meaning: 'A file is truncated, damaged or not a Parquet file.',
    remedy:
      '`pynvest doctor --fix` moves it to _quarantine. The pages of a past day cannot be read again.',
    fix: 'moves it to _quarantine; typed rows and quotes are rebuilt from the raw text',
  },
  'codec-unreadable': {
    severity: 'problem',
    aliases: ['unreadable'],
    meaning: 'A file is compressed in a way that this version cannot read; it may be intact.',
    remedy:
      'Another program wrote it, or it is damaged: write it again with snappy, or move it out of the lake by hand.',
  },
  'copy-damaged': {
    severity: 'problem',
    meaning:
      'A copy of past days, which makes queries faster, is damaged: they may give wrong values.',
    remedy: REPAIR_HINT,
    fix: 'removes it; the daily files have the same rows, and it is copied again from them',
  },
  'columns-wrong': {
    severity: 'problem',
    meaning: 'A file lacks columns that it should have, or has them with another type.',
    remedy: '`pynvest backfill --date DAY` rebuilds typed rows and quotes from the raw text.',
    fix: 'rebuilds typed rows and quotes where their source exists',
  },
  'columns-older': {
    severity: 'note',
    meaning: 'Files of an earlier version lack the newest columns, which read as null.',
    remedy: '',
  },
  'columns-unknown': {
    severity: 'note',
    meaning: 'A file has columns that this version does not know.',
    remedy: 'A newer pynvest may have written it: update this one.',
  },
  'foreign-file': {
    severity: 'problem',
    noteWhere: 'Athena does not read it',
    meaning: 'A file in the folder of a table is not a Parquet file; Athena reads it as rows.',
    remedy: 'It may be yours: move it out of the lake by hand.',
  },
  'foreign-folder': {
    severity: 'problem',
    noteWhere: 'its name does not begin as that of a day',
    meaning: 'A folder in the folder of a table is not a day: the rows in it are never read.',
    remedy: 'It may be yours: a day is anomesdia_exec=YYYYMMDD. Rename it or move it away by hand.',
  },
  duplicates: {
    severity: 'problem',
    noteWhere: 'the day is not due yet or a run is still in progress',
    aliases: ['ticker-twice'],
    meaning:
      'A ticker has more than one row in a day. Raw text in AWS may: its files are not merged.',
    remedy:
      '`pynvest dedup now --date DAY` leaves one row per ticker; in raw text `pynvest backfill --date DAY` does.',
    fix: 'keeps the newest row of each ticker',
  },
  stale: {
    severity: 'problem',
    meaning: 'The newest trading day that is due is missing.',
    remedy: '`pynvest run` collects today; in AWS `pynvest logs` shows what went wrong.',
  },
  'day-missing': {
    severity: 'problem',
    noteWhere: 'the day is not one of the last 5 trading days, or the lake has no later one',
    aliases: ['missing-days', 'old-gaps'],
    meaning: 'A day on which B3 traded is not in the lake.',
    remedy: BACKFILL_HINT,
  },
  'day-unfinished': {
    severity: 'problem',
    aliases: ['unfinished-day'],
    meaning:
      'A run did not finish a day: it has intermediate files, or a layer without the next one.',
    remedy: '`pynvest backfill --date DAY` completes it; `pynvest run` completes today.',
    fix: 'rebuilds typed rows and quotes from the raw text that exists',
  },
  'day-in-progress': {
    severity: 'note',
    aliases: ['day-unfinished'],
    meaning: 'Today is unfinished, and its run may still be in progress in AWS.',
    remedy: 'Run `pynvest doctor` again when the run has ended.',
  },
  'day-to-come': {
    severity: 'problem',
    meaning:
      'A day is after today: a clock was ahead when it was collected, or that of this machine is behind.',
    remedy:
      'Set the clock right. If the day was stored by a clock that was ahead, answers about the newest day are of it until it comes: move its folders, anomesdia_exec=YYYYMMDD, out of the lake by hand.',
  },
  'day-changing': {
    severity: 'note',
    aliases: ['not-looked-at'],
    meaning: 'A run changed a day while it was read: its layers were not compared.',
    remedy: 'Run `pynvest doctor` again when the run has ended.',
  },
  'missing-tickers': {
    severity: 'problem',
    noteWhere: 'they are 1 % or fewer, the day is not due yet or a run is still in progress',
    meaning: 'The newest day lacks tickers.',
    remedy: '`pynvest run` asks for them again; in AWS `pynvest redrive` returns dead letters.',
  },
  'raw-missing': {
    severity: 'problem',
    noteWhere: 'the day is over: its pages cannot be read again',
    meaning: 'Typed rows have no raw text, so they cannot be rebuilt.',
    remedy: 'Nothing, where the raw text was removed on purpose.',
  },
  'typed-differs': {
    severity: 'problem',
    meaning: 'Typed rows (SoT) are not what follows from the raw text (SoR).',
    remedy: '`pynvest backfill --date DAY` rebuilds them.',
    fix: 'rebuilds them from the raw text',
  },
  'quotes-differ': {
    severity: 'problem',
    meaning: 'Quotes (Spec) are not what follows from the typed rows (SoT).',
    remedy: '`pynvest backfill --date DAY` rebuilds them.',
    fix: 'rebuilds them from the typed rows',
  },
  'row-alone': {
    severity: 'note',
    meaning:
      'Typed rows or quotes follow from no row of the layer before, or are newer than it; a rebuild keeps them.',
    remedy:
      'Where they are wrong, move the file of that table and day away; `pynvest backfill --date DAY` then rebuilds it.',
  },
  'value-band': {
    severity: 'note',
    meaning: 'A quote is below the lowest or above the highest of its 52 weeks.',
    remedy: PRINTED_VALUE_HINT,
  },
  'value-fraction': {
    severity: 'note',
    meaning: 'A fraction is over 10 (1,000%) or under -10.',
    remedy: PRINTED_VALUE_HINT,
  },
  'value-price': {
    severity: 'note',
    meaning: 'A price is negative.',
    remedy: PRINTED_VALUE_HINT,
  },
  'value-date': {
    severity: 'note',
    meaning: 'The date of a last quote is after the day or, on the newest day, long before it.',
    remedy: 'The site prints it so: assets that are no longer traded keep their last quote.',
  },
  unparsed: {
    severity: 'note',
    meaning: 'Values of the newest day do not parse, and are null.',
    remedy:
      'The raw text is stored: a newer pynvest may parse it, and `pynvest backfill --date DAY` then types it.',
  },
  'unknown-label': {
    severity: 'note',
    meaning: 'Pages of the newest day have labels without a column.',
    remedy: 'The text is stored in outros_indicadores; a newer pynvest may have a column for it.',
  },
  'vanished-label': {
    severity: 'note',
    meaning: 'The label of a column is on no page of the newest day.',
    remedy: 'The site may have renamed it: look for labels without a column, update pynvest.',
  },
  'last-run-failed': {
    severity: 'problem',
    meaning: 'The last run of this command stored nothing, or could not update the typed tables.',
    remedy:
      '`pynvest run` collects the day; `pynvest backfill --date DAY` updates the typed tables.',
  },
  'last-run-interrupted': {
    severity: 'problem',
    meaning: 'The last run of this command was stopped before it had asked for every ticker.',
    remedy: '`pynvest run` asks for all of them again, and completes the day.',
  },
  'import-interrupted': {
    severity: 'problem',
    meaning:
      'An import was stopped before its adjustments were stored: no adjusted price is proved.',
    remedy:
      'The same import again completes it; `pynvest import eventos` derives the adjustments of what is stored.',
  },
  'listing-fault': {
    severity: 'problem',
    meaning: 'The last run of this command got no listing, or an incomplete one.',
    remedy: '`pynvest run` asks for the listings again.',
  },
  'broken-report': {
    severity: 'note',
    meaning: 'The report of a run cannot be read.',
    remedy: 'Remove it from _runs: nothing else needs it.',
  },
  'catalog-table': {
    severity: 'problem',
    noteWhere: 'only comments differ, or columns of a newer version were added',
    meaning:
      'The Glue catalog lacks a table, or has other columns, types or comments than this version.',
    remedy: REPAIR_HINT,
    fix: 'updates its columns, unless it has some that this version does not know',
  },
  'partition-unknown': {
    severity: 'problem',
    meaning:
      'A day has files in the bucket and is not in the Glue catalog: Athena does not read it.',
    remedy: REPAIR_HINT,
    fix: 'adds it to the Glue catalog',
  },
  'partition-empty': {
    severity: 'problem',
    meaning: 'The Glue catalog has a day without files.',
    remedy: REPAIR_HINT,
    fix: 'removes it from the Glue catalog, unless it has files by then',
  },
  'partition-elsewhere': {
    severity: 'problem',
    meaning: 'The Glue catalog has a day at another location than its files.',
    remedy:
      'It may be on purpose. `aws glue delete-partition` removes it, then `pynvest doctor --fix`.',
  },
} as const;
