/** One row a ticker in the quotes (Spec). */
import { deduplicateQuotes } from '../src/pipeline/deduplicate-partition.ts';
import { dedupHandler } from './dedup.ts';

export const handler = dedupHandler(deduplicateQuotes);
