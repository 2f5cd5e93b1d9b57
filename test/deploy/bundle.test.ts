import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { functionNames, getCodeKeyParameter } from '../../src/aws/resource-names.ts';
import { bundleFunctions, type FunctionBundle } from '../../src/deploy/bundle.ts';
import { findPackageRoot } from '../../src/deploy/package-root.ts';
import { newFolder } from '../support/folders.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** As npm installs the package: its files, and its dependencies beside it. */
async function installedCopy(): Promise<string> {
  const modules = join(await newFolder(), 'node_modules');
  const copy = join(modules, 'pynvest');
  await mkdir(copy, { recursive: true });
  for (const name of ['package.json', 'src', 'lambda-src']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  return copy;
}

describe('the bundles of the functions', () => {
  let bundles: FunctionBundle[];
  beforeAll(async () => {
    bundles = await bundleFunctions();
  });

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
    for (const { zip, size } of bundles) {
      expect(size).toBe(zip.byteLength);
      expect(size).toBeLessThan(400_000);
    }
  });

  test('the same sources give the same bytes, in another place and in another time zone', async () => {
    const copy = await installedCopy();
    const before = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Kiritimati';
    const again = await bundleFunctions(copy).finally(() => {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    });
    expect(again.map(({ hash }) => hash)).toEqual(bundles.map(({ hash }) => hash));
    expect(
      again.every(({ zip }, index) => Buffer.compare(zip, bundles[index]?.zip ?? zip) === 0),
    ).toBe(true);
  });

  test('a change of a source changes the bundles that hold it, and no other', async () => {
    const copy = await installedCopy();
    const path = join(copy, 'lambda-src', 'get-tickers.ts');
    await writeFile(path, "export const handler = () => Promise.resolve('changed');\n");
    const changed = await bundleFunctions(copy);
    const names = changed.flatMap(({ name, hash }, index) =>
      hash === bundles[index]?.hash ? [] : [name],
    );
    expect(names).toEqual(['get-tickers']);
  });

  test('a source that is missing is told as what it is', async () => {
    const copy = await newFolder();
    await expect(bundleFunctions(copy)).rejects.toMatchObject({
      name: 'DeployError',
      message: expect.stringContaining('cannot be bundled'),
      hint: expect.stringContaining('Install'),
    });
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
