// One day of faults: a recorded day's frames, spoiled by a seeded schedule and cut off by sessions that die, through the
// state machine. What it finds is held against what was made and what arrived, record by record.

import type { FaultType } from '../emulator/faults/catalogue.ts';
import { FaultLog } from '../emulator/faults/fault-log.ts';
import { FaultSchedule } from '../emulator/faults/fault-schedule.ts';
import { FrameFaults, isFrameFault } from '../emulator/faults/frame-faults.ts';
import { partsOf } from '../emulator/feed.ts';
import { TRS } from '../emulator/tr-catalogue.ts';
import type { Finding } from '../quality/findings.ts';
import type { StateMachine } from '../state-machine.ts';
import { DayMachine } from './day-machine.ts';
import { type Amount, ArrivalAccount, addTrade, type LossAccount, newAccount, noAmount } from './loss-account.ts';
import { DAY_REGISTRATIONS, type RecordedDay, type RecordedFrame } from './recorded-day.ts';
import { SessionOutages, sessionOf } from './session-outages.ts';
import { readableTrades, type TrueTrade } from './trade-tape.ts';

/**
 * Faults that take frames away, repeat them, or bring them in another order, cut or form. Those that falsify values are
 * not among them: where volume, turnover or time itself is false, what is missing beside it cannot be told to the won.
 * What they do: fault-effects.ts.
 */
export const LOSS_FAULTS = [
  'drop',
  'duplicate',
  'truncate',
  'reorder',
  'merge',
  'split',
  'large',
  'rewind',
  'wider',
  'unknown_tr',
  'miscount',
  'empty_fields',
  'null_fields',
] as const satisfies readonly FaultType[];
const FAULTS_PER_MINUTE = 0.4;
/** Nobody reads them here. */
const SCORES_EVERY_MS = 3_600_000;

export interface FaultDayResult {
  readonly seed: number;
  readonly trades: number;
  readonly faults: number;
  readonly outages: number;
  /** By instrument, `005930.KRX`: what must be found, and what was. */
  readonly expected: Readonly<Record<string, LossAccount>>;
  readonly detected: Readonly<Record<string, LossAccount>>;
  /** What the faults and outages took, by their own account. */
  readonly injected: Omit<Amount, 'trades'>;
  /** What never arrived. */
  readonly lost: Amount;
  /** Of it, by their own reasons: see `ArrivalAccount`. */
  readonly tails: Amount;
  readonly betweenSessions: Amount;
  readonly wholeDays: Amount;
  readonly machine: StateMachine;
}

/** Market days that all fault days share: a fault day's own are its faults and outages. */
export const MARKET_DAYS = 25;

/** Seed of the market day that a fault day is laid over. */
export function marketSeedOf(seed: number): number {
  return seed % MARKET_DAYS;
}

/** `day` is `recordDay(marketSeedOf(seed))`. */
export function runFaultDay(day: RecordedDay, seed: number): FaultDayResult {
  return new FaultDay(day, seed).run();
}

class FaultDay {
  private readonly day: RecordedDay;
  private readonly seed: number;
  private readonly log = new FaultLog();
  private timeUs = 0;
  private readonly faults = new FrameFaults({ log: this.log, timeUs: () => this.timeUs });
  private readonly schedule: FaultSchedule;
  private readonly outages: SessionOutages;
  private readonly target: DayMachine;
  private readonly arrivals: ReadonlyMap<string, ArrivalAccount>;
  private readonly detected: Record<string, LossAccount> = {};
  private readonly injected = noAmount();
  private faultCount = 0;

  constructor(day: RecordedDay, seed: number) {
    this.day = day;
    this.seed = seed;
    this.schedule = new FaultSchedule({ seed, faultsPerMinute: FAULTS_PER_MINUTE, types: LOSS_FAULTS });
    this.outages = new SessionOutages(seed);
    this.arrivals = new Map([...day.tapes].map(([name, tape]) => [name, new ArrivalAccount(tape)]));
    this.target = new DayMachine({
      registrations: DAY_REGISTRATIONS,
      sessionOf,
      beginUs: day.beginUs,
      scoresEveryMs: SCORES_EVERY_MS,
      onFinding: (finding, machine) => this.hear(finding, machine),
    });
    for (const name of this.arrivals.keys()) this.detected[instrumentOf(name)] = newAccount();
  }

  run(): FaultDayResult {
    const { day, target, arrivals } = this;
    for (const { timeUs, elapsedUs, frames, closes } of day.steps) {
      this.timeUs = timeUs;
      for (const request of this.schedule.advanceTo(elapsedUs)) if (isFrameFault(request)) this.faults.add(request);
      for (const { session, event } of this.outages.advanceTo(elapsedUs)) {
        if (event === 'lost') target.lose(session, timeUs);
        else target.connect(session, timeUs);
      }
      for (const frame of frames) this.pass(frame);
      if (closes.length > 0) {
        for (const { registration, frame } of this.faults.release()) this.deliver(frame, registration);
        for (const close of closes) target.reference(close, timeUs);
        for (const account of arrivals.values()) account.close(closes[0].date);
      }
      target.clock(timeUs);
      target.apply();
    }
    for (const { registration, frame } of this.faults.release()) this.deliver(frame, registration);
    target.apply();
    return this.result();
  }

  /** One frame on its way: into an outage, or through what may spoil it. */
  private pass({ registration, bytes, trades }: RecordedFrame): void {
    if (this.outages.isDown(sessionOf(partsOf(registration)))) {
      for (const trade of trades) addTrade(this.injected, trade);
      return;
    }
    for (const message of this.faults.spoil(bytes, registration)) {
      this.deliver(message, registration, message === bytes ? trades : undefined);
    }
    for (const { recordsLost, sharesLost, wonLost } of this.log.entries) {
      this.faultCount += 1;
      if (!this.arrivals.has(registration)) continue;
      this.injected.records += recordsLost;
      this.injected.shares += sharesLost;
      this.injected.won += wonLost;
    }
    this.log.clear();
  }

  private deliver(bytes: Buffer, registration: string, trades?: readonly TrueTrade[]): void {
    this.target.frame(bytes, this.timeUs);
    const account = this.arrivals.get(registration);
    if (account === undefined) return;
    for (const trade of trades ?? readableTrades(bytes.toString('latin1'))) account.arrive(trade);
  }

  /** A finding is told while the sequence still shows what it speaks of. */
  private hear({ kind, instrument, stream, amount }: Finding, machine: StateMachine): void {
    const account = this.detected[instrument];
    if (account === undefined || stream !== 'trades') return;
    const { shares, turnoverWon: won, trades } = machine.instruments.find(instrument)!.sequence.gap;
    if (kind === 'gap') account.gaps.push({ shares: amount, won, trades });
    else if (kind === 'out_of_order') account.late.push({ shares, won, trades });
    else if (kind === 'tail_loss') account.tails.push({ shares: amount, won });
    else if (kind === 'duplicate') account.duplicates += 1;
  }

  private result(): FaultDayResult {
    const { seed, day, injected, detected, arrivals } = this;
    const sumOf = (of: (account: ArrivalAccount) => Amount): Amount => {
      const sum = noAmount();
      for (const account of arrivals.values()) {
        const amount = of(account);
        for (const key of ['records', 'shares', 'won', 'trades'] as const) sum[key] += amount[key];
      }
      return sum;
    };
    const { records, shares, won } = injected;
    return {
      seed,
      trades: day.trades,
      faults: this.faultCount,
      outages: this.outages.count,
      expected: Object.fromEntries([...arrivals].map(([name, { expected }]) => [instrumentOf(name), expected])),
      detected,
      injected: { records, shares, won },
      lost: sumOf(({ lost }) => lost),
      tails: sumOf(({ tails }) => tails),
      betweenSessions: sumOf(({ betweenSessions }) => betweenSessions),
      wholeDays: sumOf(({ wholeDays }) => wholeDays),
      machine: this.target.machine,
    };
  }
}

function instrumentOf(registration: string): string {
  const [trId, trKey] = partsOf(registration);
  return `${trKey}.${TRS.get(trId)!.venue}`;
}
