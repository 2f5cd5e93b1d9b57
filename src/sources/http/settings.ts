/** How a source is asked over HTTP: where it is, how fast and how patiently. */
export interface HttpSettings {
  /** The address that paths are relative to, with or without slashes at its end. */
  readonly baseUrl: string;
  /** The environment variable that replaces `baseUrl`: hints name it. */
  readonly urlVariable: string;
  /** Sent with every request, beside the user agent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** The most requests under way at once. */
  readonly concurrency: number;
  /** The pause between a request and the next one in its place, in milliseconds. */
  readonly pauseMs: number;
  /** How long one request may take, in milliseconds: its body included, or each part of a stream. */
  readonly timeoutMs: number;
  /** How many times a failed request is sent again. */
  readonly retries: number;
  /** The least wait before the first retry, in milliseconds; it doubles with each one after. */
  readonly backoffMs: number;
  /** What makes requests slower, as hints name it: the options of the command, or variables. */
  readonly slowerBy?: string;
  /** The way through a proxy; requests go directly without it. */
  readonly proxy?: ProxySupport;
}

interface ProxySupport {
  /** The proxy of an address, for messages. */
  describe(url: URL): string | undefined;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
}

/** The sources answer 403 to a client that does not look like a browser. */
const BROWSER_USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** How a source is asked unless it bears more, or less: some five pages a second. */
export const defaultPace = {
  userAgent: BROWSER_USER_AGENT,
  concurrency: 4,
  pauseMs: 500,
  timeoutMs: 20_000,
  retries: 4,
  backoffMs: 1_000,
} as const;
