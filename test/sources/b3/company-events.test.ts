import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayoutChangedError } from '../../../src/errors.ts';
import {
  createCompanySource,
  defaultCompanySettings,
  parseCompanyEvents,
} from '../../../src/sources/b3/company-events.ts';
import { serve } from '../../support/raw-server.ts';

const dividend = {
  assetIssued: 'BRTUCAACNOR1',
  paymentDate: '30/12/2021',
  rate: '0,13340000000',
  relatedTo: 'Anual/2021',
  approvedOn: '09/12/2021',
  isinCode: 'BRTUCAACNOR1',
  label: 'DIVIDENDO',
  lastDatePrior: '17/12/2021',
  remarks: '',
};
const split = { ...dividend, label: 'DESDOBRAMENTO', factor: '100,00000000000' };
const subscription = { ...dividend, label: 'SUBSCRICAO', percentage: '0,139', priceUnit: '16,09' };

function answerOf(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify([
    { code: 'TUCA', cashDividends: [dividend], stockDividends: [], subscriptions: [], ...changes },
  ]);
}

describe("B3's answer", () => {
  it('has the events of its three lists, as printed', () => {
    const { rate: _rate, ...splitFields } = split;
    const text = answerOf({ stockDividends: [splitFields], subscriptions: [subscription] });
    const common = {
      isin: 'BRTUCAACNOR1',
      comDay: '17/12/2021',
      approvalDay: '09/12/2021',
      paymentDay: '30/12/2021',
      issuedIsin: 'BRTUCAACNOR1',
    };
    expect(parseCompanyEvents(text, 'TUCA')).toEqual([
      {
        ...common,
        category: 'cashDividends',
        type: 'DIVIDENDO',
        amount: '0,13340000000',
        factor: null,
        others: { relatedTo: 'Anual/2021', remarks: '' },
      },
      {
        ...common,
        category: 'stockDividends',
        type: 'DESDOBRAMENTO',
        amount: null,
        factor: '100,00000000000',
        others: { relatedTo: 'Anual/2021', remarks: '' },
      },
      {
        ...common,
        category: 'subscriptions',
        type: 'SUBSCRICAO',
        amount: null,
        factor: '0,139',
        others: expect.objectContaining({ priceUnit: '16,09' }),
      },
    ]);
  });

  it('may come as a text of JSON in JSON', () => {
    expect(parseCompanyEvents(JSON.stringify(answerOf()), 'TUCA')).toHaveLength(1);
  });

  it.each(['', ' \r\n', '""', '[]', '"[]"', 'null'])(
    '%j says that there is no such issuer',
    (text) => {
      expect(parseCompanyEvents(text, 'TUCA')).toBeUndefined();
    },
  );

  it('of an issuer without events is not that of no issuer', () => {
    expect(parseCompanyEvents(answerOf({ cashDividends: [] }), 'TUCA')).toEqual([]);
  });

  it.each([
    ['no JSON', '<html>', 'it is not JSON: "<html>"'],
    ['a number', '7', 'the company is not an object'],
    ['no list', '[{"code":"TUCA"}]', 'it has no list of events'],
    ['another issuer', answerOf({ code: 'VALE' }), 'it is about "VALE"'],
    [
      'a list of something else',
      answerOf({ cashDividends: {}, stockDividends: [] }),
      'cashDividends is not a list',
    ],
    [
      'an event without an ISIN',
      answerOf({ cashDividends: [{ ...dividend, isinCode: null }] }),
      'cashDividends[0].isinCode is absent',
    ],
    [
      'a wrong ISIN',
      answerOf({ cashDividends: [{ ...dividend, isinCode: '../x' }] }),
      'cashDividends[0].isinCode is "../x"',
    ],
    [
      'an event without a kind',
      answerOf({ cashDividends: [{ ...dividend, label: '' }] }),
      'cashDividends[0].label is ""',
    ],
    [
      'a field that is no text',
      answerOf({ cashDividends: [{ ...dividend, rate: [] }] }),
      'cashDividends[0].rate is not a text',
    ],
    [
      'half a character',
      answerOf({ cashDividends: [{ ...dividend, remarks: '\ud800' }] }),
      'cashDividends[0].remarks is not a text',
    ],
    [
      'a long text',
      answerOf({ cashDividends: [{ ...dividend, remarks: 'x'.repeat(3_000) }] }),
      'cashDividends[0].remarks is not a text',
    ],
  ])('is refused whole where it has %s', (_, text, reason) => {
    expect(() => parseCompanyEvents(text, 'TUCA')).toThrow(LayoutChangedError);
    expect(() => parseCompanyEvents(text, 'TUCA')).toThrow(
      `TUCA: B3's answer cannot be read: ${reason}`,
    );
  });

  it('throws nothing but the documented error, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.anything().map((value) => JSON.stringify([{ cashDividends: [value] }]) ?? ''),
        ),
        (text) => {
          try {
            parseCompanyEvents(text, 'TUCA');
          } catch (error) {
            expect(error).toBeInstanceOf(LayoutChangedError);
          }
        },
      ),
    );
  });

  it('is asked for by a question in base64', async () => {
    const asked: string[] = [];
    const url = await serve(({ url: path }, response) => {
      asked.push(path ?? '');
      response.end(answerOf());
    });
    const source = createCompanySource(
      { ...defaultCompanySettings, baseUrl: url, pauseMs: 0 },
      new AbortController().signal,
    );
    expect(await source.events('TUCA')).toHaveLength(1);
    const [, encoded = ''] =
      /^\/listedCompaniesProxy\/CompanyCall\/GetListedSupplementCompany\/(.+)$/.exec(
        asked[0] ?? '',
      ) ?? [];
    const question = Buffer.from(decodeURIComponent(encoded), 'base64').toString();
    expect(JSON.parse(question)).toEqual({ issuingCompany: 'TUCA', language: 'pt-br' });
  });
});

const reference = process.env['PYNVEST_REFERENCE'];

describe.runIf(reference)('a real answer', () => {
  it('has two dividends and a subscription', () => {
    const path = join(reference ?? '', 'b3', 'GetListedSupplementCompany.json');
    const events = parseCompanyEvents(readFileSync(path, 'utf8'), 'ABEV');
    expect(events?.map(({ type, amount, factor }) => [type, amount, factor])).toEqual([
      ['DIVIDENDO', '0,13340000000', null],
      ['JRS CAP PROPRIO', '0,47020000000', null],
      ['SUBSCRICAO', null, '0,13994090200'],
    ]);
  });
});
