/** Mends what stands around the lake in AWS, as a deployment would leave it. */
import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { plainly } from '../../deploy/aws.ts';
import { addNotifications } from '../../deploy/notifications.ts';
import type { RunningSystem } from '../running-system.ts';
import type { SystemTools } from './mend.ts';

export function systemTools({ aws, buckets, stack }: RunningSystem): SystemTools {
  return {
    async enableTrigger(UUID) {
      const lambda = new LambdaClient(aws.clientSettings);
      await plainly(() =>
        lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true })),
      ).finally(() => lambda.destroy());
    },
    async putNotifications() {
      const prefix = stack.parameters['NamePrefix'] ?? '';
      const ours = { buckets: { sor: buckets.sor, sot: buckets.sot }, prefix };
      await plainly(() => addNotifications({ notice: () => undefined }, aws, ours));
    },
  };
}
