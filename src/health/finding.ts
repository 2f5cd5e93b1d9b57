/**
 * A finding: a code of the catalogue, what it is about, its remedy, and a fix where one is safe. Pure.
 */

import { isAccessDenied } from '../aws/errors.ts';
import type { Layer, Table } from '../catalog/dataset.ts';
import { dailyDatasets, dailyTables } from '../catalog/datasets.ts';
import { formatInSaoPaulo, formatPartition, type Partition } from '../catalog/partition.ts';
import type { PynvestError } from '../errors.ts';
import type { LakeFile } from '../lake/lake.ts';
import { type Code, type CodeWithNote, codes, type Part, type Severity } from './codes.ts';

/** A repair that does no harm; each may be repeated, and may be interrupted at any point. */
export type Fix =
  | { readonly kind: 'release-lock' }
  | { readonly kind: 'quarantine'; readonly file: LakeFile }
  | { readonly kind: 'remove-copy'; readonly path: string }
  | { readonly kind: 'rebuild'; readonly partition: Partition }
  | {
      readonly kind: 'register' | 'unregister';
      readonly table: Table;
      readonly partition: Partition;
    }
  | { readonly kind: 'update-columns'; readonly table: Table }
  | { readonly kind: 'enable-trigger'; readonly uuid: string }
  | { readonly kind: 'add-notifications' };

export interface Finding {
  readonly code: Code;
  readonly severity: Severity;
  readonly table: Table | undefined;
  readonly partition: Partition | undefined;
  /** The file, schedule, queue, ticker or the like that it is about; "" where table and day say it. */
  readonly subject: string;
  readonly detail: string;
  /** "" where there is nothing to do. */
  readonly remedy: string;
  readonly fix: Fix | undefined;
}

interface FindingDetails {
  readonly table?: Table | undefined;
  readonly partition?: Partition | undefined;
  readonly subject?: string;
  readonly detail: string;
  /** Replaces that of the catalogue. */
  readonly remedy?: string | undefined;
  readonly fix?: Fix | undefined;
}

/** A finding with the severity that the catalogue gives its code. */
export function createFinding(code: Code, details: FindingDetails): Finding {
  return buildFinding(code, codes[code].severity, details);
}

/** A problem that counts as a note, in the circumstances that the catalogue names. */
export function createNote(code: CodeWithNote, details: FindingDetails): Finding {
  return buildFinding(code, 'note', details);
}

/** A check that passed. */
export function createPassedCheck(code: Code, details: FindingDetails): Finding {
  return buildFinding(code, 'ok', { remedy: '', ...details });
}

function buildFinding(code: Code, severity: Severity, details: FindingDetails): Finding {
  const { table, partition, subject = '', detail, remedy, fix } = details;
  const day = partition === undefined ? 'DAY' : formatPartition(partition);
  return {
    code,
    severity,
    table,
    partition,
    subject,
    detail,
    remedy: remedy ?? codes[code].remedy.replaceAll('DAY', day),
    fix,
  };
}

/** A part, or a table, that could not be read. */
export function createUnavailableFinding(
  error: PynvestError,
  about: { readonly table: Table } | { readonly part: Part },
): Finding {
  const code = isAccessDenied(error.cause ?? error) ? 'aws-permission' : 'not-looked-at';
  return createFinding(code, {
    ...('table' in about ? { table: about.table } : { subject: about.part }),
    detail: error.message,
    remedy: error.hint,
  });
}

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
  return tables.length === dailyTables.length
    ? 'every table'
    : tables.map(formatTableName).join(', ');
}

/** A time in São Paulo, to the minute: `2026-11-24 18:59`. */
export function formatMinute(time: Date): string {
  return formatInSaoPaulo(time).slice(0, 16).replace('T', ' ');
}
