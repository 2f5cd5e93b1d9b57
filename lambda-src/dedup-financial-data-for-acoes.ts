/** One row a ticker in the typed rows of stocks (SoT). */

import { stocks } from '../src/catalog/datasets/acoes.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler(stocks, 'sot');
