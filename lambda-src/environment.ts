/** What the template puts into the functions' environment. */
import { UsageError } from '../src/errors.ts';

export function requireVariable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new UsageError(`the environment of this function lacks ${name}`, {
    hint: '`pynvest deploy` sets it.',
  });
}

/** A whole number; undefined where it is not set. */
export function readInteger(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageError(`${name} is ${JSON.stringify(text)}, not a whole number from ${least}`);
}

/** Makes a value when it is first asked for, once in the life of a container. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
