/** Each batch of raw text about stocks (SoR), as it appears, to typed rows (SoT). */

import { prepareNewFile } from '../src/pipeline/next-layer.ts';
import { places } from './lake.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(
  () => places().buckets.sor,
  (lake, file) => prepareNewFile(lake, 'acoes', file),
);
