/** How soon the command answers: `--help` against Node that does nothing. */
import { type Context, commandPath } from '../context.ts';
import type { Findings } from '../figures.ts';
import { interleave } from '../measure.ts';
import { bareNode, runNode } from '../processes.ts';

export async function startupJob(context: Context): Promise<Findings> {
  const command = commandPath(context);
  const samples = await interleave(context.rounds(21), {
    help: async () => (await runNode([command, '--help'])).ms,
    bare: bareNode,
  });
  return {
    figures: [
      {
        job: '--help, whole process',
        ours: samples.help,
        peer: { name: 'node -e 0', sample: samples.bare },
        target: { ratio: 1.4 },
      },
    ],
    remarks: [],
  };
}
