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
}

export interface SavedFrame {
  readonly timeFrame: TimeFrame;
  readonly barStartUs: number;
  readonly changed: boolean;
  readonly state: Float64Array;
}

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
    else frame.set.updateTrade(sample);
    frame.barStartUs = bar.startUs;
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
      this.streams.emit<'indicators'>(frame.stream, { seq: 0, timeUs, values });
    }
  }

  save(): SavedFrame[] {
    return this.frames.map(({ timeFrame, barStartUs, changed, set }) => ({
      timeFrame,
      barStartUs,
      changed,
      state: set.save(),
    }));
  }

  load(saved: readonly SavedFrame[]): void {
    for (const [i, { barStartUs, changed, state }] of saved.entries()) {
      this.frames[i].set.load(state);
      this.frames[i].barStartUs = barStartUs;
      this.frames[i].changed = changed;
    }
  }
}
