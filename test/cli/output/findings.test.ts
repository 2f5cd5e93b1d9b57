/** What the doctor found, as sentences. */
import { expect, test } from 'vitest';
import type { TerminalOptions } from '../../../src/cli/option.ts';
import { writeFindings } from '../../../src/cli/output/findings.ts';
import { createFinding, type Finding } from '../../../src/health/finding.ts';
import { fakeStream, terminalOn } from '../../support/fake-terminal.ts';
import { specTable } from '../../support/tables.ts';

async function write(
  findings: readonly Finding[],
  format: 'table' | 'csv',
  options: TerminalOptions = {},
): Promise<string> {
  const [stdout, stderr] = [fakeStream(), fakeStream()];
  await writeFindings(terminalOn(stdout, stderr, options), format, findings, []);
  return stdout.text();
}

const of = (subject: string, detail = 'the row has no date'): Finding =>
  createFinding('value-date', { table: specTable, subject, detail });

test('what is the same of many assets is one line; rows name them all', async () => {
  const tickers = ['PETR4', 'VALE3', 'ITUB4', 'WEGE3', 'HGLG11'];
  const findings = [...tickers.map((each) => of(each)), of('BBAS3', 'another fault')];
  const text = await write(findings, 'table');
  expect(text).toContain('PETR4, VALE3, ITUB4 and 2 more: the row has no date');
  expect(text).toContain('BBAS3: another fault');
  expect(text).not.toContain('WEGE3');
  expect((await write(findings, 'csv')).match(/the row has no date/g)).toHaveLength(5);
});

test('few assets are named one by one', async () => {
  const text = await write([of('PETR4'), of('VALE3')], 'table');
  expect(text).toMatch(/PETR4: the row[\s\S]*VALE3: the row/);
});

test('days and counts are in the notation of the locale, in rows as ever', async () => {
  const detail = '12345 rows to 2026-11-18';
  const finding = createFinding('table', {
    ...{ table: specTable, detail },
    remedy: '`pynvest backfill --date 2026-11-18` makes it again.',
  });
  const text = await write([finding], 'table');
  expect(text).toContain('12.345 rows to 18/11/2026');
  expect(text).toContain('`pynvest backfill --date 2026-11-18`');
  expect(await write([finding], 'table', { locale: 'en' })).toContain('12,345 rows to 2026-11-18');
  expect(await write([finding], 'csv')).toContain(detail);
});

test('values are in the notation of the locale, in rows as ever', async () => {
  const detail = '98.84, above the highest of 52 weeks, 12345.6';
  const finding = createFinding('value-band', { table: specTable, subject: 'PETR4', detail });
  const text = await write([finding], 'table');
  expect(text).toContain('PETR4: 98,84, above the highest of 52 weeks, 12.345,6');
  expect(await write([finding], 'table', { locale: 'en' })).toContain('98.84, above');
  expect(await write([finding], 'csv')).toContain(detail);
  const day = createFinding('value-date', { table: specTable, detail: '2026-11-18 is no 1.5' });
  expect(await write([day], 'table')).toContain('18/11/2026 is no 1,5');
});
