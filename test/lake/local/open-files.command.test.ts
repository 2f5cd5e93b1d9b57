/** A machine that opens no more files for the process: told in plain words, and never taken for a damaged lake. */
import { expect, test } from 'vitest';
import { commandFile, startProgram } from '../../support/command.ts';
import { filesBelow, newFolder } from '../../support/folders.ts';
import { quote, writeQuotes } from '../../support/made-up-lake.ts';

/** From too few for the modules of the command to too few for the files that it reads at once. */
const LIMITS = [24, 40, 48, 56];

test.skipIf(process.platform === 'win32')('the limit of open files is named', async () => {
  const root = await newFolder();
  const days = Array.from({ length: 40 }, (_, at) => new Date(Date.UTC(2026, 9, at + 1)));
  for (const each of days) {
    await writeQuotes(root, each.toISOString().slice(0, 10), [quote('PETR4', 38.72)]);
  }
  const stored = (await filesBelow(root)).filter((path) => path.startsWith('spec'));
  const results = await Promise.all(
    LIMITS.map((limit) => {
      const command = `ulimit -n ${limit}; exec "$0" "$@"`;
      const words = [commandFile, 'doctor', '--no-site', '--all', '--lake', root];
      return startProgram('sh', ['-c', command, process.execPath, ...words]).result;
    }),
  );
  const failed = results.filter(({ status }) => status !== 0);
  expect(failed.length).toBeGreaterThan(0);
  for (const { status, stdout, stderr } of failed) {
    expect(status).toBe(1);
    expect(stderr).toContain('too many files open');
    expect(stderr).toContain('ulimit -n');
    expect(stdout + stderr).not.toContain('file-unreadable');
    expect(stderr).not.toMatch(/ at |bug in pynvest/);
  }
  const repair = 'ulimit -n 56; exec "$0" "$@"';
  const words = [commandFile, 'doctor', '--no-site', '--all', '--fix', '--lake', root];
  await startProgram('sh', ['-c', repair, process.execPath, ...words]).result;
  expect((await filesBelow(root)).filter((path) => path.startsWith('spec'))).toEqual(stored);
});
