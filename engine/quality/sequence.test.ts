import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRICE_SCALE, SIDE_AUCTION, SIDE_BUY, SIDE_SELL, TradeColumns } from '../decode/records.ts';
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
    columns.timeSeconds[r] = 36_000 + r;
    columns.side[r] = one.buy ? SIDE_BUY : SIDE_SELL;
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
        const before = sequence.save();
        expect(sequence.accept(columns, at % trades.length)).toBe('duplicate');
        expect(sequence.save().last).toEqual(before.last);
        expect(sequence.missingShares).toBe(0);
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

  it('tells loss, lateness and repetition apart whatever the order, to the share', () => {
    const fate = fc.constantFrom('kept', 'kept', 'kept', 'lost', 'swapped', 'repeated');
    fc.assert(
      fc.property(fc.array(fc.tuple(trade, fate), { minLength: 3, maxLength: 60 }), (trades) => {
        const columns = day(trades.map(([one]) => one));
        const order: number[] = [];
        let lostShares = 0;
        let last = trades.length - 1;
        while (last > 0 && trades[last][1] === 'lost') last -= 1; // Nobody knows of a loss behind the last record.
        for (let r = 0; r <= last; r++) {
          const [one, what] = trades[r];
          if (what === 'lost' && r > 0) lostShares += one.volume;
          else if (what === 'swapped' && r > 0 && r < last && trades[r + 1][1] !== 'lost') order.push(r + 1, r++);
          else if (what === 'repeated') order.push(r, r);
          else order.push(r);
        }
        const sequence = new TradeSequence();
        const taken = new Set<number>();
        let missing = 0;
        for (const r of order) {
          const verdict = sequence.accept(columns, r);
          if (verdict === 'gap') missing += sequence.gap.shares;
          if (verdict === 'late') missing -= sequence.gap.shares;
          expect(verdict === 'duplicate').toBe(taken.has(r));
          taken.add(r);
        }
        expect(missing).toBe(lostShares);
        expect(sequence.missingShares).toBe(lostShares);
      }),
    );
  });

  it('shows what was lost before the first record of a day that it heard from its beginning', () => {
    const columns = day([{ price: 70_000, volume: 10, buy: true }]);
    expect(new TradeSequence().accept(columns, 0)).toBe('first');
    const sequence = new TradeSequence();
    expect(sequence.accept(columns, 0, 0, true)).toBe('gap');
    expect(sequence.gap).toEqual({ shares: 1000, turnoverWon: 5_000_000, trades: 7 });
    columns.accumulatedVolume[0] = 10;
    expect(new TradeSequence().accept(columns, 0, 0, true)).toBe('first');
  });

  it('takes what nobody could see between two sessions for no loss, but a lost trade for one', () => {
    const trades = [
      { price: 70_000, volume: 10, buy: true },
      { price: 70_000, volume: 20, buy: true },
    ];
    const quiet = day(trades);
    quiet.accumulatedVolume[1] += 500;
    quiet.accumulatedTurnover[1] += 500 * 70_000;
    for (const [session, verdict] of [
      [0, 'gap'],
      [1, 'between_sessions'],
    ] as const) {
      const sequence = new TradeSequence();
      sequence.accept(quiet, 0);
      expect(sequence.accept(quiet, 1, session)).toBe(verdict);
      expect(sequence.gap).toEqual({ shares: 500, turnoverWon: 35_000_000, trades: 0 });
    }
    quiet.buyTrades[1] += 1;
    const sequence = new TradeSequence();
    sequence.accept(quiet, 0);
    expect(sequence.accept(quiet, 1, 1)).toBe('gap');
  });

  it('takes what comes late from between two sessions for new, but for no part of a gap', () => {
    const trades = Array.from({ length: 4 }, () => ({ price: 70_000, volume: 10, buy: true }));
    const columns = day(trades);
    for (const r of [1, 2]) columns.side[r] = SIDE_AUCTION;
    for (const r of [1, 2, 3]) columns.buyTrades[r] = columns.buyTrades[0] + (r === 3 ? 1 : 0);
    const sequence = new TradeSequence();
    expect([sequence.accept(columns, 0), sequence.accept(columns, 3, 1)]).toEqual(['first', 'between_sessions']);
    expect(sequence.missingShares).toBe(0);
    expect([sequence.accept(columns, 2), sequence.gap.shares]).toEqual(['late', 0]);
    expect([sequence.accept(columns, 2), sequence.accept(columns, 1)]).toEqual(['duplicate', 'late']);
  });

  it('does not count an auction as a trade', () => {
    const columns = day([
      { price: 70_000, volume: 10, buy: true },
      { price: 70_000, volume: 20, buy: true },
    ]);
    columns.side[1] = SIDE_AUCTION;
    columns.accumulatedVolume[1] += 7;
    const sequence = new TradeSequence();
    sequence.accept(columns, 0);
    expect(sequence.accept(columns, 1)).toBe('gap');
    expect(sequence.gap.trades).toBe(1);
  });

  it('believes a correction once the next record goes on from it', () => {
    const trades = Array.from({ length: 6 }, () => ({ price: 70_000, volume: 10, buy: true }));
    const columns = day(trades);
    for (const r of [3, 4, 5]) columns.accumulatedVolume[r] -= 25;
    const sequence = new TradeSequence();
    const verdicts = [0, 1, 2, 3, 4, 5].map((r) => sequence.accept(columns, r));
    expect(verdicts).toEqual(['first', 'next', 'next', 'duplicate', 'correction', 'next']);
  });

  it('finds a loss behind the last record from the totals of the day', () => {
    const columns = day([{ price: 70_000, volume: 10, buy: true }]);
    const sequence = new TradeSequence();
    sequence.accept(columns, 0);
    expect(sequence.closeDay(20261122, 9999, 9999)).toBe(false);
    expect(sequence.closeDay(20261123, 1010, 5_700_000)).toBe(false);
    expect(sequence.closeDay(20261123, 1500, 40_000_000)).toBe(true);
    expect(sequence.gap).toEqual({ shares: 490, turnoverWon: 34_300_000, trades: 0 });
    expect(sequence.closeDay(20261123, 1500, 40_000_000)).toBe(false);
  });

  it('takes a record that was still on its way at the close for late, not for a duplicate', () => {
    const trades = [10, 20, 30].map((volume) => ({ price: 70_000, volume, buy: true }));
    const columns = day(trades);
    const sequence = new TradeSequence();
    sequence.accept(columns, 0);
    sequence.closeDay(20261123, columns.accumulatedVolume[2], columns.accumulatedTurnover[2]);
    expect([1, 2].map((r) => sequence.accept(columns, r))).toEqual(['late', 'late']);
    expect(sequence.missingShares).toBe(0);
  });

  it('goes on from what it saved', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 4, maxLength: 40 }), fc.nat(), (trades, cut) => {
        const columns = day(trades);
        const order = trades.map((_, r) => r).filter((r) => r % 5 !== 2);
        const one = new TradeSequence();
        let other = new TradeSequence();
        for (const [i, r] of [...order, 2, 0].entries()) {
          if (i === cut % order.length) {
            const saved = structuredClone(other.save());
            other = new TradeSequence();
            other.load(saved);
          }
          expect(other.accept(columns, r)).toBe(one.accept(columns, r));
        }
      }),
    );
  });
});
