import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDetailsPage } from '../../../src/demo/site.ts';
import { readLabelledValues } from '../../../src/sources/fundamentus/details.ts';
import { decodePage, isCompletePage } from '../../../src/sources/fundamentus/page.ts';
import { demoAsset } from '../../support/demo-assets.ts';
import { anyAsset } from '../../support/random-assets.ts';

const TEXT = 'Cotação últ méd (R$) Ação';

function bytesOf(html: string, encoding: 'latin1' | 'utf8'): Uint8Array {
  return new Uint8Array(Buffer.from(html, encoding));
}

const METAS = [
  '',
  '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">',
  '<meta content="text/html; charset=ISO-8859-1" http-equiv="Content-Type"/>',
  '<META CHARSET="latin1">',
  '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
  '<meta charset=utf8>',
  '<!-- <meta charset=utf-8> -->',
  '<meta charset="utf-16">',
  '<meta charset="windows-1251">',
  '<meta charset="klingon-1">',
];

describe('the character set of a page', () => {
  it.each(METAS)('is ISO-8859-1 where its bytes are, though it says %j', (meta) => {
    expect(decodePage(bytesOf(meta + TEXT, 'latin1'))).toBe(meta + TEXT);
  });

  it.each(METAS)('is UTF-8 where its bytes are, though it says %j', (meta) => {
    expect(decodePage(bytesOf(`${meta}${TEXT} −`, 'utf8'))).toBe(`${meta}${TEXT} −`);
  });

  it('gives the dashes and quotes that browsers see where ISO-8859-1 has control characters', () => {
    const bytes = Uint8Array.from([0x96, 0x94, 0x80, 0x9f, 0x81, 0xe7]);
    expect(decodePage(bytes)).toBe('–”€Ÿ\x81ç');
  });

  it('loses no byte of ISO-8859-1', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(new Set(decodePage(all)).size).toBe(256);
    expect(decodePage(all)).not.toContain('\uFFFD');
  });

  it('is UTF-8 behind the mark that some programs begin a file with', () => {
    expect(decodePage(bytesOf(`\uFEFF<html>${TEXT}`, 'utf8'))).toBe(`<html>${TEXT}`);
  });

  it('is UTF-8 where nearly all of its accents are: the others alone are lost', () => {
    const help = bytesOf('<i title="cotaç', 'utf8').slice(0, -1);
    const rest = bytesOf(`">?</i>${TEXT}`, 'utf8');
    expect(decodePage(Uint8Array.from([...help, ...rest]))).toBe(
      `<i title="cota\uFFFD">?</i>${TEXT}`,
    );
  });

  it('gives the same text of any asset’s page, whichever of the two it comes in', () => {
    fc.assert(
      fc.property(anyAsset, fc.constantFrom(...METAS), (asset, meta) => {
        const html = renderDetailsPage(asset, 2026).replace(/<meta[^>]*>/, meta);
        expect(decodePage(bytesOf(html, 'latin1'))).toBe(html);
        expect(decodePage(bytesOf(html, 'utf8'))).toBe(html);
      }),
    );
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
    expect(isCompletePage('<html><table></table></html>')).toBe(true);
    expect(isCompletePage('<html><table></table></html>\n<!-- cached -->')).toBe(true);
    expect(isCompletePage('<html>no tables</html>')).toBe(true);
  });

  it('may close early and go on with a footer, as the pages of funds do', () => {
    const html = '<html><table></table></body></html><div>rodapé</div></body></html>';
    expect(isCompletePage(html)).toBe(true);
    expect(isCompletePage(html.slice(0, html.indexOf('rodapé')))).toBe(true);
  });

  it('is not one whose last table comes behind its early close and lacks an end', () => {
    expect(isCompletePage('<html><table></table></html><table><tr>')).toBe(false);
  });

  it.each(['', 'x', '<html>', '<html><table><tr><td>', '<html><table></table></body></'])(
    'is not %j',
    (html) => {
      expect(isCompletePage(html)).toBe(false);
    },
  );

  it('may write its tags in capitals, as HTML allows', () => {
    expect(isCompletePage('<HTML><TABLE></TABLE></HTML>')).toBe(true);
    expect(isCompletePage('<HTML></HTML><TABLE><TR>')).toBe(false);
  });

  it.each(['TUCA3', 'DEMO11'])(
    'of %s is either recognised as cut or holds everything',
    (ticker) => {
      const html = renderDetailsPage(demoAsset(ticker), 2026);
      const whole = readLabelledValues(html);
      fc.assert(
        fc.property(fc.nat(html.length), (length) => {
          const cut = html.slice(0, length);
          if (isCompletePage(cut)) expect(readLabelledValues(cut)).toEqual(whole);
          else expect(cut.length).toBeLessThan(html.length);
        }),
      );
    },
  );
});
