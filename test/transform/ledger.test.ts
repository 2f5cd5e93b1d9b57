import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/catalog/column.ts';
import { buildLedger, type Ledger } from '../../src/transform/ledger.ts';
import type { Asset } from '../../src/transform/lineage.ts';
import { anyCharacter } from '../support/characters.ts';
import { companyRow, siteRow } from '../support/event-rows.ts';
import { createTickerSessions } from '../support/sessions.ts';

const NO_TICKERS: ReadonlyMap<string, readonly string[]> = new Map();
const TRADED: ReadonlyMap<string, readonly string[]> = new Map([['BRTUCAACNOR1', ['TUCA3']]]);

function ledgerOf(
  dividends: readonly Row[],
  companyEvents: readonly Row[] = [],
  tickersByIsin = NO_TICKERS,
  assets: readonly Asset[] = [],
): Ledger {
  return buildLedger({ dividends, companyEvents, tickersByIsin, assets });
}

/** The values of the rows in short: amount, day of the payment, sources, state. */
function valuesOf({ rows }: Ledger): unknown[] {
  return rows.map(({ vlr_provento: amount, dt_pagamento: day, fontes, situacao }) => [
    amount,
    day,
    fontes,
    situacao,
  ]);
}

const split = (changes: Readonly<Record<string, string | null>> = {}): Row =>
  companyRow({
    categoria: 'stockDividends',
    tipo_evento: 'DESDOBRAMENTO',
    vlr_provento: null,
    vlr_fator: '100,00000000000',
    dt_pagamento: null,
    ...changes,
  });

describe('an event of both sources', () => {
  it('is one, with the more exact amount and the known day of payment', () => {
    const ledger = ledgerOf(
      [siteRow({ vlr_provento: '0,1335', dt_pagamento: '-' })],
      [companyRow({ vlr_provento: '0,13346789000' })],
    );
    expect(ledger).toEqual({
      notices: [],
      rows: [
        {
          codigo_ticker_ativo: 'TUCA3',
          codigo_evento: '20211217 DIVIDENDO 1',
          codigo_isin: 'BRTUCAACNOR1',
          tipo_evento: 'DIVIDENDO',
          dt_com: '2021-12-17',
          dt_pagamento: '2021-12-30',
          vlr_provento: 0.13346789,
          vlr_fator: null,
          vlr_multiplicador: null,
          fontes: 'b3,fundamentus',
          situacao: 'vigente',
          divergencia: null,
          valor_divergente: false,
        },
      ],
    });
  });

  it('may be printed for a thousand units, where the site is the more exact one', () => {
    const site = siteRow({ vlr_provento: '133,4567', qtd_unidades: '1.000' });
    const company = companyRow({ vlr_provento: '0,1335', dt_pagamento: '31/12/9999' });
    expect(valuesOf(ledgerOf([site], [company]))).toEqual([
      [0.1334567, '2021-12-30', 'b3,fundamentus', 'vigente'],
    ]);
  });

  it('may be cut off after the last digit that is printed', () => {
    const rows = ledgerOf([siteRow()], [companyRow({ vlr_provento: '0,13349900000' })]);
    expect(valuesOf(rows)).toEqual([[0.133499, '2021-12-30', 'b3,fundamentus', 'vigente']]);
  });

  it.each([
    ['day', { dt_com: '16/12/2021' }],
    ['paper', { codigo_isin: 'BRTUCAACNPR8' }],
  ])('is two where the %s differs', (_, changes) => {
    const { rows } = ledgerOf([siteRow()], [companyRow(changes)]);
    expect(rows.map(({ fontes }) => fontes).sort()).toEqual(['b3', 'fundamentus']);
  });

  it('has the kind in other words on the site', () => {
    const site = siteRow({ tipo_evento: 'Amortização', vlr_provento: '1,10' });
    const company = companyRow({ tipo_evento: 'AMORTIZACAO RF', vlr_provento: '1,10000000000' });
    const { rows } = ledgerOf([site], [company]);
    expect(rows).toMatchObject([{ tipo_evento: 'AMORTIZACAO', fontes: 'b3,fundamentus' }]);
  });
});

describe('sources that print the cash of a day in different ways', () => {
  const B3_AMOUNT = '0,51000000000';
  /** Amount, kind, sources, what the other source prints, and whether it contradicts. */
  const ledgerRows = (site: readonly Row[], company: readonly Row[]): unknown[] =>
    ledgerOf(site, company, TRADED).rows.map((row) => [
      ...[row['vlr_provento'], row['tipo_evento'], row['fontes']],
      ...[row['divergencia'], row['valor_divergente']],
    ]);
  const site = (vlr_provento: string, changes: Parameters<typeof siteRow>[0] = {}): Row =>
    siteRow({ vlr_provento, ...changes });
  const company = (vlr_provento: string, changes: Parameters<typeof companyRow>[0] = {}): Row =>
    companyRow({ vlr_provento, ...changes });
  const both = 'b3,fundamentus';

  it('other amounts: one event with the more exact one, marked, and with both amounts', () => {
    const later = { dt_pagamento: '-' };
    expect(ledgerRows([site('0,50')], [company(B3_AMOUNT)])).toEqual([
      [0.51, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.5', true],
    ]);
    expect(ledgerRows([site('500', { qtd_unidades: '1000' })], [company('0,51')])).toEqual([
      [0.5, 'DIVIDENDO', both, 'b3: DIVIDENDO 0.51', true],
    ]);
    expect(ledgerOf([site('0,50')], [company(B3_AMOUNT, later)]).rows).toMatchObject([
      { vlr_provento: 0.51, dt_pagamento: '2021-12-30' },
    ]);
  });

  it('another kind: one event of the kind of B3', () => {
    const income = { tipo_evento: 'Rendimento' };
    expect(ledgerRows([site('0,51', income)], [company(B3_AMOUNT)])).toEqual([
      [0.51, 'DIVIDENDO', both, 'fundamentus: RENDIMENTO 0.51', false],
    ]);
    const capital = { tipo_evento: 'JRS CAP PROPRIO' };
    expect(
      ledgerRows(
        [site('0,51', capital), site('0,30')],
        [company('0,30000000000', capital), company(B3_AMOUNT)],
      ),
    ).toEqual([
      [0.51, 'DIVIDENDO', both, 'fundamentus: JRS CAP PROPRIO 0.51', false],
      [0.3, 'JRS CAP PROPRIO', both, 'fundamentus: DIVIDENDO 0.3', false],
    ]);
  });

  it('the same total in other pieces: one set of them', () => {
    const pieces = [company('0,50000000000'), company('0,40000000000')];
    expect(ledgerRows([site('0,90')], pieces)).toEqual([
      [0.4, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.9', false],
      [0.5, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.9', false],
    ]);
    expect(ledgerRows([site('0,50'), site('0,40')], [company('0,90000000000')])).toEqual([
      [0.9, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.4 + DIVIDENDO 0.5', false],
    ]);
    const kinds = [
      company('0,50000000000'),
      company('0,40000000000', { tipo_evento: 'JRS CAP PROPRIO' }),
    ];
    expect(ledgerRows([site('0,90')], kinds)).toEqual([
      [0.5, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.9', false],
      [0.4, 'JRS CAP PROPRIO', both, 'fundamentus: DIVIDENDO 0.9', false],
    ]);
  });

  it('as far as the pieces are printed: rounded, each', () => {
    const pieces = [company('0,33334000000'), company('0,33334000000', { num_ocorrencia: 2 })];
    expect(ledgerRows([site('0,6667')], pieces)).toHaveLength(2);
    expect(ledgerRows([site('0,6667')], pieces)).toMatchObject([
      [0.33334, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.6667', false],
      [0.33334, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.6667', false],
    ]);
  });

  it('other pieces of another total: one set of them, marked', () => {
    const pieces = [company('0,50000000000'), company('0,40000000000')];
    expect(ledgerRows([site('0,95')], pieces)).toEqual([
      [0.4, 'DIVIDENDO', 'b3', 'fundamentus: DIVIDENDO 0.95', true],
      [0.5, 'DIVIDENDO', 'b3', 'fundamentus: DIVIDENDO 0.95', true],
    ]);
  });

  it('other kinds of other amounts: both, marked, for each may be what the other source lacks', () => {
    const capital = { tipo_evento: 'JRS CAP PROPRIO' };
    expect(ledgerRows([site('0,50')], [company('0,30000000000', capital)])).toEqual([
      [0.5, 'DIVIDENDO', 'fundamentus', 'b3: JRS CAP PROPRIO 0.3', true],
      [0.3, 'JRS CAP PROPRIO', 'b3', 'fundamentus: DIVIDENDO 0.5', true],
    ]);
  });

  it('beside events that both print alike', () => {
    const twice = [site('0,10'), site('0,50')];
    expect(ledgerRows(twice, [company('0,10000000000'), company(B3_AMOUNT)])).toEqual([
      [0.1, 'DIVIDENDO', both, null, false],
      [0.51, 'DIVIDENDO', both, 'fundamentus: DIVIDENDO 0.5', true],
    ]);
  });

  it('an event that one source alone has is contradicted by none', () => {
    expect(ledgerRows([site('0,10'), site('0,50')], [company('0,10000000000')])).toEqual([
      [0.1, 'DIVIDENDO', both, null, false],
      [0.5, 'DIVIDENDO', 'fundamentus', null, false],
    ]);
  });

  it('what a source no longer shows contradicts nothing', () => {
    const withdrawn = site('0,50', { situacao: 'ausente' });
    expect(ledgerRows([withdrawn], [company(B3_AMOUNT)])).toEqual([
      [0.5, 'DIVIDENDO', 'fundamentus', null, false],
      [0.51, 'DIVIDENDO', 'b3', null, false],
    ]);
  });

  it('of one paper that had several tickers: on the page of the day', () => {
    const tickers = new Map([['BRTUCAACNOR1', ['TUCA3', 'TUCZ3']]]);
    expect(ledgerOf([site('0,50')], [company(B3_AMOUNT)], tickers).rows).toMatchObject([
      { codigo_ticker_ativo: 'TUCA3', vlr_provento: 0.51, valor_divergente: true },
    ]);
  });
});

describe('an asset of two tickers', () => {
  const parts = [
    createTickerSessions('VELH3', ['20211201 10.00 #5', '20211217 10.00 #5']),
    createTickerSessions('AXEL3', ['20211220 9.50 #6']),
  ];
  const isins = new Map([
    ['BRVELHACNOR9', ['VELH3']],
    ['BRAXELACNOR9', ['AXEL3']],
  ]);
  type Prints = readonly (readonly [page: 'VELH' | 'AXEL', type: string, amount: string])[];
  /** Ticker, kind, amount, sources, what is printed instead, and whether it contradicts. */
  const ledgerRows = (
    site: Prints,
    company: Prints,
    changes: { [name: string]: string } = {},
  ): unknown[] =>
    ledgerOf(
      site.map(([page, tipo_evento, vlr_provento]) =>
        siteRow({ codigo_ticker_ativo: `${page}3`, tipo_evento, vlr_provento, ...changes }),
      ),
      company.map(([page, tipo_evento, vlr_provento]) =>
        companyRow({
          ...{ codigo_emissor: page, codigo_isin: `BR${page}ACNOR9`, tipo_evento },
          vlr_provento: `${vlr_provento}000000000`,
        }),
      ),
      isins,
      [{ code: 'AXEL3', parts }],
    ).rows.map((row) => [
      ...[row['codigo_ticker_ativo'], row['tipo_evento'], row['vlr_provento'], row['fontes']],
      ...[row['divergencia'], row['valor_divergente']],
    ]);
  const both = 'b3,fundamentus';
  const JCP = 'JRS CAP PROPRIO';
  const onBothPages: Prints = [
    ['VELH', 'DIVIDENDO', '0,50'],
    ['AXEL', 'DIVIDENDO', '0,50'],
  ];

  it.each(['VELH', 'AXEL'] as const)(
    'has cash of another kind under the ISIN of %s once',
    (page) => {
      expect(ledgerRows(onBothPages, [[page, JCP, '0,50']])).toEqual([
        ['VELH3', JCP, 0.5, both, 'fundamentus: DIVIDENDO 0.5', false],
      ]);
    },
  );

  it('has the same total in other pieces once', () => {
    const pieces: Prints = [
      ['AXEL', JCP, '0,30'],
      ['AXEL', 'DIVIDENDO', '0,20'],
    ];
    for (const site of [onBothPages, onBothPages.slice(0, 1)]) {
      expect(ledgerRows(site, pieces)).toEqual([
        ['VELH3', 'DIVIDENDO', 0.2, both, 'fundamentus: DIVIDENDO 0.5', false],
        ['VELH3', JCP, 0.3, both, 'fundamentus: DIVIDENDO 0.5', false],
      ]);
    }
  });

  it('has the more exact amount, whichever of its tickers is first in the alphabet', () => {
    const exact = [['VELH3', 'DIVIDENDO', 0.503, both, null, false]];
    for (const page of ['VELH', 'AXEL'] as const) {
      expect(ledgerRows(onBothPages, [[page, 'DIVIDENDO', '0,503']])).toEqual(exact);
    }
  });

  it('is contradicted where the pages of the two differ', () => {
    expect(ledgerRows(onBothPages.slice(0, 1), [['AXEL', 'DIVIDENDO', '0,60']])).toEqual([
      ['VELH3', 'DIVIDENDO', 0.6, both, 'fundamentus: DIVIDENDO 0.5', true],
    ]);
    const corrected: Prints = [
      ['VELH', 'DIVIDENDO', '0,50'],
      ['AXEL', 'DIVIDENDO', '0,55'],
    ];
    const instead = 'fundamentus: DIVIDENDO 0.5';
    expect(ledgerRows(corrected, [])).toEqual([
      ['VELH3', 'DIVIDENDO', 0.55, 'fundamentus', instead, true],
    ]);
    expect(ledgerRows(corrected, [['AXEL', 'DIVIDENDO', '0,55']])).toEqual([
      ['VELH3', 'DIVIDENDO', 0.55, both, instead, true],
    ]);
  });

  it('has what one page lacks, and two equal payments of one page', () => {
    const more: Prints = [...onBothPages, ['AXEL', JCP, '0,10']];
    expect(ledgerRows(more, [])).toMatchObject([
      ['VELH3', 'DIVIDENDO', 0.5, 'fundamentus', null, false],
      ['VELH3', JCP, 0.1, 'fundamentus', null, false],
    ]);
    const rows = [1, 2].map((num_ocorrencia) =>
      siteRow({ codigo_ticker_ativo: 'VELH3', num_ocorrencia }),
    );
    rows.push(siteRow({ codigo_ticker_ativo: 'AXEL3', dt_pagamento: '-' }));
    expect(ledgerOf(rows, [], isins, [{ code: 'AXEL3', parts }]).rows).toHaveLength(2);
  });

  it('has the ticker of the day', () => {
    const later = { dt_com: '20/12/2021' };
    expect(ledgerRows(onBothPages, [], later)).toMatchObject([{ 0: 'AXEL3', 2: 0.5 }]);
    const before = { dt_com: '20/12/2011' };
    expect(ledgerRows(onBothPages, [], before)).toMatchObject([{ 0: 'VELH3', 2: 0.5 }]);
  });

  it('changes its units once, also where its ISINs have other factors', () => {
    const splits = (factor: string): Row[] =>
      [
        ['VELH', '10,00000000000'],
        ['AXEL', factor],
      ].map(([page, vlr_fator = '']) =>
        split({
          codigo_emissor: `${page}`,
          codigo_isin: `BR${page}ACNOR9`,
          codigo_isin_emitido: '',
          vlr_fator,
        }),
      );
    const unitRows = (factor: string) =>
      ledgerOf([], splits(factor), isins, [{ code: 'AXEL3', parts }]).rows;
    expect(unitRows('10,00000000000')).toMatchObject([{ vlr_fator: 10, valor_divergente: false }]);
    expect(unitRows('12,00000000000')).toMatchObject([
      { vlr_fator: 12, valor_divergente: true, divergencia: 'b3: DESDOBRAMENTO 10' },
    ]);
  });
});

describe('equal amounts', () => {
  const second = { dt_pagamento: '30/01/2022' };

  it('of one source are two payments', () => {
    const twice = [siteRow(), siteRow({ num_ocorrencia: 2 })];
    expect(ledgerOf(twice).rows.map(({ codigo_evento }) => codigo_evento)).toEqual([
      '20211217 DIVIDENDO 1',
      '20211217 DIVIDENDO 2',
    ]);
    expect(valuesOf(ledgerOf(twice, [companyRow()]))).toEqual([
      [0.1334, '2021-12-30', 'b3,fundamentus', 'vigente'],
      [0.1334, '2021-12-30', 'fundamentus', 'vigente'],
    ]);
  });

  it('are told apart by their days of payment', () => {
    const ledger = ledgerOf(
      [siteRow(second), siteRow({ dt_pagamento: '-' })],
      [companyRow(), companyRow(second)],
    );
    expect(valuesOf(ledger)).toEqual([
      [0.1334, '2021-12-30', 'b3,fundamentus', 'vigente'],
      [0.1334, '2022-01-30', 'b3,fundamentus', 'vigente'],
    ]);
  });
});

describe("an event of B3's answers about two issuers", () => {
  const renamed = { codigo_emissor: 'NOVA' };
  const ledgerOfBoth = (...rows: readonly Row[]): Ledger => ledgerOf([siteRow()], rows, TRADED);

  it('is one payment, as it is on the site', () => {
    const ledger = ledgerOfBoth(companyRow(), companyRow(renamed));
    expect(valuesOf(ledger)).toEqual([[0.1334, '2021-12-30', 'b3,fundamentus', 'vigente']]);
  });

  it('changes the number of units once', () => {
    const { rows } = ledgerOf([], [split(), split(renamed)], TRADED);
    expect(rows).toMatchObject([{ vlr_multiplicador: 2 }]);
    const both = [split({ tipo_evento: 'BONIFICACAO', codigo_isin_emitido: 'BRCAPUACNOR1' })];
    both.push(split({ tipo_evento: 'BONIFICACAO', ...renamed }));
    expect(ledgerOf([], both, TRADED).rows).toHaveLength(2);
  });

  it('is two payments where one of the answers has it twice', () => {
    const twice = [companyRow(renamed), companyRow({ ...renamed, num_ocorrencia: 2 })];
    expect(valuesOf(ledgerOfBoth(companyRow(), ...twice))).toEqual([
      [0.1334, '2021-12-30', 'b3,fundamentus', 'vigente'],
      [0.1334, '2021-12-30', 'b3', 'vigente'],
    ]);
  });

  it('has what either knows of it, and is shown where either shows it', () => {
    const before = companyRow({ dt_pagamento: '31/12/9999', situacao: 'ausente' });
    const { rows } = ledgerOf([], [before, companyRow(renamed)], TRADED);
    expect(rows).toMatchObject([{ dt_pagamento: '2021-12-30', situacao: 'vigente' }]);
  });

  it('is another one where its day of payment differs', () => {
    const later = companyRow({ ...renamed, dt_pagamento: '30/01/2022' });
    expect(ledgerOf([], [companyRow(), later], TRADED).rows).toHaveLength(2);
  });
});

describe('an event that a source no longer shows', () => {
  const absent = { situacao: 'ausente' };

  it('stays, and is marked where no source shows it', () => {
    expect(valuesOf(ledgerOf([siteRow(absent)], [companyRow(absent)]))).toEqual([
      [0.1334, '2021-12-30', 'b3,fundamentus', 'ausente'],
    ]);
    expect(valuesOf(ledgerOf([siteRow(absent)], [companyRow()]))).toEqual([
      [0.1334, '2021-12-30', 'b3', 'vigente'],
    ]);
  });

  it('of two equal ones is one of them', () => {
    const rows = [siteRow(), siteRow({ num_ocorrencia: 2, ...absent })];
    expect(valuesOf(ledgerOf(rows))).toEqual([
      [0.1334, '2021-12-30', 'fundamentus', 'vigente'],
      [0.1334, '2021-12-30', 'fundamentus', 'ausente'],
    ]);
  });

  it('is the same event where the source prints more of it now', () => {
    const rows = [siteRow({ dt_pagamento: '-', ...absent }), siteRow()];
    expect(valuesOf(ledgerOf(rows))).toEqual([[0.1334, '2021-12-30', 'fundamentus', 'vigente']]);
  });

  it('is another one where its amount was corrected', () => {
    const rows = [companyRow({ vlr_provento: '0,20', ...absent }), companyRow()];
    expect(valuesOf(ledgerOf([], rows))).toEqual([
      [0.1334, '2021-12-30', 'b3', 'vigente'],
      [0.2, '2021-12-30', 'b3', 'ausente'],
    ]);
  });
});

describe('a change of the number of units', () => {
  it.each([
    ['DESDOBRAMENTO', '100,00000000000', 100, 2],
    ['DESDOBRAMENTO', '4.900,00000000000', 4900, 50],
    ['BONIFICACAO', '10,00000000000', 10, 1.1],
    ['BONIFICAÇÃO', '3,33333333333', 3.33333333333, 1.0333333333333],
    ['GRUPAMENTO', '0,10000000000', 0.1, 0.1],
    ['GRUPAMENTO', '0,00100000000', 0.001, 0.001],
  ])('of %s %s', (tipo_evento, vlr_fator, factor, multiplier) => {
    const { rows, notices } = ledgerOf([], [split({ tipo_evento, vlr_fator })]);
    expect(rows).toMatchObject([{ vlr_fator: factor, vlr_multiplicador: multiplier }]);
    expect(rows[0]?.['vlr_provento']).toBeNull();
    expect(notices).toEqual([]);
  });

  it.each([
    ['a grouping of ten into one as its inverse', { tipo_evento: 'GRUPAMENTO', vlr_fator: '10' }],
    ['nothing', { vlr_fator: '0,00000000000' }],
    ['no number', { vlr_fator: '1 para 2' }],
    [
      'a bonus in another paper',
      { tipo_evento: 'BONIFICACAO', codigo_isin_emitido: 'BRCAPUACNOR1' },
    ],
  ])('is not guessed: %s', (_, changes) => {
    const { rows, notices } = ledgerOf([], [split(changes)]);
    expect(rows).toMatchObject([{ vlr_multiplicador: null, vlr_provento: null }]);
    expect(notices.length).toBeGreaterThan(0);
  });

  it.each(['CISAO', 'SUBSCRICAO'])('of %s is in the ledger, with no value', (tipo_evento) => {
    const categoria = tipo_evento === 'CISAO' ? 'stockDividends' : 'subscriptions';
    const { rows } = ledgerOf([], [split({ tipo_evento, categoria, vlr_fator: '0,13994090200' })]);
    expect(rows).toMatchObject([
      { tipo_evento, vlr_provento: null, vlr_fator: 0.139940902, vlr_multiplicador: null },
    ]);
  });
});

describe('the ticker of an ISIN', () => {
  const tickerOf = (isin: string, tickers = NO_TICKERS, site: readonly Row[] = []) =>
    ledgerOf(site, [companyRow({ codigo_isin: isin })], tickers).rows.map(
      ({ codigo_ticker_ativo: ticker }) => ticker,
    );

  it.each([
    ['BRTUCAACNOR1', ['TUCA3']],
    ['BRTUCAACNPR8', ['TUCA4']],
    ['BRTUCAACNPA4', ['TUCA5']],
    ['BRTUCACDAM10', ['TUCA11']],
    ['BRTUCACTF004', ['TUCA11']],
    ['BRTUCABDR008', []],
    ['BRCAPUACNOR1', []],
    ['US0378331005', []],
  ])('%s that was never traded follows from its class alone', (isin, expected) => {
    expect(tickerOf(isin)).toEqual(expected);
  });

  it('is the one that was traded', () => {
    expect(tickerOf('BRCAPUACNOR1', new Map([['BRCAPUACNOR1', ['TUCA3B']]]))).toEqual(['TUCA3B']);
  });

  it('of several tickers is the one with the event on the site, or else the newest', () => {
    const tickers = new Map([['BRTUCAACNOR1', ['TUCO3', 'TUCA3', 'TUCZ3']]]);
    expect(tickerOf('BRTUCAACNOR1', tickers, [siteRow()])).toEqual(['TUCA3']);
    expect(tickerOf('BRTUCAACNOR1', tickers)).toEqual(['TUCZ3']);
  });

  it('is named where none is known, and the row is left out', () => {
    const { notices } = ledgerOf([], [companyRow({ codigo_isin: 'BRCAPUACNOR1' })]);
    expect(notices).toMatchObject([{ subject: 'TUCA BRCAPUACNOR1' }]);
  });
});

describe('text that cannot be read', () => {
  it.each([
    ['an amount', { vlr_provento: 'R$ 1,00' }, { vlr_provento: null }, 'R$ 1,00'],
    ['an English amount', { vlr_provento: '0.1334' }, { vlr_provento: null }, '0.1334'],
    ['a number of units', { qtd_unidades: '0' }, { vlr_provento: null }, '0'],
    ['a day of payment', { dt_pagamento: '31/02/2022' }, { dt_pagamento: null }, '31/02/2022'],
  ])('is null and named: %s', (_, changes, expected, text) => {
    const { rows, notices } = ledgerOf([siteRow(changes)]);
    expect(rows).toMatchObject([expected]);
    expect(notices).toMatchObject([{ subject: 'TUCA3', text }]);
  });

  it.each(['', '-', '31/12/9999', 'x'])('a row is left out without a last day: %j', (dt_com) => {
    const { rows, notices } = ledgerOf([siteRow({ dt_com })]);
    expect(rows).toEqual([]);
    expect(notices.length).toBeGreaterThan(0);
  });
});

const amount = fc.constantFrom('0,1334', '0,13', '0,14', '133,4000', '0,13340000000', 'x');
const changes = {
  dt_com: fc.constantFrom('17/12/2021', '17/12/2021', '18/12/2021', '-'),
  tipo_evento: fc.constantFrom('DIVIDENDO', 'JCP', 'DESDOBRAMENTO'),
  vlr_provento: amount,
  dt_pagamento: fc.constantFrom('30/12/2021', '30/01/2022', '-'),
  situacao: fc.constantFrom('vigente', 'ausente'),
  num_ocorrencia: fc.constantFrom(1, 2),
};
const siteRows = fc.array(
  fc.record({ ...changes, qtd_unidades: fc.constantFrom('1', '1000') }).map(siteRow),
);
const companyRows = fc.array(
  fc
    .record({
      ...changes,
      vlr_fator: amount,
      codigo_emissor: fc.constantFrom('TUCA', 'NOVA'),
      categoria: fc.constantFrom('cashDividends', 'stockDividends'),
    })
    .map(companyRow),
);

describe('the ledger', () => {
  it('is the same in any order of the rows, with a key of its own for each', () => {
    fc.assert(
      fc.property(siteRows, companyRows, fc.infiniteStream(fc.nat()), (site, company, stream) => {
        const shuffle = (rows: readonly Row[]): Row[] =>
          rows
            .map((row) => [stream.next().value, row] as const)
            .sort(([a], [b]) => a - b)
            .map(([, row]) => row);
        // Rows of one key are one row; the newest of them must not depend on the order.
        const unique = (rows: readonly Row[]): Row[] =>
          rows.map((row, at) => ({ ...row, num_ocorrencia: at + 1 }));
        const [sites, companies] = [unique(site), unique(company)];
        const expected = ledgerOf(sites, companies, TRADED);
        expect(ledgerOf(shuffle(sites), shuffle(companies), TRADED).rows).toEqual(expected.rows);
        const keys = expected.rows.map(
          (row) => `${row['codigo_ticker_ativo']} ${row['codigo_evento']}`,
        );
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('never throws for its text', () => {
    const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.constant(null), amount);
    const columns = [
      'dt_com',
      'tipo_evento',
      'vlr_provento',
      'dt_pagamento',
      'vlr_fator',
      'codigo_isin',
    ];
    const hostile = fc.record(Object.fromEntries(columns.map((name) => [name, text])));
    fc.assert(
      fc.property(fc.array(hostile), fc.array(hostile), (site, company) => {
        ledgerOf(site.map(siteRow), company.map(companyRow));
      }),
    );
  });

  it('of thousands of equal rows takes no longer than their number', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => ({ num_ocorrencia: at + 1 }));
    expect(ledgerOf(many.map(siteRow), many.map(companyRow)).rows).toHaveLength(3_000);
  });
});
