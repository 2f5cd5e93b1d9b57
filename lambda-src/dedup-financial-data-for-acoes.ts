/** One row a ticker in the typed rows of stocks (SoT). */

import { sorTables, sotTables } from '../src/catalog/tables.ts';
import { completeIndicators } from '../src/pipeline/deduplicate-partition.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler([sorTables.acoes, sotTables.acoes], (lake, partition) =>
  completeIndicators(lake, 'acoes', partition),
);
