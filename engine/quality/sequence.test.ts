import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRICE_SCALE, TradeColumns } from '../decode/records.ts';
import { TradeSequence } from './sequence.ts';

interface Trade {
  readonly price: number;
  readonly volume: number;
  readonly buy: boolean;
}
const trade = fc.record({
  price: fc.integer({ min: 1, max: 1_000_000 }),
  volume: fc.integer({ min: 1, max: 100_000 }),
  buy: fc.boolean(),
});

/** Columns of a day of trades, one record each, with the cumulative fields that KIS would send. */
function day(trades: readonly Trade[], businessDate = 20261123): TradeColumns {
  const columns = new TradeColumns();
  let [volume, turnover, sells, buys] = [1000, 5_000_000, 3, 4];
  for (const [r, one] of trades.entries()) {
    volume += one.volume;
    turnover += one.price * one.volume;
    if (one.buy) buys += 1;
    else sells += 1;
    columns.businessDate[r] = businessDate;
    columns.price[r] = one.price * PRICE_SCALE;
    columns.volume[r] = one.volume;
    columns.accumulatedVolume[r] = volume;
    columns.accumulatedTurnover[r] = turnover;
    columns.buyTrades[r] = buys;
    columns.sellTrades[r] = sells;
    columns.count = r + 1;
  }
  return columns;
}

describe('the sequence of trades', () => {
  it('tells every loss to the share, the won and the trade, and invents none', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(trade, fc.boolean()), { minLength: 2, maxLength: 60 }), (trades) => {
        const columns = day(trades.map(([one]) => one));
        const sequence = new TradeSequence();
        const lost = { shares: 0, turnoverWon: 0, trades: 0 };
        const found = { shares: 0, turnoverWon: 0, trades: 0 };
        let first = true;
        let pending = { shares: 0, turnoverWon: 0, trades: 0 };
        for (const [r, [one, isLost]] of trades.entries()) {
          if (isLost && !first) {
            pending.shares += one.volume;
            pending.turnoverWon += one.price * one.volume;
            pending.trades += 1;
            continue;
          }
          const verdict = sequence.accept(columns, r);
          expect(verdict).toBe(first ? 'first' : pending.trades > 0 ? 'gap' : 'next');
          if (verdict === 'gap') {
            for (const key of ['shares', 'turnoverWon', 'trades'] as const) {
              found[key] += sequence.gap[key];
              lost[key] += pending[key];
            }
          }
          pending = { shares: 0, turnoverWon: 0, trades: 0 };
          first = false;
        }
        expect(found).toEqual(lost);
      }),
    );
  });

  it('takes what it has seen, and what is older, as duplicates that change nothing', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 2, maxLength: 20 }), fc.nat(), (trades, at) => {
        const columns = day(trades);
        const sequence = new TradeSequence();
        for (let r = 0; r < trades.length; r++) sequence.accept(columns, r);
        const before = { ...sequence.last };
        expect(sequence.accept(columns, at % trades.length)).toBe('duplicate');
        expect(sequence.last).toEqual(before);
      }),
    );
  });

  it('begins anew with each day and each feed, and tells a contradiction from a gap', () => {
    const sequence = new TradeSequence();
    const trades = [
      { price: 70_000, volume: 10, buy: true },
      { price: 70_100, volume: 5, buy: false },
    ];
    sequence.accept(day(trades), 1);
    expect(sequence.accept(day(trades, 20261124), 0)).toBe('first');
    expect(sequence.accept(day(trades, 20261123), 1)).toBe('duplicate');
    sequence.reset();
    expect(sequence.accept(day(trades), 0)).toBe('first');
    const corrected = day(trades);
    corrected.volume[1] = 6;
    expect(sequence.accept(corrected, 1)).toBe('inconsistent');
  });
});
