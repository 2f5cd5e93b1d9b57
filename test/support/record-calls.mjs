/**
 * Loaded by Node before the built command: writes each call that it makes to AWS as a line of JSON into the file that
 * PYNVEST_TEST_CALLS names. The SDK is in the command's chunks, so the one method by which all of its clients send is
 * changed as its chunk is loaded.
 */
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';

const file = process.env.PYNVEST_TEST_CALLS;

globalThis.recordCallToAws = (client, command) => {
  const call = [client.constructor.name, command.constructor.name, command.input];
  appendFileSync(file, `${JSON.stringify(call)}\n`);
};

const hooks = `
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.includes('/dist/') || loaded.source == null) return loaded;
  const text = Buffer.from(loaded.source).toString();
  const source = text.replace(
    /(middlewareStack=constructStack\\(\\).*?\\bsend\\((\\w+),\\w+,\\w+\\)\\{)/s,
    '$1globalThis.recordCallToAws(this,$2);',
  );
  return { ...loaded, source };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
