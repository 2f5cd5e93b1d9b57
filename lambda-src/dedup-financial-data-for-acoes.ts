/** One row a ticker in the typed rows of stocks (SoT). */
import { sorTables, sotTables } from '../src/catalog/tables.ts';
import { completeIndicators } from '../src/pipeline/deduplicate-partition.ts';
import { dedupHandler } from './dedup.ts';

export const handler = dedupHandler([sorTables.acoes, sotTables.acoes], (lake, partition) =>
  completeIndicators(lake, 'acoes', partition),
);
