// What the indicators must equal, for tests only: each formula written out over all samples, with nothing remembered
// between calls. Slow, and as plain as a textbook. All take the samples so far and return the outputs.
import type { Sample } from './indicator.ts';

export type Naive = (samples: readonly Sample[]) => number[];

const price = (x: number) => Number.isFinite(x) && x > 0;
const size = (x: number) => Number.isFinite(x) && x >= 0;
const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);
const mean = (xs: readonly number[]) => sum(xs) / xs.length;
const square = (x: number) => x * x;

function closes(samples: readonly Sample[]): number[] {
  return samples.filter((s) => price(s.close)).map((s) => s.close);
}

function changes(xs: readonly number[]): number[] {
  return xs.slice(1).map((x, i) => x - xs[i]);
}

/** All values of an exponential mean that is seeded with the mean of the first `period` values. */
function exponentialMeans(xs: readonly number[], period: number, weight: number): number[] {
  if (xs.length < period) return [];
  const means = [mean(xs.slice(0, period))];
  for (const x of xs.slice(period)) means.push((1 - weight) * means[means.length - 1] + weight * x);
  return means;
}

/** Relative change, without the cancellation of now / then − 1. */
const change = (now: number, then: number) => (now - then) / then;

function last(xs: readonly number[]): number {
  return xs.length > 0 ? xs[xs.length - 1] : Number.NaN;
}

export function naiveSma(period: number): Naive {
  return (samples) => {
    const xs = closes(samples);
    return [xs.length < period ? Number.NaN : mean(xs.slice(-period))];
  };
}

export function naiveEma(period: number): Naive {
  return (samples) => [last(exponentialMeans(closes(samples), period, 2 / (period + 1)))];
}

export function naiveRsi(period: number): Naive {
  return (samples) => {
    const moves = changes(closes(samples));
    if (moves.length < period) return [Number.NaN];
    const smooth = (xs: number[]) => last(exponentialMeans(xs, period, 1 / period));
    const gain = smooth(moves.map((move) => Math.max(move, 0)));
    const loss = smooth(moves.map((move) => Math.max(-move, 0)));
    return [gain + loss === 0 ? 50 : 100 * (gain / (gain + loss))];
  };
}

export function naiveMacd(fast: number, slow: number, signal: number): Naive {
  return (samples) => {
    const xs = closes(samples);
    const slowMeans = exponentialMeans(xs, slow, 2 / (slow + 1));
    const fastMeans = exponentialMeans(xs.slice(slow - fast), fast, 2 / (fast + 1));
    const differences = slowMeans.map((slowMean, i) => fastMeans[i] - slowMean);
    const signalMean = last(exponentialMeans(differences, signal, 2 / (signal + 1)));
    return [last(differences), signalMean, last(differences) - signalMean];
  };
}

export function naiveBollingerBands(period: number, deviations: number): Naive {
  return (samples) => {
    const xs = closes(samples).slice(-period);
    if (xs.length < period) return [Number.NaN, Number.NaN, Number.NaN];
    const middle = mean(xs);
    const width = deviations * Math.sqrt(mean(xs.map((x) => square(x - middle))));
    return [middle, middle + width, middle - width];
  };
}

export function naiveAtr(period: number): Naive {
  return (samples) => {
    const bars = samples.filter((s) => price(s.high) && price(s.low) && price(s.close) && s.high >= s.low);
    const ranges = bars.slice(1).map(({ high, low }, i) => {
      const before = bars[i].close;
      return Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
    });
    return [last(exponentialMeans(ranges, period, 1 / period))];
  };
}

export function naiveVwap(): Naive {
  const day = (s: Sample) => Math.floor((s.timeUs / 3_600_000_000 + 9) / 24);
  return (samples) => {
    const usable = samples.filter(
      (s) => price(s.high) && price(s.low) && price(s.close) && size(s.volume) && size(s.timeUs),
    );
    const begin = usable.findLastIndex((s, i) => i === 0 || day(s) !== day(usable[i - 1]));
    const session = usable.slice(Math.max(begin, 0));
    return [sum(session.map((s) => ((s.high + s.low + s.close) / 3) * s.volume)) / sum(session.map((s) => s.volume))];
  };
}

export function naiveObv(): Naive {
  return (samples) => {
    const usable = samples.filter((s) => price(s.close) && size(s.volume));
    if (usable.length === 0) return [Number.NaN];
    return [sum(usable.map((s, i) => (i === 0 ? 1 : Math.sign(s.close - usable[i - 1].close)) * s.volume))];
  };
}

export function naiveRateOfChange(period: number): Naive {
  return (samples) => {
    const xs = closes(samples);
    return [xs.length <= period ? Number.NaN : 100 * change(last(xs), xs[xs.length - 1 - period])];
  };
}

export function naiveRealisedVolatility(period: number): Naive {
  return (samples) => {
    const logs = closes(samples).slice(-period - 1);
    if (logs.length <= period) return [Number.NaN];
    return [Math.sqrt(sum(logs.slice(1).map((x, i) => square(Math.log(x / logs[i])))))];
  };
}

function books(samples: readonly Sample[]): Sample[] {
  return samples.filter((s) => price(s.bidPrice) && price(s.askPrice) && size(s.bidSize) && size(s.askSize));
}

export function naiveOrderFlowImbalance(period: number): Naive {
  const flow = (now: Sample, before: Sample) =>
    (now.bidPrice >= before.bidPrice ? now.bidSize : 0) -
    (now.bidPrice <= before.bidPrice ? before.bidSize : 0) -
    (now.askPrice <= before.askPrice ? now.askSize : 0) +
    (now.askPrice >= before.askPrice ? before.askSize : 0);
  return (samples) => {
    const window = books(samples).slice(-period - 1);
    if (window.length <= period) return [Number.NaN];
    return [sum(window.slice(1).map((now, i) => flow(now, window[i])))];
  };
}

export function naiveBookImbalance(): Naive {
  return (samples) => {
    const now = books(samples).findLast((s) => s.bidSize + s.askSize > 0);
    return [now ? (now.bidSize - now.askSize) / (now.bidSize + now.askSize) : Number.NaN];
  };
}
