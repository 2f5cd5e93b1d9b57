#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace(/^\D*/, '');
if (isOlder(process.versions.node, needed)) {
  process.stderr.write(
    `pynvest needs Node ${needed} or later, and this is Node ${process.versions.node}: install a newer one, such as from https://nodejs.org.\n`,
  );
  process.exit(1);
}

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write(
    'pynvest is not built yet: run `npm install` (or `npm run build`) in its folder.\n',
  );
  process.exit(1);
}
await import(main.href);

function isOlder(version, than) {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  const at = right.findIndex((number, index) => number !== (left[index] || 0));
  return at >= 0 && (left[at] || 0) < right[at];
}
