import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kstDate, kstToUtcUs } from '../../../config/calendar.ts';
import { DEFAULT_UNIVERSE, findInstrument, INSTRUMENTS, type Instrument } from '../../../config/instruments.ts';
import { sessionAt } from '../../../config/sessions.ts';
import { isOnGrid, priceLimits, tickSize } from '../../../config/tick-table.ts';
import { Market } from './market.ts';
import type { MarketOptions } from './market-options.ts';
import { drainTrades } from './test-identities.ts';

const SECOND_US = 1_000_000;
const TEN_OCLOCK_US = kstToUtcUs(20261123, 10 * 3600);
const UNIVERSE = DEFAULT_UNIVERSE.map((code) => findInstrument(code) as Instrument);

function market(options: Partial<MarketOptions> = {}): Market {
  return new Market({ seed: 7, instruments: UNIVERSE, startTimeUs: TEN_OCLOCK_US, ...options });
}

const VENUES = ['KRX', 'NXT', 'UN'] as const;

/** All there is to be seen of a market: undrained trades, books and indices. */
function everything(of: Market): string[] {
  return of.codes.flatMap((code) =>
    VENUES.flatMap((venue) => [
      ...drainTrades(of, code, venue),
      of.bookPayload(code, venue),
      String(of.bookRevision(code, venue)),
    ]),
  );
}

describe('time', () => {
  it('starts where it is told within a session, and at the next open otherwise', () => {
    expect(market().timeUs).toBe(TEN_OCLOCK_US);
    const at = (date: number, hour: number): number => market({ startTimeUs: kstToUtcUs(date, hour * 3600) }).timeUs;
    expect(at(20261123, 8)).toBe(kstToUtcUs(20261123, 9 * 3600));
    expect(at(20261123, 15.5)).toBe(kstToUtcUs(20261124, 9 * 3600));
    expect(at(20261225, 11)).toBe(kstToUtcUs(20261228, 9 * 3600));
  });

  it('jumps from the close to the next trading day, and there the day starts anew', () => {
    const closeUs = kstToUtcUs(20261224, 15 * 3600 + 20 * 60);
    const friday = market({ startTimeUs: closeUs - 60 * SECOND_US, instruments: INSTRUMENTS });
    friday.advanceTo(closeUs - 1);
    const before = new Map(friday.codes.map((code) => [code, friday.quote(code)]));
    for (const code of friday.codes) drainTrades(friday, code);
    friday.advanceTo(closeUs);
    expect(friday.timeUs).toBe(kstToUtcUs(20261228, 9 * 3600));
    expect(friday.businessDate).toBe(20261228);
    for (const code of friday.codes) {
      const records = drainTrades(friday, code).map((record) => record.split('^'));
      const [auction] = records.slice(-1);
      const quote = friday.quote(code);
      const old = before.get(code)!;
      // The last trade may be a midpoint; the last one on the grid, at which the day closes, was a tick or so away.
      expect(Math.abs(quote.previousCloseWon - old.priceWon)).toBeLessThanOrEqual(2 * tickSize(old.priceWon));
      expect(isOnGrid(quote.previousCloseWon, false)).toBe(true);
      expect(quote.previousVolume).toBeGreaterThanOrEqual(old.volume);
      expect([quote.sellTrades, quote.buyTrades, quote.openWon]).toEqual([0, 0, quote.priceWon]);
      expect(auction.slice(12, 17)).toEqual([
        String(quote.volume),
        String(quote.volume),
        String(quote.turnoverWon),
        '0',
        '0',
      ]);
      expect([auction[1], auction[21], auction[33]]).toEqual(['090000', '3', '20261228']);
    }
  });

  it('goes on over closes when advanced by a duration', () => {
    const wednesday = market({
      startTimeUs: kstToUtcUs(20261223, 15 * 3600 + 19 * 60),
      instruments: UNIVERSE.slice(18),
    });
    wednesday.advanceBy(90 * SECOND_US);
    expect(wednesday.timeUs).toBe(kstToUtcUs(20261224, 9 * 3600 + 30));
    wednesday.advanceBy(22_800 * SECOND_US);
    expect(wednesday.timeUs).toBe(kstToUtcUs(20261228, 9 * 3600 + 30));
  });

  it('never leaves the continuous session', () => {
    const start = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 1) }).map((ms) => ms * 1000);
    fc.assert(
      fc.property(start, (startTimeUs) => {
        const { timeUs, businessDate } = market({ startTimeUs, instruments: UNIVERSE.slice(0, 1) });
        expect(kstDate(timeUs)).toBe(businessDate);
        expect(sessionAt(timeUs)).toBe('continuous');
        expect(timeUs).toBeGreaterThanOrEqual(startTimeUs);
      }),
      { numRuns: 50 },
    );
  });

  it('ignores times that have passed', () => {
    const one = market();
    one.advanceTo(TEN_OCLOCK_US + SECOND_US);
    const before = everything(one);
    one.advanceTo(TEN_OCLOCK_US);
    one.advanceBy(-5);
    expect(one.timeUs).toBe(TEN_OCLOCK_US + SECOND_US);
    expect(everything(one).filter((text) => before.includes(text)).length).toBeGreaterThanOrEqual(2 * one.codes.length);
  });
});

describe('determinism', () => {
  it('gives the same records whatever the steps, across a close too', () => {
    const lengthUs = 40 * SECOND_US;
    const startTimeUs = kstToUtcUs(20261123, 15 * 3600 + 19 * 60 + 40);
    const options = { startTimeUs, instruments: UNIVERSE.slice(0, 5), activity: 3 };
    const steps = fc.array(fc.integer({ min: 1, max: 3_000_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer(), steps, (seed, durations) => {
        const whole = market({ ...options, seed });
        whole.advanceBy(lengthUs);
        const stepped = market({ ...options, seed });
        let leftUs = lengthUs;
        for (const durationUs of durations) {
          const stepUs = Math.min(durationUs, leftUs);
          stepped.advanceBy(stepUs);
          leftUs -= stepUs;
        }
        stepped.advanceBy(leftUs);
        expect(stepped.timeUs).toBe(whole.timeUs);
        expect(stepped.indexPayload('0001')).toBe(whole.indexPayload('0001'));
        expect(everything(stepped)).toEqual(everything(whole));
      }),
      { numRuns: 15 },
    );
  });

  it('gives the same records whatever the steps, through auctions, pauses and interruptions', () => {
    const lengthUs = 60 * SECOND_US;
    const clocks = ['08:29:50', '08:49:50', '08:59:45', '10:00:00', '15:19:50', '15:29:50', '15:39:50', '19:59:40'];
    const start = fc.constantFrom(...clocks).map((clock) => {
      const [hour, minute, second] = clock.split(':').map(Number);
      return hour * 3600 + minute * 60 + second;
    });
    const steps = fc.array(fc.integer({ min: 1, max: 9_000_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer(), start, steps, (seed, second, durations) => {
        const events = [{ second: second + 5, event: { type: 'volatility_interruption', code: '005930' } as const }];
        const instruments = UNIVERSE.slice(0, 3);
        const startTimeUs = kstToUtcUs(20261123, second);
        const [whole, stepped] = [0, 1].map(() => market({ seed, instruments, startTimeUs, sessions: 'all', events }));
        for (const one of [whole, stepped]) for (const code of one.codes) one.watch(code, 'UN', true);
        whole.advanceBy(lengthUs);
        let leftUs = lengthUs;
        for (const durationUs of durations) {
          const stepUs = Math.min(durationUs, leftUs);
          stepped.advanceBy(stepUs);
          leftUs -= stepUs;
        }
        stepped.advanceBy(leftUs);
        expect(everything(stepped)).toEqual(everything(whole));
        expect(stepped.drainStatus()).toEqual(whole.drainStatus());
        expect(stepped.expectedIndexPayload('0001')).toBe(whole.expectedIndexPayload('0001'));
      }),
      { numRuns: 25 },
    );
  });

  it('gives other records for another seed, and to each instrument its own', () => {
    const [one, two] = [market({ seed: 1 }), market({ seed: 2 })];
    for (const each of [one, two]) each.advanceBy(SECOND_US);
    expect(one.bookPayload('005930', 'KRX')).not.toBe(two.bookPayload('005930', 'KRX'));
    const sizes = UNIVERSE.map(({ code }) =>
      one.quote(code).bids.map(({ size }) => size / one.quote(code).bids[0].size),
    );
    expect(new Set(sizes.map(String)).size).toBe(UNIVERSE.length);
  });

  it('does not depend on who watches', () => {
    const [watched, unwatched] = [market(), market()];
    unwatched.watch('005930', 'KRX', false);
    for (const each of [watched, unwatched]) each.advanceBy(20 * SECOND_US);
    expect(unwatched.quote('005930')).toEqual(watched.quote('005930'));
    expect(drainTrades(unwatched, '005930')).toEqual([]);
  });
});

describe('start within a day', () => {
  it('finds all running numbers as if the day had been traded', () => {
    const anySecond = fc.integer({ min: 9 * 3600, max: 15 * 3600 + 20 * 60 - 1 });
    fc.assert(
      fc.property(anySecond, fc.integer(), (second, seed) => {
        const late = market({ seed, startTimeUs: kstToUtcUs(20261123, second), instruments: INSTRUMENTS });
        for (const code of late.codes) {
          const quote = late.quote(code);
          const average = quote.turnoverWon / quote.volume;
          expect(average).toBeGreaterThanOrEqual(quote.lowWon);
          expect(average).toBeLessThanOrEqual(quote.highWon);
          expect(quote.lowWon).toBeLessThanOrEqual(Math.min(quote.openWon, quote.priceWon));
          expect(quote.highWon).toBeGreaterThanOrEqual(Math.max(quote.openWon, quote.priceWon));
          expect(quote.volume).toBeGreaterThan(quote.sellVolume + quote.buyVolume);
          expect(quote.sellVolume).toBeGreaterThanOrEqual(quote.sellTrades);
          expect(quote.buyVolume).toBeGreaterThanOrEqual(quote.buyTrades);
          expect(quote.bids.length).toBe(10);
          expect(quote.asks.length).toBe(10);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('has done at noon about half of a usual day', () => {
    const noon = market({ startTimeUs: kstToUtcUs(20261123, 12 * 3600) });
    for (const code of noon.codes) {
      const share = noon.quote(code).volume / noon.quote(code).previousVolume;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.9);
    }
  });
});

describe('draining', () => {
  it('joins trades to runs without losing one, at both widths', () => {
    const [single, joined, narrow] = [market(), market(), market()];
    for (const each of [single, joined, narrow]) each.advanceBy(10 * SECOND_US);
    const records = drainTrades(single, '005930');
    const runs = joined.drainTradeRuns('005930', 'KRX', 7);
    expect(records.length).toBeGreaterThan(50);
    expect(runs.map(({ payload }) => payload).join('^')).toBe(records.join('^'));
    expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
    for (const { count, payload } of runs) expect(payload.split('^').length).toBe(47 * count);
    const wider = market();
    wider.advanceBy(10 * SECOND_US);
    expect(wider.drainTradeRuns('005930', 'KRX', 7, 48)[0].payload.split('^').length).toBe(48 * runs[0].count);
    const narrowRuns = narrow.drainTradeRuns('005930', 'KRX', 20, 46);
    for (const { count, payload } of narrowRuns) expect(payload.split('^').length).toBe(46 * count);
    expect(narrowRuns[0].payload.startsWith(records[0].slice(0, -2))).toBe(true);
    expect(drainTrades(single, '005930')).toEqual([]);
  });

  it('drops the backlog of an instrument nobody drains, and counts it', () => {
    const one = market({ pendingTradesMax: 100 });
    const before = one.quote('005930');
    one.advanceBy(60 * SECOND_US);
    const after = one.quote('005930');
    const traded = after.sellTrades + after.buyTrades - before.sellTrades - before.buyTrades;
    const pending = drainTrades(one, '005930').length;
    expect(pending).toBeLessThanOrEqual(100);
    expect(one.droppedTrades).toBeGreaterThanOrEqual(traded - pending);
    expect(traded).toBeGreaterThan(300);
  });

  it('starts afresh when a code is watched again', () => {
    const one = market();
    one.advanceBy(5 * SECOND_US);
    one.watch('005930', 'KRX', true);
    expect(drainTrades(one, '005930')).toEqual([]);
  });

  it('knows its instruments', () => {
    const one = market();
    expect(one.has('005930')).toBe(true);
    expect(one.has('999999')).toBe(false);
    expect(one.instrument('005930').nameKo).toBe('삼성전자');
    expect(() => one.quote('999999')).toThrow(RangeError);
    expect(() => market({ instruments: [UNIVERSE[0], UNIVERSE[0]] })).toThrow(RangeError);
  });
});

describe('market status', () => {
  it('is bounded where nobody drains it, and what is dropped is counted', () => {
    const events = Array.from({ length: 80 }, (_, at) => {
      return { second: 10 * 3600 + 1 + at, event: { type: 'sidecar', side: 'buy' } as const };
    });
    const one = market({ instruments: UNIVERSE.slice(0, 2), events });
    one.advanceBy(90 * SECOND_US);
    expect(one.drainStatus().length).toBe(64);
    expect(one.droppedStatuses).toBe(80 * 4 - 64);
  });
});

describe('limits', () => {
  it('are those of the previous close', () => {
    const one = market();
    for (const code of one.codes) {
      const { previousCloseWon, upperLimitWon, lowerLimitWon } = one.quote(code);
      expect({ lower: lowerLimitWon, upper: upperLimitWon }).toEqual(priceLimits(previousCloseWon));
    }
  });
});

describe('the market of seed 7', () => {
  it('is the same to the byte on every version of Node', () => {
    const one = market({ instruments: INSTRUMENTS });
    one.advanceBy(30 * SECOND_US);
    const digest = createHash('sha256').update(everything(one).join('\n')).digest('hex');
    // A change of the model changes the digest; a change of the platform must not.
    expect(digest).toBe('9881b93f90adc9caf521d4d4ec6359d45f8a3d28bb34c4cfe7986a17b06875e7');
  });
});
