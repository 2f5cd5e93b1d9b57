/**
 * `npm run check:trino`: asks Trino 435, whose SQL is Athena's, every text of test/query/trino/texts.sql and every
 * question of the commands, stores its answers, and prints those that
 * the local lake refuses, which it also writes into the docs, and those to which it answers otherwise. Needs
 * Java 17 and Maven; the unit tests compare with the stored answers, and need neither.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importTypeScript } from './import-typescript.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const cache = join(process.cwd(), 'node_modules', '.cache', 'pynvest-trino');
mkdirSync(cache, { recursive: true });

const compared = await importTypeScript('test/query/trino/lake.ts');
const root = await mkdtemp(join(tmpdir(), 'pynvest-trino-'));
await compared.writeComparedLake(root);
const setup = compared.createTrinoLake();
const texts = [...compared.readTexts(), ...(await compared.recordQuestions(root))];

const classPath = join(cache, 'class-path.txt');
const build = ['dependency:build-classpath', `-Dmdep.outputFile=${classPath}`];
execFileSync('mvn', ['-q', '-B', '-f', 'scripts/trino/pom.xml', ...build], { stdio: 'inherit' });
const output = execFileSync(
  'java',
  ['-Xmx1g', '-cp', readFileSync(classPath, 'utf8'), 'scripts/trino/Answers.java'],
  {
    input: [...setup, ...texts].map((text) => `${JSON.stringify(text)}\n`).join(''),
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1e9,
    encoding: 'utf8',
  },
);
const lines = output
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
for (const { error } of lines.slice(0, setup.length))
  if (error !== undefined) throw new Error(error);
const answers = lines.slice(setup.length).map((answer, at) => ({ text: texts[at], ...answer }));
compared.writeAnswers(answers);
const outcomes = await compared.compareAll(root, answers);
const list = compared.formatDifferences(outcomes);
for (const path of ['docs/athena-sql.md', 'docs/pt-BR/sql-do-athena.md']) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(/^\| text \|(?:\n?.+)*\n/m, () => `${list}\n`),
  );
}
console.log(list);
console.log(compared.describeFaults(outcomes));
await rm(root, { recursive: true });
