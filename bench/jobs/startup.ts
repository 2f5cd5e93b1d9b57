/** How soon the command answers: `--help` against Node that does nothing, and `mcp` against Node that loads its SDK. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  const servers = await interleave(context.rounds(11), {
    mcp: () => startServer(command),
    sdk: async () => (await runNode(['--input-type=module', '-e', IMPORT_SDK])).ms,
  });
  return {
    figures: [
      {
        job: '--help, whole process',
        ours: samples.help,
        peer: { name: 'node -e 0', sample: samples.bare },
        target: { ratio: 1.4 },
      },
      {
        job: 'mcp, from its start to its first answer',
        ours: servers.mcp,
        peer: { name: 'node, import of its SDK', sample: servers.sdk },
        target: { ratio: 2 },
      },
    ],
    remarks: [],
  };
}

const IMPORT_SDK =
  "import '@modelcontextprotocol/server'; import '@modelcontextprotocol/server/stdio';";

const FIRST_REQUEST = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    ...{ protocolVersion: '2025-06-18', capabilities: {} },
    clientInfo: { name: 'bench', version: '1' },
  },
};

/** How long a server takes to answer its client's first request. */
async function startServer(command: string): Promise<number> {
  const start = performance.now();
  const server = spawn(process.execPath, [command, 'mcp', '--lake', 'none'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  server.stdin.write(`${JSON.stringify(FIRST_REQUEST)}\n`);
  const [answer] = await once(server.stdout, 'data');
  const ms = performance.now() - start;
  if (!String(answer).includes('serverInfo')) throw new Error(`mcp answered ${answer}`);
  server.stdin.end();
  await once(server, 'close');
  return ms;
}
