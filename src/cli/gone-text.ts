/** What `deploy` and `plan` say where CloudFormation has nothing to change. */
import { MADE_AGAIN } from '../deploy/made-again.ts';
import type { Terminal } from './terminal.ts';

export const ALL_WELL = 'No changes: all is as it should be.';

export function sayGone(terminal: Terminal, gone: readonly string[]): void {
  terminal.warn(
    `CloudFormation has no changes to make, and does not see what was removed by hand: ${gone.join(', ')}. ` +
      MADE_AGAIN,
  );
}
