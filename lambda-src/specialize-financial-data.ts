/** Each batch of typed rows (SoT), as it appears, to quotes (Spec). */

import { specializeNewFile } from '../src/pipeline/next-layer.ts';
import { places } from './lake.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(() => places().buckets.sot, specializeNewFile);
