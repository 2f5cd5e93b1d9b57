/** A look that was refused: what could not be seen was not checked, and the person is told so. */
import type { Table } from '../../catalog/tables.ts';
import { PynvestError } from '../../errors.ts';
import { isDenied } from '../../lake/aws-errors.ts';
import { type Finding, finding } from './finding.ts';

/** Such an error as a finding. @throws whatever else it is */
export function refusal(
  error: unknown,
  about: { readonly table?: Table; readonly subject?: string },
): Finding {
  const cause = error instanceof PynvestError ? (error.cause ?? error) : error;
  const detail = error instanceof Error ? error.message : String(error);
  if (isDenied(cause)) return finding('aws-permission', { status: 'problem', ...about, detail });
  if (!(error instanceof PynvestError)) throw error;
  const remedy = error.hint;
  return finding('not-looked-at', {
    status: 'problem',
    ...about,
    detail,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
