import { describe, expect, test } from 'vitest';
import { dailyTables as tables } from '../../../src/catalog/datasets.ts';
import { toTicker } from '../../../src/catalog/ticker.ts';
import { printRunReport, writeRunReports } from '../../../src/cli/output/run-report.ts';
import type { FailedTicker } from '../../../src/pipeline/collect.ts';
import type { ReportFacts } from '../../../src/pipeline/report.ts';
import { createReport } from '../../../src/pipeline/report.ts';
import { type FakeTerminalOptions, fakeTerminal } from '../../support/fake-terminal.ts';
import { day } from '../../support/made-up-lake.ts';
import { specTable } from '../../support/tables.ts';

function report(facts: Partial<ReportFacts> = {}) {
  return createReport({
    command: 'run',
    partition: day('2026-11-20'),
    startedAt: new Date('2026-11-20T21:45:00Z'),
    endedAt: new Date('2026-11-20T21:46:30Z'),
    asked: 3,
    stored: 3,
    rows: { [specTable.name]: 3 },
    unparsed: [],
    bytes: 1_500_000,
    ...facts,
  });
}

function said(facts: Partial<ReportFacts>, options?: FakeTerminalOptions): string {
  const { terminal, stderr, stdout } = fakeTerminal(options);
  printRunReport(terminal, report(facts));
  expect(stdout()).toBe('');
  return stderr();
}

function failure(name: string, kind: FailedTicker['kind'], reason: string): FailedTicker[] {
  return [toTicker(name) ?? []].flat().map((ticker) => ({ ticker, kind, reason }));
}

describe('a report for a person', () => {
  test('of a run says what was stored, how long it took and how much was written', () => {
    expect(said({})).toBe('Stored 3 of 3 tickers for 2026-11-20 in 90.0 s (1.5 MB written)\n');
    expect(said({}, { quiet: true })).toBe('');
    expect(said({ command: 'backfill' })).toBe('');
  });

  test('names each ticker that failed and why, quiet or not, and its name once', () => {
    const failed = [
      ...failure('ZZZZ3', 'not-found', 'ZZZZ3: the site has no such ticker'),
      ...failure('ABCD4', 'unavailable', 'no answer within 20 ms'),
    ];
    const loud = said({ failed, stored: 1 });
    expect(loud).toBe(
      '! ABCD4: no answer within 20 ms\n' +
        '! ZZZZ3: the site has no such ticker\n' +
        'Stored 1 of 3 tickers for 2026-11-20 in 90.0 s (1.5 MB written)\n' +
        '`pynvest tickers` lists the tickers that the site has.\n' +
        'Run again to complete the day; what is stored stays.\n',
    );
    expect(said({ failed }, { quiet: true }).split('\n')).toHaveLength(3);
  });

  test('counts the tickers that were not asked for instead of naming them', () => {
    const failed = ['AAAA3', 'BBBB3', 'CCCC3'].flatMap((name) =>
      failure(name, 'not-asked', 'not asked: the site refused those before'),
    );
    const late = failure('DDDD3', 'not-asked', 'not asked: the requests before failed');
    const text = said({ failed: [...failed, ...late], stored: 0 });
    expect(text).toContain('! 3 tickers were not asked for: the site refused those before\n');
    expect(text).toContain('! 1 ticker was not asked for: the requests before failed\n');
    expect(text).not.toContain('AAAA3');
  });

  test('does not say that tickers are stored where their rows could not be written', () => {
    expect(said({ stored: 3, error: 'cannot write x: the disk is full' })).toBe(
      '! cannot write x: the disk is full\n' +
        'Read 3 of 3 tickers for 2026-11-20, but their typed rows and quotes are not complete\n',
    );
  });

  test('says a cause that many tickers share once, and with --verbose each of them', () => {
    const failed = 'ABCDEFGHI'.split('').flatMap((letter) => {
      const name = `AAA${letter}3`;
      return failure(name, 'blocked', `${name}: the site refuses us with status 403`);
    });
    expect(said({ failed, stored: 0, asked: 9 })).toBe(
      '! 9 tickers: the site refuses us with status 403 ' +
        '(AAAA3, AAAB3, AAAC3, AAAD3, AAAE3, AAAF3, AAAG3, AAAH3, AAAI3)\n' +
        'Stored 0 of 9 tickers for 2026-11-20 in 90.0 s (1.5 MB written)\n' +
        'The site refuses requests for now: wait a while, then run again more slowly, with ' +
        '--concurrency 2 --pause 2000.\n',
    );
    expect(said({ failed, stored: 3 })).toContain('--pause 2000; what is stored stays.\n');
    const all = said({ failed }, { verbose: true, quiet: true }).trimEnd().split('\n');
    expect(all).toEqual(failed.map(({ reason }) => `! ${reason}`));
  });

  test('names the setting for a site that has moved, and not a slower pace', () => {
    const reason = 'AAAA3: the site redirects to https://other.example';
    const text = said({ failed: failure('AAAA3', 'redirected', reason), stored: 3 });
    expect(text).toContain(
      'The site redirects to another one, which is not asked: check PYNVEST_FUNDAMENTUS_URL, set it if the ' +
        'site has moved, then run again; what is stored stays.\n',
    );
    expect(text).not.toContain('slowly');
  });

  test('names the first forty of a cause that more tickers share', () => {
    const names = Array.from({ length: 41 }, (_, index) => `AB${String(index).padStart(2, '0')}3`);
    const failed = names.flatMap((name) => failure(name, 'unavailable', 'no answer'));
    const [line] = said({ failed }, { quiet: true }).split('\n');
    expect(line).toBe(
      `! 41 tickers: no answer (${names.slice(0, 40).join(', ')}, …; --verbose names all)`,
    );
  });

  test('says of nothing stored that it stays', () => {
    const failed = failure('ABCD4', 'unavailable', 'no answer');
    expect(said({ failed, stored: 0 })).toMatch(/Run again to complete the day\.\n$/);
  });

  test('never advises to ask more slowly, or only again, for another layout', () => {
    const cause = 'the page has another layout, without the tables that pynvest reads';
    const names = ['AAAA3', 'BBBB3', 'CCCC3', 'DDDD3', 'EEEE3', 'FFFF3'];
    const failed = names.flatMap((name) => failure(name, 'layout-changed', `${name}: ${cause}`));
    expect(said({ failed, stored: 0, asked: 6 })).toBe(
      `! 6 tickers: ${cause} (${names.join(', ')})\n` +
        'Stored 0 of 6 tickers for 2026-11-20 in 90.0 s (1.5 MB written)\n' +
        'For pages that cannot be read, install the newest version of pynvest, which may know them, ' +
        'then run again.\n',
    );
  });

  test('counts one as one', () => {
    const text = said({
      asked: 1,
      stored: 0,
      failed: failure('AAAA3', 'not-asked', 'not asked'),
      unparsed: [{ ticker: 'AAAA3', column: 'vlr_cot', text: 'n/d' }],
    });
    expect(text).toContain('! 1 ticker was not asked for');
    expect(text).toContain('! vlr_cot: 1 value does not parse and is null');
    expect(text).toContain('Stored 0 of 1 ticker for');
  });

  test('names texts of the listing that are no ticker', () => {
    expect(said({ rejected: ['???', 'X'] })).toContain(
      '! the listing contains invalid tickers: ???, X\n',
    );
  });

  test('cuts what a page or a listing has of any length, and shows its control characters', () => {
    const text = `\u001b]0;title\u0007\u202e${'x'.repeat(1_000_000)}`;
    const shown = said({
      rejected: Array.from({ length: 1_000 }, () => text),
      unparsed: [{ ticker: 'AAAA3', column: 'vlr_cot', text }],
      drift: {
        unknownLabels: [{ kind: 'acoes', label: text, pages: 2, firstTicker: 'PETR4' }],
        vanishedColumns: [],
      },
      failed: failure('ZZZZ3', 'layout-changed', text),
    });
    expect(shown).toContain('\\u001b]0;title\\u0007\\u202exxx');
    expect(/(?!\n)[\p{Cc}\p{Cf}]/u.exec(shown)).toBeNull();
    expect(shown.length).toBeLessThan(15_000);
  });

  test('counts the values of a column that did not parse, and shows a few', () => {
    const unparsed = Array.from({ length: 7 }, (_, index) => ({
      ticker: `AAA${index}3`,
      column: 'vlr_cot',
      text: 'n/d',
    }));
    const text = said({ unparsed });
    expect(text).toContain('! vlr_cot: 7 values do not parse and are null (AAA03 "n/d", ');
    expect(text).toContain('AAA43 "n/d")');
    expect(text).not.toContain('AAA53');
  });

  test('says which labels are new, and which vanished once a whole market lacks them', () => {
    const drift = {
      unknownLabels: [{ kind: 'acoes', label: 'Novo', pages: 2, firstTicker: 'PETR4' }],
      vanishedColumns: [
        { kind: 'fiis', column: 'vlr_cot', label: 'Cotação', retired: false, pages: 400 },
        { kind: 'fiis', column: 'velho', label: 'Velho', retired: true, pages: 400 },
      ],
    } as const;
    const few = {
      ...drift,
      vanishedColumns: drift.vanishedColumns.map((each) => ({ ...each, pages: 2 })),
    };
    expect(said({ drift: few })).toContain(
      '! acoes: "Novo" on 2 pages (first PETR4) has no column',
    );
    expect(said({ drift: few })).not.toContain('Cotação');
    const many = said({ drift });
    expect(many).toContain('! fiis: on no page: Cotação\n');
    expect(many).toContain('their columns are null in this day');
    expect(many).not.toContain('Velho');
    const loud = said({ drift: few }, { verbose: true });
    expect(loud).toContain('! fiis: on no page: Cotação\n');
    expect(loud).not.toContain('Velho');
  });
});

describe('a report for a program', () => {
  async function written(format: 'json' | 'csv' | undefined, count: number): Promise<string> {
    const { terminal, stdout, end } = fakeTerminal();
    const reports = Array.from({ length: count }, () => report());
    await writeRunReports(terminal, format, reports);
    await end();
    return stdout();
  }

  test('is the report itself as JSON, and a list of several', async () => {
    const one: unknown = JSON.parse(await written('json', 1));
    expect(one).toMatchObject({ command: 'run', partition: 20261120, date: '2026-11-20' });
    expect(one).toMatchObject({ started_at: '2026-11-20T18:45:00.000-03:00', seconds: 90 });
    expect(JSON.parse(await written('json', 2))).toEqual([one, one]);
  });

  test('is otherwise the rows of every table, none counted as none', async () => {
    const lines = (await written(undefined, 1)).trimEnd().split('\n');
    expect(lines[0]).toBe('anomesdia_exec,table,rows');
    expect(lines.slice(1)).toEqual(
      tables.map(({ name }) => `20261120,${name},${name === specTable.name ? 3 : 0}`),
    );
    expect((await written('csv', 3)).trimEnd().split('\n')).toHaveLength(1 + 3 * tables.length);
  });
});
