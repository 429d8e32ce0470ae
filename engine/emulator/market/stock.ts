// One instrument of the simulated market: its fair value, its session at each venue that trades it, and the ledgers of
// what they trade: KRX's, NXT's, and the unified one that takes both in order of time.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import type { Instrument } from '../../../config/instruments.ts';
import type { TickTable } from '../../../config/market-rules.ts';
import { floorToGrid, hasMidpoints, tickIn, tickTableOn } from '../../../config/tick-table.ts';
import { interruptionOf } from '../../../config/volatility-interruption.ts';
import { type DayPlan, NXT_ACTIVITY, OPENING_SHARE, type TimeOfDay } from './day-plan.ts';
import { type Factors, FairValue, NIGHT_DAYS } from './factors.ts';
import type { Ladder } from './ladder.ts';
import { Ledger } from './ledger.ts';
import { priceGrid } from './order-book.ts';
import { interruptionUs } from './phase-schedule.ts';
import { profileAtNxt, profileOf } from './profile.ts';
import type { Random } from './random.ts';
import { PHASE_BEGINS, PHASE_ENDS, SESSION_CODES, type StatusCodes } from './session-codes.ts';
import type { SessionHost } from './session-host.ts';
import type { MarketVenue } from './simulated-market.ts';
import type { StatusQueue } from './status-record.ts';
import { tradeBounds } from './trade-bounds.ts';
import { CONCLUSION_AUCTION, type TradePrint, type TradeReference } from './trade-record.ts';
import { TradingDay } from './trading-day.ts';
import { auctionSize, playUnseen, type UnseenSink, type UnseenStretch } from './unseen-stretch.ts';
import { VenueSession } from './venue-session.ts';

/** A stock on its way to a limit has at least so many orders a second. */
const PRESSED_EVENTS_PER_SECOND = 40;

/** What all stocks of a market share. */
export interface StockSurroundings {
  readonly activity: number;
  readonly pendingTradesMax: number;
  readonly time: TimeOfDay;
  readonly factors: Factors;
  readonly statuses: StatusQueue;
  readonly ladder: Ladder;
}

export interface StockOptions {
  readonly instrument: Instrument;
  /** Place in the market. */
  readonly place: number;
  readonly random: Random;
  readonly nxtRandom: Random;
  /** Of the day before the first. */
  readonly previousVolume: Readonly<Record<MarketVenue, number>>;
  readonly surroundings: StockSurroundings;
}

export class Stock implements SessionHost, UnseenSink {
  instrument: Instrument;
  readonly place: number;
  readonly krx: VenueSession;
  readonly nxt: VenueSession | undefined;
  readonly unified: Ledger | undefined;
  readonly sessions: readonly VenueSession[];
  readonly surroundings: StockSurroundings;
  plan: DayPlan;
  fairPosition = 0;
  /** Price of the last auction before the closing one; until then the base price. */
  viReferenceWon: number;
  private readonly fair: FairValue;
  private readonly random: Random;
  private prices: Int32Array = new Int32Array(2);
  private ticks: TickTable;
  /** Where it is being driven to: the upper limit, the lower one, or nowhere. */
  private pressure: -1 | 0 | 1 = 0;
  private readonly reference: { -readonly [Field in keyof TradeReference]: TradeReference[Field] };

  /** Call `openDay` before anything else. */
  constructor({ instrument, place, random, nxtRandom, previousVolume, surroundings }: StockOptions, plan: DayPlan) {
    const { code, kind, market, listedShares, referencePriceWon } = instrument;
    this.instrument = instrument;
    this.place = place;
    this.random = random;
    this.surroundings = surroundings;
    this.plan = plan;
    this.ticks = tickTableOn(kind, plan.businessDate, market);
    this.fair = new FairValue(instrument, random);
    this.viReferenceWon = floorToGrid(referencePriceWon, kind, plan.businessDate, market);
    this.reference = { code, listedShares, previousVolumeSameHour: 0, viReferenceWon: this.viReferenceWon };
    const ledger = (venue: MarketVenue): Ledger => {
      const before = new TradingDay(0, this.viReferenceWon, 0, this.prices);
      before.volume = previousVolume[venue];
      return new Ledger(venue === 'KRX', surroundings.pendingTradesMax, plan, before);
    };
    const { activity } = surroundings;
    const profile = profileOf(instrument);
    const session = { activity, host: this };
    this.krx = new VenueSession({ ...session, venue: 'KRX', profile, random, ledger: ledger('KRX') });
    this.sessions = [this.krx];
    if (!instrument.nxt) return;
    const nxtProfile = profileAtNxt(profile, NXT_ACTIVITY);
    this.nxt = new VenueSession({
      ...session,
      venue: 'NXT',
      profile: nxtProfile,
      random: nxtRandom,
      ledger: ledger('NXT'),
    });
    this.sessions = [this.krx, this.nxt];
    this.unified = ledger('UN');
  }

  get day(): TradingDay {
    return this.krx.ledger.day;
  }

  get closeWon(): number {
    return this.day.gridPriceWon;
  }

  /** Undefined where NXT does not trade the stock. */
  ledger(venue: MarketVenue): Ledger | undefined {
    return venue === 'KRX' ? this.krx.ledger : venue === 'NXT' ? this.nxt?.ledger : this.unified;
  }

  /** Begins a day after the night that was the factors' last step. A `ratio` above 1 splits shares, each worth less. */
  openDay(plan: DayPlan, ratio: number): void {
    const { kind, market } = this.instrument;
    const previousCloseWon = floorToGrid(this.closeWon / ratio, kind, plan.businessDate, market);
    this.plan = plan;
    this.ticks = tickTableOn(kind, plan.businessDate, market);
    if (ratio !== 1) this.splitShares(ratio, previousCloseWon);
    this.pressure = 0;
    this.viReferenceWon = previousCloseWon;
    this.prices = priceGrid(previousCloseWon, kind, plan.businessDate, market);
    for (const ledger of [this.krx.ledger, this.nxt?.ledger, this.unified]) {
      ledger?.openDay(plan, previousCloseWon, this.prices);
    }
    for (const session of this.sessions) {
      session.openDay(plan, this.prices, kind);
      session.flow.midpoints = hasMidpoints(plan.businessDate);
    }
    this.stepFairValue(NIGHT_DAYS);
    // What begins with the day has begun when its first microsecond is over.
    this.advance(plan.beginUs + 1);
  }

  /** Follows the factors' last step, which lasted so many trading days. */
  stepFairValue(days: number): void {
    const { factors, time } = this.surroundings;
    if (this.pressure === 0) this.fair.step(factors, days, this.day.previousCloseWon);
    this.fairPosition = this.krx.book.position(this.fair.won, this.fairPosition);
    const liveliness = this.fair.activity(factors);
    for (const session of this.sessions) {
      const { flow, arrivals } = session;
      flow.fairPosition = this.fairPosition;
      const driven = this.pressure !== 0 && session.book.bestBid >= 0 && session.book.bestAsk < this.prices.length;
      const boost = driven ? Math.max(1, PRESSED_EVENTS_PER_SECOND / arrivals.eventsPerSecond) : 1;
      arrivals.season = time.season[session.venue] * liveliness * boost;
    }
  }

  /** Plays all that happens before the time, at whichever venue it happens first; KRX first at equal times. */
  advance(untilUs: number): void {
    const { krx, nxt } = this;
    if (nxt === undefined) krx.advance(untilUs);
    while (nxt !== undefined) {
      const [krxUs, nxtUs] = [krx.nextUs, nxt.nextUs];
      if (krxUs <= nxtUs) {
        if (krxUs >= untilUs) return;
        krx.advance(Math.min(untilUs, nxtUs + 1));
      } else if (nxtUs < untilUs) nxt.advance(Math.min(untilUs, krxUs));
      else return;
    }
  }

  /** A stretch of the day that nobody saw; the factors' last step is the stretch's. */
  passUnseen(stretch: UnseenStretch): void {
    this.stepFairValue(stretch.days);
    const fairIndex = Math.floor(this.fairPosition);
    for (const session of this.sessions) playUnseen(session, stretch, fairIndex, this.random, this);
  }

  printUnseen(session: VenueSession, print: TradePrint, trades: number): void {
    const { priceWon } = print;
    this.record(session, print, trades, priceWon + tickIn(this.ticks, priceWon), priceWon);
  }

  /** Begins to trade in the middle of the day, after what nobody saw. */
  begin(timeUs: number): void {
    for (const session of this.sessions) {
      const size = auctionSize(session, this.surroundings.activity, OPENING_SHARE, this.random);
      session.begin(timeUs, size);
      session.ledger.watch(session.ledger.watched);
    }
  }

  print(session: VenueSession, timeUs: number, priceWon: number, size: number, conclusion: number): void {
    const { book, ledger } = session;
    const { time, ladder } = this.surroundings;
    const second = Math.floor((timeUs - this.plan.midnightUs) / US_PER_SECOND);
    const print = { second, priceWon, size, conclusion, codes: SESSION_CODES[session.phase] };
    this.record(session, print, 1, book.askWon, book.bidWon);
    const { reference, unified } = this;
    reference.viReferenceWon = this.viReferenceWon;
    if (ledger.watched) {
      reference.previousVolumeSameHour = Math.ceil(ledger.day.previousVolume * time.volumeShare[session.venue]);
      ledger.write(print, reference, ladder.show(book));
    }
    if (unified?.watched !== true) return;
    reference.previousVolumeSameHour = Math.ceil(unified.day.previousVolume * time.volumeShare.UN);
    const { nxt, krx } = this;
    const other = session === krx ? nxt : krx;
    unified.write(print, reference, ladder.show(book, krx.flow.elsewhere === undefined ? undefined : other?.book));
  }

  report(session: VenueSession, timeUs: number, codes: StatusCodes): void {
    const { halted, volatilityInterruption, venue } = session;
    const { place, surroundings, instrument } = this;
    const report = { timeUs, place, code: instrument.code, venue, codes, halted, volatilityInterruption };
    surroundings.statuses.report(report);
    // The unified feed tells what KRX's does, and of NXT's the part of the day that KRX has not.
    const early = codes === PHASE_BEGINS.pre || codes === PHASE_ENDS.pre;
    if (this.nxt === undefined || (venue === 'NXT' && !early)) return;
    const operation = codes.operation === '' ? 'AB1' : codes.operation;
    surroundings.statuses.report({ ...report, venue: 'UN', codes: { ...codes, operation } });
  }

  auctionOvershoots(session: VenueSession): boolean {
    const { auction, phase } = session;
    const { kind, kospi200 } = this.instrument;
    if (session !== this.krx || auction.expectedWon === 0) return false;
    return (
      interruptionOf({
        priceWon: auction.expectedWon,
        lastPriceWon: this.day.volume > 0 ? this.day.priceWon : 0,
        referencePriceWon: this.viReferenceWon,
        closingAuction: phase === 'closing_auction',
        kospi200,
        kind,
        date: this.plan.businessDate,
      }) !== null
    );
  }

  /** Both venues stop at once and go on at once. */
  tradeOvershoots(timeUs: number): void {
    if (!this.krx.continuous || this.krx.phase !== 'continuous') return;
    const untilUs = timeUs + interruptionUs(this.random);
    for (const session of this.sessions) session.interrupt(timeUs, untilUs);
  }

  changed(session: VenueSession, timeUs: number): void {
    const { krx, nxt, plan, day } = this;
    const opens = session === krx && plan.scope === 'regular' && krx.continuous && day.volume === 0;
    if (opens) {
      const { activity } = this.surroundings;
      const size = auctionSize(krx, activity, OPENING_SHARE, this.random);
      this.print(krx, timeUs, krx.book.bidWon, size, CONCLUSION_AUCTION);
    }
    krx.flow.bounds = tradeBounds(
      this.instrument,
      krx.phase === 'continuous' ? this.viReferenceWon : 0,
      plan.businessDate,
    );
    const together = nxt !== undefined && krx.continuous && nxt.continuous;
    // Two books that begin to trade beside each other must not cross.
    if (together && krx.flow.elsewhere === undefined) nxt.fillBook(timeUs, krx.book.bestBid);
    krx.flow.elsewhere = together ? nxt.flow : undefined;
    if (nxt !== undefined) nxt.flow.elsewhere = together ? krx.flow : undefined;
  }

  /** Buyers or sellers take all there is until the day ends. */
  drive(direction: -1 | 1): void {
    this.pressure = direction;
    this.fair.won = direction > 0 ? this.day.upperLimitWon : this.day.lowerLimitWon;
    for (const { flow } of this.sessions) flow.pressure = direction;
    this.stepFairValue(0);
  }

  /** Into the sums, before the record that shows them is written. */
  private record(session: VenueSession, print: TradePrint, trades: number, askWon: number, bidWon: number): void {
    const { ledger, phase } = session;
    const { priceWon, conclusion } = print;
    ledger.add(print, trades, askWon, bidWon);
    this.unified?.add(print, trades, askWon, bidWon);
    const duringTheDay = phase !== 'after_market' && phase !== 'after_hours';
    const isAuction = conclusion === CONCLUSION_AUCTION && phase !== 'after_hours';
    if (isAuction) {
      ledger.day.auctionVolume = print.size;
      if (this.unified !== undefined) this.unified.day.auctionVolume = print.size;
    }
    if (session !== this.krx) return;
    if (duringTheDay && priceWon % tickIn(this.ticks, priceWon) === 0) ledger.day.gridPriceWon = priceWon;
    if (duringTheDay && phase !== 'closing_auction' && conclusion === CONCLUSION_AUCTION)
      this.viReferenceWon = priceWon;
  }

  private splitShares(ratio: number, baseWon: number): void {
    const listedShares = Math.round(this.instrument.listedShares * ratio);
    this.instrument = { ...this.instrument, listedShares, referencePriceWon: baseWon };
    this.reference.listedShares = listedShares;
    this.fair.won /= ratio;
    this.krx.profile = profileOf(this.instrument);
    if (this.nxt !== undefined) this.nxt.profile = profileAtNxt(this.krx.profile, NXT_ACTIVITY);
  }
}
