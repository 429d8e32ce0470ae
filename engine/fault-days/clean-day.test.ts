// Days on which nothing is wrong with the data, and much happens in the market: every score is 99 at least, and nothing is
// found. All sessions of both venues, from the pre-market to the after-market.
import { beforeAll, describe, expect, it } from 'vitest';
import { clockDigits, kstSecond, kstToUtcUs } from '../../config/calendar.ts';
import { FUND_INSTRUMENTS, findInstrument, type Instrument } from '../../config/instruments.ts';
import type { ScheduledEvent } from '../emulator/market/simulated-market.ts';
import { DIMENSIONS, type Finding } from '../quality/findings.ts';
import { newScores, type Scores } from '../quality/score.ts';
import { DayMachine } from './day-machine.ts';
import { clockUs, MarketPlayer, type Registration } from './market-player.ts';
import { referencesOf } from './market-references.ts';

const SEEDS = [1, 2, 3];
const DATE = 20261123;
const STOCKS = ['005930', '000660', '055550', '247540', '011170'];
const INSTRUMENTS: readonly Instrument[] = [...STOCKS.map((code) => findInstrument(code)!), FUND_INSTRUMENTS[0]];
/** Few trades, so that a whole day passes in seconds; the schedule is that of any day. */
const ACTIVITY = 0.015;
const STEP_MS = 1000;
const FLUSH_MS = 1000;

const at = (hour: number, minute = 0): number => hour * 3600 + minute * 60;
const EVENTS: readonly ScheduledEvent[] = [
  { second: at(9, 20), event: { type: 'fat_finger', code: '005930', side: 'buy' } },
  { second: at(10), event: { type: 'volatility_interruption', code: '000660' } },
  { second: at(10, 30), event: { type: 'limit_up', code: '247540' } },
  { second: at(10, 40), event: { type: 'halt', code: '055550' } },
  { second: at(11), event: { type: 'resume', code: '055550' } },
  { second: at(11, 30), event: { type: 'circuit_breaker' } },
  { second: at(13), event: { type: 'sidecar', side: 'sell' } },
  { second: at(13, 30), event: { type: 'limit_down', code: '011170' } },
  { second: at(14), event: { type: 'fat_finger', code: '000660', side: 'sell' } },
  { second: at(14, 40), event: { type: 'halt', code: '005930' } },
];

/** All that a client may register of them. */
const REGISTRATIONS: readonly Registration[] = [
  ...INSTRUMENTS.flatMap(({ code, nxt }) => {
    const venues = nxt ? ['ST', 'NX', 'UN'] : ['ST'];
    return venues.flatMap((venue) =>
      ['CNT0', 'ASP0', 'ANC0', 'MKO0'].map((kind): Registration => [`H0${venue}${kind}`, code]),
    );
  }),
  ...['0001', '1001', '2001'].map((index): Registration => ['H0UPCNT0', index]),
];

interface CleanDay {
  readonly findings: readonly Finding[];
  readonly scores: ReadonlyMap<string, Scores>;
  readonly machine: DayMachine['machine'];
}

function playDay(seed: number): CleanDay {
  const findings: Finding[] = [];
  const beginUs = clockUs(kstToUtcUs(DATE, 0), 7, 59);
  const target = new DayMachine({
    registrations: REGISTRATIONS,
    sessionOf: () => 'key-1',
    beginUs,
    scoresEveryMs: 60_000,
    onFinding: (finding) => findings.push(finding),
  });
  const player = new MarketPlayer({
    market: {
      seed,
      instruments: INSTRUMENTS,
      startTimeUs: beginUs,
      sessions: 'all',
      activity: ACTIVITY,
      events: EVENTS,
    },
    registrations: REGISTRATIONS,
    stepMs: STEP_MS,
    flushMs: FLUSH_MS,
    untilUs: clockUs(kstToUtcUs(DATE, 0), 20),
  });
  const changes = { listed: [], delisted: [], renamed: [] };
  const instruments = referencesOf(player.market);
  target.reference({ kind: 'instruments', date: DATE, source: 'KIS', instruments, ...changes }, beginUs);
  for (const { timeUs, deliveries, closes } of player.steps()) {
    for (const { frame } of deliveries) target.frame(Buffer.from(frame), timeUs);
    for (const close of closes) target.reference(close, timeUs);
    target.clock(timeUs);
    target.apply();
  }
  const quality = target.machine.quality!;
  const scores = new Map([['engine', quality.score(newScores())]]);
  for (const one of quality.all()) scores.set(one.subject.name, { ...one.dayScores() });
  return { findings, scores, machine: target.machine };
}

describe.each(SEEDS)('a clean day of seed %i', (seed) => {
  let day: CleanDay;
  beforeAll(() => {
    day = playDay(seed);
  }, 120_000);

  it('finds nothing', () => {
    const told = day.findings.map(({ kind, stream, instrument, timeUs }) => {
      return `${clockDigits(kstSecond(timeUs))} ${kind} ${instrument} ${stream}`;
    });
    expect(told).toEqual([]);
    const { counters } = day.machine;
    expect(counters).toMatchObject({ gaps: {}, duplicates: 0, late: 0, implausible: 0, inconsistent: 0 });
    expect([counters.corrections, counters.outsideLimits]).toEqual([0, 0]);
  });

  it('scores 99 at least, in each dimension and of each instrument', () => {
    const instruments = INSTRUMENTS.reduce((sum, { nxt }) => sum + (nxt ? 3 : 1), 0);
    expect(day.scores.size).toBe(instruments + 1);
    for (const [name, scores] of day.scores) {
      for (const dimension of [...DIMENSIONS, 'overall'] as const) {
        expect(scores[dimension], `${name} ${dimension}`).toBeGreaterThanOrEqual(99);
      }
    }
  });
});
