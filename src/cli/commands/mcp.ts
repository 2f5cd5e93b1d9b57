/**
 * `pynvest mcp`: a server of the Model Context Protocol on standard input and output, for an assistant on this machine.
 */

import packageJson from '../../../package.json' with { type: 'json' };
import { readStatus } from '../../health/status-report.ts';
import { serve } from '../../mcp/server.ts';
import { areAdjustmentsDerived } from '../../pipeline/adjustment-state.ts';
import { findOldestReading } from '../../pipeline/event-readings.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { describeEmptyLake, openLocalLake } from '../open-lake.ts';
import { option, terminalOptions } from '../option.ts';
import { findLakeFolder } from '../target.ts';

/** A SELECT that takes longer is probably a product of large tables. */
const SQL_TIME_LIMIT_MS = 30_000;

export const mcpCommand = defineCommand({
  name: 'mcp',
  description: "a server of an assistant's tools, which read the lake on this machine",
  options: {
    lake: option(
      '--lake <dir>',
      "the folder of the lake on this machine (PYNVEST_LAKE; default: in the platform's data folder)",
    ),
    ...terminalOptions,
  },
  helpText: `
An assistant starts it, and asks by the Model Context Protocol: the assets, their indicators, quotes, history, events and returns, the freshness of the lake, and one SELECT at a time. Nothing can be written, no file outside of the lake is read, and no network is used.

Such as for Claude Code:
  claude mcp add pynvest -- pynvest mcp
docs/assistants.md has the settings of other assistants.`,

  async handler({ terminal, options }) {
    const root = await findLakeFolder(options);
    const lake = await openLocalLake(terminal, root);
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    if (process.stdin.isTTY) {
      terminal.notice(
        'An assistant is to start this command: it waits for one on standard input. Ctrl-C ends it.',
      );
    }
    await serve(
      {
        place: root,
        openEngine: () => lake.openEngine(),
        explainEmptyLake: () => describeEmptyLake(lake),
        readStatus: () =>
          readStatus({
            ...{ lake: lake.lake, place: root, at: { target: 'local', root } },
            site: undefined,
            newestReports: (most) => lake.readNewestReports(most),
            areAdjustmentsDerived: () => areAdjustmentsDerived(lake.notes),
            withoutSize: true,
            now: new Date(),
          }),
        sqlTimeLimitMs: SQL_TIME_LIMIT_MS,
        areAdjustmentsDerived: () => areAdjustmentsDerived(lake.notes),
        findEventsReading: (tickers) => findOldestReading(lake.notes, tickers),
      },
      packageJson.version,
      {
        signal: controller.signal,
        onError: (error) => terminal.warn(error.message),
      },
    );
    return ExitStatus.done;
  },
});
