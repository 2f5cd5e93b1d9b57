/** Imports run one way: the direction of the layers, read off the source itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '..', 'src');

/** What each folder may import from, besides itself and the errors. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  fundamentus: ['catalog'],
  transform: ['catalog'],
  lake: ['catalog'],
  queue: ['catalog'],
  pipeline: ['catalog', 'fundamentus', 'transform', 'lake', 'queue'],
  deploy: ['catalog', 'fundamentus', 'lake'],
  query: ['catalog', 'lake'],
  operate: ['catalog', 'fundamentus', 'transform', 'lake', 'queue', 'pipeline', 'query', 'deploy'],
  demo: ['catalog'],
  cli: [
    ...['catalog', 'fundamentus', 'transform', 'lake', 'queue', 'pipeline', 'query'],
    ...['demo', 'deploy', 'operate'],
  ],
};

/** What one folder alone may load. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['query'],
  '@aws-sdk/client-athena': ['query'],
  // Deploying makes, fills and empties buckets, and whoever operates looks at their settings; rows pass
  // through the lake alone.
  '@aws-sdk/client-s3': ['lake', 'deploy', 'operate'],
  '@aws-sdk/client-glue': ['lake', 'deploy'],
  hyparquet: ['lake'],
  'hyparquet-writer': ['lake'],
};

/** Where a lake's files stand: the pipeline knows the lake's interface alone. */
const PLACES = /\/lake\/(?:s3-|glue-|local-)/;

/** Pure folders: no file, no network, no clock of their own. */
const PURE = ['catalog', 'transform'];

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && file.includes('/'),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name ?? '');
}

describe.each(files)('%s', (file) => {
  const folder = file.split('/')[0] ?? '';

  it('imports only from the layers below its own', () => {
    for (const name of importsOf(file)) {
      if (folder === 'pipeline') expect(name).not.toMatch(PLACES);
      if (name.startsWith('.')) {
        const target = relative(SOURCE, join(SOURCE, dirname(file), name)).split('/');
        if (target.length === 1 || target[0] === '..') continue; // the errors, package.json
        expect([folder, ...(MAY_IMPORT[folder] ?? [])], name).toContain(target[0]);
        continue;
      }
      expect(RESERVED[name] ?? [folder], name).toContain(folder);
      if (PURE.includes(folder)) expect(name).not.toMatch(/^node:/);
    }
  });
});
