/**
 * Why an asset has no position in a ranking, in a few words of both languages: the terminal and an assistant read
 * English, a report is in Portuguese. Pure.
 */

/** The same in both languages. */
interface Bilingual {
  readonly en: string;
  readonly pt: string;
}

export type Reason = Bilingual;

/** What a figure is called; the site's own labels are the same in both languages. */
export type FigureName = string | Bilingual;

export const PRICE: Bilingual = { en: 'price', pt: 'preço' };

export function createAbsence(name: FigureName): Reason {
  const { en, pt } = toBilingual(name);
  return { en: `no ${en}`, pt: `sem ${pt}` };
}

export function createAbsenceYearBefore(name: FigureName): Reason {
  const { en, pt } = toBilingual(name);
  return { en: `no ${en} a year before`, pt: `sem ${pt} de um ano antes` };
}

export function createNotPositive(name: FigureName): Reason {
  const { en, pt } = toBilingual(name);
  return { en: `${en} is not positive`, pt: `${pt} não é positivo` };
}

export function createNotTraded(days: number): Reason {
  return {
    en: `not traded in the ${days} days before`,
    pt: `não negociado nos ${days} dias anteriores`,
  };
}

function toBilingual(name: FigureName): Bilingual {
  return typeof name === 'string' ? { en: name, pt: name } : name;
}

export const reasons = {
  financial: {
    en: 'financial company or utility',
    pt: 'empresa financeira ou de serviços públicos',
  },
  noYieldAndNoEvent: {
    en: 'no Div. Yield, and no imported event',
    pt: 'sem Div. Yield e sem evento importado',
  },
  unknownSplitsOfDividends: {
    en: 'the splits since some of its dividends are not known',
    pt: 'os desdobramentos desde alguns dos seus proventos não são conhecidos',
  },
  noDividend: { en: 'no dividend', pt: 'sem proventos' },
  noEarlierBalance: {
    en: 'no balance of a year before in the lake',
    pt: 'sem balanço de um ano antes no data lake',
  },
  unknownSplitsOfYear: {
    en: 'the splits of the last year are not known',
    pt: 'os desdobramentos do último ano não são conhecidos',
  },
  noProperties: { en: 'no properties', pt: 'sem imóveis' },
  otherPaper: {
    en: 'another paper of the company counts',
    pt: 'conta outro papel da empresa',
  },
} satisfies Readonly<Record<string, Reason>>;
