/**
 * `pynvest query sql`: runs one SELECT over the lake's tables.
 */

import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../../../errors.ts';
import { ExitStatus } from '../../exit.ts';
import { openLake } from '../../open-lake.ts';
import type { LakeOptions, RowsOptions } from '../../options.ts';
import { parseDestination, writeAnswer } from '../../output/file.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export async function sql(
  terminal: Terminal,
  select: string,
  options: RowsOptions & LakeOptions,
): Promise<ExitStatus> {
  const destination = parseDestination(terminal, options);
  const text = select === '-' ? await readAll(process.stdin) : select;
  if (text.trim() === '') throw new UsageError('the text of the SELECT is empty');
  const engine = await (await openLake(terminal, options)).openEngine();
  try {
    const { rows, ...heading } = await engine.query({ sql: text });
    let count = 0;
    const counted = (async function* () {
      for await (const row of rows) {
        count += 1;
        yield row;
      }
    })();
    await writeAnswer(terminal, destination, { ...heading, rows: counted });
    if (count === 0) terminal.notice('The answer has no rows.');
    return ExitStatus.done;
  } finally {
    engine.close();
  }
}
