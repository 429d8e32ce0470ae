// What the twelve indicators cost a tick, each alone and all together, beside the straightforward way of writing them in
// the same run: arrays with push and shift, sums taken anew, results as objects. Not a test: nothing is asserted.
import { pathToFileURL } from 'node:url';
import { monotonicUs } from '../engine/clock.ts';
import { defaultIndicators } from '../engine/indicators/catalogue.ts';
import { Fold } from '../engine/indicators/fold.ts';
import { Sample } from '../engine/indicators/indicator.ts';
import { IndicatorSet } from '../engine/indicators/indicator-set.ts';

export interface IndicatorBenchRow {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** baseline ÷ value: how many times better. */
  ratio: number;
}

type Tick = (sample: Sample) => unknown;

const TICKS_PER_ROUND = 20_000;
const WARM_UP_ROUNDS = 15;
const ROUNDS = 25;
const TICKS_PER_HEAP_ROUND = 500;
const BASELINE_NAME = 'arrays with push and shift';

/** Ticks of one session: a price that walks in steps of 100 won and often stays, sizes at random, the same every time. */
function session(count: number): Sample[] {
  let bits = 20_240_603;
  const random = (below: number) => {
    bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((bits / 4_294_967_296) * below);
  };
  let price = 71_300;
  return Array.from({ length: count }, (_, i) => {
    price += [-100, 0, 0, 100][random(4)];
    const sample = new Sample();
    sample.timeUs = 1_717_372_800_000_000 + i * 1_000;
    sample.open = sample.high = sample.low = sample.close = price;
    sample.volume = 1 + random(500);
    sample.bidPrice = price - 100;
    sample.askPrice = price;
    sample.bidSize = 1 + random(10_000);
    sample.askSize = 1 + random(10_000);
    return sample;
  });
}

/** The best round of each, in ns a tick: rounds alternate, so that both meet the same disturbances. */
function nsPerTick(samples: readonly Sample[], ticks: readonly Tick[]): number[] {
  const best = ticks.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    ticks.forEach((tick, k) => {
      const startUs = monotonicUs();
      for (let i = 0; i < TICKS_PER_ROUND; i++) tick(samples[i % samples.length]);
      const ns = ((monotonicUs() - startUs) * 1_000) / TICKS_PER_ROUND;
      if (round >= WARM_UP_ROUNDS) best[k] = Math.min(best[k], ns);
    });
  }
  return best;
}

/** Bytes of heap a tick, the median of short rounds: few of them meet the collector. */
function bytesPerTick(samples: readonly Sample[], tick: Tick): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < TICKS_PER_HEAP_ROUND; i++) tick(samples[i]);
    return (process.memoryUsage().heapUsed - before) / TICKS_PER_HEAP_ROUND;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

/** @returns a row for all together (also: replacing, reading the values, bytes) and one for each alone. */
export function benchIndicators(): IndicatorBenchRow[] {
  const samples = session(4_093);
  const rows: IndicatorBenchRow[] = [];
  const add = (name: string, value: number, unit: string, baseline: number, baselineName = BASELINE_NAME) =>
    rows.push({ name, value, unit, baseline, baselineName, ratio: baseline / value });
  const compare = (name: string, tick: Tick, baseline: Tick) => {
    const [value, baselineNs] = nsPerTick(samples, [tick, baseline]);
    add(name, value, 'ns/tick', baselineNs);
  };

  // The set first, as it runs in the engine: nothing else has yet used the same code.
  const set = new IndicatorSet();
  const out = new Float64Array(set.names.length);
  const together: Tick = (sample) => {
    set.updateTrade(sample);
    set.updateBook(sample);
  };
  const readToo: Tick = (sample) => {
    together(sample);
    set.write(out);
  };
  const straightforward = Object.values(straightforwardIndicators());
  const straightforwardTogether: Tick = (sample) => straightforward.map((tick) => tick(sample));
  compare('12 indicators, a trade and a book', together, straightforwardTogether);
  compare('12 indicators and their values', readToo, straightforwardTogether);
  const ownBytes = bytesPerTick(samples, readToo);
  const baselineBytes = bytesPerTick(samples, straightforwardTogether);
  compare('10 of a trade, appended', (sample) => set.updateTrade(sample), straightforwardTogether);
  compare('10 of a trade, replaced', (sample) => set.replaceTrade(sample), straightforwardTogether);

  const alone = straightforwardIndicators();
  for (const definition of defaultIndicators()) {
    const indicator = new Fold(definition);
    compare(`${definition.name} alone`, (sample) => indicator.update(sample), alone[definition.name]);
  }
  rows.push({
    name: '12 indicators and their values: allocated',
    value: ownBytes,
    unit: 'bytes/tick',
    baseline: baselineBytes,
    baselineName: BASELINE_NAME,
    ratio: baselineBytes / ownBytes,
  });
  return rows;
}

const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);

/** Keeps the last `length` of what it is given. */
function windowOf(length: number): (x: number) => number[] {
  const xs: number[] = [];
  return (x) => {
    xs.push(x);
    if (xs.length > length) xs.shift();
    return xs;
  };
}

function mean(length: number): (x: number) => number {
  const window = windowOf(length);
  return (x) => {
    const xs = window(x);
    return sum(xs) / xs.length;
  };
}

function exponential(weight: number): (x: number) => number {
  let value: number | undefined;
  return (x) => {
    value = value === undefined ? x : value * (1 - weight) + x * weight;
    return value;
  };
}

/** Gives the step the sample before, too. */
function withPrevious(step: (sample: Sample, previous: Sample) => unknown): Tick {
  let previous: Sample | undefined;
  return (sample) => {
    const result = previous && step(sample, previous);
    previous = sample;
    return result;
  };
}

/** The same twelve as one would first write them; warm-up, replace and bad samples are left out. */
function straightforwardIndicators(): Record<string, Tick> {
  const sma20 = mean(20);
  const ema20 = exponential(2 / 21);
  const [gain, loss, range] = [exponential(1 / 14), exponential(1 / 14), exponential(1 / 14)];
  const [fast, slow, signal] = [exponential(2 / 13), exponential(2 / 27), exponential(2 / 10)];
  const [bb, roc, squares, flows] = [windowOf(20), windowOf(11), windowOf(60), windowOf(50)];
  let [turnover, volume, obv] = [0, 0, 0];
  return {
    sma20: (s) => sma20(s.close),
    ema20: (s) => ema20(s.close),
    rsi14: withPrevious((s, p) => {
      const [up, down] = [gain(Math.max(s.close - p.close, 0)), loss(Math.max(p.close - s.close, 0))];
      return 100 - 100 / (1 + up / down);
    }),
    'macd12-26-9': (s) => {
      const macd = fast(s.close) - slow(s.close);
      const line = signal(macd);
      return { macd, signal: line, histogram: macd - line };
    },
    'bb20-2': (s) => {
      const xs = bb(s.close);
      const middle = sum(xs) / xs.length;
      const deviation = Math.sqrt(sum(xs.map((x) => (x - middle) * (x - middle))) / xs.length);
      return { middle, upper: middle + 2 * deviation, lower: middle - 2 * deviation };
    },
    atr14: withPrevious((s, p) =>
      range(Math.max(s.high - s.low, Math.abs(s.high - p.close), Math.abs(s.low - p.close))),
    ),
    vwap: (s) => {
      turnover += s.close * s.volume;
      volume += s.volume;
      return turnover / volume;
    },
    obv: withPrevious((s, p) => {
      obv += Math.sign(s.close - p.close) * s.volume;
      return obv;
    }),
    roc10: (s) => {
      const xs = roc(s.close);
      return 100 * (s.close / xs[0] - 1);
    },
    rv60: withPrevious((s, p) => {
      const logReturn = Math.log(s.close / p.close);
      return Math.sqrt(sum(squares(logReturn * logReturn)));
    }),
    ofi50: withPrevious((s, p) => {
      let flow = 0;
      if (s.bidPrice >= p.bidPrice) flow += s.bidSize;
      if (s.bidPrice <= p.bidPrice) flow -= p.bidSize;
      if (s.askPrice <= p.askPrice) flow -= s.askSize;
      if (s.askPrice >= p.askPrice) flow += p.askSize;
      return sum(flows(flow));
    }),
    bi: (s) => (s.bidSize - s.askSize) / (s.bidSize + s.askSize),
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, baseline, ratio } of benchIndicators()) {
    const line = `${name.padEnd(44)} ${value.toFixed(1).padStart(8)} ${unit}   ${baseline.toFixed(1).padStart(9)}`;
    process.stdout.write(`${line} ${BASELINE_NAME}   ${ratio.toFixed(1)}×\n`);
  }
}
