// What the engine's quality adds to that of its instruments: silence, what shows between two of them, frames that nobody
// can read, the day's roll, and a saved state that goes on as if nothing had been.
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import { Quality } from './quality.ts';
import { DEFAULT_QUALITY } from './quality-feed.ts';
import { engineMessage, instrumentMessage } from './quality-message.ts';
import { newScores } from './score.ts';
import { DATE, PREVIOUS_CLOSE_WON, SyntheticDay } from './synthetic-day.ts';

const text = new TextEncoder();

it('misses a busy symbol after a minute, and again for each further one', () => {
  const day = new SyntheticDay().run(100);
  day.pass(59_000);
  expect(day.findings).toEqual([]);
  day.pass(126_000);
  expect(day.findings.map(({ kind, stream }) => [kind, stream])).toEqual(new Array(3).fill(['silent', 'trades']));
  const { completeness } = day.instrument.dayScores();
  expect(completeness).toBeLessThan(96);
  day.run(10);
  day.pass(59_000);
  expect(day.findings).toHaveLength(3);
});

it.each<[string, (day: SyntheticDay) => void]>([
  ['in an auction', (day) => Object.assign(day, { auction: true })],
  ['in a halt', (day) => Object.assign(day, { halted: true })],
  [
    'that is not registered',
    (day) => {
      day.instrument.register('trades', false);
      day.instrument.register('books', false);
    },
  ],
])('does not miss a symbol %s', (_when, change) => {
  const day = new SyntheticDay().run(100);
  change(day);
  day.pass(300_000);
  expect(day.findings).toEqual([]);
});

it('gives a quiet symbol the time that it takes', () => {
  const day = new SyntheticDay();
  for (let i = 0; i < 25; i++) {
    day.pass(20_000);
    day.trade({}, 10);
    day.book();
  }
  day.pass(15 * 60_000);
  expect(day.findings).toEqual([]);
  day.pass(10 * 60_000);
  expect(day.kinds).toEqual(['silent']);
});

it('misses a symbol that never spoke after ten minutes', () => {
  const day = new SyntheticDay();
  day.pass(599_000);
  expect(day.findings).toEqual([]);
  day.pass(3000);
  expect(day.kinds).toEqual(['silent']);
});

it('attributes a frame that cannot be read as far as its head can', () => {
  const day = new SyntheticDay().run(5);
  for (const frame of [
    '0|H0STCNT0|001|005930^1',
    '0|H0STASP0|001|005930^1',
    '0|H0STCNT0|001|0059',
    '0|H0STCNT0|001|999999^1',
    '59^70000^2',
    '',
  ]) {
    day.quality.undecodable(text.encode(frame));
  }
  expect(day.findings.map(({ instrument, stream }) => `${instrument} ${stream}`)).toEqual([
    '005930.KRX trades',
    '005930.KRX books',
    ...new Array(4).fill('engine engine'),
  ]);
  expect(day.kinds).toEqual(['undecodable']);
});

it('finds a unified feed that counts less than KRX, once it lasts', () => {
  const quality = new Quality({ settings: DEFAULT_QUALITY });
  const [krx, unified] = [quality.instrument('005930', 'KRX'), quality.instrument('005930', 'UN')];
  const tell = (krxVolume: number, unifiedVolume: number, unifiedSeconds: number) => {
    Object.assign(krx.last, { businessDate: DATE, seconds: 36_000, volume: krxVolume });
    Object.assign(unified.last, { businessDate: DATE, seconds: unifiedSeconds, volume: unifiedVolume });
    for (let second = 0; second < 20; second++) {
      quality.enter(quality.context.timeUs + 1_000_000, second);
      quality.advance(() => {});
    }
    return quality.counts();
  };
  quality.enter(kstToUtcUs(DATE, 36_000), 0);
  quality.advance(() => {});
  expect(tell(1000, 1500, 36_001)).toEqual({});
  expect(tell(1600, 1500, 36_000)).toEqual({});
  expect(tell(1600, 1500, 36_001)).toEqual({ unified_below_krx: 1 });
  expect(unified.subject.evidence.findings()).toMatchObject([{ amount: 100, expected: 1600, found: 1500 }]);
});

const reference = (code: string, listedShares: number): InstrumentReference => ({
  code,
  nameKo: code,
  market: 'KOSPI',
  kind: 'stock',
  basePriceWon: PREVIOUS_CLOSE_WON,
  upperLimitWon: 91_000,
  lowerLimitWon: 49_000,
  lotSize: 1,
  listedShares,
  previousVolume: 0,
  kospi200: false,
  nxt: false,
  halted: false,
  liquidation: false,
  listedDate: 0,
});

it.each([
  ['follows', 0, 1, 0],
  ['moves a little beside', 60, 1, 0],
  ['is 2 % off', 200, 1, 1],
  ['is 2 % off, of a market that we hear half of', 200, 2, 0],
])('an index that %s its members', (_name, offPoints, members, findings) => {
  const day = new SyntheticDay();
  day.quality.describe([reference('005930', 1000), ...(members > 1 ? [reference('000660', 1000)] : [])], DATE);
  day.price = 77_000;
  for (let second = 0; second < 30; second++) {
    day.run(5);
    day.quality.index('0001', (11_000 + offPoints) * 100, (1000 + offPoints) * 100);
  }
  expect(day.findings.filter(({ kind }) => kind === 'index_off')).toHaveLength(findings);
});

it('begins each day with a clean slate, and keeps what it has learnt', () => {
  const day = new SyntheticDay().run(100);
  day.trade({}, 10, 70_030);
  expect(engineMessage(day.quality)).toMatchObject({ findings: { off_grid: 1 }, accuracy: 99.5 });
  day.timeUs = kstToUtcUs(20261124, 10 * 3600);
  day.clock(0);
  expect(engineMessage(day.quality)).toMatchObject({ findings: {}, overall: 100 });
  expect(day.quality.evidence.total).toBe(0);
  day.run(5);
  day.pass(70_000);
  expect(day.kinds).toEqual(['off_grid', 'silent']);
});

it('tells each stream apart, and all together', () => {
  const day = new SyntheticDay().run(10);
  day.book({ totalAskSize: 1 });
  day.trade({}, 10, 70_030);
  const { quality, instrument } = day;
  expect(instrumentMessage(quality, instrument, 'trades').findings).toEqual({ off_grid: 1 });
  expect(instrumentMessage(quality, instrument, 'books').findings).toEqual({ bad_sum: 1 });
  const whole = instrumentMessage(quality, instrument);
  expect(whole).toMatchObject({ completeness: 100, consistency: 100, timeliness: 100, seq: 0, timeUs: day.timeUs });
  expect(whole.findings).toEqual({ off_grid: 1, bad_sum: 1 });
  expect(whole.accuracy).toBeLessThan(instrumentMessage(quality, instrument, 'trades').accuracy);
});

it('withholds an instrument whose last minutes were bad, and lets it back as they pass', () => {
  const day = new SyntheticDay().run(50);
  for (let i = 0; i < 10; i++) {
    day.lose();
    day.run(5);
  }
  const before = day.instrument.dayScores().overall;
  expect(day.instrument.currentOverall(day.timeUs)).toBeLessThan(DEFAULT_QUALITY.signalFloor);
  day.run(5 * 60 * 5);
  expect(day.instrument.currentOverall(day.timeUs)).toBe(100);
  expect(day.instrument.dayScores().overall).toBe(before);
  expect(before).toBeLessThan(100);
});

it('goes on from a saved state as if nothing had been', () => {
  const day = new SyntheticDay().run(100);
  day.lose();
  day.run(3);
  const copy = new SyntheticDay();
  copy.findings.length = 0;
  copy.quality.load(structuredClone(day.quality.save()));
  copy.sequence.load(day.sequence.save());
  expect(copy.quality.save()).toEqual(day.quality.save());
  expect(copy.quality.score(newScores())).toEqual(day.quality.score(newScores()));
  expect(copy.quality.counts()).toEqual({ gap: 1 });
});

it('takes what other sources say as evidence: a lost end, another close, another bar', () => {
  const day = new SyntheticDay().run(20);
  const { instrument, quality } = day;
  const bar = { startUs: 0, open: 1, high: 3, low: 1, close: 2, volume: 9, turnover: 18 };
  expect(instrument.compareBar(bar, { ...bar, turnover: 17 }, quality.context)).toBe(true);
  expect(day.findings).toEqual([]);
  expect(instrument.compareBar(bar, { ...bar, high: 4 }, quality.context)).toBe(false);
  instrument.tailLoss({ shares: 77, turnoverWon: 0, trades: 0 }, quality.context);
  instrument.sourcesDiffer(70_000, 70_100, quality.context);
  expect(day.findings).toMatchObject([
    { kind: 'bar_mismatch', expected: 4, found: 3 },
    { kind: 'tail_loss', amount: 77, expected: 277, found: 200 },
    { kind: 'sources_differ', amount: 100, expected: 70_000, found: 70_100 },
  ]);
});

it('finds a process that stood still once, and does not call what it then reads late', () => {
  const day = new SyntheticDay().run(50);
  day.clock(20_000);
  for (let seconds = 20; seconds >= 0; seconds -= 4) {
    day.clock(1);
    day.trade({ timeSeconds: day.secondsAgo(seconds) });
    day.book({ timeSeconds: day.secondsAgo(seconds) });
  }
  expect(day.findings).toMatchObject([{ kind: 'clock_jump', instrument: 'engine', stream: 'engine' }]);
  day.run(200);
  expect(day.kinds).toEqual(['clock_jump']);
});

it('asks nothing about time of a recording', () => {
  const day = new SyntheticDay();
  day.quality.timed = false;
  day.run(50);
  day.trade({ timeSeconds: day.secondsAgo(3000) });
  day.trade({ timeSeconds: day.secondsAgo(0) });
  day.clock(60_000);
  day.trade({ timeSeconds: day.secondsAgo(3000) });
  expect(day.findings).toEqual([]);
});
