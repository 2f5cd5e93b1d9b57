import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { namedViews } from '../../src/query/named-views.ts';

const withoutLines = (sql: string): string =>
  sql.replace(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').trim();

describe.each(['docs/history.md', 'docs/pt-BR/historico.md'])('%s', (page) => {
  test('has the SELECT of adjusted prices for the console of Athena', async () => {
    const text = await readFile(page, 'utf8');
    const [, sql = ''] =
      /^CREATE OR REPLACE VIEW db_pynvest_spec\.cotacoes_ajustadas AS\n(.*?)^```$/ms.exec(text) ??
      [];
    const view = namedViews.find(({ name }) => name === 'cotacoes_ajustadas');
    const select = view?.formatSelect(({ database, name }) => `${database}.${name}`, true) ?? '';
    expect(withoutLines(sql)).toBe(withoutLines(select));
  });
});
