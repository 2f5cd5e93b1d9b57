/** The codes of a command as the table of its page in docs/. */
import { type HealthCommand, listCodes } from '../../src/health/rules/rules.ts';

const FIX_COLUMN = 4;

export function formatCodesAsMarkdown(command: HealthCommand): string {
  const heading = ['code', 'counts as', 'meaning', 'what to do', '`--fix`', 'formerly'];
  const lines = listCodes(command).map(
    ({ code, countsAs, meaning, remedy, fix, aliases }): string[] => {
      const formerly = aliases.map((alias) => `\`${alias}\``).join(', ');
      return [`\`${code}\``, countsAs.join(', '), meaning, remedy, fix, formerly];
    },
  );
  return [heading, heading.map(() => '---'), ...lines]
    .map((cells) => (command === 'doctor' ? cells : cells.toSpliced(FIX_COLUMN, 1)))
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}
