/** What the doctor found, as sentences. */
import { expect, test } from 'vitest';
import { writeFindings } from '../../../src/cli/output/findings.ts';
import { createFinding, type Finding } from '../../../src/health/finding.ts';
import { fakeStream, terminalOn } from '../../support/fake-terminal.ts';
import { specTable } from '../../support/tables.ts';

async function write(findings: readonly Finding[], format: 'table' | 'csv'): Promise<string> {
  const [stdout, stderr] = [fakeStream(), fakeStream()];
  await writeFindings(terminalOn(stdout, stderr, {}), format, findings, []);
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
