/** Each batch of raw text about funds (SoR), as it appears, to typed rows (SoT). */

import { funds } from '../src/catalog/datasets/fiis.ts';
import { getStepsInto } from '../src/pipeline/steps.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(getStepsInto(funds, 'sot'));
