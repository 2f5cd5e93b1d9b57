/** `pynvest query sql` answers one SELECT over the lake's tables. */
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../errors.ts';
import { ExitStatus } from './exit.ts';
import { openLake } from './lake-at-hand.ts';
import type { LakeOptions, OutputOptions } from './options.ts';
import { writeRows } from './output.ts';
import type { Terminal } from './terminal.ts';

export async function sql(
  terminal: Terminal,
  select: string,
  options: OutputOptions & LakeOptions,
): Promise<ExitStatus> {
  const text = select === '-' ? await readAll(process.stdin) : select;
  if (text.trim() === '') throw new UsageError('the text of the SELECT is empty');
  const engine = await (await openLake(terminal, options)).openEngine();
  try {
    await writeRows(terminal, options.format, await engine.query(text));
    return ExitStatus.done;
  } finally {
    engine.close();
  }
}
