// What a stock shows at a venue: the payloads of its book and its expected execution, and its state for REST. The unified
// feed shows both venues' books as one while both trade, otherwise that of the one which does.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import { tickSize } from '../../../config/tick-table.ts';
import { AsciiWriter } from './ascii-writer.ts';
import { writeBookRecord } from './book-record.ts';
import { writeExpectedRecord } from './expected-record.ts';
import { LADDER_LEVELS, Ladder } from './ladder.ts';
import { SESSION_CODES } from './session-codes.ts';
import type { BookFieldCount, BookLevel, ExpectedFieldCount, MarketVenue, Quote } from './simulated-market.ts';
import type { Stock } from './stock.ts';
import { TradingDay } from './trading-day.ts';
import type { VenueSession } from './venue-session.ts';

export class StockView {
  private readonly writer = new AsciiWriter(1024);
  private readonly ladder = new Ladder();

  /** Zero for ever where the venue does not trade the stock. */
  bookRevision(stock: Stock, venue: MarketVenue): number {
    return shown(stock, venue).reduce((sum, { bookRevision }) => sum + bookRevision, 0);
  }

  expectedRevision(stock: Stock, venue: MarketVenue): number {
    return shown(stock, venue).reduce((sum, { auction }) => sum + auction.revision, 0);
  }

  /** Empty where the venue does not trade the stock. */
  book(stock: Stock, venue: MarketVenue, fieldCount: BookFieldCount): string {
    const ledger = stock.ledger(venue);
    const [session, other] = leading(stock, venue);
    if (ledger === undefined || session === undefined) return '';
    const sessions = fieldCount >= 65 ? [stock.krx, stock.nxt ?? stock.krx] : [session];
    const latest = other !== undefined && other.flow.lastEventUs > session.flow.lastEventUs ? other : session;
    const { writer } = this;
    writer.length = 0;
    writeBookRecord(
      writer,
      {
        code: stock.instrument.code,
        second: secondOf(stock, Math.max(latest.flow.lastEventUs, session.auction.lastMatchUs)),
        askSizeChange: latest.flow.askSizeChange,
        bidSizeChange: latest.flow.bidSizeChange,
        midpoints: sessions.map(({ book, flow, continuous }) => ({
          book: continuous || session.auction.hourClass !== undefined ? book : undefined,
          interest: flow.midpointInterest,
        })),
        auction: session.auction,
        market: SESSION_CODES[session.phase].market,
        expectedBy: session.venue === 'KRX' ? 1 : 2,
      },
      ledger.day,
      this.ladder.show(session.book, other?.book),
      fieldCount,
    );
    return writer.bytes.toString('latin1', 0, writer.length - 1);
  }

  expected(stock: Stock, venue: MarketVenue, fieldCount: ExpectedFieldCount): string {
    const ledger = stock.ledger(venue);
    const [session] = leading(stock, venue);
    if (ledger === undefined || session === undefined) return '';
    const { code, listedShares } = stock.instrument;
    const { viReferenceWon } = stock;
    const reference = {
      code,
      listedShares,
      viReferenceWon,
      previousVolumeSameHour: 0,
      second: secondOf(stock, session.auction.lastMatchUs),
      market: SESSION_CODES[session.phase].market,
    };
    const { writer } = this;
    writer.length = 0;
    const ladder = this.ladder.show(session.book);
    writeExpectedRecord(writer, reference, session.auction, ledger.day, ladder, fieldCount);
    return writer.bytes.toString('latin1', 0, writer.length - 1);
  }

  /** Unified is KRX's where NXT does not trade the stock, and NXT's a day without a trade. */
  quote(stock: Stock, wanted: MarketVenue, timeUs: number): Quote {
    const venue = wanted === 'UN' && stock.nxt === undefined ? 'KRX' : wanted;
    const { krx, instrument, viReferenceWon, plan } = stock;
    const day = stock.ledger(venue)?.day ?? untradedDay(krx.ledger.day);
    const [session, other] = leading(stock, venue);
    const ladder = this.ladder.show(session?.book, other?.book);
    const auction = session?.auction;
    return {
      code: instrument.code,
      timeUs,
      businessDate: day.businessDate,
      priceWon: day.priceWon,
      previousCloseWon: day.previousCloseWon,
      upperLimitWon: day.upperLimitWon,
      lowerLimitWon: day.lowerLimitWon,
      tickSizeWon: tickSize(day.priceWon, instrument.kind, plan.businessDate, instrument.market),
      openWon: day.openWon,
      highWon: day.highWon,
      lowWon: day.lowWon,
      volume: day.volume,
      turnoverWon: day.turnoverWon,
      sellTrades: day.sellTrades,
      buyTrades: day.buyTrades,
      sellVolume: day.sellVolume,
      buyVolume: day.buyVolume,
      previousVolume: day.previousVolume,
      phase: session?.phase ?? 'closed',
      halted: krx.halted,
      volatilityInterruption: krx.volatilityInterruption,
      viReferenceWon,
      expectedPriceWon: auction?.expectedWon ?? 0,
      expectedVolume: auction?.volume ?? 0,
      bids: levels(ladder.bidPrices, ladder.bidSizes),
      asks: levels(ladder.askPrices, ladder.askSizes),
    };
  }
}

/** The two books the unified feed shows as one, in order, or the one that any feed shows. */
export function unifiedBooks({ krx, nxt }: Stock): readonly [VenueSession, VenueSession?] {
  if (nxt === undefined) return [krx];
  if (krx.continuous) return nxt.continuous ? [krx, nxt] : [krx];
  if (nxt.continuous) return [nxt];
  if (krx.auction.hourClass === undefined && nxt.auction.hourClass !== undefined) return [nxt];
  return [krx];
}

function leading(stock: Stock, venue: MarketVenue): readonly [VenueSession?, VenueSession?] {
  if (venue === 'KRX') return [stock.krx];
  if (stock.nxt === undefined) return [];
  return venue === 'NXT' ? [stock.nxt] : unifiedBooks(stock);
}

function shown({ krx, nxt }: Stock, venue: MarketVenue): readonly VenueSession[] {
  if (venue === 'KRX') return [krx];
  if (nxt === undefined) return [];
  return venue === 'NXT' ? [nxt] : [krx, nxt];
}

function untradedDay({ businessDate, previousCloseWon, lowerLimitWon, upperLimitWon }: TradingDay): TradingDay {
  return new TradingDay(businessDate, previousCloseWon, 0, Int32Array.of(lowerLimitWon, upperLimitWon));
}

function levels(pricesWon: Int32Array, sizes: Int32Array): BookLevel[] {
  const result: BookLevel[] = [];
  for (let level = 0; level < LADDER_LEVELS && sizes[level] > 0; level++) {
    result.push({ priceWon: pricesWon[level], size: sizes[level] });
  }
  return result;
}

function secondOf({ plan }: Stock, timeUs: number): number {
  return Math.max(0, Math.floor((timeUs - plan.midnightUs) / US_PER_SECOND));
}
