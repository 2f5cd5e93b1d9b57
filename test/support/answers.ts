/** What a command prints, read back. */

export type PrintedRow = Readonly<Record<string, unknown>>;

/** The rows of `--format json`; refuses anything but an array of flat objects. */
export function jsonRows(stdout: string): PrintedRow[] {
  const parsed: unknown = JSON.parse(stdout);
  if (!Array.isArray(parsed)) throw new Error(`no array: ${stdout.slice(0, 200)}`);
  return parsed.map((row: unknown) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new Error(`no object: ${JSON.stringify(row)}`);
    }
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'object' && value !== null) throw new Error(`${name} is not flat`);
    }
    return row as PrintedRow;
  });
}

/** The lines of a CSV without quoted cells, each as its cells, the header first. */
export function csvLines(stdout: string): string[][] {
  if (!stdout.endsWith('\n')) throw new Error('the last line has no end');
  if (stdout.includes('"')) throw new Error('the CSV has quoted cells');
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(','));
}
