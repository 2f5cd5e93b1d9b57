/**
 * The evening of a new user: the commands of README, word for word, by a shell in a fresh folder, with a site, an
 * exchange and a central bank that play theirs. README is where they are read from, so that it cannot say anything
 * else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getPartition, getYear } from '../src/catalog/partition.ts';
import type { DemoListing } from '../src/demo/exchange.ts';
import { createDemoMarket } from '../src/demo/market-snapshot.ts';
import { startDemoSite } from '../src/demo/site.ts';
import { commandEnvironment, commandFile } from './support/command.ts';
import { newFolder } from './support/folders.ts';

const readDocument = (name: string): Promise<string> =>
  readFile(new URL(`../${name}`, import.meta.url), 'utf8');

/** The commands of the blocks of a section: a line, and the lines that it goes on in. */
function findCommands(document: string, heading: string): string[] {
  const [, section = ''] = document.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block
      // A text in quotes may have several lines.
      .split(/\n(?! )/)
      .map((command) => command.trim())
      .filter((command) => command !== ''),
  );
}

/** Without its comment, which is in the language of the page. */
const withoutComment = (command: string): string => command.replace(/ {2,}# .*$/, '');

/** What README says of the machine, and not of the demo: other programs, other shells, AWS. */
const OF_OTHERS = /^(?:claude|codex|code) |\bzsh\b|--remote|^pynvest (?:logs|redrive|pause)/;

/** A Friday, when the day's collection is due. */
const EVENING = '2026-11-27T23:00:00Z';

/** What a lake of one evening lacks, and the exchange that is played: the command says so. */
const LACKING: readonly (readonly [command: RegExp, status: number, message: RegExp])[] = [
  [/ --date 2026-11-19\b/, 1, /^error: the lake has no (?:raw text|typed rows) of 2026-11-19/],
  [/ --year 1986-2026\b/, 3, /^! COTAHIST_A1986\.ZIP: B3 has no such file/],
];

/** The first day of the exchange that is played, of the year before: more of it would only take longer. */
const FIRST_DAY = 20251201;

function cutHistory(listing: DemoListing): DemoListing {
  const { sessions, events, adjustments, units } = listing;
  const first = sessions.findIndex(({ day }) => day >= FIRST_DAY);
  return {
    ...listing,
    sessions: sessions.slice(first),
    events: events.filter(({ comDay }) => comDay >= FIRST_DAY),
    adjustments: adjustments.slice(first),
    units: units.slice(first),
  };
}

/** The tickers of README, and those of the demo's market that play them. */
const ACTORS: Readonly<Record<string, string>> = {
  ...{ TUCA3: 'PETR4', MANG3: 'VALE3', BSAB4: 'ITUB4', JABU4: 'WEGE3', DEMO11: 'HGLG11' },
};

const [english, portuguese] = await Promise.all(['README.md', 'README.pt-BR.md'].map(readDocument));
const SECTIONS = [
  ['Quick start', 'Início rápido'],
  ["Collect today's indicators", 'Coletar os indicadores de hoje'],
  ['Query', 'Consultar'],
  ['Operate', 'Operar'],
] as const;

describe.each(SECTIONS)('%s', (heading, title) => {
  test('has the same commands in both languages', () => {
    const commands = findCommands(english ?? '', heading).map(withoutComment);
    expect(commands.length).toBeGreaterThan(0);
    expect(findCommands(portuguese ?? '', title).map(withoutComment)).toEqual(commands);
  });
});

describe.skipIf(process.platform === 'win32')('the commands of README', () => {
  let folder: string;
  let env: Record<string, string>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    folder = await newFolder();
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // The package is installed and built: what `npm install` and `npx` do is tested with the package.
    const programs = {
      pynvest: `exec '${process.execPath}' '${commandFile}' "$@"`,
      npx: `shift; exec '${process.execPath}' '${commandFile}' "$@"`,
      npm: 'true',
    };
    for (const [name, line] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${line}\n`);
      await chmod(join(bin, name), 0o755);
    }
    const today = getPartition(new Date(EVENING));
    const { assets, listings } = createDemoMarket(today);
    const rename = <Asset extends { readonly ticker: string }>(asset: Asset): Asset => ({
      ...asset,
      ticker: ACTORS[asset.ticker] ?? asset.ticker,
    });
    const site = await startDemoSite(assets.map(rename), {
      year: getYear(today),
      listings: listings.map((listing) => ({
        ...cutHistory(listing),
        asset: rename(listing.asset),
      })),
    });
    close = () => site.close();
    env = commandEnvironment({
      ...{ HOME: folder, PATH: [bin, process.env['PATH'] ?? ''].join(delimiter) },
      ...{ PYNVEST_FUNDAMENTUS_URL: site.url, PYNVEST_B3_URL: site.url },
      ...{ PYNVEST_BCB_URL: site.url, HTTPS_PROXY: 'http://127.0.0.1:1' },
      PYNVEST_TEST_NOW: EVENING,
      NODE_OPTIONS: `--import=${new URL('./support/clock.mjs', import.meta.url)}`,
    });
  });
  afterAll(() => close());

  const run = async (command: string) => {
    const child = spawn('bash', ['-c', command], { cwd: folder, env });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end();
    const [status]: unknown[] = await once(child, 'close');
    return { status, stdout, stderr };
  };

  const commands = SECTIONS.flatMap(([heading]) => findCommands(english ?? '', heading));
  // What the text says beside the blocks: charts and reports, once there is a history.
  const inText = [...(english ?? '').matchAll(/`(pynvest (?:query|report) [^`]*)`/g)].flatMap(
    ([, command]) => command ?? [],
  );

  test.each([...commands.filter((command) => !OF_OTHERS.test(command)), ...inText])(
    '%s',
    async (command) => {
      const { status, stdout, stderr } = await run(command);
      const [, expected = 0, message = /^/] =
        LACKING.find(([pattern]) => pattern.test(command)) ?? [];
      expect(status, `${stdout}\n${stderr}`).toBe(expected);
      expect(stderr).toMatch(message);
    },
  );
});
