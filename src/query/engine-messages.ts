/**
 * DuckDB's messages about the text of a query, in words of ours. Pure.
 */

const MESSAGES: readonly (readonly [pattern: RegExp, ours: (...groups: string[]) => string])[] = [
  [
    /^Binder Error: Referenced column "(.+)" not found in FROM clause/,
    (column) => `there is no column ${column}`,
  ],
  [
    /^Binder Error: (?:Table|Values list) "(.+)" does not have a column named "(.+)"/,
    (table, column) => `${table} has no column ${column}`,
  ],
  [/^Binder Error: Referenced table "(.+)" not found/, (table) => `there is no table ${table}`],
  [/^Catalog Error: Table with name (.+) does not exist/, (table) => `there is no table ${table}`],
  [
    /^Catalog Error: (?:Scalar|Table|Aggregate) Function with name (.+) does not exist/,
    (name) => `there is no function ${name}`,
  ],
  [
    /^Conversion Error: Could not convert string '(no [^:']+): (.*)' to/,
    (kind, text) => `${JSON.stringify(text)} is ${kind}`,
  ],
  [
    /^Conversion Error: Could not convert string '(.*)' to (\w+)/,
    (text, type) => `${JSON.stringify(text)} is no value of the type ${type}`,
  ],
  [/^(?:[A-Z][A-Za-z]* )+Error: (.+)$/, (text) => text],
];

/** The first line of a message. */
export function translateEngineMessage(line: string): string {
  for (const [pattern, ours] of MESSAGES) {
    const match = pattern.exec(line);
    if (match !== null) return ours(...match.slice(1));
  }
  return line;
}

/**
 * Its further lines: names that may be meant, and the place in the text. The place in a text that we have rewritten is
 * left out: it is not what the person wrote.
 */
export function translateEngineHint(lines: readonly string[]): string {
  const names = lines.flatMap((line) => {
    const list = /^Candidate bindings: (?:: )?(.*)$/.exec(line)?.[1];
    return list === undefined ? [] : [`Did you mean ${list.replaceAll('"', '')}?`];
  });
  const others = lines.filter((line) => !line.startsWith('Candidate bindings: '));
  const isRewritten = others.some((line) => line.includes('\u0002') || line.includes('athena.'));
  // Indented, so that a narrow screen does not part the line and the mark below it.
  const place = isRewritten ? [] : others.map((line) => `  ${line}`);
  return [...names, ...place].join('\n');
}
