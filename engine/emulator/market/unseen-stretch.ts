// The part of a day before a market starts within it: coarse prints, minute by minute, so that all running numbers and
// bars stand as if it had been traded. No books, no orders, no reports.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import type { SessionPhase } from '../../../config/sessions.ts';
import { OPENING_SHARE, type TimeOfDay } from './day-plan.ts';
import { drawSize } from './profile.ts';
import type { Random } from './random.ts';
import { SESSION_CODES } from './session-codes.ts';
import { CONCLUSION_AUCTION, CONCLUSION_BUY, CONCLUSION_SELL, type TradePrint } from './trade-record.ts';
import type { VenueSession } from './venue-session.ts';

/** Shares of a day's volume that the call auctions do. */
const AUCTION_SHARE: Partial<Readonly<Record<SessionPhase, number>>> = {
  opening_auction: OPENING_SHARE,
  closing_auction: 0.06,
};
const PRINTS_PER_STRETCH = 3;

export interface UnseenStretch {
  /** In trading days. */
  readonly days: number;
  readonly midnightUs: number;
  /** Of the day. */
  readonly firstSecond: number;
  readonly endSecond: number;
  readonly time: TimeOfDay;
  readonly activity: number;
}

/** Takes the prints, each of which stands for so many trades. */
export interface UnseenSink {
  printUnseen(session: VenueSession, print: TradePrint, trades: number): void;
}

/** Plays a stretch of one session around the fair value's place on the grid. */
export function playUnseen(
  session: VenueSession,
  stretch: UnseenStretch,
  fairIndex: number,
  random: Random,
  sink: UnseenSink,
): void {
  const { midnightUs, endSecond, time, activity } = stretch;
  const { prices } = session.book;
  const priceAt = (index: number): number => prices[Math.max(0, Math.min(prices.length - 1, index))];
  let fromSecond = stretch.firstSecond;
  session.skip(midnightUs + endSecond * US_PER_SECOND, (before, atUs) => {
    const second = Math.floor((atUs - midnightUs) / US_PER_SECOND);
    fromSecond = Math.max(fromSecond, second);
    const share = AUCTION_SHARE[before];
    if (share === undefined) return;
    const size = auctionSize(session, activity, share, random);
    const codes = SESSION_CODES[before];
    sink.printUnseen(session, { second, priceWon: priceAt(fairIndex), size, conclusion: CONCLUSION_AUCTION, codes }, 1);
  });
  if (!session.continuous) return;
  const { tradesPerSecond, tradeSize } = session.profile;
  const codes = SESSION_CODES[session.phase];
  const seconds = endSecond - fromSecond;
  const trades = (tradesPerSecond * activity * time.season[session.venue] * seconds) / PRINTS_PER_STRETCH;
  for (let part = 0; part < PRINTS_PER_STRETCH; part++) {
    const bits = random.int32();
    // Whole trades, the remainder by chance, so that a quiet instrument has quiet minutes.
    const count = Math.floor(trades + (bits >>> 16) / 65_536);
    if (count === 0) continue;
    const buy = bits & 1;
    const second = fromSecond + Math.floor((seconds * (part + 0.5)) / PRINTS_PER_STRETCH);
    const priceWon = priceAt(fairIndex + ((bits >>> 1) & 3) - 1 + buy);
    const size = Math.ceil(count * tradeSize * (0.7 + (0.6 * ((bits >>> 3) & 255)) / 255));
    const conclusion = buy === 1 ? CONCLUSION_BUY : CONCLUSION_SELL;
    sink.printUnseen(session, { second, priceWon, size, conclusion, codes }, count);
  }
}

/** Shares of an auction that does this share of a day's volume. */
export function auctionSize({ profile }: VenueSession, activity: number, share: number, random: Random): number {
  return drawSize(Math.max(1, profile.dailyVolume * activity * share), random.int32());
}
