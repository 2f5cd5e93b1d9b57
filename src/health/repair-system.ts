/**
 * Repairs of the system in AWS, to the state that a deployment leaves. Loads SDK clients: import it lazily.
 */

import { withAwsErrors } from '../aws/errors.ts';
import { enableEventSource } from '../aws/functions.ts';
import { addNotifications } from '../aws/notifications.ts';
import type { RunningSystem } from '../aws/system.ts';
import type { SystemRepairTools } from './repair.ts';

export function createSystemRepairTools({ aws, buckets, stack }: RunningSystem): SystemRepairTools {
  return {
    enableTrigger: (uuid) => withAwsErrors(() => enableEventSource(aws, uuid)),
    async putNotifications() {
      const prefix = stack.parameters['NamePrefix'] ?? '';
      const ours = { buckets: { sor: buckets.sor, sot: buckets.sot }, prefix };
      await withAwsErrors(() => addNotifications({ notice: () => undefined }, aws, ours));
    },
  };
}
