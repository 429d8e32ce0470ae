// Days of the simulated market that nothing was done to: a score of 100 in everything and not one finding, with the
// auctions, midpoints, interruptions, halts, sweeps and locked limits of a whole day, on all venues. What is done to a
// day's frames lowers what it must, for the symbol it was done to, and nothing else.
import { describe, expect, it } from 'vitest';
import { kstDate, kstToUtcUs } from '../../config/calendar.ts';
import { INSTRUMENTS, type Instrument } from '../../config/instruments.ts';
import { Market } from '../emulator/market/market.ts';
import { INDEX_CODES, type ScheduledEvent } from '../emulator/market/simulated-market.ts';
import { MarketFeed } from '../emulator/market-feed.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import type { Dimension, FindingKind } from './findings.ts';
import { FINDINGS } from './findings.ts';
import { QualityFeed } from './quality-feed.ts';
import { engineMessage } from './quality-message.ts';

const DATE = 20261123;
const TRS = {
  KRX: ['H0STCNT0', 'H0STASP0', 'H0STANC0', 'H0STMKO0'],
  NXT: ['H0NXCNT0', 'H0NXASP0', 'H0NXANC0', 'H0NXMKO0'],
  UN: ['H0UNCNT0', 'H0UNASP0', 'H0UNANC0', 'H0UNMKO0'],
} as const;
const FLUSH_US = 200_000;
const STEP_US = 100_000;
/** A frame's way to us. */
const WAY_US = 30_000;
const bytes = new TextEncoder();

interface DayOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly from?: number;
  readonly sessions?: 'regular' | 'all';
  readonly instruments?: readonly Instrument[];
  readonly events?: readonly ScheduledEvent[];
  readonly activity?: number;
  /** What becomes of a frame: the frames that come in its place. */
  readonly disturb?: (frame: string, second: number) => readonly string[];
}

const TWENTY = INSTRUMENTS.slice(0, 20);

/** Plays a stretch of a day over the wire. */
function play(options: DayOptions): QualityFeed {
  const { seed, seconds, from = 9 * 3600, sessions = 'regular', instruments = TWENTY, events = [] } = options;
  const { activity = 0.3, disturb = (frame) => [frame] } = options;
  const market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(DATE, from), sessions, events, activity });
  const wire = new MarketFeed({ market, flushPeriodUs: FLUSH_US });
  const feed = new QualityFeed();
  feed.enter(market.timeUs);
  feed.reference({ date: kstDate(market.timeUs), instruments: instruments.map((one) => referenceOf(one, market)) });
  for (const { code, nxt } of instruments) {
    for (const venue of ['KRX', 'NXT', 'UN'] as const) {
      if (venue !== 'KRX' && !nxt) continue;
      feed.register(code, venue);
      for (const trId of TRS[venue]) wire.begin(trId, code);
    }
  }
  for (const code of INDEX_CODES) wire.begin('H0UPCNT0', code);
  for (let elapsedUs = STEP_US; elapsedUs <= seconds * 1_000_000; elapsedUs += STEP_US) {
    const deliveries = wire.advanceTo(elapsedUs);
    const nowUs = market.timeUs + WAY_US;
    feed.enter(nowUs);
    for (const { frame } of deliveries) {
      for (const each of disturb(frame, elapsedUs / 1_000_000)) feed.enter(nowUs, bytes.encode(each));
    }
  }
  return feed;
}

function referenceOf(
  { code, nameKo, market, kind, listedShares, kospi200, nxt }: Instrument,
  of: Market,
): InstrumentReference {
  const { previousCloseWon, upperLimitWon, lowerLimitWon, previousVolume } = of.quote(code);
  return {
    code,
    nameKo,
    market,
    kind,
    basePriceWon: previousCloseWon,
    upperLimitWon,
    lowerLimitWon,
    lotSize: 1,
    listedShares,
    previousVolume,
    kospi200,
    nxt,
    halted: false,
    liquidation: false,
    listedDate: 0,
  };
}

const SEEDS = [1, 2, 3];
const code = (index: number): string => TWENTY[index].code;
const at = (clock: string): number => {
  const [hour, minute] = clock.split(':').map(Number);
  return hour * 3600 + minute * 60;
};

/** Everything that a market may do on one day. */
const EVENTS: readonly ScheduledEvent[] = [
  { second: at('09:40'), event: { type: 'volatility_interruption', code: code(0) } },
  { second: at('10:10'), event: { type: 'volatility_interruption', code: code(1), kind: 'static' } },
  { second: at('10:30'), event: { type: 'fat_finger', code: code(2), side: 'buy' } },
  { second: at('10:40'), event: { type: 'fat_finger', code: code(3), side: 'sell' } },
  { second: at('11:00'), event: { type: 'halt', code: code(4) } },
  { second: at('11:30'), event: { type: 'resume', code: code(4) } },
  { second: at('12:00'), event: { type: 'sidecar', side: 'sell' } },
  { second: at('13:00'), event: { type: 'circuit_breaker' } },
  { second: at('14:00'), event: { type: 'limit_up', code: code(1) } },
  { second: at('14:20'), event: { type: 'limit_down', code: code(3) } },
];

describe('a clean day', () => {
  it.each(SEEDS)('scores 100 without a finding: its opening, seed %d', (seed) => {
    const feed = play({ seed, seconds: 300 });
    expect(feed.findings).toEqual([]);
    expect(engineMessage(feed.quality)).toMatchObject({ overall: 100, findings: {} });
    expect(feed.trades).toBeGreaterThan(1000);
  });

  it('from the pre-market to the after-market, with all that may happen', () => {
    const day = {
      seed: 1,
      from: at('08:00'),
      seconds: 12 * 3600,
      sessions: 'all',
      activity: 0.05,
      events: EVENTS,
    } as const;
    const feed = play({ ...day, instruments: TWENTY.slice(0, 5) });
    expect(feed.findings).toEqual([]);
    expect(feed.trades).toBeGreaterThan(10_000);
  });
});

/** One frame of a symbol and TR, after a while, that something is done to. */
function once(trId: string, key: string, change: (frame: string) => readonly string[], count = 1) {
  let left = count;
  return (frame: string, second: number): readonly string[] => {
    if (left === 0 || second < 60 || !frame.startsWith(`0|${trId}|`) || !frame.includes(`|${key}^`)) return [frame];
    left -= 1;
    return change(frame);
  };
}

/** Each record with a field more. */
function widened(frame: string): string {
  const [encrypted, trId, count, payload] = frame.split('|');
  const fields = payload.split('^');
  const width = fields.length / Number(count);
  const records = Array.from({ length: Number(count) }, (_, r) => [...fields.slice(r * width, (r + 1) * width), '9']);
  return [encrypted, trId, count, records.flat().join('^')].join('|');
}

/** With one field of the first record changed. */
const withField = (frame: string, index: number, change: (field: string) => string): string => {
  const fields = frame.split('^');
  fields[index] = change(fields[index]);
  return fields.join('^');
};
const trade = (change: (frame: string) => readonly string[]) => once('H0STCNT0', code(0), change);
const book = (change: (frame: string) => readonly string[]) => once('H0STASP0', code(0), change);

/** Keeps a frame back for so many seconds, and with it all that follow, or (alone) only itself. */
function delay(seconds: number, alone: boolean) {
  let held: string[] = [];
  let sinceSecond = 0;
  return (frame: string, second: number): readonly string[] => {
    const isTheirs = frame.startsWith('0|H0STCNT0|') && frame.includes(`|${code(0)}^`);
    if (!isTheirs || second < 60 || (sinceSecond > 0 && held.length === 0)) return [frame];
    sinceSecond ||= second;
    if (second - sinceSecond < seconds && (!alone || held.length === 0)) {
      held.push(frame);
      return [];
    }
    if (second - sinceSecond < seconds) return [frame];
    const released = alone ? [frame, ...held] : [...held, frame];
    held = [];
    return released;
  };
}

const faults: readonly (readonly [string, DayOptions['disturb'], readonly FindingKind[]])[] = [
  ['a dropped frame of trades', trade(() => []), ['gap']],
  ['a dropped frame of books', book(() => []), []],
  ['a frame of trades that comes twice', trade((frame) => [frame, frame]), ['duplicate']],
  ['a truncated frame', trade((frame) => [frame.slice(0, 90)]), ['undecodable', 'gap']],
  ['a frame cut in two', trade((frame) => [frame.slice(0, 90), frame.slice(90)]), ['undecodable', 'gap']],
  ['two frames in one', trade((frame) => [frame + frame]), ['undecodable', 'gap']],
  ['a wider record than known', trade((frame) => [widened(frame)]), []],
  ['a volume that is missing', trade((frame) => [withField(frame, 13, () => '')]), ['missing_fields', 'gap']],
  ['a price that is missing', trade((frame) => [withField(frame, 2, () => '')]), ['missing_fields', 'gap']],
  ['a price that cannot be', trade((frame) => [withField(frame, 2, (price) => `${price}0`)]), ['implausible', 'gap']],
  [
    'a turnover off by a little',
    trade((frame) => [withField(frame, 14, (won) => `${Number(won) + 7}`)]),
    ['bad_turnover'],
  ],
  [
    'a total of the book that is no sum',
    book((frame) => [withField(frame, 43, (sum) => `${Number(sum) + 1}`)]),
    ['bad_sum'],
  ],
  [
    'a book whose best bid lies above',
    book((frame) => [withField(frame, 13, () => frame.split('^')[5])]),
    ['crossed_book'],
  ],
  ['a book without its best size', book((frame) => [withField(frame, 23, () => '')]), ['missing_fields']],
  ['a feed that stands still for eight seconds', delay(8, false), ['late', 'slow_batch']],
  ['a frame that comes eight seconds late, alone', delay(8, true), ['gap', 'late', 'out_of_order']],
  ['trades that stop', once('H0STCNT0', code(0), () => [], Number.POSITIVE_INFINITY), ['silent']],
];

describe('what is done to a feed', () => {
  const dimensionsOf = (kinds: readonly FindingKind[]): Dimension[] => kinds.map((kind) => FINDINGS[kind].dimension);

  it.each(faults)('%s lowers what it must, for that symbol alone', (_fault, disturb, kinds) => {
    const feed = play({ seed: 7, seconds: 240, activity: 1, instruments: TWENTY.slice(0, 3), disturb: disturb! });
    const { findings, quality } = feed;
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(kinds));
    const blamed = new Set(findings.map(({ instrument }) => instrument));
    blamed.delete('engine'); // The second half of a frame that was cut names nobody.
    expect([...blamed]).toEqual(kinds.length === 0 ? [] : [`${code(0)}.KRX`]);
    const scores = quality.named(`${code(0)}.KRX`)!.dayScores();
    const lowered = (['completeness', 'accuracy', 'consistency', 'timeliness'] as const).filter(
      (name) => scores[name] < 100,
    );
    // What was only out of order is given back.
    const expected = new Set(dimensionsOf(kinds.includes('out_of_order') ? kinds.slice(1) : kinds));
    expect(new Set(lowered)).toEqual(expected);
    for (const { offset, timeUs } of findings) {
      expect(offset).toBeGreaterThan(0);
      expect(kstDate(timeUs)).toBe(DATE);
    }
  });
});
