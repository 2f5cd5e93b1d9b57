/** Numbers in the site's notation: `1.234,5`, `-0,66%`. Pure. */

/** The number of a printed text, of a percentage the fraction; undefined of a text that is none, such as `-`. */
export function parsePrinted(text: string | undefined): number | undefined {
  const [, digits, percent] = /^(-?[\d.]+(?:,\d+)?)(%?)$/.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  const value = Number(digits.replaceAll('.', '').replace(',', '.'));
  return percent === '' ? value : value / 100;
}

/** With so many decimals. */
export function formatPrinted(value: number, decimals: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, '.');
  const text = fraction === undefined ? grouped : `${grouped},${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

export function formatPrintedShare(value: number, decimals: number): string {
  return `${formatPrinted(value * 100, decimals)}%`;
}

/** A printed number times a factor, in the same notation; of large amounts six digits count. Any other text stays. */
export function scalePrinted(text: string, factor: number): string {
  const value = parsePrinted(text);
  if (value === undefined) return text;
  const decimals = /,(\d+)/.exec(text)?.[1]?.length ?? 0;
  const scaled = value * factor;
  if (text.endsWith('%')) return formatPrintedShare(scaled, decimals);
  return formatPrinted(decimals === 0 ? Number(scaled.toPrecision(6)) : scaled, decimals);
}
