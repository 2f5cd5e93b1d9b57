/** The paragraphs below the options of each command's help. */
import { describe, expect, test } from 'vitest';
import { wrapHelp } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/program.ts';

const texts = commands
  .flatMap((each) => ('commands' in each ? each.commands : [each]))
  .flatMap(({ name, helpText }) => (helpText === undefined ? [] : [[name, helpText] as const]));

const blocksOf = (text: string): string[][] =>
  text.split(/\n\s*\n/).map((block) => block.split('\n').filter((line) => line !== ''));

describe.each(texts)('the help of %s', (_, text) => {
  test('has whole paragraphs, which the screen breaks', () => {
    for (const lines of blocksOf(text)) {
      for (const [at, line] of lines.entries()) {
        const next = lines[at + 1];
        const isProse = !line.startsWith(' ') && next !== undefined && !next.startsWith(' ');
        if (isProse) expect(line, `before ${JSON.stringify(next)}`).toMatch(/[.:]$/);
      }
    }
  });

  test.each([40, 60, 80, 120])('has no longer line than %i columns, and loses no word', (width) => {
    const wrapped = wrapHelp(text, width);
    const words = (all: string): string[] => all.split(/\s+/).filter(Boolean);
    expect(words(wrapped)).toEqual(words(text));
    for (const line of wrapped.split('\n')) {
      if (words(line).length > 1) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });
});

test('descriptions stay in one column, or below their words on a narrow screen', () => {
  const text =
    'Codes:\n  right-without-event    it rose, and nothing explains it\n  gap                    none';
  expect(wrapHelp(text, 60)).toBe(
    'Codes:\n  right-without-event    it rose, and nothing explains it\n  gap                    none',
  );
  expect(wrapHelp(text, 48)).toBe(
    [
      'Codes:',
      '  right-without-event',
      '      it rose, and nothing explains it',
      '  gap',
      '      none',
    ].join('\n'),
  );
});
