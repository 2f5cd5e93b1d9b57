/** One row a ticker in the quotes (Spec). */

import { sotTables, specTable } from '../src/catalog/tables.ts';
import { deduplicateQuotes } from '../src/pipeline/deduplicate-partition.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler(
  [sotTables.acoes, sotTables.fiis, specTable],
  deduplicateQuotes,
);
