/**
 * How the messages of `status` write tables and times. Pure.
 */

import { formatInSaoPaulo } from '../catalog/partition.ts';
import { tables as allTables, type Layer, type Table } from '../catalog/tables.ts';

const LAYER_NAMES: Readonly<Record<Layer, string>> = { sor: 'SoR', sot: 'SoT', spec: 'Spec' };

/** A short name, such as `SoR acoes`, or `Spec` for the quotes. */
export function formatTableName({ name, layer }: Pick<Table, 'name' | 'layer'>): string {
  const kind = /_(acoes|fiis)_/.exec(name)?.[1];
  return kind === undefined ? LAYER_NAMES[layer] : `${LAYER_NAMES[layer]} ${kind}`;
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
