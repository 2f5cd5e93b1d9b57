/** Texts of others, such as names, log fields and causes: nothing of them is a command to the terminal, or endless. */
import { describe, expect, test } from 'vitest';
import { writeLogLines } from '../../src/cli/commands/logs.ts';
import { reportError } from '../../src/cli/exit.ts';
import { writeFindings } from '../../src/cli/output/findings.ts';
import { writeRows } from '../../src/cli/output/rows.ts';
import { formatStatus } from '../../src/cli/output/status.ts';
import { BrokenFileError, QueryError } from '../../src/errors.ts';
import { createFinding } from '../../src/health/finding.ts';
import { parseLogEvent } from '../../src/remote/log-line.ts';
import { fakeTerminal } from '../support/fake-terminal.ts';
import { specTable } from '../support/tables.ts';

const HOSTILE = 'a\u001b]0;title\u0007\u009b31m\u009d8;;x\u202eb\u2066c\u200bd\ufeff\r\u007f';
const SHOWN = 'a\\u001b]0;title\\u0007\\u009b31m\\u009d8;;x\\u202eb\\u2066c\\u200bd\\ufeff';
const ENDLESS = 'x'.repeat(1_000_000);

/** Everything but printable characters and line feeds. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function expectHarmless(text: string): void {
  expect(OBEYED.exec(text)).toBeNull();
  expect(text.length).toBeLessThan(12_000);
}

describe('a hostile text does not reach the terminal', () => {
  test.each(['table', 'json'] as const)('as the name of a column, as %s', async (format) => {
    for (const columns of [undefined, 80]) {
      const { terminal, stdout, end } = fakeTerminal({ color: false, ...(columns && { columns }) });
      const data = { columns: [HOSTILE], rows: [[{ [HOSTILE]: [HOSTILE] }], [HOSTILE]] };
      await writeRows(terminal, format, data);
      await end();
      expectHarmless(stdout());
      expect(stdout()).toContain(SHOWN);
      if (format === 'json') {
        expect(JSON.parse(stdout())).toEqual([
          { [HOSTILE]: { [HOSTILE]: [HOSTILE] } },
          { [HOSTILE]: HOSTILE },
        ]);
      }
    }
  });

  test('as an endless name of a column', async () => {
    const { terminal, stdout, end } = fakeTerminal({ color: false, columns: 80 });
    await writeRows(terminal, 'table', { columns: [ENDLESS, 'b'], rows: [[ENDLESS, 1]] });
    await end();
    expectHarmless(stdout());
  });

  test.each([HOSTILE, ENDLESS])('as an error, its hint and its causes', (text) => {
    for (const verbose of [false, true]) {
      const { terminal, stderr } = fakeTerminal({ verbose });
      const cause = new BrokenFileError(text, { cause: new Error(text) });
      reportError(new QueryError(text, { hint: text, cause }), terminal);
      expect(OBEYED.exec(stderr())).toBeNull();
      // The message, the hint, and three more messages in the stacks.
      expect(stderr().length).toBeLessThan(30_000);
      if (verbose) expect(stderr()).toContain('caused by:');
    }
  });

  test.each([HOSTILE, ENDLESS])('as any part of a log line', async (text) => {
    for (const verbose of [false, true]) {
      const { terminal, stdout, end } = fakeTerminal({ columns: 80, verbose });
      const message = JSON.stringify({
        ...{ level: text, message: text, ticker: text, requestId: text, reason: text },
        ...{ [text]: text, nested: { [text]: [text] } },
      });
      const line = parseLogEvent({ id: '1', timestamp: 0, message }, 'get-tickers');
      const lines = (async function* () {
        yield line;
      })();
      await writeLogLines(terminal, { format: 'table' }, lines, true);
      await end();
      const colorless = stdout();
      expect(OBEYED.exec(colorless)).toBeNull();
      expect(colorless.length).toBeLessThan(30_000);
    }
  });

  test.each([HOSTILE, ENDLESS])('as a finding of doctor', async (text) => {
    const { terminal, stdout, end } = fakeTerminal({ columns: 80 });
    const details = { table: specTable, subject: text, detail: text, remedy: text };
    await writeFindings(terminal, 'table', [createFinding('file-unreadable', details)], []);
    await end();
    expectHarmless(stdout());
  });

  test.each([HOSTILE, ENDLESS])('as a concern of status', (text) => {
    const concern = { code: 'dead-lock', what: text, remedy: text } as const;
    const report = {
      ...{ place: text, checked_at: '2026-11-19T20:00:00Z', due_day: '2026-11-19', tables: [] },
      ...{ last_run: null, folder: { files: 1, bytes: 1, lock: text }, schedules: null },
      ...{ queues: null, stack: null, state_machine: null, alarms: null, imports: null },
      ...{ problems: [concern], untold: [], notes: [] },
    };
    const shown = formatStatus(
      report as unknown as Parameters<typeof formatStatus>[0],
      80,
      'pt-BR',
    );
    expect(OBEYED.exec(shown)).toBeNull();
    expect(shown.length).toBeLessThan(30_000);
  });
});
