/** Pages written by hand, cell by cell: for layouts that the demo does not print. */

export function cell(kind: 'label' | 'data' | 'nivel1' | 'nivel2', html = '', width = 1): string {
  const span = width === 1 ? '' : ` colspan="${width}"`;
  return `<td class="${kind} w1"${span}>${html}</td>`;
}

/** A label with its help mark, and its value, as the site prints them. */
export function pairCells(label: string, value: string): string {
  const help = `<span class="help tips" title="Ajuda">?</span>`;
  return (
    cell('label', `${help}<span class="txt">${label}</span>`) +
    cell('data', `<span class="txt">${value}</span>`)
  );
}

export function tableOf(...rows: readonly string[]): string {
  return `<table class="w728">${rows.map((cells) => `<tr>${cells}</tr>`).join('\n')}</table>`;
}

export function pageOf(...body: readonly string[]): string {
  return `<html><head><title>x</title></head><body>${body.join('\n')}</body></html>`;
}

/** One table, a row a pair. */
export function pageOfPairs(pairs: readonly (readonly [label: string, value: string])[]): string {
  return pageOf(tableOf(...pairs.map(([label, value]) => pairCells(label, value))));
}
