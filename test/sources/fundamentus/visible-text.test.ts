/** The text of a cell is what a browser shows of it: a number is never made of two, nor of hidden digits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLabelledValues } from '../../../src/sources/fundamentus/details.ts';
import { cell, pageOf, tableOf } from '../../support/handmade-page.ts';

/** What is read of a value of this markup. */
function shown(html: string): string | undefined {
  const pairs = readLabelledValues(pageOf(tableOf(cell('label', 'P/L') + cell('data', html))));
  return pairs?.find(({ label }) => label === 'P/L')?.value;
}

describe('text in an element of its own', () => {
  it.each([
    ['1<br>2', '1 2'],
    ['1<br/>2', '1 2'],
    ['1<wbr>2', '12'],
    ['<div>1</div><div>2</div>', '1 2'],
    ['1<p>2', '1 2'],
    ['<ul><li>1<li>2</ul>', '1 2'],
    ['<table><tr><td>1</td><td>2</td></tr></table>', '1 2'],
    ['1,50<sup>1</sup>', '1,50 1'],
    ['<s>4</s>6', '4 6'],
    ['<span style="display:block">1</span>2', '1 2'],
    ['<span style="color:red; DISPLAY : Block !important">1</span>2', '1 2'],
    ['<hr>46,48', '46,48'],
  ])('of %s is %j', (html, text) => {
    expect(shown(html)).toBe(text);
  });

  it('is not split where a browser does not split it', () => {
    expect(shown('<span><b>4</b><font color="red">6</font></span>,<i>48</i>')).toBe('46,48');
    expect(shown('<div style="display:inline">4</div>6')).toBe('46');
    expect(shown('<div style="display: inline-block">4</div>6')).toBe('46');
  });
});

describe('text that is not shown', () => {
  it.each([
    '<script>1</script>5',
    '<style>td { width: 1px }</style>5',
    '<template><b>1</b></template>5',
    '<noscript>1</noscript>5',
    '<span style="display:none">9</span>5',
    '<span style="color:red;display: NONE !important;">9</span>5',
    '<span style="display:block;display:none">9</span>5',
    '<span style="visibility: hidden">9</span>5',
    '<b hidden>9</b>5',
    '<div hidden><b>9</b></div>5',
    '<!-- 9 -->5',
  ])('in %s leaves 5', (html) => {
    expect(shown(html)).toBe('5');
  });

  it('is only what the page hides', () => {
    expect(shown('<span style="display:none;display:inline">9</span>5')).toBe('95');
    expect(shown('<span style="not-display:none">9</span>5')).toBe('95');
    expect(shown('<span style="color:none">9</span>5')).toBe('95');
    expect(shown('<span title="hidden">9</span>5')).toBe('95');
  });

  it('is no part of a label either', () => {
    const row = cell('label', '<script>a()</script>P/<b hidden>x</b>L') + cell('data', '1');
    expect(readLabelledValues(pageOf(tableOf(row)))).toMatchObject([{ label: 'P/L', value: '1' }]);
  });
});

describe('any cell', () => {
  const digits = fc.stringMatching(/^[0-9]{1,3}$/);
  const piece = fc.oneof(
    digits.map((text) => ({ html: text, shows: text })),
    fc
      .tuple(fc.constantFrom('span', 'b', 'font', 'a'), digits)
      .map(([tag, text]) => ({ html: `<${tag}>${text}</${tag}>`, shows: text })),
    fc
      .tuple(fc.constantFrom('div', 'p', 'li', 'sup', 'unknown'), digits)
      .map(([tag, text]) => ({ html: `<${tag}>${text}</${tag}>`, shows: ` ${text} ` })),
    fc
      .tuple(fc.constantFrom('script', 'style', 'template'), digits)
      .map(([tag, text]) => ({ html: `<${tag}>${text}</${tag}>`, shows: '' })),
    digits.map((text) => ({ html: `<i style="display:none">${text}</i>`, shows: '' })),
    fc.constant({ html: '<br>', shows: ' ' }),
  );

  it('shows the text of its pieces, those apart with a space between', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const expected = pieces.map(({ shows }) => shows).join('');
        expect(shown(pieces.map(({ html }) => html).join(''))).toBe(
          expected.replace(/ +/g, ' ').trim(),
        );
      }),
    );
  });
});
