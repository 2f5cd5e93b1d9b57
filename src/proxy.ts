/**
 * The HTTP proxy of this machine, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY name it. Node 20 reads none of them; the
 * rules here are those of curl. undici, which sends the requests, is loaded only where there is a proxy.
 */

import type { ProxyAgent, RequestInit as UndiciRequestInit } from 'undici';
import { UsageError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that requests to an address go through; undefined where they go directly.
 * @throws UsageError where the variable holds no address of a proxy
 */
export function findProxy(
  { protocol, hostname, port }: URL,
  env: Environment = process.env,
): URL | undefined {
  const name = `${protocol.slice(0, -1)}_proxy`;
  const variable = env[name] === undefined ? name.toUpperCase() : name;
  const text = env[variable]?.trim() ?? '';
  if (text === '') return undefined;
  const exceptions = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  if (isException(hostname, port || DEFAULT_PORTS[protocol] || '', exceptions)) return undefined;
  return parseProxy(text, variable);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** @param exceptions names of hosts, with all hosts below them and perhaps with a port, or `*` */
function isException(hostname: string, port: string, exceptions: string): boolean {
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', only] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && only !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return hostname === domain || hostname.endsWith(`.${domain}`);
    });
}

function parseProxy(text: string, variable: string): URL {
  const address = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return proxy;
  throw new UsageError(`${variable} does not name a proxy that can be used`, {
    hint: 'It takes an address of http or https, such as http://proxy.example.com:3128.',
  });
}

/** For messages: without the name and the password that it may have. */
export function formatProxy({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** Its default export: the bundle cannot tell the names of a CommonJS module before it runs. */
export async function loadUndici(): Promise<typeof import('undici').default> {
  return (await import('undici')).default;
}

const agents = new Map<string, ProxyAgent>();

/** The connections through a proxy: one agent for all requests, and Node ends without waiting for it. */
export async function getProxyAgent(proxy: URL): Promise<ProxyAgent> {
  const { ProxyAgent } = await loadUndici();
  // What is not encrypted needs no tunnel, which many proxies refuse to ports other than 443.
  const agent = agents.get(proxy.href) ?? new ProxyAgent({ uri: proxy.href, proxyTunnel: false });
  agents.set(proxy.href, agent);
  return agent;
}

/** The proxy answered, and does not connect us. */
class ProxyRefusalError extends Error {
  override readonly name = 'ProxyRefusalError';
}

/** A refusal of the proxy as itself: undici gives it as a request that was aborted. Any other error as it is. */
export function toProxyError(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const status = inner instanceof Error && /^Proxy response \((\d+)\)/.exec(inner.message)?.[1];
  return status ? new ProxyRefusalError(`the proxy answered with status ${status}`) : error;
}

/** Node's fetch, through the proxy of the address where it has one. */
export async function fetchThroughProxy(url: URL, init: RequestInit): Promise<Response> {
  const proxy = findProxy(url);
  if (proxy === undefined) return fetch(url, init);
  const dispatcher = await getProxyAgent(proxy);
  const undici = await loadUndici();
  // Node's own fetch is of another version of undici than the agent, and cannot be given it. Its types differ as
  // little.
  try {
    const options = { ...(init as unknown as UndiciRequestInit), dispatcher };
    const response: unknown = await undici.fetch(url, options);
    return response as Response;
  } catch (error) {
    throw toProxyError(error);
  }
}
