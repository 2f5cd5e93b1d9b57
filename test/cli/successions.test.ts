import { expect, test } from 'vitest';
import { parseSuccessions } from '../../src/cli/successions.ts';

test('a succession is a line a ticker', () => {
  expect(parseSuccessions('# renamed\nvelh3, NOVO3\n\nFIMM3,  # ended\r\n')).toEqual({
    successions: new Map([
      ['VELH3', 'NOVO3'],
      ['FIMM3', undefined],
    ]),
  });
  for (const line of ['VELH3', 'VELH3,NOVO3,X', ',NOVO3', 'VELH3,?', 'VELH3,VELH3']) {
    expect(parseSuccessions(`\n${line}`)).toEqual({ wrongLine: 2 });
  }
  expect(parseSuccessions('VELH3,NOVO3\nVELH3,OUTR3')).toEqual({ wrongLine: 2 });
  expect(parseSuccessions('VELH3,NOVO3\nOUTR3,NOVO3')).toEqual({ wrongLine: 2 });
});
