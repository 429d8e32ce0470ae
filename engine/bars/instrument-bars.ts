// The bars of one instrument in all intervals, with their streams: what trades make, what a gap tears, and what REST
// mends. A torn bar is published as it is, `complete: false`; its filled one follows once minute bars have come.
//
//   trades ──► forming ──► closed ──► stream, indicators
//                 ▲           │ torn
//     gap, holes ─┘           └──► minute bars by REST ──► filled ──► stream, indicators
import type { Gap } from '../quality/sequence.ts';
import type { ReferenceBar } from '../reference/reference.ts';
import { INTERVALS_US, type Interval } from '../settings.ts';
import type { NumberedStream, Streams } from '../streams/streams.ts';
import { BarBuilder, type ClosedBar } from './bar-builder.ts';

/** Torn bars that await their filling; beyond them the oldest stay torn. */
const TORN_MAX = 64;
const MINUTE_US = INTERVALS_US['1m'];

export interface InstrumentBarsOptions {
  readonly instrument: string;
  readonly intervals: readonly Interval[];
  readonly latenessUs: number;
  readonly streams: Streams;
  /** Told of a bar before it is published, and of a forming one when asked: `bringUpToDate`. */
  readonly onBar: (interval: Interval, bar: ClosedBar) => void;
}

interface Bars {
  readonly interval: Interval;
  readonly builder: BarBuilder;
  readonly stream: NumberedStream;
  /** Starts of bars that lack trades, oldest first. */
  torn: number[];
  /** The bar that closed last, as it was published. */
  closed: ClosedBar | null;
}

export interface SavedBars {
  readonly uncertain: boolean;
  readonly intervals: readonly {
    readonly interval: Interval;
    readonly forming: BarBuilder['forming'];
    readonly lateTrades: number;
    readonly torn: readonly number[];
    readonly closed: ClosedBar | null;
  }[];
}

export class InstrumentBars {
  private readonly options: InstrumentBarsOptions;
  private readonly all: readonly Bars[];
  /** The feed was away, and no record has told yet whether anything was lost meanwhile. */
  private uncertain = false;

  constructor(options: InstrumentBarsOptions) {
    this.options = options;
    const { intervals, latenessUs, instrument, streams } = options;
    this.all = intervals.map((interval) => ({
      interval,
      builder: new BarBuilder(INTERVALS_US[interval], latenessUs),
      stream: streams.open('bars', instrument, interval),
      torn: [],
      closed: null,
    }));
  }

  /**
   * Takes a trade (price in won).
   * @param missing what the feed lost in front of it; `null` where nothing, `unknown` where nobody can tell
   */
  trade(exchangeTimeUs: number, price: number, volume: number, timeUs: number, missing: Gap | 'unknown' | null): void {
    this.uncertain = false;
    for (const bars of this.all) {
      const { builder } = bars;
      // What is lost may belong to the bar in front, to this one, or to any between: only within one bar is it known.
      const within = missing !== null && missing !== 'unknown' && builder.holds(exchangeTimeUs);
      if (within) builder.addMissing(missing.shares, missing.turnoverWon);
      else if (missing !== null) this.tear(bars, timeUs);
      if (builder.endsBefore(exchangeTimeUs)) this.close(bars, timeUs);
      if (missing !== null && !within) builder.markIncomplete();
      builder.add(exchangeTimeUs, price, volume);
    }
  }

  /** A trade that comes behind later ones: its bar still has the extremes and, as they were counted, no more shares. */
  late(exchangeTimeUs: number, price: number): void {
    for (const { builder } of this.all) builder.addLate(exchangeTimeUs, price);
  }

  /** Records may be missing from here on; the next one tells. */
  interrupt(): void {
    this.uncertain = true;
  }

  advance(timeUs: number): void {
    for (const bars of this.all) if (timeUs >= bars.builder.dueUs) this.close(bars, timeUs);
  }

  /** Engine time at which a bar closes without a trade. */
  get dueUs(): number {
    let dueUs = Number.POSITIVE_INFINITY;
    for (const { builder } of this.all) dueUs = Math.min(dueUs, builder.dueUs);
    return dueUs;
  }

  get lateTrades(): number {
    return this.all.reduce((total, { builder }) => total + builder.lateTrades, 0);
  }

  /** Tells the forming bars as they are now: once a batch and when they close, not with every trade. */
  bringUpToDate(): void {
    for (const { interval, builder } of this.all) {
      if (builder.forming.trades > 0) this.options.onBar(interval, builder.forming);
    }
  }

  /** The minute that closed last, as it was published; null before the first. */
  get closedMinute(): ClosedBar | null {
    return this.all.find(({ interval }) => interval === '1m')?.closed ?? null;
  }

  /**
   * Publishes what minute bars mend of the torn bars, and forgets those; shorter bars cannot be mended.
   * @returns for each interval all the bars that the minutes and what closed since make, where no hole is left between
   */
  fill(minutes: readonly ReferenceBar[], timeUs: number): { interval: Interval; bars: readonly ClosedBar[] }[] {
    return this.all.flatMap((one) => {
      const { interval, stream, torn, closed, builder } = one;
      const intervalUs = INTERVALS_US[interval];
      if (intervalUs < MINUTE_US) return [];
      const { forming } = builder;
      const endUs = forming.trades > 0 ? forming.startUs : Number.POSITIVE_INFINITY;
      const bars = joinMinutes(minutes, intervalUs).filter(({ startUs }) => startUs < endUs);
      for (const bar of bars) {
        if (torn.includes(bar.startUs)) this.options.streams.emit<'bars'>(stream, { seq: 0, timeUs, ...bar });
      }
      one.torn = torn.filter((startUs) => !bars.some((bar) => bar.startUs === startUs));
      const lastUs = bars.at(-1)?.startUs ?? 0;
      if (closed === null || closed.startUs <= lastUs) return [{ interval, bars }];
      const follows = closed.complete && closed.startUs - lastUs === intervalUs;
      return follows ? [{ interval, bars: [...bars, closed] }] : [];
    });
  }

  save(): SavedBars {
    return {
      uncertain: this.uncertain,
      intervals: this.all.map(({ interval, builder, torn, closed }) => ({
        interval,
        forming: { ...builder.forming },
        lateTrades: builder.lateTrades,
        torn: [...torn],
        closed: closed && { ...closed },
      })),
    };
  }

  load(saved: SavedBars): void {
    this.uncertain = saved.uncertain;
    for (const [i, { forming, lateTrades, torn, closed }] of saved.intervals.entries()) {
      const bars = this.all[i];
      Object.assign(bars.builder.forming, forming);
      bars.builder.lateTrades = lateTrades;
      bars.torn = [...torn];
      bars.closed = closed && { ...closed };
    }
  }

  /** Trades of the last bar may be missing: where the clock has closed it already, it is published once more. */
  private tear(bars: Bars, timeUs: number): void {
    const { builder, closed, stream } = bars;
    if (builder.forming.trades > 0) {
      builder.markIncomplete();
    } else if (closed?.complete === true) {
      closed.complete = false;
      this.rememberTorn(bars, closed.startUs);
      this.options.streams.emit<'bars'>(stream, { seq: 0, timeUs, ...closed });
    }
  }

  private rememberTorn({ torn }: Bars, startUs: number): void {
    if (torn.length === TORN_MAX) torn.shift();
    torn.push(startUs);
  }

  private close(bars: Bars, timeUs: number): void {
    const { interval, builder, stream } = bars;
    if (this.uncertain) builder.markIncomplete();
    if (builder.forming.trades > 0) this.options.onBar(interval, builder.forming);
    const bar = builder.close();
    if (!bar.complete) this.rememberTorn(bars, bar.startUs);
    bars.closed = bar;
    this.options.streams.emit<'bars'>(stream, { seq: 0, timeUs, ...bar });
  }
}

/** Whole bars of a longer interval from minutes, oldest first: without one of which a part may lie outside of them. */
export function joinMinutes(minutes: readonly ReferenceBar[], intervalUs: number): ClosedBar[] {
  const bars: ClosedBar[] = [];
  for (const minute of minutes) {
    const startUs = Math.floor(minute.startUs / intervalUs) * intervalUs;
    const bar = bars.at(-1);
    if (bar?.startUs === startUs) {
      bar.high = Math.max(bar.high, minute.high);
      bar.low = Math.min(bar.low, minute.low);
      bar.close = minute.close;
      bar.volume += minute.volume;
      bar.turnover += minute.turnover;
    } else {
      // How many trades made a bar REST does not say.
      bars.push({ ...minute, startUs, trades: 0, complete: true, filled: true });
    }
  }
  const endUs = (minutes.at(-1)?.startUs ?? 0) + MINUTE_US;
  return bars.filter(({ startUs }) => startUs >= minutes[0].startUs && startUs + intervalUs <= endUs);
}
