/** Bytes from the site to the text of a page: its character set, and whether it came whole. Pure. */
import { Buffer, isUtf8 } from 'node:buffer';

/** What stands where a byte could not be read as UTF-8. */
export const REPLACEMENT_CHARACTER = '\uFFFD';

/** What browsers show of ISO-8859-1's control characters, from 0x80 on: Windows programs write them so. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ';

/**
 * The text of a page. Its bytes alone decide its character set, for what a page or a header says of it can
 * be wrong, and to believe that would destroy the text. Bytes that are valid UTF-8 are UTF-8: accented text
 * in ISO-8859-1 never is. So are those of a page most of whose accents are; of its others only
 * `LOST_CHARACTER` is left. All else is ISO-8859-1, the site's own.
 */
export function decodePage(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (isMostlyUtf8(text)) return new TextDecoder().decode(bytes);
  return text.replace(/[\x80-\x9F]/g, (control) =>
    WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80),
  );
}

/** Whether more of the bytes, a character each, belong to letters in UTF-8 than do not. */
function isMostlyUtf8(text: string): boolean {
  const letters = text.match(/[\xC2-\xF4][\x80-\xBF]{1,3}/g);
  if (letters === null) return false;
  const bytes = text.match(/[\x80-\xFF]/g) ?? [];
  return letters.join('').length * 2 > bytes.length;
}

/**
 * Whether the page came with its end: a `</html>` that no data table follows. A connection can break in a way
 * that HTTP takes for the end of the page. (The pages of funds close `<html>` early and go on with a
 * footer; what follows the close carries no data.)
 */
export function isCompletePage(html: string): boolean {
  const lowerCase = html.toLowerCase();
  const end = lowerCase.lastIndexOf('</html');
  return end >= 0 && lowerCase.indexOf('<table', end) < 0;
}
