// What trading is like for one instrument: the session of venue and calendar, halts, volatility interruptions and auctions
// as the feed tells them. A pure function of journal entries and calendar. No single record is believed for ever: an
// interruption whose end was lost is over with the first record of continuous trading, or when the rules end it.
import { SESSION_PHASES } from '../../config/session-tables.ts';
import type { SessionPhase } from '../../config/sessions.ts';
import { VOLATILITY_INTERRUPTION_RULES } from '../../config/volatility-interruption.ts';
import { HOUR_CLASS_IN_SESSION, type MarketStatusRecord } from '../decode/records.ts';
import type { MarketMessage } from '../messages.ts';
import { IN_FLIGHT_US, MARGIN_US, MarketWideState, SIDECARS } from './market-wide-state.ts';
import { EXPECTED_OPERATIONS, ISSUE_SUSPENDED, OPERATIONS } from './operation-codes.ts';
import type { SessionClock } from './session-clock.ts';

const { auctionSeconds, randomEndSecondsMax } = VOLATILITY_INTERRUPTION_RULES;
/** So long an interruption lasts at most, and so long expected prices prove an auction. */
const AUCTION_US_MAX = (auctionSeconds + randomEndSecondsMax) * 1_000_000 + MARGIN_US;

const AUCTION_PHASES: readonly SessionPhase[] = ['opening_auction', 'closing_auction', 'after_hours_auction'];
const TRADING_PHASES: readonly SessionPhase[] = ['pre', 'continuous', 'after_market'];

/** Bits of a view, what is published as one number: the phase in the lowest three, the sidecar in two, flags else. */
const PHASE_MASK = 7;
const HALTED = 8;
const INTERRUPTED = 16;
const STOPPED = 32;
const AUCTION = 64;
const SIDECAR_SHIFT = 7;

/** Why nothing trades continuously at the moment. */
export type StoppedReason = 'session' | 'circuit_breaker' | 'halted' | 'volatility_interruption' | 'auction';

/** What is published, without number and time. */
export type MarketFields = Omit<MarketMessage, 'seq' | 'timeUs'>;

export interface TradingStateOptions {
  /** Shared by all instruments of the venue. */
  readonly clock: SessionClock;
  /** Shared by all instruments of the market; one of its own where the market is not known. */
  readonly market?: MarketWideState;
}

/** Plain numbers, engine time in microseconds; 0 where nothing is on. */
interface TradingValues {
  haltedSinceUs: number;
  interruptedSinceUs: number;
  interruptedUntilUs: number;
  /** While expected prices prove an auction; where one has just ended, since when. */
  auctionSinceUs: number;
  auctionUntilUs: number;
  auctionEndedUs: number;
  /** The last trade in session while the market was said to be stopped. */
  provenOpenUs: number;
  /** What was published last; −1: nothing yet. */
  view: number;
}

function nothingKnown(): TradingValues {
  return {
    haltedSinceUs: 0,
    interruptedSinceUs: 0,
    interruptedUntilUs: 0,
    auctionSinceUs: 0,
    auctionUntilUs: 0,
    auctionEndedUs: 0,
    provenOpenUs: 0,
    view: -1,
  };
}

/** Each method that takes a record or the time says whether what is to be published has changed by it. */
export class TradingState {
  /** Saved by copying. */
  readonly values: TradingValues = nothingKnown();
  private readonly clock: SessionClock;
  private market: MarketWideState;
  /** Up to then a record of continuous trading changes nothing, if the market's revision is still this one. Not saved. */
  private quietUntilUs = 0;
  private quietRevision = -1;

  constructor({ clock, market = new MarketWideState() }: TradingStateOptions) {
    this.clock = clock;
    this.market = market;
  }

  /** The masters have told which market the instrument belongs to. */
  join(market: MarketWideState, timeUs: number): boolean {
    this.market = market;
    return this.advance(timeUs);
  }

  /** A market status record of this instrument. Where `market.revision` rises, the market's others are to be advanced. */
  status(
    { halted, issueStatus, volatilityInterruption, operation, expectedOperation }: MarketStatusRecord,
    timeUs: number,
  ): boolean {
    const { values } = this;
    const effect = OPERATIONS.get(operation)?.effect;
    if (effect !== undefined) this.market.apply(effect, timeUs);
    this.setHalted(halted || issueStatus === ISSUE_SUSPENDED, timeUs);
    if (volatilityInterruption) {
      if (values.interruptedUntilUs === 0) values.interruptedSinceUs = timeUs;
      values.interruptedUntilUs = timeUs + AUCTION_US_MAX;
    } else {
      values.interruptedSinceUs = values.interruptedUntilUs = 0;
    }
    const expectation = EXPECTED_OPERATIONS.get(expectedOperation);
    if (expectation === 'begin') this.expectPrices(timeUs);
    if (expectation === 'end') this.endAuction(timeUs);
    return this.advance(timeUs);
  }

  /** A trade; `hourClass` and `halted` are the cells of its record. */
  trade(hourClass: number, halted: number, timeUs: number): boolean {
    if (halted === 0 && this.isQuiet(hourClass, timeUs)) return false;
    const { values } = this;
    if (halted !== 0) {
      this.setHalted(true, timeUs);
    } else if (hourClass === HOUR_CLASS_IN_SESSION) {
      if (timeUs - values.haltedSinceUs > IN_FLIGHT_US) this.setHalted(false, timeUs);
      if (this.market.stoppedFor(values.provenOpenUs)) values.provenOpenUs = timeUs;
      this.inSession(timeUs);
    }
    return this.advance(timeUs);
  }

  /** A book; expected prices stand in those of every other class than that of the session. */
  book(hourClass: number, timeUs: number): boolean {
    if (this.isQuiet(hourClass, timeUs)) return false;
    if (hourClass === HOUR_CLASS_IN_SESSION) this.inSession(timeUs);
    else this.expectPrices(timeUs);
    return this.advance(timeUs);
  }

  /** An expected execution. They are sent in auctions only, and the last ones may come after the auction's trade. */
  expected(timeUs: number): boolean {
    if (timeUs - this.values.auctionEndedUs > IN_FLIGHT_US) this.expectPrices(timeUs);
    return this.advance(timeUs);
  }

  /** What time, calendar and market alone change. */
  advance(timeUs: number): boolean {
    const { values, market } = this;
    market.advance(timeUs);
    if (timeUs >= values.interruptedUntilUs) values.interruptedSinceUs = values.interruptedUntilUs = 0;
    if (timeUs >= values.auctionUntilUs) values.auctionSinceUs = values.auctionUntilUs = 0;
    const view = this.viewAt(timeUs);
    this.quietUntilUs = (view & ~PHASE_MASK) === 0 ? this.clock.endUs : 0;
    this.quietRevision = market.revision;
    const changed = view !== values.view;
    values.view = view;
    return changed;
  }

  /** Engine time at which `advance` has something to do. */
  get dueUs(): number {
    const { interruptedUntilUs, auctionUntilUs } = this.values;
    return Math.min(
      this.clock.endUs,
      interruptedUntilUs || Number.POSITIVE_INFINITY,
      auctionUntilUs || Number.POSITIVE_INFINITY,
      this.market.dueUs,
    );
  }

  get phase(): SessionPhase {
    return SESSION_PHASES[this.view & PHASE_MASK];
  }

  /** Why nothing trades continuously; null where it does, be it before or after the regular session. */
  get stoppedReason(): StoppedReason | null {
    const { view } = this;
    if ((view & STOPPED) !== 0) return 'circuit_breaker';
    if ((view & HALTED) !== 0) return 'halted';
    if ((view & INTERRUPTED) !== 0) return 'volatility_interruption';
    if ((view & AUCTION) !== 0) return 'auction';
    return TRADING_PHASES.includes(this.phase) ? null : 'session';
  }

  /** Continuous trading of the regular session: trades normally happen, and signals may be given. */
  get continuous(): boolean {
    return this.phase === 'continuous' && (this.view & (STOPPED | HALTED | INTERRUPTED | AUCTION)) === 0;
  }

  get auction(): boolean {
    return (this.view & AUCTION) !== 0;
  }

  /** The fields of the message to publish. */
  fields(): MarketFields {
    const { view } = this;
    return {
      phase: this.phase,
      halted: (view & HALTED) !== 0,
      volatilityInterruption: (view & INTERRUPTED) !== 0,
      circuitBreaker: (view & STOPPED) !== 0,
      sidecar: SIDECARS[view >> SIDECAR_SHIFT],
      auction: (view & AUCTION) !== 0,
    };
  }

  /** Another feed: what the last one said of the moment is nothing to this one. What was published stays published. */
  forget(): void {
    this.load({ ...nothingKnown(), view: this.values.view });
  }

  load(values: TradingValues): void {
    Object.assign(this.values, values);
    this.quietUntilUs = 0;
  }

  private get view(): number {
    return Math.max(0, this.values.view);
  }

  /** Whether a record of continuous trading can change nothing: almost always, so that it costs next to nothing. */
  private isQuiet(hourClass: number, timeUs: number): boolean {
    return (
      hourClass === HOUR_CLASS_IN_SESSION && timeUs < this.quietUntilUs && this.quietRevision === this.market.revision
    );
  }

  private viewAt(timeUs: number): number {
    const { values, market, clock } = this;
    const phase = clock.at(timeUs);
    const interrupted = values.interruptedUntilUs > 0;
    const auction = interrupted || values.auctionUntilUs > 0 || AUCTION_PHASES.includes(phase);
    return (
      SESSION_PHASES.indexOf(phase) |
      (values.haltedSinceUs > 0 ? HALTED : 0) |
      (interrupted ? INTERRUPTED : 0) |
      (market.stoppedFor(values.provenOpenUs) ? STOPPED : 0) |
      (auction ? AUCTION : 0) |
      (market.values.sidecar << SIDECAR_SHIFT)
    );
  }

  private setHalted(halted: boolean, timeUs: number): void {
    const { values } = this;
    if (!halted) values.haltedSinceUs = 0;
    else if (values.haltedSinceUs === 0) values.haltedSinceUs = timeUs;
  }

  private expectPrices(timeUs: number): void {
    const { values } = this;
    if (values.auctionUntilUs === 0) values.auctionSinceUs = timeUs;
    values.auctionUntilUs = timeUs + AUCTION_US_MAX;
  }

  /** A record of continuous trading, which ends what has begun before it was made. */
  private inSession(timeUs: number): void {
    const { values } = this;
    if (values.interruptedUntilUs > 0 && timeUs - values.interruptedSinceUs > IN_FLIGHT_US) {
      values.interruptedSinceUs = values.interruptedUntilUs = 0;
    }
    if (values.auctionUntilUs > 0 && timeUs - values.auctionSinceUs > IN_FLIGHT_US) this.endAuction(timeUs);
  }

  private endAuction(timeUs: number): void {
    const { values } = this;
    values.auctionSinceUs = values.auctionUntilUs = 0;
    values.auctionEndedUs = timeUs;
  }
}
