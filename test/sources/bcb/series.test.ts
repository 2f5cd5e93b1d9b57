/** The answers of the central bank: read exactly, or refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayoutChangedError } from '../../../src/errors.ts';
import {
  createSeriesSource,
  defaultSeriesSettings,
  parseSeries,
} from '../../../src/sources/bcb/series.ts';
import { noSignal } from '../../support/days.ts';
import { serve } from '../../support/raw-server.ts';

const value = (data: string, valor: string) => ({ data, valor });

describe('an answer', () => {
  test('is its values in the order of days', () => {
    const text = JSON.stringify([value('03/01/2024', '0.043739'), value('02/01/2024', '-0.5')]);
    expect(parseSeries(text, 'series 12')).toEqual([
      { day: '2024-01-02', value: -0.5 },
      { day: '2024-01-03', value: 0.043739 },
    ]);
    expect(parseSeries('[]', 'series 12')).toEqual([]);
  });

  test.each([
    ['no JSON', 'Requisição inválida'],
    ['no list', '{"erro":"x"}'],
    ['a day that does not exist', JSON.stringify([value('31/02/2024', '1')])],
    ['a day in another order', JSON.stringify([value('2024-01-02', '1')])],
    ['a comma', JSON.stringify([value('02/01/2024', '0,04')])],
    ['a number instead of its text', '[{"data":"02/01/2024","valor":0.04}]'],
    ['nothing', '[null]'],
  ])('with %s is refused', (_, text) => {
    expect(() => parseSeries(text, 'series 12')).toThrow(LayoutChangedError);
  });

  test('of any text is read or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          for (const each of parseSeries(text, 'x')) expect(Number.isFinite(each.value)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(LayoutChangedError);
        }
      }),
    );
  });
});

test('a range of years is asked for by its first and its last day; 404 says that it has no value', async () => {
  const asked: string[] = [];
  const baseUrl = await serve((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(asked.length === 1 ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify([value('02/01/2015', '0.04')]));
  });
  const source = createSeriesSource({ ...defaultSeriesSettings, baseUrl, pauseMs: 0 }, noSignal);
  expect(await source.read(12, 2015, 2024)).toEqual([{ day: '2015-01-02', value: 0.04 }]);
  expect(await source.read(12, 1950, 1951)).toEqual([]);
  expect(asked[0]).toBe(
    '/dados/serie/bcdata.sgs.12/dados?formato=json&dataInicial=01/01/2015&dataFinal=31/12/2024',
  );
});
