/** Each batch of raw text about stocks (SoR), as it appears, to typed rows (SoT). */

import { stocks } from '../src/catalog/datasets/acoes.ts';
import { getStepsInto } from '../src/pipeline/steps.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(getStepsInto(stocks, 'sot'));
