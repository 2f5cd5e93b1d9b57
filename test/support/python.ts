/** Python with pyarrow, pandas and openpyxl, where PYNVEST_PYTHON names one. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterFile } from './cleanup.ts';

const python = process.env['PYNVEST_PYTHON'] ?? '';
export const hasPython = python !== '';
/** One of earlier tests may lack it. */
export const hasOpenpyxl = hasPython && spawnSync(python, ['-c', 'import openpyxl']).status === 0;

/** Runs a script a line, each with names of its own, and answers what it printed, or why it failed, in a line. */
const SERVER = `
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    script, arguments = json.loads(line)
    sys.argv = ['-c', *arguments]
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(script, {'__name__': '__main__'})
        answer = {'printed': printed.getvalue()}
    except BaseException:
        answer = {'error': traceback.format_exc()}
    print(json.dumps(answer), flush=True)
`;

interface Server {
  readonly process: ChildProcessWithoutNullStreams;
  readonly answers: AsyncIterator<string>;
}

let server: Server | undefined;
let last: Promise<unknown> = Promise.resolve();

/** One for the tests of a file: to load pyarrow and pandas takes longer than a test. */
function getServer(): Server {
  if (server !== undefined) return server;
  const child = spawn(python, ['-c', SERVER]);
  child.stderr.pipe(process.stderr);
  afterFile(() => {
    server = undefined;
    child.kill();
  });
  server = {
    process: child,
    answers: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
  };
  return server;
}

/** Runs a script; answers what it prints, which must be JSON. */
export function fromPython(script: string, ...args: string[]): Promise<unknown> {
  const result = last.then(() => ask(script, args));
  last = result.catch(() => undefined);
  return result;
}

async function ask(script: string, args: readonly string[]): Promise<unknown> {
  const { process: child, answers } = getServer();
  child.stdin.write(`${JSON.stringify([script, args])}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error('Python ended before its answer');
  const answer = JSON.parse(value) as { readonly printed?: string; readonly error?: string };
  if (answer.printed === undefined) throw new Error(answer.error);
  return JSON.parse(answer.printed);
}

/** A Python, of PYNVEST_PYTHON or `python3`, that has this release of a package; undefined where neither has. */
export function findPython(name: string, version: string): string | undefined {
  const script =
    'import sys, importlib.metadata as m; sys.exit(m.version(sys.argv[1]) != sys.argv[2])';
  return [python, 'python3'].find(
    (each) => each !== '' && spawnSync(each, ['-c', script, name, version]).status === 0,
  );
}
