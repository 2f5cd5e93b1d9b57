/** An HTTP proxy: it forwards plain requests, opens tunnels, and remembers what it was asked for. */
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

interface TestProxy {
  /** Such as `127.0.0.1:3128`. */
  readonly host: string;
  /** The addresses asked for: whole ones, and `CONNECT host:port`. */
  readonly asked: string[];
  /** The values of the header Proxy-Authorization. */
  readonly credentials: (string | undefined)[];
}

/** @param refuses answers every tunnel with status 502 */
export async function startProxy({ refuses = false } = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    credentials.push(request.headers['proxy-authorization']);
    const { method, headers } = request;
    const onward = forward(String(request.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    credentials.push(request.headers['proxy-authorization']);
    if (refuses) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const [host, port] = String(request.url).split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [socket, onward]) sockets.add(each.on('error', () => undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, asked, credentials };
}
