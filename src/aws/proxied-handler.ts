/**
 * Sends the SDK's requests through the HTTP proxy of this machine: the SDK's own handler knows none.
 */

import { buildQueryString, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { findProxy, getProxyAgent, loadUndici, toProxyError } from '../proxy.ts';

/** What a client of the SDK takes as `requestHandler`. */
export interface RequestHandler {
  handle(
    request: HttpRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: HttpResponse }>;
  readonly metadata: { readonly handlerProtocol: string };
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** undefined where the environment names no proxy: the SDK's own handler sends the requests then. */
export function createProxiedHandler(): RequestHandler | undefined {
  const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];
  if (names.every((name) => (process.env[name] ?? '').trim() === '')) return undefined;
  return {
    handle: async (request, { abortSignal } = {}) => {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      return { response: await send(request, signal) };
    },
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

/** Headers about the connection, which undici makes itself; the signature covers none of them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

async function send(
  { protocol, hostname, port, path, query, method, headers, body }: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const search = buildQueryString(query);
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  const url = new URL(`${origin}${path}${search === '' ? '' : `?${search}`}`);
  const proxy = findProxy(url);
  const { Agent, request } = await loadUndici();
  direct ??= new Agent();
  try {
    const answer = await request(url, {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase())),
      ),
      body: body ?? null,
      signal,
      dispatcher: proxy === undefined ? direct : await getProxyAgent(proxy),
    });
    return new HttpResponse({
      statusCode: answer.statusCode,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      ),
      body: answer.body,
    });
  } catch (error) {
    throw toNodeError(toProxyError(error));
  }
}

let direct: import('undici').Agent | undefined;

/** With the code that Node's own client gives: by it the SDK knows what may be sent again. */
function toNodeError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (/^UND_ERR_\w+_TIMEOUT$/.test(String(error.code))) {
    return Object.assign(error, { name: 'TimeoutError' });
  }
  return error.code === 'UND_ERR_SOCKET' ? Object.assign(error, { code: 'ECONNRESET' }) : error;
}
