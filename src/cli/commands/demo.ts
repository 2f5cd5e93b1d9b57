/**
 * `pynvest demo`: the whole pipeline offline, on a small fictional market.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetKinds } from '../../catalog/asset.ts';
import { partitionOf, yearOf } from '../../catalog/partition.ts';
import { demoMarket } from '../../demo/market.ts';
import { startDemoSite } from '../../demo/site.ts';
import { describeDiskError } from '../../disk-errors.ts';
import { LakeError } from '../../errors.ts';
import { createLocalLake } from '../../lake/local/lake.ts';
import { withLock } from '../../lake/local/lock.ts';
import { writeReport } from '../../lake/local/reports.ts';
import { run } from '../../pipeline/run.ts';
import { openDuckDb } from '../../query/duckdb/engine.ts';
import { createQuotesRequest } from '../../query/quotes.ts';
import { queryRows } from '../../query/read-rows.ts';
import { defaultSiteSettings } from '../../sources/fundamentus/settings.ts';
import { createSite } from '../../sources/fundamentus/site.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import type { OutputOptions } from '../options.ts';
import { moveColumnsFirst, PREFERRED_COLUMNS, resolveFormat, writeRows } from '../output/rows.ts';
import { printRunReport } from '../output/run-report.ts';
import type { Terminal } from '../terminal/terminal.ts';

export async function demo(terminal: Terminal, options: OutputOptions): Promise<ExitStatus> {
  const root = await createTemporaryFolder();
  try {
    await collectDemoMarket(root, terminal);
  } catch (error) {
    // The next demo makes a lake of its own: nobody would ask for half of this one.
    await rm(root, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  terminal.notice('');
  const engine = await openDuckDb(root);
  try {
    const quotes = await queryRows(engine, createQuotesRequest([], {}));
    const onScreen = resolveFormat(terminal, options.format) === 'table';
    await writeRows(
      terminal,
      options.format,
      onScreen ? moveColumnsFirst(quotes, PREFERRED_COLUMNS) : quotes,
    );
  } finally {
    engine.close();
  }
  const [first] = demoMarket;
  const pynvest = process.env['npm_command'] === 'exec' ? 'npx pynvest' : 'pynvest';
  terminal.notice(
    [
      '',
      'The lake stays until your system clears its temporary files. Ask it more:',
      `  ${pynvest} query indicadores --ticker ${first?.ticker ?? ''} --lake ${root}`,
      `  ${pynvest} query sql "SELECT * FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos" --lake ${root}`,
      'Then collect the real market, which takes a few minutes:',
      `  ${pynvest} run`,
      '',
    ].join('\n'),
  );
  return ExitStatus.done;
}

async function createTemporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'pynvest-demo-'));
  } catch (error) {
    throw new LakeError(`cannot make a folder in ${tmpdir()}: ${describeDiskError(error)}`, {
      hint: 'TMPDIR=DIR names another place for temporary files.',
      cause: error,
    });
  }
}

async function collectDemoMarket(root: string, terminal: Terminal): Promise<void> {
  const signal = abortOnInterrupt(terminal, {
    started: 'stopping',
    finished: 'Nothing of it is left.',
  });
  const partition = partitionOf(new Date());
  const server = await startDemoSite(demoMarket, { year: yearOf(partition) });
  try {
    terminal.notice(`A fictional market of ${demoMarket.length} assets, served at ${server.url}`);
    // Ours alone to ask, so without the pauses that the real site is owed.
    const settings = { ...defaultSiteSettings, baseUrl: server.url, pauseMs: 0 };
    const report = await withLock(root, 'pynvest demo', () =>
      run({
        site: createSite(settings, signal),
        lake: createLocalLake(root),
        partition,
        selection: { kinds: assetKinds },
        concurrency: settings.concurrency,
        signal,
        now: () => new Date(),
        writeReport: async (kept) => void (await writeReport(root, kept)),
      }),
    );
    printRunReport(terminal, report);
  } finally {
    await server.close();
  }
}
