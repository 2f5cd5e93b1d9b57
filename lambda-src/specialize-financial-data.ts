/** Each batch of typed rows (SoT), as it appears, to quotes (Spec). */

import { quotes } from '../src/catalog/cotacoes.ts';
import { stepsInto } from '../src/pipeline/steps.ts';
import { createObjectHandler } from './s3-events.ts';

export const handler = createObjectHandler(stepsInto(quotes, 'spec'));
