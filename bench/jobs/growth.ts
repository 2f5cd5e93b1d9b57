/** What a lake costs as it grows: questions over all its days, its health, and the work of one more day. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { getTable, getTables, type Table } from '../../src/catalog/dataset.ts';
import { stocks } from '../../src/catalog/datasets/acoes.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import { funds } from '../../src/catalog/datasets/fiis.ts';
import { datasets } from '../../src/catalog/datasets.ts';
import { getPartition } from '../../src/catalog/partition.ts';
import { getPartitionFolder, getTableFolder } from '../../src/lake/local/layout.ts';
import { quoteLiteral } from '../../src/query/sql.ts';
import { type Context, commandPath } from '../context.ts';
import type { Figure, Findings, Target } from '../figures.ts';
import { createGrowthLake } from '../growth-lake.ts';
import { tickerOf } from '../market.ts';
import { type Contestant, interleave, sampleOf, timing } from '../measure.ts';
import { runNode } from '../processes.ts';
import { startSite } from './day.ts';

const SIZES = [250, 1250, 2500];
const QUICK_SIZES = [250];
const TICKER = tickerOf('acoes', 350);
const BACKFILLED_DAYS = 20;

interface Question {
  readonly job: string;
  readonly args: readonly string[];
  /** What a person would write for it over the daily files alone. */
  readonly byHand: (root: string) => string;
  readonly target: Target;
}

const sot = getTable(stocks, 'sot');
const sotFunds = getTable(funds, 'sot');
const spec = getTable(quotes, 'spec');

const source = (root: string, table: Table): string =>
  `read_parquet(${quoteLiteral(`${getTableFolder(root, table)}/*/*.parquet`)})`;

const questions: readonly Question[] = [
  {
    job: 'indicators of one',
    args: ['query', 'indicadores', '--ticker', TICKER, '--from', '2000-01-01'],
    byHand: (root) =>
      `SELECT * FROM ${source(root, sot)} WHERE nome_papel = '${TICKER}' ORDER BY anomesdia_exec`,
    target: { ms: 800 },
  },
  {
    job: 'one column of all',
    args: ['query', 'indicadores', '--from', '2000-01-01', '--columns', 'vlr_cot'],
    byHand: (root) =>
      `SELECT anomesdia_exec, nome_papel AS t, vlr_cot FROM ${source(root, sot)} UNION ALL
        SELECT anomesdia_exec, fii, vlr_cot FROM ${source(root, sotFunds)} ORDER BY t, 1`,
    target: { ms: 4000 },
  },
  {
    job: 'last 30 days of all',
    args: ['query', 'cotacoes', '--last', '30'],
    byHand: (root) =>
      `SELECT * FROM ${source(root, spec)} QUALIFY dense_rank() OVER
        (PARTITION BY codigo_ticker_ativo ORDER BY anomesdia_exec DESC) <= 30 ORDER BY codigo_ticker_ativo, anomesdia_exec`,
    target: { ms: 1000 },
  },
  {
    job: 'SQL averages of SoT',
    args: [
      'query',
      'sql',
      `SELECT anomesdia_exec, avg(vlr_ind_roe), avg(vlr_cot) FROM db_pynvest_sot.${sot.name} GROUP BY 1 ORDER BY 1`,
    ],
    byHand: (root) =>
      `SELECT anomesdia_exec, avg(vlr_ind_roe), avg(vlr_cot) FROM ${source(root, sot)} GROUP BY 1 ORDER BY 1`,
    target: { ms: 1500 },
  },
];

export async function growthJob(context: Context): Promise<Findings> {
  const command = commandPath(context);
  const preload = pathToFileURL(join(context.project, 'bench', 'peak-memory.mjs')).href;
  const folder = await mkdtemp(join(context.cache, 'growth-'));
  const peakFile = join(folder, 'peak');
  const peaks = new Map<string, number[]>();
  const run = async (
    job: string,
    args: readonly string[],
    root: string,
    env: Record<string, string> = {},
  ): Promise<number> => {
    const { ms } = await runNode(
      ['--import', preload, command, ...args, '--quiet', '--lake', root],
      { PYNVEST_BENCH_PEAK_FILE: peakFile, ...env },
      [0, 1, 3],
    );
    peaks.set(job, [...(peaks.get(job) ?? []), Number(await readFile(peakFile, 'utf8'))]);
    return ms;
  };
  const noteOf = (job: string): string =>
    `peak memory ${Math.round(sampleOf(peaks.get(job) ?? []).median / 2 ** 20)} MB`;
  const figures: Figure[] = [];
  const { site, url } = await startSite(context);
  try {
    const environment = {
      PYNVEST_FUNDAMENTUS_URL: url,
      PYNVEST_PAUSE_MS: '0',
    };
    for (const days of context.isQuick ? QUICK_SIZES : SIZES) {
      const root = await createGrowthLake(context, days);
      const isLargest = days === Math.max(...SIZES);
      for (const { job, args, byHand, target } of questions) {
        const name = `${days} days: ${job}`;
        const samples = await interleave(context.rounds(5), {
          ours: () => run(name, [...args, '--format', 'csv'], root),
          byHand: timing(() => askDuckDb(byHand(root))),
        });
        figures.push({
          job: name,
          ours: samples.ours,
          peer: { name: 'DuckDB, daily files', sample: samples.byHand },
          note: noteOf(name),
          ...(isLargest ? { target } : {}),
        });
      }
      const works: Record<string, readonly [Contestant, Target]> = {
        status: [() => run(`${days} days: status`, ['status', '--no-site'], root), { ms: 1000 }],
        doctor: [() => run(`${days} days: doctor`, ['doctor'], root, environment), { ms: 6000 }],
        [`backfill of ${BACKFILLED_DAYS} days`]: [
          () =>
            run(
              `${days} days: backfill of ${BACKFILLED_DAYS} days`,
              ['backfill', '--from', '2026-09-07', '--to', '2026-10-02'],
              root,
            ),
          { ms: 300 * BACKFILLED_DAYS },
        ],
      };
      for (const [job, [work, target]] of Object.entries(works)) {
        const name = `${days} days: ${job}`;
        const { ours } = await interleave(context.rounds(5), { ours: work });
        figures.push({ job: name, ours, note: noteOf(name), ...(isLargest ? { target } : {}) });
      }
      const name = `${days} days: run`;
      const samples = await interleave(context.rounds(5), {
        full: async () => {
          await removeToday(root);
          return run(name, ['run'], root, environment);
        },
        empty: async () => {
          const lake = await mkdtemp(join(folder, 'lake-'));
          const ms = await run('empty', ['run'], lake, environment);
          await rm(lake, { recursive: true });
          return ms;
        },
      });
      await removeToday(root);
      figures.push({
        job: name,
        ours: samples.full,
        peer: { name: 'run, empty lake', sample: samples.empty },
        note: noteOf(name),
        ...(isLargest ? { target: { ratio: 1.3 } } : {}),
      });
    }
  } finally {
    site.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
  return { figures, remarks: [] };
}

/** So that each run has a whole day to add. */
async function removeToday(root: string): Promise<void> {
  for (const table of getTables(datasets)) {
    await rm(getPartitionFolder(root, table, getPartition(new Date())), {
      recursive: true,
      force: true,
    });
  }
}

async function askDuckDb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    // Streamed and not converted: the peer is DuckDB, not its binding.
    const result = await connection.stream(sql);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; ) {
      chunk = await result.fetchChunk();
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
