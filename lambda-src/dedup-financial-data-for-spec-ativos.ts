/** One row a ticker in the quotes (Spec). */
import { sotTables, specTable } from '../src/catalog/tables.ts';
import { deduplicateQuotes } from '../src/pipeline/deduplicate-partition.ts';
import { dedupHandler } from './dedup.ts';

export const handler = dedupHandler(
  [sotTables.acoes, sotTables.fiis, specTable],
  deduplicateQuotes,
);
