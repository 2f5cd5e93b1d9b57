/** `kill -9` at every change that an import of prices makes to the lake: the next import completes it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalLake, readNote, writeNote } from '../../src/lake/local/lake.ts';
import { deriveAdjustments } from '../../src/pipeline/derive-adjustments.ts';
import { type HistoryReport, importHistory } from '../../src/pipeline/import-history.ts';
import { findPriceFiles } from '../../src/sources/b3/files.ts';
import { formatCotahist, formatRecord } from '../support/cotahist.ts';
import { newFolder } from '../support/folders.ts';
import { copyAtEachChange, lastingContents, takeOverEach } from '../support/kills.ts';

const noClient = () => {
  throw new Error('nothing is to be fetched');
};

async function importInto(root: string, folder: string): Promise<HistoryReport> {
  const lake = createLocalLake(root);
  const report = await importHistory({
    files: await findPriceFiles(folder),
    markets: new Set(['010']),
    lake,
    notes: {
      read: (name) => readNote(root, name),
      write: (name, text) => writeNote(root, name, text),
    },
    client: { getBytes: noClient, getStream: noClient },
    folder: join(root, '_tmp'),
    signal: new AbortController().signal,
    now: () => new Date(),
    again: false,
    events: { onBytes: () => undefined, onFile: () => undefined },
  });
  await deriveAdjustments(lake, new Map());
  return report;
}

test('an import that dies anywhere leaves each year as it was or as it becomes', async () => {
  const [earlier, folder] = [await newFolder(), await newFolder()];
  const record = (year: number, close: number) =>
    formatRecord({ day: `${year}0103`, close, ticker: 'TUCA3' });
  await writeFile(join(earlier, 'a.txt'), formatCotahist([record(2023, 1)], { year: 2023 }));
  for (const year of [2022, 2023, 2024]) {
    const records = [record(year, 2), formatRecord({ day: `${year}0104` })];
    await writeFile(join(folder, `${year}.txt`), formatCotahist(records, { year }));
  }
  const root = join(await newFolder(), 'lake');
  await importInto(root, earlier);

  const { result, lakes } = await copyAtEachChange(root, [
    ...['import', 'cotahist', folder, '--lake', root],
  ]);
  expect(result.status, result.stderr).toBe(0);
  const whole = await lastingContents(root);
  expect(Object.keys(whole).filter((path) => path.startsWith('sot'))).toHaveLength(3);
  expect(lakes.length).toBeGreaterThan(10);
  for (const { root: killed } of await takeOverEach(lakes)) {
    const { failed } = await importInto(killed, folder);
    expect(failed).toEqual([]);
    expect(await lastingContents(killed)).toEqual(whole);
  }
});
