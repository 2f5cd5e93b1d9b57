/**
 * `pynvest demo`: the whole pipeline offline, on a small fictional market.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indicators } from '../../catalog/datasets.ts';
import { getPartition, getYear } from '../../catalog/partition.ts';
import { demoMarket } from '../../demo/market.ts';
import { startDemoSite } from '../../demo/site.ts';
import { describeDiskError, LakeError } from '../../errors.ts';
import { createFundamentusSource } from '../../pipeline/data-source.ts';
import { run } from '../../pipeline/run.ts';
import { createQuotesRequest } from '../../query/quotes.ts';
import { queryRows } from '../../query/read-rows.ts';
import { createSite, defaultSiteSettings } from '../../sources/fundamentus/site.ts';
import { defineCommand } from '../command.ts';
import { abortOnInterrupt, ExitStatus } from '../exit.ts';
import { type LocalLakeHandle, openLocalLake } from '../open-lake.ts';
import {
  moveColumnsFirst,
  outputOptions,
  PREFERRED_COLUMNS,
  resolveFormat,
  writeRows,
} from '../output/rows.ts';
import { printRunReport } from '../output/run-report.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const demoCommand = defineCommand({
  name: 'demo',
  description: 'the whole pipeline offline, on a small fictional market',
  options: outputOptions,

  async handler({ terminal, options }) {
    const handle = await openLocalLake(terminal, await createTemporaryFolder());
    try {
      await collectDemoMarket(handle, terminal);
    } catch (error) {
      // The next demo makes a lake of its own: half of this one is of no use.
      await rm(handle.root, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    terminal.notice('');
    const engine = await handle.openEngine();
    try {
      const quotes = await queryRows(engine, createQuotesRequest([], {}));
      const isTable = resolveFormat(terminal, options.format) === 'table';
      await writeRows(
        terminal,
        options.format,
        isTable ? moveColumnsFirst(quotes, PREFERRED_COLUMNS) : quotes,
      );
    } finally {
      engine.close();
    }
    terminal.notice(formatNextSteps(handle.root));
    return ExitStatus.done;
  },
});

function formatNextSteps(root: string): string {
  const [first] = demoMarket;
  const pynvest = process.env['npm_command'] === 'exec' ? 'npx pynvest' : 'pynvest';
  return [
    '',
    'The lake stays until your system clears its temporary files. Ask it more:',
    `  ${pynvest} query indicadores --ticker ${first?.ticker ?? ''} --lake ${root}`,
    `  ${pynvest} query sql "SELECT * FROM db_pynvest_spec.tbspec_fundamentus_cotacao_ativos" --lake ${root}`,
    'Then collect the real market, which takes a few minutes:',
    `  ${pynvest} run`,
    '',
  ].join('\n');
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

async function collectDemoMarket(handle: LocalLakeHandle, terminal: Terminal): Promise<void> {
  const signal = abortOnInterrupt(terminal, {
    started: 'stopping',
    finished: 'The demo lake is removed.',
  });
  const partition = getPartition(new Date());
  const server = await startDemoSite(demoMarket, { year: getYear(partition) });
  try {
    terminal.notice(`A fictional market of ${demoMarket.length} assets, served at ${server.url}`);
    // The demo's own site needs none of the pauses that are due to the real one.
    const settings = { ...defaultSiteSettings, baseUrl: server.url, pauseMs: 0 };
    const report = await handle.withExclusiveAccess('pynvest demo', () =>
      run({
        source: createFundamentusSource(createSite(settings, signal)),
        lake: handle.lake,
        partition,
        selection: { datasets: indicators },
        concurrency: settings.concurrency,
        signal,
        now: () => new Date(),
        writeReport: handle.storeReport,
      }),
    );
    printRunReport(terminal, report);
  } finally {
    await server.close();
  }
}
