/** One row a ticker in the typed rows of stocks (SoT). */
import { sotTables } from '../src/catalog/tables.ts';
import { deduplicateIndicators } from '../src/pipeline/deduplicate-partition.ts';
import { dedupHandler } from './dedup.ts';

export const handler = dedupHandler((lake, partition) =>
  deduplicateIndicators(lake, sotTables.acoes, partition),
);
