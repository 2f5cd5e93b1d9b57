/** The steps of the pipeline by the kind of asset, one file at a time. */
import { type AssetKind, assets } from '../../src/catalog/asset.ts';
import { quotes } from '../../src/catalog/datasets/cotacoes.ts';
import type { Lake, LakeFile } from '../../src/lake/lake.ts';
import { applyStep } from '../../src/pipeline/next-layer.ts';
import { getStepsInto, type Step } from '../../src/pipeline/steps.ts';

/** Types a file of raw text. */
export function prepareFile(lake: Lake, kind: AssetKind, file: LakeFile) {
  return applyStep(lake, only(getStepsInto(assets[kind].dataset, 'sot')), file);
}

/** Makes quotes of a typed file. */
export function specializeFile(lake: Lake, kind: AssetKind, file: LakeFile) {
  const { dataset } = assets[kind];
  const from = (step: Step): boolean => step.source === dataset.tables.sot;
  return applyStep(lake, only(getStepsInto(quotes, 'spec').filter(from)), file);
}

function only(steps: readonly Step[]): Step {
  const [step, ...others] = steps;
  if (step === undefined || others.length > 0) throw new Error(`${steps.length} steps, not one`);
  return step;
}
