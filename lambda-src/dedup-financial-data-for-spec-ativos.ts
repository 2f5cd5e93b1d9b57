/** One row a ticker in the quotes (Spec). */

import { quotes } from '../src/catalog/datasets/cotacoes.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler(quotes, 'spec');
