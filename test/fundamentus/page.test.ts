import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsPage } from '../../src/demo/pages.ts';
import { decodePage, isWholePage } from '../../src/fundamentus/page.ts';
import { labelledValues } from '../../src/fundamentus/pairs.ts';
import { demoAsset } from '../support/demo-assets.ts';

const TEXT = 'Cotação últ méd (R$) Ação';

function bytesOf(html: string, encoding: 'latin1' | 'utf8'): Uint8Array {
  return new Uint8Array(Buffer.from(html, encoding));
}

describe('the character set of a page', () => {
  it.each([
    '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">',
    '<meta content="text/html; charset=ISO-8859-1" http-equiv="Content-Type"/>',
    '<META CHARSET="latin1">',
    "<meta charset='windows-1252'>",
  ])('is ISO-8859-1 where %s says so', (meta) => {
    expect(decodePage(bytesOf(meta + TEXT, 'latin1'))).toBe(meta + TEXT);
  });

  it.each([
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    '<meta content="text/html; charset=UTF-8" http-equiv="Content-Type"/>',
    '<meta charset=utf8>',
    '<meta charset = "utf-8">',
    '<meta name="viewport" content="width=1"><meta charset="utf-8">',
  ])('is UTF-8 where %s says so', (meta) => {
    expect(decodePage(bytesOf(`${meta}${TEXT} −`, 'utf8'))).toBe(`${meta}${TEXT} −`);
  });

  it('is ISO-8859-1 where no meta names one', () => {
    expect(decodePage(bytesOf(`<title>${TEXT}</title>`, 'latin1'))).toContain(TEXT);
    expect(decodePage(bytesOf(`<meta name="x" content="y">${TEXT}`, 'latin1'))).toContain(TEXT);
  });

  it('is ISO-8859-1 where the meta names one that does not exist', () => {
    const html = `<meta charset="klingon-1">${TEXT}`;
    expect(decodePage(bytesOf(html, 'latin1'))).toBe(html);
  });

  it('is looked for in the head alone: the text of a page may speak of others', () => {
    const html = `${' '.repeat(2000)}<meta charset="utf-8">${TEXT}`;
    expect(decodePage(bytesOf(html, 'latin1'))).toBe(html);
  });

  it('never makes a page fail, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, charset) => {
        const meta = bytesOf(`<meta charset="${charset}">`, 'utf8');
        expect(decodePage(Uint8Array.from([...meta, ...bytes]))).toBeTypeOf('string');
      }),
    );
  });
});

describe('a whole page', () => {
  it('ends behind its last table', () => {
    expect(isWholePage('<html><table></table></html>')).toBe(true);
    expect(isWholePage('<html><table></table></html>\n<!-- cached -->')).toBe(true);
    expect(isWholePage('<html>no tables</html>')).toBe(true);
  });

  it('may close early and go on with a footer, as the pages of funds do', () => {
    const html = '<html><table></table></body></html><div>rodapé</div></body></html>';
    expect(isWholePage(html)).toBe(true);
    expect(isWholePage(html.slice(0, html.indexOf('rodapé')))).toBe(true);
  });

  it('is not one whose last table comes behind its early close and lacks an end', () => {
    expect(isWholePage('<html><table></table></html><table><tr>')).toBe(false);
  });

  it.each(['', 'x', '<html>', '<html><table><tr><td>', '<html><table></table></body></'])(
    'is not %j',
    (html) => {
      expect(isWholePage(html)).toBe(false);
    },
  );

  it('may write its tags in capitals, as HTML allows', () => {
    expect(isWholePage('<HTML><TABLE></TABLE></HTML>')).toBe(true);
    expect(isWholePage('<HTML></HTML><TABLE><TR>')).toBe(false);
  });

  it.each(['TUCA3', 'DEMO11'])(
    'of %s is either recognised as cut or holds everything',
    (ticker) => {
      const html = detailsPage(demoAsset(ticker), 2026);
      const whole = labelledValues(html);
      fc.assert(
        fc.property(fc.nat(html.length), (length) => {
          const cut = html.slice(0, length);
          if (isWholePage(cut)) expect(labelledValues(cut)).toEqual(whole);
          else expect(cut.length).toBeLessThan(html.length);
        }),
      );
    },
  );
});
