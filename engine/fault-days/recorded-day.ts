// The market days that faults are laid over: twenty symbols from KRX's opening auction over the whole day and the night
// to the next morning, with interruptions and halts in between. A few of them are played once and spoiled in many ways.
import { kstToUtcUs } from '../../config/calendar.ts';
import { DEFAULT_UNIVERSE, findInstrument, type Instrument } from '../../config/instruments.ts';
import { Random } from '../emulator/market/random.ts';
import type { ScheduledEvent } from '../emulator/market/simulated-market.ts';
import { clockUs, MarketPlayer, type MarketStep, type Registration } from './market-player.ts';
import { readableTrades, TradeTape, type TrueTrade } from './trade-tape.ts';

/** Days of the usual hours, a Friday before a weekend, and the day of the examination, whose hours are shifted. */
const DATES = [20261123, 20261127, 20261118, 20261216] as const;
const NEXT_DATES = [20261124, 20261130, 20261119, 20261217] as const;
/** Of the market's own pace: a day of all sessions in as few trades as still come in frames of many. */
const ACTIVITY = 0.003;
const STEP_MS = 1000;
/** Seldom, so that frames hold many records. */
const FLUSH_MS = 2000;
/** Apart from the market's own streams. */
const STREAM = 0x0fa018;

export const DAY_INSTRUMENTS: readonly Instrument[] = DEFAULT_UNIVERSE.map((code) => findInstrument(code)!);

/** All of KRX's trades; of a few symbols what else is registered in practice. */
export const DAY_REGISTRATIONS: readonly Registration[] = DEFAULT_UNIVERSE.flatMap((code, place): Registration[] => [
  ['H0STCNT0', code],
  ...(place < 3
    ? ([
        ['H0NXCNT0', code],
        ['H0UNCNT0', code],
      ] as const)
    : []),
  ...(place === 0
    ? ([
        ['H0STASP0', code],
        ['H0STANC0', code],
        ['H0STMKO0', code],
      ] as const)
    : []),
]);

export interface RecordedFrame {
  readonly registration: string;
  readonly bytes: Buffer;
  readonly trades: readonly TrueTrade[];
}

export interface RecordedStep extends Pick<MarketStep, 'timeUs' | 'closes'> {
  /** Of the feed's time: nights are left out. */
  readonly elapsedUs: number;
  readonly frames: readonly RecordedFrame[];
}

export interface RecordedDay {
  readonly beginUs: number;
  readonly steps: readonly RecordedStep[];
  /** By registration of trades. */
  readonly tapes: ReadonlyMap<string, TradeTape>;
  readonly trades: number;
}

/** Plays a day; the same seed gives the same. */
export function recordDay(seed: number): RecordedDay {
  const random = new Random(seed, STREAM);
  const which = seed % DATES.length;
  const [date, nextDate] = [DATES[which], NEXT_DATES[which]];
  const startTimeUs = clockUs(kstToUtcUs(date, 0), 8);
  const player = new MarketPlayer({
    market: {
      seed,
      instruments: DAY_INSTRUMENTS,
      startTimeUs,
      sessions: 'all',
      activity: ACTIVITY,
      events: drawEvents(random, date),
    },
    registrations: DAY_REGISTRATIONS,
    stepMs: STEP_MS,
    flushMs: FLUSH_MS,
    untilUs: clockUs(kstToUtcUs(nextDate, 0), 9, 40),
  });
  const tapes = new Map<string, TradeTape>();
  const steps: RecordedStep[] = [];
  let elapsedUs = 0;
  let trades = 0;
  for (const { timeUs, deliveries, closes } of player.steps()) {
    elapsedUs += STEP_MS * 1000;
    if (deliveries.length === 0 && closes.length === 0) continue;
    const frames = deliveries.map(({ registration, frame }) => {
      return { registration, bytes: Buffer.from(frame), trades: readableTrades(frame) };
    });
    for (const { registration, trades: made } of frames) {
      if (made.length === 0) continue;
      trades += made.length;
      const tape = tapes.get(registration) ?? new TradeTape();
      tapes.set(registration, tape);
      tape.add(made);
    }
    steps.push({ timeUs, elapsedUs, frames, closes });
  }
  return { beginUs: startTimeUs - 60_000_000, steps, tapes, trades };
}

function drawEvents(random: Random, date: number): ScheduledEvent[] {
  const codeAt = () => DEFAULT_UNIVERSE[random.below(DEFAULT_UNIVERSE.length)];
  const secondAt = () => 10 * 3600 + random.below(5 * 3600);
  const [halted, from] = [codeAt(), secondAt()];
  return [
    { date, second: secondAt(), event: { type: 'volatility_interruption', code: codeAt() } },
    { date, second: secondAt(), event: { type: 'volatility_interruption', code: codeAt() } },
    { date, second: from, event: { type: 'halt', code: halted } },
    { date, second: from + 900, event: { type: 'resume', code: halted } },
    { date, second: secondAt(), event: { type: 'fat_finger', code: codeAt(), side: 'buy' } },
    { date, second: secondAt(), event: { type: 'limit_up', code: codeAt() } },
    { date, second: 11 * 3600 + random.below(3600), event: { type: 'circuit_breaker' } },
  ];
}
