/**
 * A finding of the doctor: a code, what it is about, its remedy, and a fix where one is safe. An error of AWS or
 * of the lake becomes a finding too: what could not be read was not checked. Pure.
 */

import { isAccessDenied } from '../aws/errors.ts';
import { isoDate, type Partition } from '../catalog/partition.ts';
import type { Table } from '../catalog/tables.ts';
import { PynvestError } from '../errors.ts';
import type { LakeFile } from '../lake/lake.ts';
import { type Code, codes } from './codes.ts';

/** What can be done about a finding without harm; each may be done twice, and may die in between. */
export type Fix =
  | { readonly kind: 'unlock' }
  | { readonly kind: 'set-aside'; readonly file: LakeFile }
  | { readonly kind: 'rebuild'; readonly partition: Partition }
  | { readonly kind: 'register' | 'forget'; readonly table: Table; readonly partition: Partition }
  | { readonly kind: 'describe'; readonly table: Table }
  | { readonly kind: 'enable-trigger'; readonly uuid: string }
  | { readonly kind: 'notify' };

export interface Finding {
  readonly code: Code;
  /** `note`: worth knowing, and no fault of the lake; `mended`: it was a problem, or a note, until now. */
  readonly status: 'ok' | 'note' | 'problem' | 'mended';
  /** The table's name; "" where it is about none. */
  readonly table: string;
  readonly partition: Partition | undefined;
  /** The file, ticker, function or whatever it is about; "" where the table says it. */
  readonly subject: string;
  readonly detail: string;
  /** What to do about it; "" where nothing is to be done. */
  readonly remedy: string;
  readonly fix: Fix | undefined;
}

interface FindingFacts {
  readonly status: Finding['status'];
  readonly table?: Table | undefined;
  readonly partition?: Partition | undefined;
  readonly subject?: string;
  readonly detail: string;
  /** Instead of what the list of codes says. */
  readonly remedy?: string;
  readonly fix?: Fix | undefined;
}

export function finding(code: Code, facts: FindingFacts): Finding {
  const { status, table, partition, subject = '', detail, fix } = facts;
  const day = partition === undefined ? 'DAY' : isoDate(partition);
  const usual = status === 'ok' ? '' : codes[code].remedy.replaceAll('DAY', day);
  return {
    code,
    status,
    table: table?.name ?? '',
    partition,
    subject,
    detail,
    remedy: facts.remedy ?? usual,
    fix,
  };
}

/** Such an error as a finding. @throws whatever else it is */
export function unavailableFinding(
  error: unknown,
  about: { readonly table?: Table; readonly subject?: string },
): Finding {
  const cause = error instanceof PynvestError ? (error.cause ?? error) : error;
  const detail = error instanceof Error ? error.message : String(error);
  if (isAccessDenied(cause))
    return finding('aws-permission', { status: 'problem', ...about, detail });
  if (!(error instanceof PynvestError)) throw error;
  const remedy = error.hint;
  return finding('not-looked-at', {
    status: 'problem',
    ...about,
    detail,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
