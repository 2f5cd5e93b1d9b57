import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeFunctionBundles } from '../../scripts/bundle-functions.ts';
import { functionNames, getCodeKeyParameter } from '../../src/aws/resource-names.ts';
import type { CodeBundle } from '../../src/deploy/artifacts.ts';
import { findPackageRoot, readFunctionBundles } from '../../src/deploy/artifacts.ts';
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

  test('each loads by itself, has a handler, and calls its errors by their names', async () => {
    const folder = await newFolder();
    for (const { name, zip } of bundles) {
      const files = unzipSync(zip);
      expect(Object.keys(files)).toEqual(['index.js']);
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'index.js'), files['index.js'] ?? '');
    }
    const script = `
      const { handler } = require(process.argv[1]);
      const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 1000 };
      handler({ partition: 'never', Records: [{ messageId: 'm', body: '', attributes: {}, s3: {} }] }, context)
        .then(() => process.exit(2), (error) => process.stderr.write(error.name));`;
    const environment = { PATH: process.env['PATH'], AWS_REGION: 'sa-east-1' };
    for (const name of functionNames) {
      const { stdout, stderr } = await run('node', ['-e', script, join(folder, name)], {
        cwd: folder,
        env: { ...environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      });
      expect({ name, stderr }).toEqual({ name, stderr: 'UsageError' });
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: string });
      expect(lines.at(-1)).toMatchObject({ level: 'ERROR', function: 'f', requestId: 'r' });
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
