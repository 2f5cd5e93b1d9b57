/** The data set of the central bank's series: rates that returns are compared with. */
import { defineDataset } from '../dataset.ts';
import { byYear } from '../partition.ts';

/** The numbers of the series in the central bank's time series system (SGS), and how often each has a value. */
export const rateSeries = {
  cdi: { code: 12, period: 'day', title: 'CDI' },
  ipca: { code: 433, period: 'month', title: 'IPCA' },
} as const;

export type RateName = keyof typeof rateSeries;

export const series = defineDataset({
  id: 'series',
  source: 'bcb',
  keyColumns: ['codigo_serie', 'dt_valor'],
  partition: byYear,
  tables: {
    sot: {
      name: 'tbsot_bcb_series',
      description: 'Séries do Banco Central do Brasil (SGS), uma linha por série e dia ou mês',
      columns: [
        {
          name: 'codigo_serie',
          type: 'string',
          description: 'Número da série no SGS: 12 é o CDI por dia, 433 é o IPCA por mês',
        },
        {
          name: 'dt_valor',
          type: 'date',
          description: 'Dia do valor, ou primeiro dia do mês (data)',
        },
        {
          name: 'vlr_percentual',
          type: 'double',
          description: 'Valor do dia ou do mês, em por cento',
        },
      ],
    },
  },
});
