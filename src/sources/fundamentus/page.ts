/** From the bytes of a page to its text: its character set, and whether it is complete. Pure. */
import { Buffer, isUtf8 } from 'node:buffer';

/** In decoded text, for bytes that are not valid UTF-8. */
export const REPLACEMENT_CHARACTER = '\uFFFD';

/** What browsers show for ISO-8859-1's control characters from 0x80 on, as Windows programs write them. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ';

/**
 * The text of a page. Only its bytes decide its character set: a page or a header can declare a wrong one, which
 * would destroy the text. Bytes that are valid UTF-8 are UTF-8: accented text in ISO-8859-1 never is. A page
 * whose accented letters are mostly UTF-8 is, too; the others become `REPLACEMENT_CHARACTER`. All else is
 * ISO-8859-1, the site's own.
 */
export function decodePage(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (isMostlyUtf8(text)) return new TextDecoder().decode(bytes);
  return text.replace(/[\x80-\x9F]/g, (control) =>
    WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80),
  );
}

/** Whether most bytes above 0x7F belong to letters in UTF-8; each byte is one character of `text`. */
function isMostlyUtf8(text: string): boolean {
  const letters = text.match(/[\xC2-\xF4][\x80-\xBF]{1,3}/g);
  if (letters === null) return false;
  const bytes = text.match(/[\x80-\xFF]/g) ?? [];
  return letters.join('').length * 2 > bytes.length;
}

/**
 * Whether the page has its end: a `</html>` that no table follows. A connection can break in a way that HTTP
 * takes for the end of the page. (The pages of funds close `<html>` early and continue with a footer, which
 * has no data.)
 */
export function isCompletePage(html: string): boolean {
  const lowerCase = html.toLowerCase();
  const end = lowerCase.lastIndexOf('</html');
  return end >= 0 && lowerCase.indexOf('<table', end) < 0;
}
