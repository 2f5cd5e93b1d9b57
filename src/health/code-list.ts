/**
 * The codes that a command may report, as its `--list` and the documentation show them. Pure.
 */
import { allCodes, allStatusParts, type Code, codes, partNames, type StatusPart } from './codes.ts';
import { type HealthCommand, rules } from './rules/rules.ts';

export interface ListedCode {
  readonly code: Code | StatusPart;
  /** What it may count as: `problem`, `note`, `ok` or `unavailable`. */
  readonly countsAs: readonly string[];
  readonly meaning: string;
  readonly remedy: string;
  /** "" where `doctor --fix` does nothing. */
  readonly fix: string;
  /** Earlier names of the code. */
  readonly aliases: readonly string[];
}

/** The codes of a command, in the order of the catalogue. */
export function listCodes(command: HealthCommand): ListedCode[] {
  const reported = new Set(
    rules.filter(({ commands }) => commands.includes(command)).flatMap((rule) => rule.codes),
  );
  // `status` prints no passed checks, and names what it could not read by its part.
  const listed = allCodes.filter((code) =>
    command === 'status'
      ? reported.has(code) && codes[code].severity !== 'ok'
      : reported.has(code) || codes[code].severity === 'unavailable',
  );
  return [
    ...listed.map(describeCode),
    ...(command === 'status' ? allStatusParts.map(describePart) : []),
  ];
}

function describeCode(code: Code): ListedCode {
  const { severity, noteWhere, meaning, remedy, fix = '', aliases = [] } = codes[code];
  return {
    code,
    countsAs: noteWhere === undefined ? [severity] : [severity, 'note'],
    meaning: noteWhere === undefined ? meaning : `${meaning} A note where ${noteWhere}.`,
    remedy,
    fix,
    aliases,
  };
}

function describePart(part: StatusPart): ListedCode {
  return {
    code: part,
    countsAs: ['unavailable'],
    meaning: `Not checked: ${partNames[part]} could not be read.`,
    remedy:
      'The answer of AWS shows why; `pynvest iam-policy --for operate` prints the permissions that are needed.',
    fix: '',
    aliases: [],
  };
}

/** The list as a Markdown table. */
export function formatCodesAsMarkdown(command: HealthCommand): string {
  const hasFixes = command === 'doctor';
  const heading = ['code', 'counts as', 'meaning', 'what to do', '`--fix`', 'formerly'];
  const lines = listCodes(command).map(
    ({ code, countsAs, meaning, remedy, fix, aliases }): string[] => {
      const formerly = aliases.map((alias) => `\`${alias}\``).join(', ');
      return [`\`${code}\``, countsAs.join(', '), meaning, remedy, fix, formerly];
    },
  );
  return [heading, heading.map(() => '---'), ...lines]
    .map((cells) => (hasFixes ? cells : cells.toSpliced(FIX_COLUMN, 1)))
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

const FIX_COLUMN = 4;
