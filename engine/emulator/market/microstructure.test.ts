// That the simulated market has the statistics of a real one where the engine's models look: books, imbalance, spread,
// common movement. Everything is seeded, so each number here is the same on every run.
import { beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { DEFAULT_UNIVERSE, findInstrument, type Instrument } from '../../../config/instruments.ts';
import { isOnGrid } from '../../../config/tick-table.ts';
import { Market } from './market.ts';
import { drainTrades } from './test-identities.ts';

const MINUTES = 40;
const SAMPLES_PER_SECOND = 5;

interface Observed {
  readonly instrument: Instrument;
  readonly mids: number[];
  /** (bid − ask) / (bid + ask) at the best prices. */
  readonly imbalances: number[];
  readonly tickSpreads: boolean[];
  crossed: number;
  readonly trades: { readonly priceWon: number; readonly second: string; readonly buy: boolean }[];
}

const observed: Observed[] = [];

beforeAll(() => {
  const instruments = DEFAULT_UNIVERSE.map((code) => findInstrument(code) as Instrument);
  const market = new Market({ seed: 11, instruments, startTimeUs: kstToUtcUs(20261123, 10 * 3600) });
  for (const instrument of instruments) {
    observed.push({ instrument, mids: [], imbalances: [], tickSpreads: [], crossed: 0, trades: [] });
  }
  for (let sample = 0; sample < MINUTES * 60 * SAMPLES_PER_SECOND; sample++) {
    market.advanceBy(1_000_000 / SAMPLES_PER_SECOND);
    for (const one of observed) {
      const quote = market.quote(one.instrument.code);
      const [bid, ask] = [quote.bids[0], quote.asks[0]];
      one.mids.push((bid.priceWon + ask.priceWon) / 2);
      one.imbalances.push((bid.size - ask.size) / (bid.size + ask.size));
      one.tickSpreads.push(ask.priceWon - bid.priceWon === quote.tickSizeWon);
      if (ask.priceWon <= bid.priceWon) one.crossed++;
      for (const record of drainTrades(market, one.instrument.code)) {
        const fields = record.split('^');
        one.trades.push({ priceWon: Number(fields[2]), second: fields[1], buy: fields[21] === '1' });
      }
    }
  }
});

/** Returns of the mid price over stretches of so many seconds. */
function returns(mids: readonly number[], seconds: number): number[] {
  const step = seconds * SAMPLES_PER_SECOND;
  const result: number[] = [];
  for (let at = step; at < mids.length; at += step) result.push(Math.log(mids[at] / mids[at - step]));
  return result;
}

function correlation(one: readonly number[], two: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanOne, meanTwo] = [mean(one), mean(two)];
  let [covariance, varianceOne, varianceTwo] = [0, 0, 0];
  for (const [at, value] of one.entries()) {
    covariance += (value - meanOne) * (two[at] - meanTwo);
    varianceOne += (value - meanOne) * (value - meanOne);
    varianceTwo += (two[at] - meanTwo) * (two[at] - meanTwo);
  }
  return covariance / Math.sqrt(varianceOne * varianceTwo);
}

describe('the simulated market', () => {
  it('lets the imbalance of the best queues call the next mid move 60 to 85 times in a hundred', () => {
    let [right, calls] = [0, 0];
    for (const { mids, imbalances } of observed) {
      let nextMove = 0;
      for (let at = mids.length - 2; at >= 0; at--) {
        if (mids[at + 1] !== mids[at]) nextMove = Math.sign(mids[at + 1] - mids[at]);
        if (nextMove === 0 || imbalances[at] === 0) continue;
        calls++;
        if (Math.sign(imbalances[at]) === nextMove) right++;
      }
    }
    expect(calls).toBeGreaterThan(100_000);
    expect(right / calls).toBeGreaterThan(0.6);
    expect(right / calls).toBeLessThan(0.85);
  });

  it('has a spread of one tick most of the time, and never a crossed book', () => {
    for (const { tickSpreads, crossed } of observed) {
      const share = tickSpreads.filter(Boolean).length / tickSpreads.length;
      expect(share).toBeGreaterThan(0.7);
      expect(share).toBeLessThan(1);
      expect(crossed).toBe(0);
    }
  });

  it('moves together, the more so within a sector', () => {
    const bySymbol = observed.map(({ mids }) => returns(mids, 60));
    const sameSector: number[] = [];
    const all: number[] = [];
    for (let one = 0; one < observed.length; one++) {
      for (let two = 0; two < one; two++) {
        const value = correlation(bySymbol[one], bySymbol[two]);
        all.push(value);
        if (observed[one].instrument.sector === observed[two].instrument.sector) sameSector.push(value);
      }
    }
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(all)).toBeGreaterThan(0.05);
    expect(mean(sameSector)).toBeGreaterThan(mean(all));
  });

  it('is as volatile as stocks are', () => {
    for (const { mids } of observed) {
      const squares = returns(mids, 300).map((value) => value * value);
      const daily = Math.sqrt((squares.reduce((sum, square) => sum + square, 0) / squares.length) * (22_800 / 300));
      expect(daily).toBeGreaterThan(0.005);
      expect(daily).toBeLessThan(0.05);
    }
  });

  it('trades in clusters and at the rates of its instruments', () => {
    const [samsung] = observed;
    const seconds = MINUTES * 60;
    expect(samsung.trades.length / seconds).toBeGreaterThan(15);
    expect(samsung.trades.length / seconds).toBeLessThan(30);
    for (const { trades } of observed) expect(trades.length / seconds).toBeGreaterThan(0.3);
    const counts = new Map<string, number>();
    for (const { second } of samsung.trades) counts.set(second, (counts.get(second) ?? 0) + 1);
    const mean = samsung.trades.length / seconds;
    let variance = (seconds - counts.size) * mean * mean;
    for (const count of counts.values()) variance += (count - mean) * (count - mean);
    // A Poisson process has variance = mean.
    expect(variance / seconds / mean).toBeGreaterThan(3);
  });

  it('prints midpoint trades now and then, always half a tick off the grid', () => {
    const trades = observed.flatMap((one) => one.trades);
    const midpoints = trades.filter(({ priceWon }) => !isOnGrid(priceWon, false));
    expect(midpoints.length / trades.length).toBeGreaterThan(0.002);
    expect(midpoints.length / trades.length).toBeLessThan(0.05);
    for (const { priceWon } of midpoints) expect(isOnGrid(priceWon)).toBe(true);
    expect(new Set(midpoints.map(({ buy }) => buy)).size).toBe(2);
  });
});
