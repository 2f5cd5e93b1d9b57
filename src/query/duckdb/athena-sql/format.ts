/**
 * Athena's `format`, which is Java's, as an expression of DuckDB. Pure.
 */

import { createDifference } from './refused-syntax.ts';
import {
  createCall,
  createCast,
  createDecimalType,
  createNumber,
  createText,
  createType,
  getConstantText,
  type SyntaxNode,
} from './syntax-tree.ts';

const SPECIFIER = /%(?<flags>[-,0]*)(?<width>\d+)?(?:\.(?<digits>\d+))?(?<kind>[a-zA-Z%])/g;

/** @throws QueryError if the format is no text in quotes, or has a specifier other than %s, %d, %f and %% */
export function createFormat(call: SyntaxNode, parameters: readonly SyntaxNode[]): SyntaxNode {
  const [first, ...values] = parameters;
  const format = getConstantText(first);
  if (format === undefined) {
    throw createDifference('the local lake takes only a text in quotes for the format of format');
  }
  if (values.length === 0)
    throw createDifference('format: Athena takes a value besides the format');
  const parts: SyntaxNode[] = [];
  let copied = 0;
  let taken = 0;
  const addText = (text: string): void => {
    const rest = text.replaceAll('%', '');
    if (rest !== text) throw createDifference(`format: the local lake does not read ${text}`);
    if (text !== '') parts.push(createText(text));
  };
  for (const found of format.matchAll(SPECIFIER)) {
    const { flags = '', width, digits, kind = '' } = found.groups ?? {};
    addText(format.slice(copied, found.index));
    copied = found.index + found[0].length;
    if (kind === '%') {
      parts.push(createText('%'));
      continue;
    }
    const value = values[taken];
    taken += 1;
    if (value === undefined) throw createDifference(`format: there is no value for ${found[0]}`);
    const number = printValue(found[0], kind, flags, digits, value);
    const absent = 'null'.slice(0, kind === 'f' ? Number(digits ?? 4) : undefined);
    const printed = createCall('athena_or', [number, createText(absent)]);
    parts.push(
      width === undefined
        ? printed
        : createCall(getPadding(flags), [printed, createNumber(Number(width))]),
    );
  }
  addText(format.slice(copied));
  return createCall('concat', [createText(''), ...parts], call);
}

function getPadding(flags: string): string {
  if (flags.includes('-')) return 'athena_pad_right';
  return flags.includes('0') ? 'athena_pad_zeros' : 'athena_pad_left';
}

function printValue(
  specifier: string,
  kind: string,
  flags: string,
  digits: string | undefined,
  value: SyntaxNode,
): SyntaxNode {
  const isGrouped = flags.includes(',');
  if (kind === 's' && digits === undefined && !isGrouped) return createCall('athena_text', [value]);
  if (kind === 'd' && digits === undefined) {
    return createCall(isGrouped ? 'athena_grouped_integer' : 'athena_integer', [value]);
  }
  const count = Number(digits ?? 6);
  // A decimal of 38 digits holds these beside any number of the lake.
  if (kind === 'f' && count <= 15) {
    // By the digits that the number is printed with, as Java rounds, and not by its binary value, as C does.
    const text = createCall('athena_text', [value]);
    const fixed = createCast(text, createDecimalType(38, count), text);
    const printed = createCast(fixed, createType('VARCHAR'), fixed);
    return isGrouped ? createCall('athena_grouped', [printed]) : printed;
  }
  throw createDifference(
    `format: the local lake does not read ${specifier}`,
    'It reads %s, %d, %f and %%.',
  );
}
