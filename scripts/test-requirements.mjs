/** Says what the tests will install on this machine, and which of them it lacks the means for. Installs nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const runs = (program, ...args) => spawnSync(program, args).status === 0;

const lines = [standIn(), terminal(), shells(), browser(), python(), reference(), linter()];
console.log(
  `What the tests need beside Node and npm:\n${lines.map((line) => `  ${line}`).join('\n')}`,
);

function standIn() {
  const what = 'a stand-in for AWS, for the suite aws';
  if (!runs('python3', '-c', 'import ensurepip, venv')) {
    return `${what}: LEFT OUT, the whole suite, because there is no python3 with venv here`;
  }
  const script = fileURLToPath(new URL('../test/aws/stand-in/install.sh', import.meta.url));
  const { status, stdout } = spawnSync(script, ['--check']);
  const folder = stdout.toString().trim();
  return status === 0
    ? `${what}: is installed in ${folder}`
    : `${what}: will be installed with pip into ${folder}, some 40 MB, once`;
}

function terminal() {
  const what = 'a terminal made by script (util-linux), for questions and colors';
  return process.platform === 'linux' && runs('script', '--version')
    ? `${what}: is here`
    : `${what}: LEFT OUT, these tests, because it is not here`;
}

function python() {
  const what = 'pyarrow, pandas and openpyxl, as other readers of our files';
  return process.env.PYNVEST_PYTHON
    ? `${what}: ${process.env.PYNVEST_PYTHON}`
    : `${what}: LEFT OUT, these tests, because PYNVEST_PYTHON names no Python that has them`;
}

function reference() {
  const what = 'saved pages of the real site';
  return process.env.PYNVEST_REFERENCE
    ? `${what}: ${process.env.PYNVEST_REFERENCE}`
    : `${what}: LEFT OUT, these tests, because PYNVEST_REFERENCE names no folder with them`;
}

function shells() {
  const missing = ['bash', 'fish', 'zsh'].filter((shell) => !runs(shell, '--version'));
  const what = 'the shells bash, fish and zsh, for the completion of words';
  if (missing.length === 0) return `${what}: are here`;
  return `${what}: LEFT OUT, the tests of ${missing.join(' and ')}, because it is not here`;
}

function browser() {
  const what = 'Chromium, for the pages of the report';
  const places = ['chromium', 'chromium-browser', 'google-chrome'].map(
    (name) => `/usr/bin/${name}`,
  );
  const found = [process.env.PYNVEST_CHROMIUM, ...places].find((path) => path && existsSync(path));
  return found
    ? `${what}: ${found}`
    : `${what}: LEFT OUT, these tests, because it is not here (PYNVEST_CHROMIUM names another)`;
}

function linter() {
  return 'cfn-lint, for the CloudFormation template: LEFT OUT, .ci/run alone installs and runs it';
}
