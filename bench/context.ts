/** Where the bench finds and keeps its things, and how patient it is. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface Context {
  /** What can be used again by the next bench. */
  readonly cache: string;
  /** The project's folder. */
  readonly project: string;
  /** Whether a first look is enough. */
  readonly isQuick: boolean;
  /** The number of rounds for a full bench, or few for a first look. */
  rounds(full: number): number;
}

export async function createContext(quick: boolean): Promise<Context> {
  const project = process.cwd();
  const cache = process.env['PYNVEST_BENCH_CACHE'];
  if (cache === undefined || !existsSync(join(project, 'bench', 'bench.mjs'))) {
    throw new Error('the bench is started with `npm run bench`');
  }
  await mkdir(cache, { recursive: true });
  return {
    cache,
    project,
    isQuick: quick,
    rounds: (full) => (quick ? Math.max(2, Math.ceil(full / 5)) : full),
  };
}

/** The command as it is installed. */
export function commandPath({ project }: Context): string {
  if (!existsSync(join(project, 'dist', 'main.js'))) {
    throw new Error('the command is not built: run `npm install` or `npm run build` first');
  }
  return join(project, 'bin', 'pynvest.js');
}
