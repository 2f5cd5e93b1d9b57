/** Text that was no value of its column, as the functions log it. */
import { unparsedByColumn } from '../src/pipeline/report.ts';
import type { UnparsedValue } from '../src/transform/prepare.ts';
import type { Fields, Log } from './log.ts';

export function logUnparsed(log: Log, fields: Fields, unparsed: readonly UnparsedValue[]): void {
  for (const { column, values, examples } of unparsedByColumn(unparsed)) {
    log.warn('values did not parse and are null', { ...fields, column, values, examples });
  }
}
