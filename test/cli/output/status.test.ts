import { describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../../src/catalog/datasets.ts';
import { formatStatus } from '../../../src/cli/output/status.ts';
import type { StatusReport } from '../../../src/health/status-report.ts';

const report: StatusReport = {
  checked_at: '2026-11-25T09:00:00.000-03:00',
  target: 'aws',
  place: 'the stack pynvest in sa-east-1',
  due_day: '2026-11-24',
  tables: tables.map(({ name, layer }) => ({
    table: name,
    layer,
    first_partition: '2024-01-02',
    last_partition: '2026-11-24',
    trading_days_behind: 0,
    read_at: '2026-11-24T18:50:00.000-03:00',
    age_hours: 14.2,
    rows: 1958,
    tickers: 979,
    expected_tickers: 986,
    compared_with: 'site',
    missing_tickers: 7,
    missing_days: 12,
  })),
  missing_days: [],
  missing_tickers: [],
  imports: {
    tables: [
      {
        ...{ table: 'tbsot_b3_cotacoes_historicas', layer: 'sot', rows: 3_352_500, years: 10 },
        ...{ first_year: 2011, last_year: 2020 },
      },
      {
        ...{ table: 'tbsot_eventos_corporativos', layer: 'sot', rows: 1, years: 1 },
        ...{ first_year: 2020, last_year: 2020 },
      },
    ],
    newest_session: '2020-12-30',
  },
  last_run: {
    command: 'run',
    date: '2026-11-24',
    started_at: '2026-11-24T18:45:00.000-03:00',
    seconds: 312.44,
    asked: 1479,
    stored: 1476,
    failed: ['AAAA3', 'BBBB3', 'CCCC3'].map((ticker) => ({
      ticker,
      kind: ticker === 'AAAA3' ? 'not-found' : 'unavailable',
      reason: 'said why',
    })),
    interrupted: false,
    error: null,
    without_page: [],
    listing_faults: [],
  },
  unparsed: [],
  drift: { unknownLabels: [], vanishedColumns: [] },
  folder: null,
  schedules: [
    {
      purpose: 'collect',
      rule: 'trigger-pynvest-lambda-check-and-delete-partitions',
      state: 'enabled',
      expression: 'cron(45 21 ? * MON-FRI *)',
      next_firing: '2026-11-25T18:45:00.000-03:00',
    },
    { purpose: 'dedup', rule: 'dedup', state: 'disabled', expression: 'x', next_firing: null },
  ],
  queues: [
    {
      ...{
        queue: 'a-queue',
        dead_letters: false,
        failed_events: false,
        visible: 986,
        in_flight: 100,
        delayed: 0,
      },
      oldest_message_seconds: 200_000,
    },
    {
      ...{
        queue: 'a-dead-queue',
        dead_letters: true,
        failed_events: false,
        visible: 0,
        in_flight: 0,
        delayed: 0,
      },
      oldest_message_seconds: null,
    },
  ],
  alarms: [
    { alarm: 'a-quiet-alarm', state: 'ok', since: '2026-11-24T19:00:00.000-03:00' },
    { alarm: 'an-alarm', state: 'alarm', since: '2026-11-24T19:00:00.000-03:00' },
  ],
  state_machine: {
    name: 'x',
    status: 'FAILED',
    started_at: '2026-11-24T19:00:00.000-03:00',
    seconds: 93.21,
    cause: 'no room',
  },
  stack: {
    name: 'pynvest',
    status: 'UPDATE_COMPLETE',
    termination_protection: true,
    drift: 'drifted',
    drift_checked_at: '2026-11-20T10:00:00.000-03:00',
    drifted_resources: [],
  },
  problems: [
    { code: 'stale', what: 'word '.repeat(40).trim(), remedy: 'do this '.repeat(20).trim() },
  ],
  notes: [{ code: 'stack-drifted', what: 'a note', remedy: 'read it.' }],
  untold: [{ code: 'queues', what: 'the queues: denied', remedy: '' }],
};

describe('a status on a terminal', () => {
  test.each([60, 80, 120])('fits into %i columns', (width) => {
    for (const line of formatStatus(report, width, 'pt-BR').split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  test('says it all in short lines', () => {
    expect(formatStatus(report, 80, 'pt-BR')).toBe(`Lake       the stack pynvest in sa-east-1
Checked    25/11/2026 09:00, São Paulo
Due        24/11/2026, the newest trading day that the lake should have

Table      Last day     Age  Late  Tickers   Rows  Gaps
SoR acoes  24/11/2026  14 h     0  979/986  1.958    12
SoR fiis   24/11/2026  14 h     0  979/986  1.958    12
SoT acoes  24/11/2026  14 h     0  979/986  1.958    12
SoT fiis   24/11/2026  14 h     0  979/986  1.958    12
Spec       24/11/2026  14 h     0  979/986  1.958    12

Last run   24/11/2026 18:45, run of 24/11/2026, 312,4 s
           1.479 asked, 1.476 stored, 3 failed
           not-found: AAAA3
           unavailable: BBBB3, CCCC3
Imports    tbsot_b3_cotacoes_historicas: 3.352.500 rows, 2011 to 2020
           tbsot_eventos_corporativos: 1 row, 2020
           newest session 30/12/2020
Schedules  collect: cron(45 21 ? * MON-FRI *), next 25/11/2026 18:45
           dedup: DISABLED
Queues     a-queue: 986 waiting, 100 in flight, oldest 2 d
           a-dead-queue: empty
Dedup      FAILED, 24/11/2026 19:00, 93,2 s
Alarms     1 of 2 in ALARM: an-alarm
Stack      pynvest: UPDATE_COMPLETE
           drift: drifted, 20/11/2026 10:00
           termination protection: on

Problems
! ${'word '.repeat(14)}word
  ${'word '.repeat(14)}word
  ${'word '.repeat(9)}word
    ${'do this '.repeat(9)}do
    ${'this do '.repeat(9)}this
    do this

Unavailable
! the queues: denied

Notes
! a note
    read it.
`);
  });
});

test('what it says has days and counts in the notation of the locale', () => {
  const note = {
    code: 'day-missing' as const,
    what: '12345 trading days missing: 2026-11-18',
    remedy: '`pynvest backfill --date 2026-11-18` rebuilds it.',
  };
  const noted = { ...report, notes: [note] };
  expect(formatStatus(noted, 80, 'pt-BR')).toContain(
    '! 12.345 trading days missing: 18/11/2026\n    `pynvest backfill --date 2026-11-18`',
  );
  expect(formatStatus(noted, 80, 'en')).toContain('! 12,345 trading days missing: 2026-11-18');
});

test('the table leaves out its last columns where it is wider than the screen', () => {
  const headingAt = (width: number) =>
    formatStatus(report, width, 'pt-BR')
      .split('\n')
      .find((line) => line.startsWith('Table'))
      ?.split(/ {2,}/);
  expect(headingAt(80)).toEqual(['Table', 'Last day', 'Age', 'Late', 'Tickers', 'Rows', 'Gaps']);
  expect(headingAt(40)).toEqual(['Table', 'Last day', 'Late', 'Tickers']);
});

test.each([
  [-0.01, '<1 h'],
  [-2, '-'],
])('rows that are %s hours old have the age %s', (hours, age) => {
  const tables = report.tables.map((table) => ({ ...table, age_hours: hours }));
  expect(formatStatus({ ...report, tables }, 80, 'pt-BR')).toMatch(
    new RegExp(`^Spec +24/11/2026 +${age} `, 'm'),
  );
});
