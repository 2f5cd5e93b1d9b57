/**
 * A made-up exchange with a known truth, imported over HTTP and asked by the command; it is no part of this project.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonRows } from './support/answers.ts';
import { newFolder } from './support/folders.ts';
import { pynvest } from './support/in-process.ts';

const reference = process.env['PYNVEST_REFERENCE'];

interface MarketEvent {
  readonly asset: string;
  readonly com: string;
}

interface Market {
  readonly assets: readonly {
    readonly ticker: string;
    readonly rows: readonly {
      readonly day: string;
      readonly ticker: string;
      readonly index: number;
    }[];
  }[];
  readonly printed: readonly MarketEvent[];
  readonly hidden: readonly MarketEvent[];
  readonly phantoms: readonly MarketEvent[];
}

/** The years of the exchange: time for splits, a new ticker and hundreds of dividends. */
const [FROM, TO] = [2021, 2024];

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Serves an exchange and imports all of it into a lake. */
async function importExchange(options: { seed: number; hidden: number; phantom: number }) {
  const { makeMarket } = await import(join(reference ?? '', 'b3', 'market.mjs'));
  const port = String(await findFreePort());
  const { seed, hidden, phantom } = options;
  const years = ['--market-from', String(FROM), '--market-to', String(TO)];
  const server = spawn(process.execPath, [
    ...[join(reference ?? '', 'site', 'serve.mjs'), '--market', String(seed), '--port', port],
    ...['--market-hidden', String(hidden), '--market-phantom', String(phantom), ...years],
  ]);
  await once(server.stdout, 'data');
  const url = `http://127.0.0.1:${port}`;
  const lake = await newFolder();
  const run = (...args: string[]) =>
    pynvest([...args, '--lake', lake, '--format', 'json'], {
      env: { PYNVEST_FUNDAMENTUS_URL: url, PYNVEST_B3_URL: url, PYNVEST_PAUSE_MS: '0' },
    });
  for (const args of [['cotahist', '--year', `${FROM}-${TO}`], ['eventos']]) {
    const { status, stderr } = await run('import', ...args);
    expect(status, stderr).toBe(0);
  }
  return { market: makeMarket({ ...options, from: FROM, to: TO }) as Market, run, server };
}

type Exchange = Awaited<ReturnType<typeof importExchange>>;

describe.runIf(reference)('an exchange whose events are all shown', () => {
  let exchange: Exchange;
  beforeAll(async () => {
    exchange = await importExchange({ seed: 1, hidden: 0, phantom: 0 });
  });
  afterAll(() => void exchange?.server.kill());

  test('every adjusted return is the true one, and proved', async () => {
    const { stdout } = await exchange.run('query', 'historico', '--from', `${FROM}-01-01`);
    const rows = new Map(
      jsonRows(stdout).map((row) => [`${row['codigo_ticker_ativo']} ${row['dt_pregao']}`, row]),
    );
    const wrong: string[] = [];
    for (const { rows: sessions } of exchange.market.assets) {
      for (const [at, session] of sessions.slice(1).entries()) {
        const [now, before] = [session, sessions[at]].map((each) =>
          rows.get(`${each?.ticker} ${each?.day}`),
        );
        const is = Number(now?.['vlr_fechamento']) / Number(before?.['vlr_fechamento']);
        const error = Math.abs(is / (session.index / (sessions[at]?.index ?? 0)) - 1);
        if (!(error < 1e-9) || now?.['ajuste_provado'] !== true) {
          wrong.push(`${session.ticker} ${session.day}: ${error}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(rows.size).toBe(exchange.market.assets.flatMap(({ rows: all }) => all).length);
  });

  test('an audit finds nothing', async () => {
    const { status, stdout } = await exchange.run('audit');
    expect(status).toBe(0);
    expect(jsonRows(stdout)).toEqual([]);
  });
});

test.runIf(reference)(
  'an audit names exactly what is hidden from the sources, and what never took place',
  async () => {
    const { market, run, server } = await importExchange({ seed: 2, hidden: 6, phantom: 4 });
    try {
      const { status, stdout } = await run('audit');
      expect(status).toBe(3);
      const after = ({ asset, com }: MarketEvent): string => {
        const sessions = market.assets.find(({ ticker }) => ticker === asset)?.rows ?? [];
        const session = sessions.find(({ day }) => day > com);
        return `${session?.ticker} ${session?.day}`;
      };
      // Of an event that shares its day with another one, the number says nothing; in this market none does.
      const isAlone = ({ asset, com }: MarketEvent): boolean =>
        !market.printed.some((each) => each.asset === asset && each.com === com);
      expect(market.hidden.filter(isAlone)).toHaveLength(6);
      expect(
        jsonRows(stdout)
          .map((row) => `${row['codigo_ticker_ativo']} ${row['data']} ${row['codigo']}`)
          .sort(),
      ).toEqual(
        [
          ...market.hidden.map((event) => `${after(event)} right-without-event`),
          ...market.phantoms.map((event) => `${after(event)} event-without-right`),
        ].sort(),
      );
    } finally {
      server.kill();
    }
  },
);
