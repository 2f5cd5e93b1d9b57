/**
 * How the messages of `status` write tables and times. Pure.
 */

import type { Layer, Table } from '../catalog/dataset.ts';
import { tables as allTables, dailyDatasets } from '../catalog/datasets.ts';
import { formatInSaoPaulo } from '../catalog/partition.ts';

const LAYER_NAMES: Readonly<Record<Layer, string>> = { sor: 'SoR', sot: 'SoT', spec: 'Spec' };

/** A short name, such as `SoR acoes`, or `Spec` for the only table of its layer. */
export function formatTableName({ name, layer }: Pick<Table, 'name' | 'layer'>): string {
  const inLayer = dailyDatasets.filter(({ tables }) => tables[layer] !== undefined);
  const dataset = inLayer.find(({ tables }) => tables[layer]?.name === name);
  return inLayer.length === 1 || dataset === undefined
    ? LAYER_NAMES[layer]
    : `${LAYER_NAMES[layer]} ${dataset.id}`;
}

/** Several tables as the subject of a sentence. */
export function formatTableNames(tables: readonly Table[]): string {
  return tables.length === allTables.length
    ? 'every table'
    : tables.map(formatTableName).join(', ');
}

/** A time in São Paulo, to the minute: `2026-11-24 18:59`. */
export function formatMinute(time: Date): string {
  return formatInSaoPaulo(time).slice(0, 16).replace('T', ' ');
}
