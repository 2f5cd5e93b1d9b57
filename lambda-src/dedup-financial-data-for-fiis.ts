/** One row a ticker in the typed rows of funds (SoT). */

import { funds } from '../src/catalog/datasets/fiis.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler(funds, 'sot');
