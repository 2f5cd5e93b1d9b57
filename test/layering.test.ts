/** Imports run one way, and never in a circle: read from the source itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');

/** What each room may import from, besides itself and the files at the root of src. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  sources: ['catalog'],
  transform: ['catalog'],
  aws: ['catalog'],
  demo: ['catalog'],
  presentation: ['catalog'],
  analysis: ['catalog', 'transform', 'query'],
  report: ['catalog', 'transform', 'query', 'analysis', 'presentation'],
  mcp: ['catalog', 'transform', 'query', 'analysis'],
  lake: ['catalog', 'aws'],
  pipeline: ['catalog', 'sources', 'transform', 'lake'],
  query: ['catalog', 'aws', 'lake'],
  deploy: ['aws'],
  remote: ['catalog', 'transform', 'aws', 'lake', 'pipeline'],
  health: ['catalog', 'sources', 'transform', 'aws', 'lake', 'pipeline'],
  cli: [
    ...['catalog', 'sources', 'transform', 'aws', 'lake', 'pipeline', 'query'],
    ...['demo', 'deploy', 'health', 'remote', 'presentation', 'analysis', 'report', 'mcp'],
  ],
};

/** The same of the functions in AWS, which are beside src. */
const FUNCTIONS_MAY_IMPORT = ['catalog', 'sources', 'transform', 'aws', 'lake', 'pipeline'];

/** Packages that few rooms may load, as `room` or `room/folder`. */
const RESERVED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@duckdb\//, ['query/duckdb']],
  [/^@aws-sdk\/client-athena$/, ['query/athena']],
  [/^@(?:aws-sdk|smithy)\//, ['aws']],
  [/^hyparquet/, ['lake/parquet']],
  [/^hucre/, ['cli/output']],
  [/^(?:commander|ora|picocolors)$/, ['cli']],
  [/^(?:cheerio|htmlparser2|domhandler)/, ['sources/fundamentus']],
  [/^yauzl$/, ['sources/b3']],
  [/^yaml$/, ['deploy']],
  [/^uplot/, ['report/page']],
  [/^(?:@modelcontextprotocol\/|zod)/, ['mcp']],
];

/** Where a lake's files are stored: the pipeline knows the lake's interface alone. */
const STORES = /\/lake\/(?:s3|local)\//;

/** Rooms without files and network of their own: they import no module of Node. */
const PURE = [
  ...['catalog', 'transform', 'query/where', 'health/rules', 'presentation'],
  ...['analysis', 'deploy/iam', 'report/page'],
];

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const files = sources.filter((file) => file.includes('/'));

function importsOf(file: string, folder = SOURCE): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(/(?:from|import\(?)\s*'([^']+)'/g)].map(([, name]) => name ?? '');
}

function isIn(file: string, room: string): boolean {
  return file.startsWith(`${room}/`);
}

describe.each(files)('%s', (file) => {
  const room = file.split('/')[0] ?? '';

  it('imports only from the rooms below its own', () => {
    for (const name of importsOf(file)) {
      if (room === 'pipeline') expect(name).not.toMatch(STORES);
      if (name.startsWith('.')) {
        const target = relative(SOURCE, join(SOURCE, dirname(file), name)).split('/');
        if (target.length === 1 || target[0] === '..') continue; // the root's files, package.json
        expect([room, ...(MAY_IMPORT[room] ?? [])], name).toContain(target[0]);
        continue;
      }
      const rooms = RESERVED.find(([pattern]) => pattern.test(name))?.[1];
      if (rooms !== undefined)
        expect(
          rooms.some((each) => isIn(file, each)),
          name,
        ).toBe(true);
      if (PURE.some((each) => isIn(file, each))) expect(name).not.toMatch(/^node:/);
    }
  });
});

const functions = join(ROOT, 'lambda-src');
test.each(readdirSync(functions))('lambda-src/%s imports only from the rooms below', (file) => {
  for (const name of importsOf(file, functions)) {
    if (!name.startsWith('.')) {
      expect(RESERVED.some(([pattern]) => pattern.test(name))).toBe(false);
      continue;
    }
    const [folder, room = '', ...others] = relative(ROOT, join(functions, name)).split('/');
    if (folder === 'src' && others.length > 0) expect(FUNCTIONS_MAY_IMPORT, name).toContain(room);
    expect(name).not.toMatch(/\/lake\/local\//);
  }
});

test('no file imports itself through others', () => {
  const imported = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => join(dirname(file), name)),
    ]),
  );
  const finished = new Set<string>();
  const findCircle = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const next of imported.get(file) ?? []) {
      const circle = findCircle(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    finished.add(file);
    return undefined;
  };
  expect(sources.map((file) => findCircle(file, [])).find((each) => each)).toBeUndefined();
});
