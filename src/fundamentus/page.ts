/** Bytes from the site to the text of a page: its character set, and whether it came whole. Pure. */

/** Before HTML that names no character set, the site's own. */
const SITE_CHARSET = 'iso-8859-1';

/** How far into a page a browser looks for the `<meta>` that names the character set. */
const META_WINDOW = 1024;

/**
 * The text of a page. The `<meta>` of the page decides its character set, whatever the HTTP header
 * says; without one, or with one that does not exist, it is ISO-8859-1.
 */
export function decodePage(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, META_WINDOW));
  const named = /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1];
  return decoderFor(named ?? SITE_CHARSET).decode(bytes);
}

function decoderFor(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder(SITE_CHARSET);
  }
}

/**
 * Whether the page came with its end: `</html>` somewhere behind the last of the tables that hold
 * data. A connection can break in a way that HTTP takes for the end of the page. (The pages of funds
 * close `<html>` early and go on with a footer; what follows the close carries no data.)
 */
export function isWholePage(html: string): boolean {
  const lowerCase = html.toLowerCase();
  return lowerCase.indexOf('</html', Math.max(lowerCase.lastIndexOf('<table'), 0)) >= 0;
}
