import { describe, expect, test } from 'vitest';
import { findClosest, findNearest } from '../src/suggest.ts';

describe('what a person may have meant', () => {
  test.each([
    ['PETR3', ['VALE3', 'PETR4', 'ITUB4'], 'PETR4'],
    ['petr4', ['PETR4'], 'PETR4'],
    ['PTER4', ['PCAR3', 'PETR4'], 'PETR4'],
    ['vlr_cott', ['dt_ult_cot', 'vlr_cot'], 'vlr_cot'],
    ['vlr_ind_reo', ['vlr_ind_roic', 'vlr_ind_roe'], 'vlr_ind_roe'],
  ])('by %s is the nearest', (name, candidates, meant) => {
    expect(findClosest(name, candidates)).toBe(meant);
  });

  test('is nothing where no candidate is near', () => {
    expect(findClosest('PETR4', ['VALE3', 'ITUB4', 'HGLG11'])).toBeUndefined();
    expect(findClosest('PETR4', [])).toBeUndefined();
    expect(findClosest('x', ['abc'])).toBeUndefined();
  });

  test('are those equally near, else those that have it in them, no more than wanted', () => {
    const columns = ['vlr_ind_roic', 'vlr_ind_roe', 'vlr_roe_12m', 'pct_roe'];
    expect(findNearest('PETR5', ['PETR4', 'VALE3', 'PETR3'], 3)).toEqual(['PETR4', 'PETR3']);
    expect(findNearest('roe', columns, 2)).toEqual(['vlr_ind_roe', 'vlr_roe_12m']);
    expect(findNearest('vlr_ind_roe', columns, 3)).toEqual(['vlr_ind_roe']);
    expect(findNearest('xyz', columns, 3)).toEqual([]);
  });

  test('is the first of those that are equally near', () => {
    expect(findClosest('PETR5', ['PETR4', 'PETR3'])).toBe('PETR4');
  });
});
