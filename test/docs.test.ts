/** The documents name files, headings and packages that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Partition, parsePartition } from '../src/catalog/partition.ts';
import { isTradingDay } from '../src/catalog/trading-days.ts';

const ROOT = join(import.meta.dirname, '..');
const NOT_OURS = /^(?:node_modules|dist|coverage|\.git)\b/;

const documents = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.md') && !NOT_OURS.test(path),
);

function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The names by which GitHub links to the headings of a document. */
function findAnchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

describe.each(documents)('%s', (path) => {
  const text = readDocument(path);

  test('links to files and headings that exist', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(ROOT, linked)), target).toBe(true);
      if (anchor !== undefined) expect(findAnchors(readDocument(linked)), target).toContain(anchor);
    }
  });

  test('names files of the project that exist', () => {
    const names = text.matchAll(
      /(?<![\w/.-])((?:src|lambda-src|test|bench|scripts|docs|cloudformation)\/[\w./-]*\w)/g,
    );
    for (const [, name = ''] of names) expect(existsSync(join(ROOT, name)), name).toBe(true);
  });
});

describe.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s', (path) => {
  const source = ['src', 'lambda-src', 'scripts', 'test']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => /\.(?:ts|mjs)$/.test(file))
    .map(readDocument)
    .join('\n');
  const names = [...readDocument(path).matchAll(/`(\w+)(?:\(\))?`/g)]
    .map(([, name = '']) => name)
    .filter((name) => /[a-z][A-Z]|^[A-Z][a-z]/.test(name));

  test.each([...new Set(names)])('%s is a name in the code', (name) => {
    expect(new RegExp(`\\b${name}\\b`).test(source)).toBe(true);
  });
});

test('the decision on dependencies has a line for every package, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(readDocument('package.json')) as {
    readonly dependencies: object;
    readonly devDependencies: object;
  };
  const page = readDocument('docs/decisions/0002-dependencies.md');
  const [, table = ''] = page.split('## Every dependency');
  const listed = [...table.matchAll(/^\| ([@\w/.-]+) \| /gm)].map(([, name = '']) => name);
  expect(listed.filter((name) => name !== 'Package').sort()).toEqual(
    Object.keys({ ...dependencies, ...devDependencies }).sort(),
  );
});

/** A day in one of the notations of the project: `2026-11-19`, `20261119`, `19/11/2026`. */
const DAY = /(?<![\d/-])(?:(20\d\d)-?([01]\d)-?([0-3]\d)|([0-3]\d)\/([01]\d)\/(20\d\d))(?![\d/-])/g;

/** The days of a text that are examples; the first and the last day of a year are the bounds of a period. */
function findExampleDays(text: string): Partition[] {
  return [...text.matchAll(DAY)].flatMap(([, year, month, day, lastDay, lastMonth, lastYear]) => {
    const iso = [year ?? lastYear, month ?? lastMonth, day ?? lastDay].join('-');
    return /-(?:01-01|12-31)$/.test(iso) ? [] : parsePartition(iso, iso);
  });
}

describe('the days of examples are trading days', () => {
  // Decisions and headings of the changelog say when something was measured or released.
  const dated = documents.filter((path) => !/decisions|^test|CHANGELOG/.test(path));

  test.each(dated)('in %s', (path) => {
    const days = findExampleDays(readDocument(path));
    expect(days.filter((day) => !isTradingDay(day))).toEqual([]);
  });

  const folders = ['src', 'lambda-src'];
  const code = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:ts|json)$/.test(file))
      .map((file) => join(folder, file)),
  );

  test('in helps, messages, comments and the demo', () => {
    const wrong = code.flatMap((path) =>
      findExampleDays(readDocument(path))
        .filter((day) => !isTradingDay(day))
        .map((day) => `${path}: ${day}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe.each(['README.md', 'README.pt-BR.md'])('%s', (path) => {
  const text = readDocument(path);

  test('names every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map(({ name }) => name);
    const named = [...text.matchAll(/^src\/(\w+) /gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(folders.sort());
  });

  test('counts the alarms as the template has them, at ten cents each after the tenth', () => {
    const template = readDocument('cloudformation/pynvest.yaml');
    const count = template.match(/Type: AWS::CloudWatch::Alarm/g)?.length ?? 0;
    const cost = ((count - 10) * 0.1).toFixed(2);
    const row = text.match(/^\| (?:alarms|alarmes) \| (\d+), .* \| (.*) \|$/m);
    expect(row?.slice(1)).toEqual([
      String(count),
      path === 'README.md' ? cost : cost.replace('.', ','),
    ]);
  });
});
