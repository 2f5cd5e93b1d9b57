import { dirname, resolve } from 'node:path';
import { importTypeScript } from './import-typescript.mjs';

const COMMAND = /^\.\/commands\//;
const NAMESPACE = 'command-declarations';

/**
 * Keeps the code of the commands out of the program: there, each command is its declarations (name, description,
 * arguments, options) as plain data, with a handler that imports the command's file when it is run. So a command
 * can be one object in one file with ordinary imports, and `--help` loads none of what the commands need.
 * @param program the absolute path of the module that imports the commands
 */
export function commandDeclarations(program) {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: COMMAND }, ({ path, importer }) =>
        importer === program
          ? { path: resolve(dirname(program), path), namespace: NAMESPACE }
          : undefined,
      );
      build.onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path }) => ({
        contents: await declareCommands(path),
        resolveDir: dirname(path),
      }));
    },
  };
}

/** A module with the same exports as the file of a command, without its code. */
async function declareCommands(path) {
  const exported = await importTypeScript(path);
  return Object.entries(exported)
    .filter(([, value]) => typeof value.handler === 'function')
    .map(
      ([name, declarations]) => `export const ${name} = {
        ...${JSON.stringify(declarations)},
        handler: async (context) => (await import(${JSON.stringify(path)})).${name}.handler(context),
      };`,
    )
    .join('\n');
}
