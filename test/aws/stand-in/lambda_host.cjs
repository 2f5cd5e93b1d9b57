// Lambda's part in the stand-in: one process for all functions of the same code, of whatever account. Each has its own
// copy of the code's modules, its own environment and its own log; only what Node has compiled is shared, which is most of
// what a cold start takes. Each line of standard input is an invocation, each line of standard output its answer.
const { readFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { createInterface } = require('node:readline');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');

// A function runs a few times here: to optimize its code takes longer than to run it as it is.
for (const flag of ['--no-opt', '--max-lazy']) setFlagsFromString(flag);

const [, , file] = process.argv;
const wrapped = `(function (exports, require, module, __filename, __dirname, process) {${readFileSync(file, 'utf8')}\n})`;
const load = new vm.Script(wrapped, {
  filename: file,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext();

const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const functions = new Map();

function start({ env, handler }) {
  const log = [];
  const output = {
    value: {
      write(text) {
        log.push(String(text));
        return true;
      },
    },
  };
  const own = Object.create(process, { env: { value: env }, stdout: output, stderr: output });
  const module = { exports: {} };
  const requireOwn = (name) => (/^(node:)?process$/.test(name) ? own : require(name));
  load.call(module.exports, module.exports, requireOwn, module, file, dirname(file), own);
  const run = module.exports[handler];
  if (typeof run !== 'function') throw new Error(`there is no ${handler}`);
  return { run, log };
}

async function invoke({ name, init, event, context, seconds }) {
  if (init) {
    try {
      functions.set(name, start(init));
    } catch (error) {
      return { status: 'broken', error: error.stack };
    }
  }
  const { run, log } = functions.get(name);
  const end = Date.now() + seconds * 1000;
  const left = { getRemainingTimeInMillis: () => Math.max(0, end - Date.now()) };
  const outcome = await (async () => run(event, { ...context, ...left }))().then(
    (result) => ({ status: 'ok', result }),
    (error) => ({ status: 'error', error: String(error.message || error), trace: error.stack || '' }),
  );
  return { ...outcome, log: log.splice(0).join('').trimEnd() };
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const question = JSON.parse(line);
    if (question.removed) functions.delete(question.removed);
    else answer(`${JSON.stringify({ id: question.id, ...(await invoke(question)) })}\n`);
  })
  .on('close', () => process.exit());
