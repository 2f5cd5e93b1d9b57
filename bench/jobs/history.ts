/**
 * B3's history: a year of 755 MB to Parquet, beside polars and DuckDB with the same rows, and two questions to forty
 * years. The year is the real day of ../shared, 250 times with its date changed, or else a made-up one of the same
 * shape.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Partition } from '../../src/catalog/partition.ts';
import { createLocalLake } from '../../src/lake/local/lake.ts';
import { historyTable } from '../../src/pipeline/import-history.ts';
import { readContents } from '../../src/sources/b3/files.ts';
import { type Context, commandPath } from '../context.ts';
import type { Figure, Findings } from '../figures.ts';
import { interleave, sampleOf } from '../measure.ts';
import { runNode } from '../processes.ts';

const run = promisify(execFile);

const SESSIONS = 250;
const YEAR = 2024;
/** Bytes of a record with its line end. */
const RECORD = 247;
const MEGABYTE = 2 ** 20;
/**
 * The first takes every line as it is; the second refuses a file with a faulty record of any market, as our import
 * does.
 */
const PEERS = ['polars', 'polars-checked', 'duckdb'] as const;
const PACKAGES = ['polars==2.1.0', 'duckdb==2.0.1'];

export async function historyJob(context: Context): Promise<Findings> {
  const { cache, project } = context;
  const remarks: string[] = [];
  const sample = join(project, '..', 'shared', 'b3', 'COTAHIST_D08112024.ZIP');
  const isReal = existsSync(sample);
  if (!isReal) remarks.push('history: a made-up day, because ../shared has no real one');
  const year = join(cache, `COTAHIST_A${YEAR}-${isReal ? 'real' : 'made-up'}.TXT`);
  if (!existsSync(year)) await writeYear(year, isReal ? await readDay(sample) : makeDay());
  const folder = await mkdtemp(join(cache, 'history-'));
  try {
    const figures = await compareImports(context, year, folder, remarks);
    figures.push(...(await askFortyYears(context, join(folder, 'lake'))));
    return { figures, remarks };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readDay(zip: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { chunks } of readContents(zip, zip)) {
    for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  }
  const all = Buffer.concat(parts);
  return all.subarray(RECORD, all.byteLength - RECORD);
}

/** As many records of as many markets as the real day has. */
function makeDay(): Buffer {
  const records = Array.from({ length: 12_226 }, (_, at) => {
    const market = at % 9 === 0 ? '010' : '070';
    const ticker = `T${String(at).padStart(5, '0')}3`.padEnd(12);
    const price = String(1_000 + ((at * 7_919) % 90_000)).padStart(13, '0');
    const volume = String(at * 104_729).padStart(18, '0');
    return (
      `01${YEAR}110802${ticker}${market}EMPRESA     ON      NM   R$  ${price.repeat(7)}00042` +
      `${volume}${volume}${'0'.repeat(13)}0999912310000001${'0'.repeat(13)}BRT${ticker.slice(0, 8)}1101\r\n`
    );
  });
  return Buffer.from(records.join(''), 'latin1');
}

async function writeYear(path: string, day: Buffer): Promise<void> {
  const count = (day.byteLength / RECORD) * SESSIONS + 2;
  const edge = (type: string, more = ''): string =>
    `${`${type}COTAHIST.${YEAR}BOVESPA ${YEAR}1230${more}`.padEnd(RECORD - 2)}\r\n`;
  const file = await open(`${path}.part`, 'w');
  try {
    await file.write(edge('00'), null, 'latin1');
    const date = new Date(Date.UTC(YEAR, 0, 1));
    for (let session = 0; session < SESSIONS; session += 1) {
      do date.setUTCDate(date.getUTCDate() + 1);
      while (date.getUTCDay() % 6 === 0);
      const digits = date.toISOString().slice(0, 10).replaceAll('-', '');
      for (let at = 2; at < day.byteLength; at += RECORD) day.write(digits, at, 'latin1');
      await file.write(day);
    }
    await file.write(edge('99', String(count).padStart(11, '0')), null, 'latin1');
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

async function compareImports(
  context: Context,
  year: string,
  folder: string,
  remarks: string[],
): Promise<Figure[]> {
  const { project } = context;
  const preload = pathToFileURL(join(project, 'bench', 'peak-memory.mjs')).href;
  const peakFile = join(folder, 'peak');
  const peaks = new Map<string, number[]>();
  const addPeak = (name: string, bytes: number): void => {
    peaks.set(name, [...(peaks.get(name) ?? []), bytes]);
  };
  const python = await installPeers(context).catch((error: unknown) => {
    remarks.push(`history: polars and DuckDB are left out: ${String(error).split('\n')[0]}`);
    return undefined;
  });
  const timePeer = (peer: string) => async (): Promise<number> => {
    const script = join(project, 'bench', 'history-peers.py');
    const target = join(folder, `${peer}.parquet`);
    const { stdout } = await run(python ?? '', [script, peer, year, target]);
    const { seconds, bytes } = JSON.parse(stdout) as { seconds: number; bytes: number };
    addPeak(peer, bytes);
    return seconds * 1000;
  };
  const lake = join(folder, 'lake');
  const samples = await interleave(context.rounds(5), {
    ours: async () => {
      await rm(lake, { recursive: true, force: true });
      const args = ['--import', preload, commandPath(context), 'import', 'cotahist', year];
      const { ms } = await runNode([...args, '--lake', lake, '--quiet'], {
        PYNVEST_BENCH_PEAK_FILE: peakFile,
      });
      addPeak('ours', Number(await readFile(peakFile, 'utf8')));
      return ms;
    },
    ...(python !== undefined && Object.fromEntries(PEERS.map((peer) => [peer, timePeer(peer)]))),
  });
  const memory = (name: string): string =>
    `${Math.round(sampleOf(peaks.get(name) ?? []).median / MEGABYTE)} MB`;
  const job = 'a year of 755 MB to Parquet, our whole process';
  const named = samples as Readonly<Record<string, (typeof samples)['ours']>>;
  if (python === undefined) {
    return [{ job, ours: samples.ours, note: `peak memory ${memory('ours')}` }];
  }
  return PEERS.flatMap((peer) => {
    const sample = named[peer];
    if (sample === undefined) return [];
    return {
      ...{ job, ours: samples.ours, peer: { name: `${peer}, without its start`, sample } },
      note: `peak memory ${memory('ours')}, of ${peer} ${memory(peer)}`,
      ...(peer === 'polars' && { target: { ratio: 1 } }),
    };
  });
}

async function installPeers({ cache }: Context): Promise<string> {
  const folder = join(cache, 'history-peers');
  const windows = process.platform === 'win32';
  const python = windows ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const isInstalled = await run(python, ['-c', 'import polars, duckdb']).then(
    () => true,
    () => false,
  );
  if (isInstalled) return python;
  console.error(`… installing ${PACKAGES.join(' and ')} into ${folder}`);
  await run('python3', ['-m', 'venv', '--clear', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
  await run(python, pip, { timeout: 300_000 });
  return python;
}

const YEARS = 40;

/** Copies the year of the lake to those before it, and asks for ten years of a paper, and for a day of all. */
async function askFortyYears(context: Context, root: string): Promise<Figure[]> {
  const lake = createLocalLake(root);
  const names = historyTable.columns.map(({ name }) => name);
  const [file] = await lake.files(historyTable, YEAR as Partition);
  if (file === undefined) throw new Error('the import left no file');
  const batch = await lake.readColumns(file, names);
  const days = batch.numbers['dt_pregao'] ?? new Float64Array();
  for (let back = 1; back < YEARS; back += 1) {
    const year = YEAR - back;
    const shift = (Date.UTC(YEAR, 0, 1) - Date.UTC(year, 0, 1)) / 86_400_000;
    const shifted = days.map((day) => day - shift);
    const numbers = { ...batch.numbers, dt_pregao: shifted };
    await lake.writeColumns({ ...file, partition: year as Partition }, { ...batch, numbers });
  }
  const ticker = batch.texts['codigo_ticker_ativo']?.[0] ?? '';
  const range = ['--from', `${YEAR - 9}-01-01`, '--to', `${YEAR}-12-31`];
  const sql =
    `SELECT * FROM ${historyTable.database}.${historyTable.name} ` +
    `WHERE ano = ${YEAR - 20} AND dt_pregao = DATE '${YEAR - 20}-06-15'`;
  const ask = (args: readonly string[]) => async (): Promise<number> =>
    (await runNode([commandPath(context), 'query', ...args, '--lake', root])).ms;
  const samples = await interleave(context.rounds(7), {
    asset: ask(['historico', '--ticker', ticker, ...range]),
    day: ask(['sql', sql]),
  });
  return [
    {
      ...{ job: 'ten years of one paper, adjusted, whole process', ours: samples.asset },
      target: { ms: 500 },
    },
    {
      ...{ job: 'all papers of a day, of forty years, whole process', ours: samples.day },
      target: { ms: 1_000 },
    },
  ];
}
