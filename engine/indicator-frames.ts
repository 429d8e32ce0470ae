// The indicators of one instrument in all of its time frames, each with its stream. On ticks every trade appends; on
// bars a new bar appends and a forming one replaces, once a batch.
import type { ClosedBar } from './bars/bar-builder.ts';
import { Sample } from './indicators/indicator.ts';
import { IndicatorSet } from './indicators/indicator-set.ts';
import type { TimeFrame } from './settings.ts';
import type { NumberedStream, Streams } from './streams/streams.ts';

interface Frame {
  readonly timeFrame: TimeFrame;
  readonly set: IndicatorSet;
  readonly stream: NumberedStream;
  /** Start of the bar that the set took last; 0 for ticks and before the first. */
  barStartUs: number;
  /** True where trades or books came since the last message. */
  changed: boolean;
  /** Bars to come until none that lacks trades is looked back on; ticks need none, for they begin anew. */
  doubtfulBars: number;
}

export interface SavedFrame {
  readonly timeFrame: TimeFrame;
  readonly barStartUs: number;
  readonly changed: boolean;
  readonly doubtfulBars: number;
  readonly state: Float64Array;
}

/** The longest window of the family; what an average with an endless memory keeps of older bars is below its rounding. */
const MEMORY_BARS = 60;
const sample = new Sample();
let outputs = new Float64Array(64);

export class IndicatorFrames {
  private readonly frames: readonly Frame[];
  private readonly streams: Streams;

  constructor(instrument: string, timeFrames: readonly TimeFrame[], streams: Streams) {
    this.streams = streams;
    this.frames = timeFrames.map((timeFrame) => ({
      timeFrame,
      set: new IndicatorSet(),
      stream: streams.open('indicators', instrument, timeFrame),
      barStartUs: 0,
      changed: false,
      doubtfulBars: 0,
    }));
  }

  /** Takes a trade, price in won. */
  trade(exchangeTimeUs: number, price: number, volume: number): void {
    sample.timeUs = exchangeTimeUs;
    sample.open = sample.high = sample.low = sample.close = price;
    sample.volume = volume;
    for (const frame of this.frames) {
      if (frame.timeFrame === 'tick') frame.set.updateTrade(sample);
      frame.changed = true;
    }
  }

  /** Takes the top of a book, prices in won. */
  book(timeUs: number, bidPrice: number, askPrice: number, bidSize: number, askSize: number): void {
    sample.timeUs = timeUs;
    sample.bidPrice = bidPrice;
    sample.askPrice = askPrice;
    sample.bidSize = bidSize;
    sample.askSize = askSize;
    for (const frame of this.frames) {
      frame.set.updateBook(sample);
      frame.changed = true;
    }
  }

  /** Takes the bar of a time frame as it is now. */
  bar(timeFrame: TimeFrame, bar: ClosedBar): void {
    const frame = this.frames.find((one) => one.timeFrame === timeFrame);
    if (frame === undefined) return;
    sample.timeUs = bar.startUs;
    sample.open = bar.open;
    sample.high = bar.high;
    sample.low = bar.low;
    sample.close = bar.close;
    sample.volume = bar.volume;
    if (frame.barStartUs === bar.startUs) frame.set.replaceTrade(sample);
    else {
      frame.set.updateTrade(sample);
      frame.doubtfulBars = Math.max(0, frame.doubtfulBars - 1);
    }
    if (!bar.complete) frame.doubtfulBars = MEMORY_BARS;
    frame.barStartUs = bar.startUs;
  }

  /** Trades were lost in front of the next one: on ticks all begin anew that cannot be mended by their shares and won. */
  gap(exchangeTimeUs: number, shares: number, turnoverWon: number): void {
    sample.timeUs = exchangeTimeUs;
    sample.open = sample.high = sample.low = sample.close = turnoverWon / shares;
    sample.volume = shares;
    for (const { timeFrame, set } of this.frames) if (timeFrame === 'tick') set.gap(sample);
  }

  /** Books may have been missed: what looks back on their changes begins anew. */
  interrupt(): void {
    for (const { set } of this.frames) set.restart('book');
  }

  /** Bars by REST take the place of all that the time frame has seen, up to the bar that forms. */
  rebuild(timeFrame: TimeFrame, bars: readonly Omit<ClosedBar, 'trades' | 'complete' | 'filled'>[]): void {
    const frame = this.frames.find((one) => one.timeFrame === timeFrame);
    if (frame === undefined || bars.length === 0) return;
    frame.set.restart('trade');
    frame.barStartUs = 0;
    for (const bar of bars) this.bar(timeFrame, { ...bar, trades: 0, complete: true, filled: true });
    frame.doubtfulBars = 0;
    frame.changed = true;
  }

  /** One message for each time frame that changed. */
  emit(timeUs: number): void {
    for (const frame of this.frames) {
      if (!frame.changed) continue;
      frame.changed = false;
      const { names } = frame.set;
      if (outputs.length < names.length) outputs = new Float64Array(names.length);
      frame.set.write(outputs);
      const values: Record<string, number | null> = {};
      for (let i = 0; i < names.length; i++) values[names[i]] = Number.isFinite(outputs[i]) ? outputs[i] : null;
      this.streams.emit<'indicators'>(frame.stream, { seq: 0, timeUs, complete: frame.doubtfulBars === 0, values });
    }
  }

  save(): SavedFrame[] {
    return this.frames.map(({ timeFrame, barStartUs, changed, doubtfulBars, set }) => ({
      timeFrame,
      barStartUs,
      changed,
      doubtfulBars,
      state: set.save(),
    }));
  }

  load(saved: readonly SavedFrame[]): void {
    for (const [i, { barStartUs, changed, doubtfulBars, state }] of saved.entries()) {
      this.frames[i].set.load(state);
      this.frames[i].barStartUs = barStartUs;
      this.frames[i].changed = changed;
      this.frames[i].doubtfulBars = doubtfulBars;
    }
  }
}
