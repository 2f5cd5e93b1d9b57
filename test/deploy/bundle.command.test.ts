import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeFunctionBundles } from '../../scripts/bundle-functions.ts';
import { functionNames, getCodeKeyParameter } from '../../src/aws/resource-names.ts';
import type { CodeBundle } from '../../src/deploy/artifacts.ts';
import { findPackageRoot, readFunctionBundles } from '../../src/deploy/artifacts.ts';
import {
  CONTENT_FILE,
  readPackagedTemplate,
  TEMPLATE_FILE,
} from '../../src/deploy/packaged-template.ts';
import { parseContent } from '../../src/deploy/template.ts';
import { newFolder } from '../support/folders.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Another clone of the project, at another path. */
async function clonedProject(): Promise<string> {
  const copy = await newFolder();
  for (const name of ['package.json', 'cloudformation', 'src', 'lambda-src']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Does some work as if this machine were in another time zone. */
async function inTimeZone<Result>(zone: string, work: () => Promise<Result>): Promise<Result> {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

/** The built ones. */
let bundles: readonly CodeBundle[];
beforeAll(async () => {
  bundles = await readFunctionBundles(root);
});

describe('the bundles of the functions', () => {
  test('there is one a function, each of another name', () => {
    expect(bundles.map(({ name }) => name)).toEqual([...functionNames]);
    expect(functionNames).toHaveLength(10);
    expect(findPackageRoot()).toBe(root.replace(/\/$/, ''));
    expect(new Set(functionNames.map(getCodeKeyParameter)).size).toBe(10);
    expect(getCodeKeyParameter('get-tickers')).toBe('CodeKeyGetTickers');
    expect(getCodeKeyParameter('dedup-financial-data-for-spec-ativos')).toBe(
      'CodeKeyDedupFinancialDataForSpecAtivos',
    );
  });

  test('each is under 400 KB', () => {
    for (const { name, zip } of bundles) expect(zip.byteLength, name).toBeLessThan(400_000);
  });

  test('each loads without what another has set, has a handler, and calls its errors by their names', async () => {
    const folder = await newFolder();
    for (const { name, zip } of bundles) {
      const files = unzipSync(zip);
      expect(Object.keys(files)).toEqual(['index.js']);
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'index.js'), files['index.js'] ?? '');
    }
    // One process for all: each bundle is a module of its own, and finds no global or variable that another has set.
    const script = `
      const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 1000 };
      const event = { partition: 'never', Records: [{ messageId: 'm', body: '', attributes: {}, s3: {} }] };
      const [, folder, ...names] = process.argv;
      const globals = new Set(Reflect.ownKeys(globalThis));
      const env = JSON.stringify(process.env);
      (async () => {
        for (const name of names) {
          const added = Reflect.ownKeys(globalThis).filter((key) => !globals.has(key));
          if (added.length > 0 || JSON.stringify(process.env) !== env) {
            throw new Error('before ' + name + ': ' + added.map(String) + ' ' + JSON.stringify(process.env));
          }
          const { handler } = require(folder + '/' + name);
          const error = await handler(event, context).then(() => 'none', (error) => error.name);
          console.log(JSON.stringify({ ended: name, error }));
          // The AWS SDK in each bundle sets it.
          delete globalThis.awslambda;
        }
      })();`;
    const { stdout, stderr } = await run('node', ['-e', script, folder, ...functionNames], {
      cwd: folder,
      env: {
        ...{ PATH: process.env['PATH'], AWS_REGION: 'sa-east-1' },
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
    });
    expect(stderr).toBe('');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; ended?: string });
    expect(lines.filter(({ ended }) => ended !== undefined)).toEqual(
      functionNames.map((ended) => ({ ended, error: 'UsageError' })),
    );
    for (const [index, { ended }] of lines.entries()) {
      if (ended === undefined) continue;
      const before = lines[index - 1];
      expect(before, ended).toMatchObject({ level: 'ERROR', function: 'f', requestId: 'r' });
    }
  });
});

describe('the template that the build has read', () => {
  test('says what its text says', async () => {
    const text = await readFile(join(root, TEMPLATE_FILE), 'utf8');
    expect(JSON.parse(await readFile(join(root, CONTENT_FILE), 'utf8')).content).toStrictEqual(
      parseContent(text),
    );
  });

  test('is not taken for one that was edited since, nor missed where it is not there', async () => {
    const clone = await clonedProject();
    const edited = `${await readFile(join(root, TEMPLATE_FILE), 'utf8')}# edited\n`;
    await writeFile(join(clone, TEMPLATE_FILE), edited.replaceAll('GetTickers', 'GetNames'));
    await mkdir(join(clone, 'dist'));
    for (const isThere of [true, false]) {
      if (isThere) await cp(join(root, CONTENT_FILE), join(clone, CONTENT_FILE));
      else await rm(join(clone, CONTENT_FILE));
      const { resources } = await readPackagedTemplate(clone);
      expect([...resources.keys()]).toContain('GetNames');
      await appendFile(join(clone, TEMPLATE_FILE), '# once more\n');
    }
  });
});

describe('the bundles that a deployment uploads', () => {
  const edited = join('lambda-src', 'get-tickers.ts');
  let clone: string;
  beforeAll(async () => {
    clone = await clonedProject();
    await writeFile(
      join(clone, edited),
      "export const handler = () => Promise.resolve('changed');\n",
    );
    await inTimeZone('Pacific/Kiritimati', () => writeFunctionBundles(clone));
  });
  const stale = (path: string) => ({
    name: 'DeployError',
    message: `the functions were bundled before ${path} was changed`,
    hint: `Run \`npm run build\` in ${clone}, then try again.`,
  });

  test('a change of a source changes those that hold it, and no other', async () => {
    const names = (await readFunctionBundles(clone)).flatMap(({ name, hash }, index) =>
      hash === bundles[index]?.hash ? [] : [name],
    );
    expect(names).toEqual(['get-tickers']);
  });

  test('are refused in a clone whose sources have changed since, and taken once built again', async () => {
    await appendFile(join(clone, 'src', 'transform', 'values.ts'), '\n// edited\n');
    await expect(readFunctionBundles(clone)).rejects.toMatchObject(
      stale('src/transform/values.ts'),
    );
    await cp(join(root, edited), join(clone, edited));
    await inTimeZone('Pacific/Kiritimati', () => writeFunctionBundles(clone));
    expect(await readFunctionBundles(clone)).toHaveLength(functionNames.length);
  });

  // A comment, which is all that is edited by then, is in no bundle.
  test('have the same bytes for the same sources, built in another place and another time zone', async () => {
    const read = await readFunctionBundles(clone);
    expect(read.map(({ name, hash }) => ({ name, hash }))).toEqual(
      bundles.map(({ name, hash }) => ({ name, hash })),
    );
    const zips = read.map(({ zip }, index) => Buffer.compare(zip, bundles[index]?.zip ?? zip));
    expect(new Set(zips)).toEqual(new Set([0]));
  });

  test('a source that no function holds may change', async () => {
    await appendFile(join(clone, 'src', 'cli', 'main.ts'), '\n// edited\n');
    expect(await readFunctionBundles(clone)).toHaveLength(functionNames.length);
  });

  test('a source that was removed counts as changed', async () => {
    const path = join('lambda-src', 'day-event.ts');
    await rm(join(clone, path));
    await expect(readFunctionBundles(clone)).rejects.toMatchObject(stale(path));
    await cp(join(root, path), join(clone, path));
  });

  test('a bundle that is missing is an error that says what to do: build it, or install again', async () => {
    await rm(join(clone, 'dist', 'functions', 'get-tickers.zip'));
    const missing = {
      name: 'DeployError',
      message: "pynvest's own file dist/functions/get-tickers.zip cannot be read",
    };
    await expect(readFunctionBundles(clone)).rejects.toMatchObject({
      ...missing,
      hint: `Run \`npm run build\` in ${clone}.`,
    });
    for (const name of ['src', 'lambda-src']) await rm(join(clone, name), { recursive: true });
    await expect(readFunctionBundles(clone)).rejects.toMatchObject({
      ...missing,
      hint: 'Install pynvest again.',
    });
  });
});
