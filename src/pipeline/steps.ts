/**
 * The steps from layer to layer, as values: a rebuild applies them to whole days, and events of new files set them
 * going one by one. Pure.
 */

import type { Row } from '../catalog/column.ts';
import {
  type Dataset,
  type Derivation,
  getTable,
  type Layer,
  type Table,
} from '../catalog/dataset.ts';
import { formatDerivedName, formatTypedName } from '../lake/names.ts';
import { derive, type PreparedRow, prepare, type UnparsedValue } from '../transform/layers.ts';

export interface Step {
  readonly source: Table;
  readonly target: Table;
  /** The name of the target's file that is made from a file of the source. */
  readonly targetName: (sourceName: string) => string;
  readonly convert: (row: Row) => PreparedRow;
}

/** From raw text to typed values; undefined where the data set has no raw text. */
function createTypingStep(dataset: Dataset): Step | undefined {
  if (dataset.typing === undefined) return undefined;
  return {
    source: getTable(dataset, 'sor'),
    target: getTable(dataset, 'sot'),
    targetName: formatTypedName,
    convert: (row) => prepare(row, dataset),
  };
}

/** From the typed values of other data sets to the rows of this one, a step each. */
function createDerivationSteps(dataset: Dataset): Step[] {
  return dataset.derivations.map((derivation) => createDerivationStep(dataset, derivation));
}

function createDerivationStep(dataset: Dataset, derivation: Derivation): Step {
  const { from } = derivation;
  const target = getTable(dataset, 'spec');
  return {
    source: getTable(from, 'sot'),
    target,
    targetName: (name) => formatDerivedName(from.id, name),
    convert: (row) => ({ row: derive(row, derivation, target), unparsed: [] }),
  };
}

/** The steps whose target is a layer of a data set. */
export function getStepsInto(dataset: Dataset, layer: Layer): Step[] {
  if (layer === 'spec') return createDerivationSteps(dataset);
  const typing = layer === 'sot' ? createTypingStep(dataset) : undefined;
  return typing === undefined ? [] : [typing];
}

/** The steps of some data sets, in the order in which one follows from another. */
export function getSteps(datasets: readonly Dataset[]): Step[] {
  return [
    ...datasets.flatMap((dataset) => createTypingStep(dataset) ?? []),
    ...datasets.flatMap(createDerivationSteps),
  ];
}

/** The raw text that the rows of a step's source are typed from; undefined where they have none. */
export function findRawTable({ derivations }: Dataset, { source }: Step): Table | undefined {
  return derivations.find(({ from }) => from.tables.sot === source)?.from.tables.sor;
}

interface ConvertedRows {
  readonly rows: readonly Row[];
  readonly unparsed: readonly UnparsedValue[];
}

/** @param isWanted asked of each converted row; all are wanted unless it is given */
export function convertRows(
  { convert }: Step,
  rows: readonly Row[],
  isWanted: (row: Row) => boolean = () => true,
): ConvertedRows {
  const converted = rows.map(convert).filter(({ row }) => isWanted(row));
  return {
    rows: converted.map(({ row }) => row),
    unparsed: converted.flatMap(({ unparsed }) => unparsed),
  };
}
