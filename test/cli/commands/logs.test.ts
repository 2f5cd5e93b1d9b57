/** The lines of `pynvest logs` on stdout, for a reader that is slower than the log. */
import { expect, test } from 'vitest';
import { writeLogLines } from '../../../src/cli/commands/logs.ts';
import { type LogLine, parseLogEvent } from '../../../src/remote/log-line.ts';
import { fakeTerminal } from '../../support/fake-terminal.ts';

const LINES = 300;

function line(index: number): LogLine {
  const time = new Date(Date.UTC(2026, 10, 20, 21, 45, 0, index)).toISOString();
  const message = JSON.stringify({ time, level: 'INFO', message: `line ${index}.`, rows: 12 });
  return parseLogEvent({ id: String(index), timestamp: Date.parse(time), message }, 'get-tickers');
}

test.each(['table', 'csv', 'json'] as const)(
  'as %s: each line once, and none before the reader has taken those before it',
  async (format) => {
    const { terminal, stdout, end } = fakeTerminal({ columns: 80 });
    let ahead = 0;
    const lines = async function* (): AsyncIterable<LogLine> {
      for (let index = 0; index < LINES; index += 1) {
        if (terminal.stdout.writableNeedDrain) ahead += 1;
        yield line(index);
      }
    };
    await writeLogLines(terminal, { format, follow: true }, lines(), false);
    await end();
    expect(ahead).toBe(0);
    const told = [...stdout().matchAll(/line (\d+)\./g)].map(([, index]) => Number(index));
    expect(told).toEqual(Array.from({ length: LINES }, (_, index) => index));
  },
);

test.each([40, 60, 80, 120])(
  'no word of a line is broken on a screen of %i columns',
  async (columns) => {
    const { terminal, stdout, end } = fakeTerminal({ columns, color: false });
    const message = JSON.stringify({
      ...{ level: 'WARN', message: 'the page of PETR4 has another layout', ticker: 'PETR4' },
      ...{ reason: 'the heading names the asset and no table holds its data', attempts: 3 },
    });
    const parsed = parseLogEvent(
      { id: '1', timestamp: 0, message },
      'get-financial-data-for-acoes',
    );
    const lines = async function* (): AsyncIterable<LogLine> {
      yield parsed;
    };
    await writeLogLines(terminal, { format: 'table' }, lines(), false);
    await end();
    const shown = stdout().trimEnd().split('\n');
    for (const each of shown) expect(each.length).toBeLessThanOrEqual(columns);
    expect(shown.join(' ').replaceAll(/\s+/g, ' ')).toContain(
      'WARN get-financial-data-for-acoes: the page of PETR4 has another layout ticker=PETR4 reason=the heading names',
    );
  },
);
