/** One row a ticker in the typed rows of funds (SoT). */

import { funds } from '../src/catalog/fiis.ts';
import { createDedupHandler } from './dedup-handler.ts';

export const handler = createDedupHandler(funds, 'sot');
