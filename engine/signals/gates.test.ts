import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { SignalSettings } from '../settings.ts';
import { DENIALS, type Denial, denialOf, GateInput } from './gates.ts';

const settings: SignalSettings = {
  probabilityMin: 0.7,
  horizonMs: 5000,
  bookAgeMsMax: 1000,
  gapHoldMs: 5000,
  qualityFloor: 80,
  spreadTicksMax: 2,
  priceCollarBpMax: 50,
  cooldownMs: 3000,
  perMinuteMax: 2,
};
const TEN = kstToUtcUs(20261123, 10 * 3600);
const SECOND = 1_000_000;

/** 70,000 won, one tick of 100 won wide, fresh. */
function open(change: Partial<GateInput> = {}): GateInput {
  return Object.assign(
    new GateInput(),
    {
      timeUs: TEN,
      phase: 'continuous',
      stopped: false,
      qualityScore: 80,
      bookTimeUs: TEN,
      bid: 7_000_000,
      ask: 7_010_000,
      lastPrice: 7_000_000,
    },
    change,
  );
}

it('lets an instrument in good order pass', () => {
  expect(denialOf(open(), settings)).toBeNull();
});

const denied: [Denial, string, Partial<GateInput>][] = [
  ['kill_switch', 'an operator halted', { haltReason: 'kill_switch' }],
  ['journal_unavailable', 'the disk is full', { haltReason: 'journal_unavailable' }],
  ['session', 'before the opening', { phase: 'opening_auction' }],
  ['session', 'in the closing auction', { phase: 'closing_auction', stopped: true }],
  ['session', 'on a Sunday', { phase: 'closed' }],
  ['halted', 'a volatility interruption', { stopped: true }],
  ['price_limits', 'a last trade that cannot be', { outsideLimits: true }],
  ['stale', 'a book of 1.1 s ago', { bookTimeUs: TEN - 1.1 * SECOND }],
  ['gap', 'a gap 4.9 s ago', { lastGapUs: TEN - 4.9 * SECOND }],
  ['quality', 'a score of 79.9', { qualityScore: 79.9 }],
  ['spread', 'three ticks', { ask: 7_030_000 }],
  ['spread', 'a crossed book', { ask: 6_990_000 }],
  ['spread', 'an empty side', { ask: 0 }],
  ['price_collar', 'no trade yet', { lastPrice: 0 }],
  ['price_collar', 'a last trade 1 % off', { lastPrice: 7_070_000 }],
  ['rate', 'a signal 2.9 s ago', { signalTimesUs: [TEN - 2.9 * SECOND] }],
  ['rate', 'two in the last minute', { signalTimesUs: [TEN - 59 * SECOND, TEN - 30 * SECOND] }],
];
it.each(denied)('denies with %s: %s', (reason, _case, change) => {
  expect(denialOf(open(change), settings)).toBe(reason);
});

it.each<[string, Partial<GateInput>]>([
  ['a book of 1 s ago', { bookTimeUs: TEN - SECOND }],
  ['a gap 5 s ago', { lastGapUs: TEN - 5 * SECOND }],
  ['two ticks', { ask: 7_020_000 }],
  ['the second signal in a minute, after the cooldown', { signalTimesUs: [TEN - 60 * SECOND, TEN - 3 * SECOND] }],
])('passes at the limit: %s', (_case, change) => {
  expect(denialOf(open(change), settings)).toBeNull();
});

it('has a test for every reason code', () => {
  expect(new Set(denied.map(([reason]) => reason))).toEqual(new Set(Object.keys(DENIALS)));
});
