// Candles of the chosen instrument with volume, overlays and signals. Between full drawings only the newest points are
// touched. The library knows no time zones: times are given to it shifted, so that it shows Korea's clock.
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  type Time,
  type UTCTimestamp,
} from '/assets/lightweight-charts.js';
import { chartBars, markedBars, placedSignals, resumeIndex } from './chart-points.ts';
import { element, required, write } from './element.ts';
import { type ChartBar, INTERVALS, type Interval } from './forming-bar.ts';
import type { View } from './frame.ts';
import { overlays } from './overlays.ts';
import { nameOf, type PageContext, selectedState } from './page-context.ts';

const KOREA_SECONDS = 9 * 3600;
const POINTS_MAX = 1200;
const BARS_SHOWN = 90;
const LINES = { sma: 'sma', ema: 'ema', upper: 'bands', lower: 'bands' } as const;
type Line = keyof typeof LINES;

export class PriceChart implements View {
  interval: Interval = '1s';
  private readonly root: HTMLElement;
  private readonly context: PageContext;
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick'>;
  private readonly volumes: ISeriesApi<'Histogram'>;
  private readonly lines: Record<Line, ISeriesApi<'Line'>>;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private readonly hidden = new Set<string>();
  private drawn = { key: '', lastStartUs: 0, count: 0, pastRevision: 0 };
  private drawnMarkers = '';
  private bars: ChartBar[] = [];
  /** The bar under the crosshair, in chart time; null: the newest. */
  private pointedTime: Time | null = null;

  constructor(root: HTMLElement, context: PageContext, changed: () => void) {
    this.root = root;
    this.context = context;
    this.chart = createChart(required(root, '.chart-canvas'), {
      autoSize: true,
      // The credit that the logo would give stands in the page's footer.
      layout: { attributionLogo: false, fontFamily: 'system-ui, "Noto Sans KR", "Malgun Gothic", sans-serif' },
      crosshair: { mode: CrosshairMode.Magnet },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.24 } },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true, rightOffset: 4 },
      // A finger that moves up or down scrolls the page.
      handleScroll: { vertTouchDrag: false },
    });
    this.volumes = this.chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    const line = {
      lineWidth: 1,
      lastValueVisible: false,
      priceLineVisible: false,
      crosshairMarkerVisible: false,
    } as const;
    this.lines = {
      upper: this.chart.addSeries(LineSeries, line),
      lower: this.chart.addSeries(LineSeries, line),
      sma: this.chart.addSeries(LineSeries, line),
      ema: this.chart.addSeries(LineSeries, line),
    };
    this.candles = this.chart.addSeries(CandlestickSeries, {});
    this.markers = createSeriesMarkers(this.candles, []);
    this.chart.subscribeCrosshairMove(({ time }) => {
      this.pointedTime = time ?? null;
      this.drawLegend();
    });
    this.listenToControls(changed);
  }

  /** Colours and language have changed: everything is drawn anew. */
  restyle(): void {
    const { appearance, translation } = this.context;
    const { format } = translation;
    const rise = appearance.colour('rise');
    const fall = appearance.colour('fall');
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: 'transparent' },
        textColor: appearance.colour('text-muted'),
      },
      grid: { vertLines: { color: appearance.colour('line') }, horzLines: { color: appearance.colour('line') } },
      localization: {
        locale: translation.language,
        priceFormatter: (price: number) => format.number(price),
        timeFormatter: (time: Time) => format.timeOfDay(((time as number) - KOREA_SECONDS) * 1_000_000),
      },
    });
    this.candles.applyOptions({
      upColor: rise,
      downColor: fall,
      wickUpColor: rise,
      wickDownColor: fall,
      borderUpColor: rise,
      borderDownColor: fall,
    });
    this.lines.sma.applyOptions({ color: appearance.colour('line-sma') });
    this.lines.ema.applyOptions({ color: appearance.colour('line-ema') });
    for (const band of [this.lines.upper, this.lines.lower])
      band.applyOptions({ color: appearance.colour('line-bands') });
    this.drawn.count = 0;
    this.drawnMarkers = '';
  }

  render(): void {
    const { selected, translation } = this.context;
    const state = selectedState(this.context);
    this.bars = state === undefined ? [] : chartBars(state, this.interval);
    const key = `${selected} ${this.interval}`;
    // A bar that was filled stands where a torn one was drawn: the past is drawn anew.
    const pastRevision = state?.barsOf(this.interval).pastRevision ?? 0;
    const goesOn = key === this.drawn.key && pastRevision === this.drawn.pastRevision;
    const resumed = goesOn ? resumeIndex(this.bars, this.drawn, POINTS_MAX) : -1;
    if (resumed < 0) this.drawAll(key, pastRevision);
    else this.drawFrom(resumed);
    this.drawMarkers();
    this.drawLegend();

    for (const button of this.root.querySelectorAll<HTMLButtonElement>('[data-interval]')) {
      button.setAttribute('aria-pressed', String(button.dataset.interval === this.interval));
    }
    write(required(this.root, '.chart-note'), this.bars.length === 0 ? translation.text('chart.empty') : '');
    const interval = translation.text(`chart.interval.${this.interval}`);
    const named = { name: nameOf(this.context, selected), interval, ...markedBars(this.bars) };
    required(this.root, '.chart-canvas').setAttribute('aria-label', translation.text('chart.description', named));
  }

  private drawAll(key: string, pastRevision: number): void {
    const moved = key !== this.drawn.key;
    this.candles.setData(this.bars.map((bar) => this.candle(bar)));
    this.volumes.setData(this.bars.map((bar) => this.volume(bar)));
    const values = overlays(this.bars.map((bar) => bar.close));
    for (const name of Object.keys(this.lines) as Line[]) {
      const points = this.bars.flatMap((bar, i) => {
        const value = values[name][i];
        return value == null ? [] : [{ time: timeOf(bar), value }];
      });
      this.lines[name].setData(points);
    }
    if (moved) {
      const last = this.bars.length;
      this.chart.timeScale().setVisibleLogicalRange({ from: last - BARS_SHOWN, to: last + 4 });
      this.chart.priceScale('right').setAutoScale(true);
      this.pointedTime = null;
    }
    const lastStartUs = this.bars[this.bars.length - 1]?.startUs ?? 0;
    // Without bars the key is not taken, so that the first bars are still brought into view.
    this.drawn = { key: this.bars.length === 0 ? '' : key, lastStartUs, count: this.bars.length, pastRevision };
  }

  private drawFrom(index: number): void {
    const values = overlays(this.bars.map((bar) => bar.close));
    for (let i = index; i < this.bars.length; i++) {
      const bar = this.bars[i] as ChartBar;
      this.candles.update(this.candle(bar));
      this.volumes.update(this.volume(bar));
      for (const name of Object.keys(this.lines) as Line[]) {
        const value = values[name][i];
        if (value != null) this.lines[name].update({ time: timeOf(bar), value });
      }
    }
    this.drawn.count += this.bars.length - 1 - index;
    this.drawn.lastStartUs = this.bars[this.bars.length - 1]?.startUs ?? 0;
  }

  private drawMarkers(): void {
    const { state, selected, appearance } = this.context;
    const placed = this.hidden.has('signals')
      ? []
      : placedSignals(state.signals.newest(), selected, this.bars, this.interval);
    const drawing = placed.map(({ id, startUs }) => `${id}@${startUs}`).join();
    if (drawing === this.drawnMarkers) return;
    this.drawnMarkers = drawing;
    this.markers.setMarkers(
      placed.map(({ id, startUs, side }) => ({
        id,
        time: (startUs / 1_000_000 + KOREA_SECONDS) as UTCTimestamp,
        position: side === 'buy' ? ('belowBar' as const) : ('aboveBar' as const),
        shape: side === 'buy' ? ('arrowUp' as const) : ('arrowDown' as const),
        color: appearance.colour(side === 'buy' ? 'rise' : 'fall'),
      })),
    );
  }

  private drawLegend(): void {
    const { translation } = this.context;
    const { format } = translation;
    const pointed = this.pointedTime === null ? undefined : this.bars.find((bar) => timeOf(bar) === this.pointedTime);
    const bar = pointed ?? this.bars[this.bars.length - 1];
    const parts: [label: string, value: string][] =
      bar === undefined
        ? []
        : [
            [translation.text('chart.open'), format.number(bar.open)],
            [translation.text('chart.high'), format.number(bar.high)],
            [translation.text('chart.low'), format.number(bar.low)],
            [translation.text('chart.close'), format.number(bar.close)],
            [translation.text('chart.volume'), format.compact(bar.volume)],
          ];
    if (bar?.filled === true) parts.push(['', translation.text('chart.filled')]);
    else if (bar?.complete === false) parts.push(['', translation.text('chart.incomplete')]);
    const legend = required(this.root, '.chart-legend');
    const text = parts.flat().join('\n');
    if (legend.dataset.drawn === text) return;
    legend.dataset.drawn = text;
    legend.replaceChildren(
      ...parts.map(([label, value]) => element('span', '', element('i', '', label), element('b', 'number', value))),
    );
  }

  /** A filled bar is an outline in its colour, a torn one is grey. */
  private candle(bar: ChartBar) {
    const { appearance } = this.context;
    const { open, high, low, close } = bar;
    const plain = { time: timeOf(bar), open, high, low, close };
    if (bar.filled) return { ...plain, color: appearance.colour('panel') };
    if (bar.complete) return plain;
    const grey = appearance.colour('text-muted');
    return { ...plain, color: grey, wickColor: grey, borderColor: grey };
  }

  private volume(bar: ChartBar) {
    const direction = bar.close >= bar.open ? 'rise' : 'fall';
    const torn = !bar.complete && !bar.filled;
    const colour = this.context.appearance.colour(torn ? 'text-muted' : direction, bar.filled ? 0.18 : 0.3);
    return { time: timeOf(bar), value: bar.volume, color: colour };
  }

  private listenToControls(changed: () => void): void {
    for (const button of this.root.querySelectorAll<HTMLButtonElement>('[data-interval]')) {
      button.addEventListener('click', () => {
        this.interval = INTERVALS.find((interval) => interval === button.dataset.interval) ?? '1s';
        changed();
      });
    }
    for (const button of this.root.querySelectorAll<HTMLButtonElement>('[data-overlay]')) {
      button.addEventListener('click', () => {
        const overlay = button.dataset.overlay as string;
        if (!this.hidden.delete(overlay)) this.hidden.add(overlay);
        button.setAttribute('aria-pressed', String(!this.hidden.has(overlay)));
        for (const [name, group] of Object.entries(LINES)) {
          this.lines[name as Line].applyOptions({ visible: !this.hidden.has(group) });
        }
        changed();
      });
    }
  }
}

function timeOf(bar: ChartBar): UTCTimestamp {
  return (bar.startUs / 1_000_000 + KOREA_SECONDS) as UTCTimestamp;
}
