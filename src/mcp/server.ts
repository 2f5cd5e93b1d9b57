/**
 * The Model Context Protocol server: an assistant asks a lake in a folder, by tools that only read.
 */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import pLimit from 'p-limit';
import { QueryError } from '../errors.ts';
import { answerSchema, formatAnswer, formatError, type ToolContext } from './answer.ts';
import { AnsweringTransport } from './answering-transport.ts';
import { historyTools } from './history-tools.ts';
import { lakeTools } from './lake-tools.ts';
import { marketTools } from './market-tools.ts';
import { rankingTools } from './ranking-tools.ts';
import type { Tool } from './tool.ts';

export const tools: readonly Tool[] = [
  ...marketTools,
  ...rankingTools,
  ...historyTools,
  ...lakeTools,
];

const INSTRUCTIONS = `Figures of Brazilian stocks (ações) and real-estate funds (FIIs), from a data lake on the person's
machine that is collected from fundamentus.com.br each trading day, and from B3's price history if it was imported.
Nothing is live: say the day of a figure, which is the answer's day. Where day is null the rows do not say it: select the
column of the day, and never take lake_newest_day for it. Columns have Portuguese names (describe_columns): vlr_ amounts in
reais or ratios, pct_ and yields fractions (0.1 is 10%), dt_ days. Null means that the source prints no value. A long answer
has next_offset. These tools only read; what fills or repairs the lake is a pynvest command in an answer's
notes, for the person to run.`;

/** Each call has an engine with threads of its own: more at once would only be slower. */
const MAX_CALLS_AT_ONCE = 2;

function createServer(context: ToolContext, version: string): McpServer {
  const server = new McpServer(
    { name: 'pynvest', title: 'pynvest', version },
    { instructions: INSTRUCTIONS.replaceAll('\n', ' ') },
  );
  const limit = pLimit(MAX_CALLS_AT_ONCE);
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        ...{ title: tool.title, description: tool.description, inputSchema: tool.input },
        outputSchema: answerSchema,
        annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
      },
      (args, { mcpReq }) => limit(() => callTool(tool, args, context, mcpReq.signal)),
    );
  }
  return server;
}

async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  context: ToolContext,
  signal: AbortSignal,
) {
  try {
    signal.throwIfAborted();
    const engine = await context.openEngine();
    const interrupt = (): void => engine.interrupt?.();
    signal.addEventListener('abort', interrupt);
    try {
      return formatAnswer(await tool.answer(args, engine, context));
    } finally {
      signal.removeEventListener('abort', interrupt);
      engine.close();
    }
  } catch (error) {
    if (signal.aborted) return formatError(new QueryError('the call was cancelled'));
    return formatError(error);
  }
}

/**
 * Serves on standard input and output until the client closes it and all that it asked is answered, or `signal` ends it.
 * @param onError is called about what the client gets no answer about
 */
export async function serve(
  context: ToolContext,
  version: string,
  { signal, onError }: { readonly signal: AbortSignal; onError(error: Error): void },
): Promise<void> {
  const transport = new AnsweringTransport();
  const closed = new Promise<void>((resolve) => {
    const connection = serveStdio(
      () => {
        const server = createServer(context, version);
        server.server.onclose = resolve;
        return server;
      },
      { onerror: onError, transport },
    );
    // A client that never asked anything leaves no server behind that would be closed.
    transport.onEnd(resolve);
    signal.addEventListener('abort', () => void connection.close().finally(resolve));
  });
  await closed;
}
