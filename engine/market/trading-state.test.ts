// The state of trading over a day as the feed tells it, and what holds of it whatever is told, lost, late or repeated.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { calendarOverrides, kstToUtcUs } from '../../config/calendar.ts';
import { sessionAt } from '../../config/sessions.ts';
import type { MarketStatusRecord } from '../decode/records.ts';
import { MarketWideState } from './market-wide-state.ts';
import { SessionClock } from './session-clock.ts';
import { type MarketFields, TradingState } from './trading-state.ts';

const DATE = 20261123;
const SECOND_US = 1_000_000;

function at(clock: string, date = DATE): number {
  const [hour, minute, second = 0] = clock.split(':').map(Number);
  return kstToUtcUs(date, hour * 3600 + minute * 60 + second);
}

const hourClass = (letter: string): number => letter.charCodeAt(0);
const IN_SESSION = hourClass('0');

function statusRecord(fields: Partial<MarketStatusRecord> = {}): MarketStatusRecord {
  return {
    code: '005930',
    halted: false,
    haltReason: '',
    operation: '',
    expectedOperation: '',
    issueStatus: '55',
    volatilityInterruption: false,
    ...fields,
  };
}
const INTERRUPTION = statusRecord({ operation: 'AB1', expectedOperation: '311', volatilityInterruption: true });
const INTERRUPTION_OVER = statusRecord({ operation: 'AB1', expectedOperation: '112' });

let market: MarketWideState;
let state: TradingState;

beforeEach(() => {
  market = new MarketWideState();
  state = new TradingState({ clock: new SessionClock('KRX'), market });
});

const CONTINUOUS: MarketFields = {
  phase: 'continuous',
  halted: false,
  volatilityInterruption: false,
  circuitBreaker: false,
  sidecar: 'none',
  auction: false,
};

describe('a day', () => {
  it('says each session once', () => {
    const told: [string, string][] = [];
    for (let timeUs = at('00:00'); timeUs < at('24:00'); timeUs += 60 * SECOND_US) {
      if (state.advance(timeUs))
        told.push([new Date(timeUs / 1000 + 9 * 3_600_000).toISOString().slice(11, 16), state.phase]);
    }
    expect(told).toEqual([
      ['00:00', 'closed'],
      ['08:30', 'opening_auction'],
      ['09:00', 'continuous'],
      ['15:20', 'closing_auction'],
      ['15:30', 'closed'],
      ['15:40', 'after_hours'],
      ['16:00', 'after_market'],
      ['20:00', 'closed'],
    ]);
    expect([state.stoppedReason, state.continuous]).toEqual(['session', false]);
  });

  it('holds the auction until it has really ended', () => {
    state.book(hourClass('B'), at('08:59:59'));
    expect([state.advance(at('09:00')), state.phase, state.auction, state.continuous]).toEqual([
      true,
      'continuous',
      true,
      false,
    ]);
    expect([state.trade(IN_SESSION, 0, at('09:00:14')), state.stoppedReason]).toEqual([true, null]);
    expect([state.expected(at('09:00:14')), state.continuous]).toEqual([false, true]);
  });

  it('opens where KIS says so, and not where it says that it does not', () => {
    const clock = new SessionClock('KRX', calendarOverrides([{ date: DATE, open: false }]));
    const corrected = new TradingState({ clock });
    corrected.advance(at('10:00'));
    expect(corrected.phase).toBe('closed');
    clock.correct(calendarOverrides([]), at('10:00'));
    expect([corrected.advance(at('10:00')), corrected.phase]).toEqual([true, 'continuous']);
  });
});

describe('a volatility interruption', () => {
  beforeEach(() => {
    state.trade(IN_SESSION, 0, at('10:00'));
    expect(state.status(INTERRUPTION, at('10:00:10'))).toBe(true);
  });

  it('lasts from status to status', () => {
    expect(state.fields()).toEqual({ ...CONTINUOUS, volatilityInterruption: true, auction: true });
    expect(state.stoppedReason).toBe('volatility_interruption');
    expect(state.book(hourClass('C'), at('10:00:11'))).toBe(false);
    expect(state.expected(at('10:02'))).toBe(false);
    expect(state.status(INTERRUPTION_OVER, at('10:02:12'))).toBe(true);
    expect(state.fields()).toEqual(CONTINUOUS);
  });

  it('is not ended by a trade that was on its way', () => {
    expect([state.trade(IN_SESSION, 0, at('10:00:11')), state.continuous]).toEqual([false, false]);
  });

  it.each<[string, (timeUs: number) => boolean]>([
    ['a trade', (timeUs) => state.trade(IN_SESSION, 0, timeUs)],
    ['a book in session', (timeUs) => state.book(IN_SESSION, timeUs)],
  ])('whose end was lost is ended by %s', (_record, take) => {
    state.book(hourClass('C'), at('10:00:11'));
    expect([take(at('10:02:20')), state.fields()]).toEqual([true, CONTINUOUS]);
  });

  it('whose end was lost is over by the rules, for a stock that nobody trades', () => {
    const dueUs = state.dueUs;
    expect(dueUs - at('10:00:10')).toBe(180 * SECOND_US);
    expect([state.advance(dueUs - 1), state.advance(dueUs), state.continuous]).toEqual([false, true, true]);
  });

  it('is told by its books alone where nobody asked for market status', () => {
    const other = new TradingState({ clock: new SessionClock('KRX') });
    other.book(IN_SESSION, at('10:00'));
    expect([other.book(hourClass('C'), at('10:00:10')), other.stoppedReason]).toEqual([true, 'auction']);
    expect([other.book(IN_SESSION, at('10:02:15')), other.stoppedReason]).toEqual([true, null]);
  });
});

describe('a halt', () => {
  it('begins and ends with the status, or with what trades say', () => {
    state.book(IN_SESSION, at('10:00'));
    expect([state.status(statusRecord({ halted: true }), at('10:00:01')), state.stoppedReason]).toEqual([
      true,
      'halted',
    ]);
    expect(state.trade(IN_SESSION, 0, at('10:00:02'))).toBe(false);
    expect([state.book(IN_SESSION, at('10:30')), state.stoppedReason]).toEqual([false, 'halted']);
    expect([state.trade(IN_SESSION, 0, at('10:30:03')), state.continuous]).toEqual([true, true]);
    expect([state.trade(IN_SESSION, 1, at('10:30:04')), state.stoppedReason]).toEqual([true, 'halted']);
    expect([state.status(statusRecord(), at('11:00')), state.continuous]).toEqual([true, true]);
    expect([state.status(statusRecord({ issueStatus: '58' }), at('11:01')), state.stoppedReason]).toEqual([
      true,
      'halted',
    ]);
  });

  it('lasts over the night', () => {
    state.status(statusRecord({ halted: true }), at('15:00'));
    state.advance(at('10:00', 20261124));
    expect([state.phase, state.stoppedReason]).toEqual(['continuous', 'halted']);
  });
});

describe('a whole market', () => {
  let other: TradingState;
  beforeEach(() => {
    other = new TradingState({ clock: new SessionClock('KRX'), market });
    for (const one of [state, other]) one.book(IN_SESSION, at('10:00'));
  });

  it('stands still by the record of one code, and goes on by that of one; each by its own trade', () => {
    for (const [over, ofAll] of [
      [(timeUs: number) => state.status(statusRecord({ operation: '175' }), timeUs), true],
      [(timeUs: number) => state.trade(IN_SESSION, 0, timeUs), false],
    ] as const) {
      const revision = market.revision;
      expect(state.status(statusRecord({ operation: '174' }), at('10:01'))).toBe(true);
      expect(market.revision).toBeGreaterThan(revision);
      expect([other.advance(at('10:01')), other.stoppedReason, other.fields().circuitBreaker]).toEqual([
        true,
        'circuit_breaker',
        true,
      ]);
      expect([over(at('10:31:20')), other.advance(at('10:31:20')), other.continuous]).toEqual([true, ofAll, ofAll]);
      expect(state.continuous).toBe(true);
    }
  });

  it('is seen by the next record of another code too', () => {
    state.status(statusRecord({ operation: '174' }), at('10:01'));
    expect([other.book(IN_SESSION, at('10:01:01')), other.stoppedReason]).toEqual([true, 'circuit_breaker']);
  });

  it('is not closed for ever where the end was lost, unless the day is over', () => {
    state.status(statusRecord({ operation: '174' }), at('10:01'));
    expect([state.advance(at('10:31')), state.advance(at('10:32:01')), state.continuous]).toEqual([false, true, true]);
    state.status(statusRecord({ operation: '182' }), at('11:00'));
    state.advance(at('15:00'));
    expect(state.stoppedReason).toBe('circuit_breaker');
    state.advance(at('09:30', 20261124));
    expect(state.continuous).toBe(true);
  });

  it('holds back programmes on one side for five minutes, and trades on', () => {
    expect(state.status(statusRecord({ operation: '397' }), at('10:01'))).toBe(true);
    expect([state.fields().sidecar, state.continuous]).toEqual(['buy', true]);
    state.status(statusRecord({ operation: '388' }), at('10:02'));
    expect(state.fields().sidecar).toBe('buy');
    state.status(statusRecord({ operation: '398' }), at('10:06'));
    expect(state.fields().sidecar).toBe('none');
    state.status(statusRecord({ operation: '387' }), at('11:00'));
    expect([state.fields().sidecar, other.advance(at('11:00')), other.fields().sidecar]).toEqual([
      'sell',
      true,
      'sell',
    ]);
    state.advance(at('11:06'));
    expect(state.fields().sidecar).toBe('none');
  });

  it('is another one for an instrument that belongs to it', () => {
    const kosdaq = new MarketWideState();
    other.join(kosdaq, at('10:00'));
    state.status(statusRecord({ operation: '174' }), at('10:01'));
    expect([other.advance(at('10:01')), other.continuous]).toEqual([false, true]);
  });
});

type Step = readonly [waitUs: number, take: (one: TradingState, timeUs: number) => boolean];

const code = (text: string) => ({ operation: text });
const anyStatus = fc
  .record({
    halted: fc.boolean(),
    volatilityInterruption: fc.boolean(),
    issueStatus: fc.constantFrom('55', '58'),
    operation: fc.constantFrom('', 'AB1', '112', '164', '174', '175', '182', '184', '185', '387', '388', '397', '398'),
    expectedOperation: fc.constantFrom('', '311', '112', '121', '129'),
  })
  .map(statusRecord);
const anyStep: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(fc.nat(3 * SECOND_US), fc.nat(300 * SECOND_US), fc.nat(10_000 * SECOND_US)),
  fc.oneof(
    anyStatus.map((record) => (one: TradingState, timeUs: number) => one.status(record, timeUs)),
    fc.tuple(fc.constantFrom(...'00ABCD').map(hourClass), fc.constantFrom(0, 0, 1)).map(
      ([letter, halted]) =>
        (one: TradingState, timeUs: number) =>
          one.trade(letter, halted, timeUs),
    ),
    fc
      .constantFrom(...'000ABCD')
      .map(hourClass)
      .map((letter) => (one: TradingState, timeUs: number) => one.book(letter, timeUs)),
    fc.constant((one: TradingState, timeUs: number) => one.expected(timeUs)),
    fc.constant((one: TradingState, timeUs: number) => one.advance(timeUs)),
  ),
);
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 60 });

describe('whatever the feed says', () => {
  const fresh = () => {
    const marketState = new MarketWideState();
    return { marketState, one: new TradingState({ clock: new SessionClock('KRX'), market: marketState }) };
  };

  it("a change is told where there is one, and nowhere else; and the phase is the calendar's", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { one } = fresh();
        let timeUs = at('08:00');
        let published: MarketFields | null = null;
        for (const [waitUs, take] of steps) {
          timeUs += waitUs;
          const changed = take(one, timeUs);
          expect(changed).toBe(JSON.stringify(one.fields()) !== JSON.stringify(published));
          published = one.fields();
          expect(one.phase).toBe(sessionAt(timeUs));
          expect(one.advance(timeUs)).toBe(false);
          expect(one.continuous).toBe(one.phase === 'continuous' && one.stoppedReason === null);
          expect(one.dueUs).toBeGreaterThan(timeUs);
        }
      }),
    );
  });

  it('time alone changes nothing before it is due', () => {
    fc.assert(
      fc.property(anySteps, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
        const { one } = fresh();
        let timeUs = at('08:00');
        for (const [waitUs, take] of steps) {
          timeUs += waitUs;
          take(one, timeUs);
        }
        const before = timeUs + Math.floor((one.dueUs - 1 - timeUs) * share);
        expect(one.advance(before)).toBe(false);
      }),
    );
  });

  it('what was saved goes on as what was not', () => {
    fc.assert(
      fc.property(anySteps, fc.nat(60), (steps, cut) => {
        let { one, marketState } = fresh();
        const whole = fresh().one;
        let timeUs = at('08:00');
        for (const [i, [waitUs, take]] of steps.entries()) {
          timeUs += waitUs;
          if (i === cut) {
            const saved = structuredClone({ one: one.values, market: marketState.values });
            ({ one, marketState } = fresh());
            marketState.load(saved.market);
            one.load(saved.one);
          }
          expect(take(one, timeUs)).toBe(take(whole, timeUs));
          expect(one.fields()).toEqual(whole.fields());
        }
      }),
    );
  });

  it('trading goes on once it is seen: nothing stops what trades and is quoted in session', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { one } = fresh();
        let timeUs = at('08:00');
        for (const [waitUs, take] of steps) {
          timeUs += waitUs;
          take(one, timeUs);
        }
        const nextMorningUs = at('10:00', 20261126);
        if (timeUs > nextMorningUs - 5 * SECOND_US) return;
        one.trade(IN_SESSION, 0, nextMorningUs);
        expect([one.continuous, one.stoppedReason]).toEqual([true, null]);
      }),
    );
  });

  it('forgets what another feed has said, but not what it has published', () => {
    const { one, marketState } = fresh();
    one.status(statusRecord({ halted: true, volatilityInterruption: true, ...code('174') }), at('10:00'));
    one.forget();
    marketState.forget();
    expect([one.advance(at('10:00')), one.fields()]).toEqual([true, CONTINUOUS]);
    expect(one.advance(at('10:00'))).toBe(false);
  });
});
