// The stylised facts of a simulated day, measured: what is known of real returns and order flow (R. Cont, "Empirical
// properties of asset returns: stylized facts and statistical issues", 2001) and what makes the market worth predicting.
// The means are over two days of fixed seeds, so each number is the same on every run; a single day may lie far off, as
// real ones do. The bounds are wide; README.md gives what other seeds show.
import { beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { findInstrument, type Instrument } from '../../../config/instruments.ts';
import { Market } from './market.ts';

const DATE = 20261123;
const OPEN = 9 * 3600;
const SECONDS = 22_800;
/** Three sectors, three stocks each. */
const CODES = ['373220', '006400', '003670', '105560', '055550', '086790', '005380', '000270', '012330'];
const STEP_SECONDS = 10;
const SEEDS = [1, 2];

/** By day and stock: mid every ten seconds, trades of each second, whether the spread was one tick. */
const mids: number[][] = [];
const counts: number[][] = [];
const tickSpreads: boolean[][] = [];
const indexLevels: number[] = [];
let market: Market;
const instruments = CODES.map((code) => findInstrument(code) as Instrument);

beforeAll(() => {
  for (const seed of SEEDS) playDay(seed);
});

function playDay(seed: number): void {
  market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(DATE, OPEN) });
  const day = CODES.map((code) => {
    market.watch(code, 'KRX', false);
    return { code, mids: [] as number[], counts: [] as number[], tickSpreads: [] as boolean[], before: 0 };
  });
  for (let second = 1; second < SECONDS; second++) {
    market.advanceTo(kstToUtcUs(DATE, OPEN + second));
    for (const stock of day) {
      const { bids, asks, sellTrades, buyTrades, tickSizeWon } = market.quote(stock.code);
      stock.counts.push(sellTrades + buyTrades - stock.before);
      stock.before = sellTrades + buyTrades;
      stock.tickSpreads.push(asks[0].priceWon - bids[0].priceWon <= tickSizeWon);
      if (second % STEP_SECONDS === 0) stock.mids.push((bids[0].priceWon + asks[0].priceWon) / 2);
    }
    if (second % 60 === 0) indexLevels.push(market.indexQuote('0001').level);
  }
  mids.push(...day.map((stock) => stock.mids));
  counts.push(...day.map((stock) => stock.counts));
  tickSpreads.push(...day.map((stock) => stock.tickSpreads));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function covariance(one: readonly number[], two: readonly number[]): number {
  const [meanOne, meanTwo] = [mean(one), mean(two)];
  return mean(one.map((value, at) => (value - meanOne) * (two[at] - meanTwo)));
}

function correlation(one: readonly number[], two: readonly number[]): number {
  return covariance(one, two) / Math.sqrt(covariance(one, one) * covariance(two, two));
}

function autocorrelation(values: readonly number[], lag: number): number {
  return correlation(values.slice(lag), values.slice(0, -lag));
}

/** Log returns of the mid over so many seconds. */
function returnsOf(path: readonly number[], seconds: number): number[] {
  const step = seconds / STEP_SECONDS;
  const result: number[] = [];
  for (let at = step; at < path.length; at += step) result.push(Math.log(path[at] / path[at - step]));
  return result;
}

function sums(values: readonly number[], width: number): number[] {
  return Array.from({ length: Math.floor(values.length / width) }, (_, at) => {
    return values.slice(at * width, (at + 1) * width).reduce((sum, value) => sum + value, 0);
  });
}

describe('a simulated day', () => {
  it('has volatility that clusters: large moves follow large moves, whichever way', () => {
    const clustering = mids.map((path) => {
      const absolute = returnsOf(path, 60).map(Math.abs);
      return mean([1, 2, 3, 4, 5].map((lag) => autocorrelation(absolute, lag)));
    });
    expect(mean(clustering)).toBeGreaterThan(0.05);
    expect(mean(clustering)).toBeLessThan(0.6);
  });

  it('has returns that hardly remember their direction: a little of each move is taken back, as quotes bounce', () => {
    const memory = mids.map((path) => autocorrelation(returnsOf(path, 60), 1));
    expect(mean(memory)).toBeGreaterThan(-0.35);
    expect(mean(memory)).toBeLessThan(0.1);
  });

  it('has fat tails', () => {
    const kurtosis = mids.map((path) => {
      const returns = returnsOf(path, 60);
      const variance = covariance(returns, returns);
      return mean(returns.map((value) => (value * value * value * value) / (variance * variance)));
    });
    expect(mean(kurtosis)).toBeGreaterThan(3.5);
    expect(mean(kurtosis)).toBeLessThan(40);
  });

  it('has a flat signature: the variance of a day hardly depends on how often one looks', () => {
    const realized = (seconds: number): number => {
      return mean(mids.map((path) => returnsOf(path, seconds).reduce((sum, value) => sum + value * value, 0)));
    };
    const ratio = realized(10) / realized(300);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(3);
    expect(Math.sqrt(realized(300))).toBeGreaterThan(0.008);
    expect(Math.sqrt(realized(300))).toBeLessThan(0.05);
  });

  it('trades in clusters, the more so over longer times, as a self-exciting process does and a Poisson one does not', () => {
    const fano = (width: number): number => {
      return mean(
        counts.map((perSecond) => {
          const grouped = sums(perSecond, width);
          return covariance(grouped, grouped) / mean(grouped);
        }),
      );
    };
    expect(fano(1)).toBeGreaterThan(3);
    expect(fano(10)).toBeGreaterThan(1.25 * fano(1));
    expect(fano(10)).toBeLessThan(200);
  });

  it('trades more when it moves more', () => {
    const together = mids.map((path, at) => {
      const absolute = returnsOf(path, 300).map(Math.abs);
      return correlation(absolute, sums(counts[at], 300).slice(0, absolute.length));
    });
    expect(mean(together)).toBeGreaterThan(0.1);
  });

  it('is busiest after the open and again before the close', () => {
    const halfHours = sums(
      counts[0].map((_, second) => counts.reduce((sum, perSecond) => sum + perSecond[second], 0)),
      1800,
    );
    const [first, last, middle] = [halfHours[0], halfHours[halfHours.length - 1], mean(halfHours.slice(4, 9))];
    expect(first / middle).toBeGreaterThan(1.3);
    expect(last / middle).toBeGreaterThan(1);
  });

  it('has a spread of one tick most of the time', () => {
    for (const spreads of tickSpreads) {
      const share = spreads.filter(Boolean).length / spreads.length;
      expect(share).toBeGreaterThan(0.6);
      expect(share).toBeLessThan(1);
    }
  });

  it('moves together, within a sector most of all', () => {
    const returns = mids.map((path) => returnsOf(path, 300));
    const [within, across]: [number[], number[]] = [[], []];
    for (let one = 0; one < mids.length; one++) {
      // Pairs of one day only.
      for (let two = one - (one % CODES.length); two < one; two++) {
        const same = instruments[one % CODES.length].sector === instruments[two % CODES.length].sector;
        (same ? within : across).push(correlation(returns[one], returns[two]));
      }
    }
    expect(mean(across)).toBeGreaterThan(0.1);
    expect(mean(within)).toBeGreaterThan(mean(across) + 0.1);
    expect(mean(within)).toBeLessThan(0.95);
  });

  it('does 15 to 30 in a hundred of its volume at NXT', () => {
    for (const code of CODES) {
      const share = market.quote(code, 'NXT').volume / market.quote(code, 'UN').volume;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.3);
    }
  });

  it('has an index that is its members, weighted by their value', () => {
    const weights = instruments.map(({ code, listedShares }) => market.quote(code).previousCloseWon * listedShares);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const moved = CODES.reduce((sum, code, at) => {
      const { priceWon, previousCloseWon } = market.quote(code);
      return sum + (weights[at] / total) * (priceWon / previousCloseWon - 1);
    }, 0);
    const { level, previousClose } = market.indexQuote('0001');
    expect(level / previousClose - 1).toBeCloseTo(moved, 4);
    expect(new Set(indexLevels).size).toBeGreaterThan(300);
  });
});
