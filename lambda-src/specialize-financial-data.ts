/** Each batch of typed rows (SoT), as it appears, to quotes (Spec). */
import { specializeObject } from '../src/pipeline/follow-object.ts';
import { places } from './lake.ts';
import { objectsHandler } from './objects.ts';

export const handler = objectsHandler(() => places().buckets.sot, specializeObject);
