// One instrument at one venue: its book, its order flow, its call auctions, and which of them runs when.
//
//   closed ─► opening auction ─► continuous ─► closing auction ─► closed ─► close-price ─► after-market ─► closed
//                  (B)             │    ▲            (A)
//                                  ▼    │ call auction (C)
//                     interruption: volatility, halt, circuit breaker
//
// Time passes in `advance` alone; what is scheduled happens at its microsecond, whoever asks when.
import type { SecurityKind } from '../../../config/market-rules.ts';
import type { SessionPhase } from '../../../config/sessions.ts';
import { Arrivals } from './arrivals.ts';
import { Auction, type HourClass } from './auction.ts';
import type { DayPlan, TradingVenue } from './day-plan.ts';
import type { Ledger } from './ledger.ts';
import { OrderBook } from './order-book.ts';
import { EVENTS_PER_TRADE, OrderFlow, type TradeSink } from './order-flow.ts';
import {
  CIRCUIT_BREAKER_US,
  drawSchedule,
  interruptionUs,
  type PhaseStep,
  RESUMING_AUCTION_US,
} from './phase-schedule.ts';
import { drawSize, type Profile } from './profile.ts';
import type { Random } from './random.ts';
import { INTERRUPTION_CODES, PHASE_BEGINS, PHASE_ENDS } from './session-codes.ts';
import type { SessionHost, VenueSessionOptions } from './session-host.ts';
import { CONCLUSION_AUCTION, CONCLUSION_BUY, CONCLUSION_SELL } from './trade-record.ts';

interface Interruption {
  readonly cause: 'volatility' | 'halt' | 'circuit_breaker';
  /** Orders are collected for an auction; otherwise nothing happens. */
  readonly auction: boolean;
  readonly untilUs: number;
}

export class VenueSession implements TradeSink {
  readonly venue: TradingVenue;
  profile: Profile;
  readonly ledger: Ledger;
  readonly arrivals: Arrivals;
  readonly auction = new Auction();
  phase: SessionPhase = 'closed';
  book: OrderBook;
  flow: OrderFlow;
  private readonly random: Random;
  private readonly host: SessionHost;
  private steps: PhaseStep[] = [];
  private nextStep = 0;
  private interruption: Interruption | undefined;
  /** The auction of a phase has been prolonged, which happens once. */
  private prolonged = false;
  /** When the next phase begins or the interruption ends. */
  private changeUs = Number.POSITIVE_INFINITY;
  private pastRevisions = 0;

  constructor({ venue, profile, activity, random, ledger, host }: VenueSessionOptions) {
    this.venue = venue;
    this.profile = profile;
    this.random = random;
    this.ledger = ledger;
    this.host = host;
    this.arrivals = new Arrivals(profile.tradesPerSecond * activity * EVENTS_PER_TRADE, random);
    this.book = new OrderBook(new Int32Array(2));
    this.flow = new OrderFlow({ book: this.book, profile, random, sink: this });
  }

  /** Nothing trades yet; the first phase begins at its time. */
  openDay(plan: DayPlan, prices: Int32Array, kind: SecurityKind): void {
    this.pastRevisions += this.book.revision;
    this.book = new OrderBook(prices);
    this.flow = new OrderFlow({ book: this.book, profile: this.profile, random: this.random, sink: this });
    this.auction.end();
    this.arrivals.stop();
    this.phase = 'closed';
    this.interruption = undefined;
    this.steps = drawSchedule(plan, this.venue, kind, this.random);
    this.nextStep = 0;
    this.scheduleChange();
  }

  get nextUs(): number {
    return Math.min(this.arrivals.nextUs, this.changeUs);
  }
  get bookRevision(): number {
    return this.pastRevisions + this.book.revision;
  }
  get halted(): boolean {
    return this.interruption?.auction === false;
  }
  get volatilityInterruption(): boolean {
    return this.interruption?.cause === 'volatility' || (this.prolonged && this.auction.hourClass === 'C');
  }
  /** Orders trade as they come. */
  get continuous(): boolean {
    if (this.interruption !== undefined) return false;
    return this.phase === 'continuous' || this.phase === 'pre' || this.phase === 'after_market';
  }

  /** Plays all that happens before the time. */
  advance(untilUs: number): void {
    for (;;) {
      const atUs = this.arrivals.nextUs;
      if (atUs < untilUs && atUs < this.changeUs) {
        if (this.arrivals.take()) this.act(atUs);
      } else if (this.changeUs >= untilUs) return;
      else if (this.interruption?.untilUs === this.changeUs) this.endInterruption(this.changeUs, this.interruption);
      else this.beginPhase(this.steps[this.nextStep], this.changeUs);
    }
  }

  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void {
    if (this.auction.hourClass !== undefined) {
      this.auction.match(timeUs, priceWon, size);
      return;
    }
    this.flow.referenceWon = priceWon;
    this.host.print(this, timeUs, priceWon, size, buy ? CONCLUSION_BUY : CONCLUSION_SELL);
  }

  outOfBounds(timeUs: number): void {
    this.host.tradeOvershoots(timeUs);
  }

  /** Begins a call auction within continuous trading; does nothing where none runs. */
  interrupt(timeUs: number, untilUs: number): void {
    if (this.phase !== 'continuous' || this.interruption !== undefined) return;
    this.interruption = { cause: 'volatility', auction: true, untilUs };
    this.beginAuction('C', timeUs);
    this.host.report(this, timeUs, INTERRUPTION_CODES.auctionBegins);
    this.afterChange(timeUs);
  }

  halt(timeUs: number): void {
    if (this.halted) return;
    this.stop('halt', timeUs, Number.POSITIVE_INFINITY);
    this.host.report(this, timeUs, INTERRUPTION_CODES.halted);
  }

  /** Stops for twenty minutes, then calls an auction; does nothing outside continuous trading. */
  breakCircuit(timeUs: number): void {
    if (this.phase !== 'continuous' || this.halted) return;
    this.stop('circuit_breaker', timeUs, timeUs + CIRCUIT_BREAKER_US);
    this.host.report(this, timeUs, INTERRUPTION_CODES.circuitBreaker);
  }

  /** Ends a halt: with an auction in continuous trading, otherwise as the phase has it. */
  resume(timeUs: number): void {
    if (!this.halted || this.interruption === undefined) return;
    const { cause } = this.interruption;
    this.interruption = undefined;
    if (this.phase === 'continuous') {
      const untilUs = timeUs + RESUMING_AUCTION_US;
      this.interruption = { cause, auction: true, untilUs };
      this.fillBook(timeUs);
      this.arrivals.begin(timeUs);
      this.beginAuction('C', timeUs);
    } else this.enter(this.phase, timeUs);
    const { auctionBegins, circuitBreakerReleased, circuitBreakerAuction } = INTERRUPTION_CODES;
    const codes = cause === 'halt' ? [auctionBegins] : [circuitBreakerReleased, circuitBreakerAuction];
    for (const code of codes) this.host.report(this, timeUs, code);
    this.afterChange(timeUs);
  }

  /** Puts a new book around a place and goes on with the phase: for a start within a day, and beside another venue. */
  fillBook(timeUs: number, bidIndex = Math.min(this.book.prices.length - 2, Math.floor(this.host.fairPosition))): void {
    this.flow.fillBook(bidIndex, timeUs);
    this.flow.referenceWon = this.ledger.day.priceWon;
  }

  /** The phase that has begun by a time, for a stretch that nobody saw: without books, orders or reports. */
  skip(untilUs: number, ends: (phase: SessionPhase, atUs: number) => void): void {
    for (let step = this.steps[this.nextStep]; step !== undefined && step.atUs < untilUs; ) {
      ends(this.phase, step.atUs);
      this.phase = step.phase;
      step = this.steps[++this.nextStep];
    }
    this.scheduleChange();
  }

  /** Begins in the middle of the phase that `skip` has found. */
  begin(timeUs: number, auctionSize: number): void {
    this.enter(this.phase, timeUs);
    if (this.auction.hourClass !== undefined) this.auction.match(timeUs, this.book.bidWon, auctionSize);
    this.afterChange(timeUs);
  }

  private act(timeUs: number): void {
    if (this.phase !== 'after_hours') this.flow.act(timeUs);
    else {
      const size = drawSize(this.profile.tradeSize, this.random.int32());
      this.host.print(this, timeUs, this.host.closeWon, size, CONCLUSION_AUCTION);
    }
  }

  private endInterruption(timeUs: number, { cause, auction }: Interruption): void {
    if (!auction) {
      this.resume(timeUs);
      return;
    }
    this.uncross(timeUs);
    this.interruption = undefined;
    const { circuitBreakerEnds, auctionEnds } = INTERRUPTION_CODES;
    this.host.report(this, timeUs, cause === 'circuit_breaker' ? circuitBreakerEnds : auctionEnds);
    this.afterChange(timeUs);
  }

  private beginPhase(step: PhaseStep, timeUs: number): void {
    const before = this.phase;
    if (this.auction.hourClass !== undefined && this.interruption === undefined) {
      if (!this.prolonged && this.host.auctionOvershoots(this)) {
        this.prolonged = true;
        this.auction.hourClass = 'C';
        this.book.revision++;
        step.atUs = timeUs + interruptionUs(this.random);
        this.host.report(this, timeUs, INTERRUPTION_CODES.auctionBegins);
        this.scheduleChange();
        return;
      }
      const ends = this.prolonged;
      this.prolonged = false;
      if (ends) this.host.report(this, timeUs, INTERRUPTION_CODES.auctionEnds);
    }
    this.nextStep++;
    // An auction within the day that the closing auction meets becomes a part of it.
    if (this.interruption?.auction === true) {
      this.interruption = undefined;
      this.host.report(this, timeUs, INTERRUPTION_CODES.auctionEnds);
    }
    if (!this.halted) this.enter(step.phase, timeUs);
    this.phase = step.phase;
    const ends = step.phase === 'closed' ? PHASE_ENDS[before] : undefined;
    const codes = ends ?? PHASE_BEGINS[step.phase];
    if (codes !== undefined) this.host.report(this, timeUs, codes);
    this.afterChange(timeUs);
  }

  private enter(phase: SessionPhase, timeUs: number): void {
    if (phase === 'closing_auction') {
      if (this.arrivals.nextUs === Number.POSITIVE_INFINITY) this.fillAndBegin(timeUs);
      if (this.auction.hourClass === undefined) this.beginAuction('A', timeUs);
      this.auction.hourClass = 'A';
      this.book.revision++;
      return;
    }
    const auctionRan = this.auction.hourClass !== undefined;
    if (auctionRan) this.uncross(timeUs);
    if (phase === 'closed' || phase === 'after_hours') this.arrivals.stop();
    if (phase === 'after_hours') this.arrivals.begin(timeUs);
    else if (phase !== 'closed' && !auctionRan) this.fillAndBegin(timeUs);
    if (phase === 'opening_auction') this.beginAuction('B', timeUs);
  }

  private fillAndBegin(timeUs: number): void {
    this.fillBook(timeUs);
    this.arrivals.begin(timeUs);
  }

  private beginAuction(hourClass: HourClass, timeUs: number): void {
    this.auction.begin(hourClass, timeUs);
    this.flow.auction = true;
    this.book.revision++;
  }

  /** All that has met trades at the one price. */
  private uncross(timeUs: number): void {
    const { expectedWon, volume } = this.auction;
    this.auction.end();
    this.flow.auction = false;
    this.book.revision++;
    if (volume === 0) return;
    this.flow.referenceWon = expectedWon;
    this.host.print(this, timeUs, expectedWon, volume, CONCLUSION_AUCTION);
  }

  private stop(cause: Interruption['cause'], timeUs: number, untilUs: number): void {
    this.interruption = { cause, auction: false, untilUs };
    this.auction.end();
    this.flow.auction = false;
    this.arrivals.stop();
    this.afterChange(timeUs);
  }

  private afterChange(timeUs: number): void {
    this.scheduleChange();
    this.host.changed(this, timeUs);
  }

  private scheduleChange(): void {
    const stepUs = this.steps[this.nextStep]?.atUs ?? Number.POSITIVE_INFINITY;
    this.changeUs = Math.min(stepUs, this.interruption?.untilUs ?? Number.POSITIVE_INFINITY);
  }
}
