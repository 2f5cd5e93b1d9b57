/** Each batch of raw text about stocks (SoR), as it appears, to typed rows (SoT). */
import { prepareObject } from '../src/pipeline/follow-object.ts';
import { places } from './lake.ts';
import { objectsHandler } from './objects.ts';

export const handler = objectsHandler(
  () => places().buckets.sor,
  (lake, file) => prepareObject(lake, 'acoes', file),
);
