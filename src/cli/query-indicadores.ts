/** `pynvest query indicadores`: typed indicators of stocks and funds. */
import { parseTickers } from '../catalog/ticker.ts';
import { QueryError, UsageError } from '../errors.ts';
import { indicatorsOf } from '../query/indicators.ts';
import { ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import { sayMissing } from './missing.ts';
import type { DaysOptions, LakeOptions, OutputOptions } from './options.ts';
import { writeRows } from './output.ts';
import { parseDays } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface IndicadoresOptions extends OutputOptions, LakeOptions, DaysOptions {
  readonly ticker: string;
  readonly columns?: string;
}

export async function indicadores(
  terminal: Terminal,
  options: IndicadoresOptions,
): Promise<ExitStatus> {
  const tickers = parseTickers(options.ticker);
  const days = parseDays(options);
  const columns = options.columns?.split(',').flatMap((name) => name.trim() || []);
  if (columns?.length === 0) throw new UsageError('the list of columns is empty');
  const lake = await openLake(terminal, options);
  const engine = await lake.openEngine();
  try {
    const found = await indicatorsOf(engine, tickers, columns, days);
    await sayMissing(terminal, engine, found.missing, lake);
    if (found.rows.length === 0) {
      throw new QueryError('the lake has no such indicators', {
        hint: '`pynvest run` collects today; --lake DIR or --target names another lake.',
      });
    }
    await writeRows(terminal, options.format, found);
    return found.missing.length === 0 ? ExitStatus.done : ExitStatus.doneInPart;
  } finally {
    engine.close();
  }
}
