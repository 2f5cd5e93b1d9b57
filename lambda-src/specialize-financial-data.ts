/** Each batch of typed rows (SoT), as it appears, to quotes (Spec). */

import { quotes } from '../src/catalog/datasets/cotacoes.ts';
import { getStepsInto } from '../src/pipeline/steps.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(getStepsInto(quotes, 'spec'));
