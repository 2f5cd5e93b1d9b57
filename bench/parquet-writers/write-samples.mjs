/** Runs one library, in a process of its own: `node write-samples.mjs FOLDER MODULE`. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { longColumns, longRows, storable, unstorable, wideColumns, wideRows } from './samples.mjs';

/** Writes every sample with the library in `folder`, and measures it; the results are in `report.json` there. */
async function writeSamples(folder, writer) {
  const { write } = await import(pathToFileURL(join(folder, writer)).href);
  const files = join(folder, 'files', writer);
  await mkdir(files, { recursive: true });
  const report = { storable: [], unstorable: [] };
  const attempt = async (name, type, values) => {
    try {
      // Some libraries fail in a promise that they do not return: wait for five seconds at most.
      const late = new Promise((_, fail) => {
        setTimeout(() => fail(new Error('did not end')), 5_000).unref();
      });
      const columns = [
        { name: 'row', type: 'double' },
        { name: 'c', type },
      ];
      const rows = values.map((c, row) => ({ row, c }));
      await writeFile(join(files, name), await Promise.race([write(columns, rows), late]));
      return { file: join(files, name) };
    } catch (error) {
      return {
        error: String(error?.message ?? error)
          .split('\n')[0]
          .slice(0, 60),
      };
    }
  };
  for (const [n, { type, values }] of storable.entries()) {
    report.storable.push(await attempt(`storable-${n}.parquet`, type, values));
  }
  for (const [n, { type, value }] of unstorable.entries()) {
    report.unstorable.push(await attempt(`unstorable-${n}.parquet`, type, [value]));
  }
  const many = await write(longColumns, longRows(20_000));
  await writeFile(join(files, 'long.parquet'), many);
  report.long = join(files, 'long.parquet');

  const rows = wideRows(1000);
  const times = [];
  let bytes;
  for (let n = 0; n < 25; n += 1) {
    const start = performance.now();
    bytes = await write(wideColumns, rows);
    if (n >= 5) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  report.ms = times[Math.floor(times.length / 2)];
  report.size = bytes.length;
  await writeFile(join(folder, 'report.json'), JSON.stringify(report));
}

await writeSamples(...process.argv.slice(2));
// An unfinished write may keep the process alive.
process.exit();
