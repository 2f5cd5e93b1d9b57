/** The files of a year in any parts, in any order and more than once: the lake has the same bytes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLocalLake, readNote, writeNote } from '../../src/lake/local/lake.ts';
import { importHistory } from '../../src/pipeline/import-history.ts';
import { defaultB3Settings, findPriceFiles } from '../../src/sources/b3/files.ts';
import { createHttpClient } from '../../src/sources/http/client.ts';
import { formatCotahist, formatRecord } from '../support/cotahist.ts';
import { contentsBelow, newFolder } from '../support/folders.ts';

const DAYS = ['0102', '0103', '0201', '0614', '1230'];

/** One file a session, and some with several of them; a later one corrects a price. */
async function writeFiles(): Promise<readonly string[]> {
  const folder = await newFolder();
  const write = async (name: string, made: string, days: readonly string[], close: number) => {
    const records = days.flatMap((day) =>
      ['TUCA3', 'JABU4', 'ONCA11'].map((ticker) =>
        formatRecord({ day: `2024${day}`, ticker, close: ticker === 'TUCA3' ? close : 1041 }),
      ),
    );
    await writeFile(join(folder, name), formatCotahist(records, { made: `2024${made}` }));
    return join(folder, name);
  };
  return Promise.all([
    ...DAYS.map((day) => write(`D${day}.txt`, day, [day], 1000)),
    write('M01.txt', '0131', DAYS.slice(0, 2), 1010),
    write('half.txt', '0630', DAYS.slice(0, 4), 1020),
  ]);
}

async function importFiles(root: string, paths: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  const files = (await Promise.all(paths.map(findPriceFiles))).flat();
  const report = await importHistory({
    ...{ files, signal, markets: new Set(['010']), folder: root, again: false },
    lake: createLocalLake(root),
    notes: {
      read: (name) => readNote(root, name),
      write: (name, text) => writeNote(root, name, text),
    },
    client: createHttpClient(defaultB3Settings, signal),
    now: () => new Date('2026-11-20T12:00:00Z'),
    events: { onBytes: () => undefined, onFile: () => undefined },
  });
  expect(report.failed).toEqual([]);
}

test('any split of the files of a year into imports, in any order, gives the same bytes', async () => {
  const paths = await writeFiles();
  const whole = await newFolder();
  await importFiles(whole, paths);
  const expected = await contentsBelow(whole);
  expect(Object.keys(expected)).toHaveLength(2);
  const order = fc.shuffledSubarray([...paths], { minLength: paths.length });
  const ends = fc.array(fc.boolean(), { minLength: paths.length, maxLength: paths.length });
  const repeated = fc.subarray([...paths]);
  await fc.assert(
    fc.asyncProperty(order, ends, repeated, async (files, isLast, again) => {
      const root = await newFolder();
      let part: string[] = [];
      for (const [at, path] of files.entries()) {
        part.push(path);
        if (isLast[at] !== true && at < files.length - 1) continue;
        await importFiles(root, part);
        part = [];
      }
      if (again.length > 0) await importFiles(root, again);
      expect(await contentsBelow(root)).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});
