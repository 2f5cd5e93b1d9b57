/**
 * The page in the browser: draws the charts from the page's own data, shows where a figure comes from, and makes tables
 * of the charts' data for readers who do not see them. It asks nothing of any network.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './page.css';
import { formatDay, formatNumber } from '../../presentation/notation.ts';
import { accumulateRates, type RatePoint } from '../../transform/returns.ts';
import { type PackedSeries, unpackNumbers, unpackSeries } from '../packed-series.ts';
import { DATA_ID, type PageAsset, type PageData, type PageEvents } from '../page-data.ts';

const LOCALE = 'pt-BR';
const DAY_S = 86_400;
const MONTHS = ['jan', 'fev', 'mar', 'abr', 'mai', 'jun', 'jul', 'ago', 'set', 'out', 'nov', 'dez'];

const element = document.getElementById(DATA_ID);
const data = JSON.parse(element?.textContent ?? '') as PageData;
const plots: uPlot[] = [];

function toIsoDay(days: number): string {
  return new Date(days * DAY_S * 1000).toISOString().slice(0, 10);
}

function toDayNumber(day: string): number {
  return Date.parse(day) / (DAY_S * 1000);
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly decimals: number;
}

interface Chart {
  readonly id: string;
  readonly asset: PageAsset;
  readonly days: readonly number[];
  readonly events: readonly ShownEvent[];
  readonly lines: readonly Line[];
  readonly unit: string;
}

const calendar = unpackNumbers(data.calendar);
const rates = unpackRates(data.cdi);

function unpackRates(series: PackedSeries): RatePoint[] {
  const { days, values } = unpackSeries(series);
  return days.map((day, at) => ({ day: toIsoDay(day), percent: values[at] ?? 0 }));
}

/** The charts of an asset: prices, and returns beside CDI. */
function listCharts(asset: PageAsset): Chart[] {
  const { ticker, prices, start = 0, returns, cdiFrom } = asset;
  if (prices === undefined) return [];
  const { days: own, values } = unpackSeries(prices, calendar.slice(start));
  const days = own.slice(0, values.length);
  const events = unpackEvents(asset.events);
  const closes: Line = { label: 'Fechamento', values, decimals: prices.s };
  const chart = { asset, days, events };
  const charts: Chart[] = [{ ...chart, id: `${ticker}-preco`, unit: 'R$ ', lines: [closes] }];
  if (returns === undefined) return charts;
  const lines: Line[] = [
    { label: ticker, values: unpackSeries(returns).values, decimals: returns.s },
  ];
  if (cdiFrom !== undefined)
    lines.push({ label: 'CDI', values: computeCdiIndex(days), decimals: 2 });
  return [...charts, { ...chart, id: `${ticker}-retorno`, unit: '', lines }];
}

/** What 100 reais of the first day became at CDI. */
function computeCdiIndex(days: readonly number[]): (number | null)[] {
  const points = accumulateRates(rates, days.map(toIsoDay), 'day');
  const byDay = new Map(points.map(({ day, price }) => [day, price]));
  return days.map((day) => byDay.get(toIsoDay(day)) ?? null);
}

interface ShownEvent {
  readonly day: number;
  readonly type: string;
  readonly amount: number | null;
}

function unpackEvents({ d, t, a }: PageEvents): ShownEvent[] {
  const types = unpackNumbers(t);
  return unpackNumbers(d).map((day, at) => ({
    ...{ day, type: data.types[types[at] ?? -1] ?? '', amount: a[at] ?? null },
  }));
}

const isSplit = (type: string): boolean => type.endsWith('×');

/** What happened on the days of a point: since the point before, where a week is one point. */
function describeEvents(events: readonly ShownEvent[], after: number, until: number): string[] {
  return events
    .filter(({ day }) => day > after && day <= until)
    .map(({ day, type, amount }) => {
      const number = amount === null ? '' : formatNumber(amount, LOCALE, isSplit(type) ? 0 : 2, 8);
      const text = amount === null ? type : `${type} ${isSplit(type) ? '' : 'R$ '}${number}`;
      return `${text} (${formatDay(toIsoDay(day), LOCALE)})`;
    });
}

function describePoint({ asset, days, events, lines, unit }: Chart, at: number): string {
  const day = days[at];
  if (day === undefined) return '';
  const values = lines.flatMap(({ label, values: own, decimals }) => {
    const value = own[at];
    if (value === undefined || value === null) return [];
    return [`${label} ${unit}${formatNumber(value, LOCALE, decimals)}`];
  });
  const happened = unit === '' ? [] : describeEvents(events, days[at - 1] ?? day - 1, day);
  const isUnproved = asset.unprovedUntil !== undefined && toIsoDay(day) <= asset.unprovedUntil;
  const proof = isUnproved ? ['ajuste não provado'] : [];
  return [formatDay(toIsoDay(day), LOCALE), ...values, ...happened, ...proof].join(' · ');
}

/** Years, months or days, by how far apart the ticks are. */
function formatTicks(_: uPlot, splits: number[], __: number, ___: number, step: number): string[] {
  return splits.map((seconds) => {
    const [year = '', month = '1', day = ''] = toIsoDay(Math.floor(seconds / DAY_S)).split('-');
    if (step >= 364 * DAY_S) return year;
    if (step >= 28 * DAY_S) return `${MONTHS[Number(month) - 1]}/${year.slice(2)}`;
    return `${day}/${month}`;
  });
}

/** The band of 52 weeks lies behind the lines. */
function drawBand(plot: uPlot, { band }: PageAsset): void {
  if (band === undefined) return;
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(toDayNumber(band.from) * DAY_S, 'x', true));
  const right = bbox.left + bbox.width;
  const [top, bottom] = [band.high, band.low].map((value) => plot.valToPos(value, 'y', true));
  if (top === undefined || bottom === undefined) return;
  ctx.save();
  ctx.fillStyle = color('band');
  ctx.fillRect(left, top, right - left, bottom - top);
  ctx.restore();
}

/** A mark at the foot for each payment, a dashed line for each change of units. */
function drawEvents(plot: uPlot, { events }: Chart): void {
  const { ctx, bbox } = plot;
  const size = 4 * devicePixelRatio;
  const foot = bbox.top + bbox.height;
  ctx.save();
  for (const { day, type } of events) {
    const x = plot.valToPos(day * DAY_S, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    if (isSplit(type)) {
      ctx.strokeStyle = color('split');
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, foot);
      ctx.stroke();
    } else {
      ctx.fillStyle = color('event');
      ctx.moveTo(x - size, foot);
      ctx.lineTo(x + size, foot);
      ctx.lineTo(x, foot - size * 1.6);
      ctx.fill();
    }
  }
  ctx.restore();
}

function draw(chart: Chart): void {
  const figure = document.getElementById(chart.id);
  const place = figure?.querySelector<HTMLElement>('.plot');
  const readout = figure?.querySelector<HTMLElement>('.readout');
  if (!place || !readout) return;
  const { asset, days, lines, unit } = chart;
  const isPrice = unit !== '';
  const axis = (size: number): uPlot.Axis => ({
    stroke: () => color('muted'),
    grid: { stroke: () => color('line'), width: 1 },
    ticks: { stroke: () => color('line'), width: 1 },
    font: '12px system-ui, sans-serif',
    size,
  });
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: place.clientHeight,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false } },
      scales: { x: { time: true } },
      axes: [
        { ...axis(32), values: formatTicks, space: 60 },
        {
          ...axis(58),
          values: (_, splits) => splits.map((value) => formatNumber(value, LOCALE, 0, 2)),
        },
      ],
      series: [
        {},
        ...lines.map(({ label }, at) => ({
          label,
          stroke: () => color(at === 0 ? 'first' : 'second'),
          width: 1.5,
          spanGaps: true,
          points: { show: false },
          // Not by color alone.
          ...(at > 0 && { dash: [6, 3] }),
        })),
      ],
      hooks: {
        drawClear: isPrice ? [(self) => drawBand(self, asset)] : [],
        draw: isPrice ? [(self) => drawEvents(self, chart)] : [],
        setCursor: [
          ({ cursor }) => {
            const at = cursor.idx;
            readout.textContent = describePoint(chart, at ?? days.length - 1);
          },
        ],
      },
    },
    [days.map((day) => day * DAY_S), ...lines.map(({ values }) => [...values])],
    place,
  );
  plots.push(plot);
  readout.textContent = describePoint(chart, days.length - 1);
  new ResizeObserver(() =>
    plot.setSize({ width: place.clientWidth, height: place.clientHeight }),
  ).observe(place);
  moveByKeys(place, plot, days.length);
}

/** The arrow keys move along the line, a page at a time with Page Up and Page Down. */
function moveByKeys(place: HTMLElement, plot: uPlot, count: number): void {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 },
    ...{ Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
  };
  place.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = Math.min(Math.max((plot.cursor.idx ?? count - 1) + step, 0), count - 1);
    const x = plot.data[0][at] ?? 0;
    plot.setCursor({ left: plot.valToPos(x, 'x'), top: 0 });
  });
}

/** The table of a chart's data is made when it is opened. */
function fillTableOnDemand({ id, days, lines }: Chart): void {
  const details = document.getElementById(`${id}-dados`);
  const body = details?.querySelector('tbody');
  if (!details || !body) return;
  details.addEventListener(
    'toggle',
    () => {
      for (let at = days.length - 1; at >= 0; at -= 1) {
        const row = body.insertRow();
        const head = document.createElement('th');
        head.scope = 'row';
        head.textContent = formatDay(toIsoDay(days[at] ?? 0), LOCALE);
        row.append(head);
        for (const { values, decimals } of lines) {
          const value = values[at] ?? null;
          const cell = row.insertCell();
          cell.textContent = value === null ? '–' : formatNumber(value, LOCALE, decimals);
          if (value !== null) cell.dataset['value'] = String(value);
        }
      }
    },
    { once: true },
  );
}

/** The table of all events is made when it is opened. */
function fillEventsOnDemand({ ticker, events }: PageAsset): void {
  const details = document.getElementById(`${ticker}-eventos`);
  const body = details?.querySelector('tbody');
  if (!details || !body) return;
  details.addEventListener(
    'toggle',
    () => {
      for (const { day, type, amount } of unpackEvents(events).reverse()) {
        const row = body.insertRow();
        const head = document.createElement('th');
        head.scope = 'row';
        head.textContent = formatDay(toIsoDay(day), LOCALE);
        const name = row.insertCell();
        row.prepend(head);
        name.className = 'text';
        name.textContent = type;
        const cell = row.insertCell();
        cell.textContent = amount === null ? '–' : formatNumber(amount, LOCALE, 2, 8);
        if (amount !== null) cell.dataset['value'] = String(amount);
      }
    },
    { once: true },
  );
}

/** Where a figure comes from, beside it while it has the pointer or the focus. */
function showSources(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('[aria-describedby]')) {
    figure.tabIndex = 0;
  }
  const tip = document.createElement('div');
  tip.id = 'tip';
  tip.hidden = true;
  // Readers of screens have it from aria-describedby.
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const show = (event: Event): void => {
    const target =
      event.target instanceof Element ? event.target.closest('[aria-describedby]') : null;
    const source = document.getElementById(target?.getAttribute('aria-describedby') ?? '');
    if (target === null || source === null) {
      tip.hidden = true;
      return;
    }
    tip.textContent = source.textContent;
    tip.hidden = false;
    const box = target.getBoundingClientRect();
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${box.bottom + scrollY + 4}px`;
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') tip.hidden = true;
  });
}

/** Not drawn yet: the page can be read before its last charts are. */
const waiting: Chart[] = [];

function drawNext(): void {
  const next = waiting.shift();
  if (next === undefined) return;
  draw(next);
  setTimeout(drawNext);
}

for (const asset of data.assets) {
  for (const chart of listCharts(asset)) {
    fillTableOnDemand(chart);
    waiting.push(chart);
  }
  fillEventsOnDemand(asset);
}
showSources();
drawNext();

const redraw = (): void => {
  for (const chart of waiting.splice(0)) draw(chart);
  for (const plot of plots) plot.redraw(false);
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
addEventListener('beforeprint', redraw);
addEventListener('afterprint', redraw);
