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
const PRINTS_PER_STRETCH = 4;

export interface UnseenStretch {
  readonly session: VenueSession;
  readonly midnightUs: number;
  /** Of the day. */
  readonly firstSecond: number;
  readonly seconds: number;
  readonly time: TimeOfDay;
  readonly activity: number;
  /** Index of the fair value on the grid. */
  readonly fairIndex: number;
  readonly random: Random;
  /** Takes the prints, each of which stands for so many trades. */
  readonly print: (session: VenueSession, print: TradePrint, trades: number) => void;
}

export function playUnseen(stretch: UnseenStretch): void {
  const { session, midnightUs, firstSecond, seconds, fairIndex, random } = stretch;
  const { prices } = session.book;
  const endSecond = firstSecond + seconds;
  const priceAt = (index: number): number => prices[Math.max(0, Math.min(prices.length - 1, index))];
  let fromSecond = firstSecond;
  session.skip(midnightUs + endSecond * US_PER_SECOND, (before, atUs) => {
    const atSecond = Math.floor((atUs - midnightUs) / US_PER_SECOND);
    fromSecond = Math.max(fromSecond, atSecond);
    const share = AUCTION_SHARE[before];
    if (share === undefined) return;
    const size = auctionSize(stretch, share);
    session.ledger.day.auctionVolume = size;
    const print = { second: atSecond, priceWon: priceAt(fairIndex), size, conclusion: CONCLUSION_AUCTION };
    stretch.print(session, { ...print, codes: SESSION_CODES[before] }, 1);
  });
  if (!session.continuous) return;
  const { profile, phase } = session;
  const left = endSecond - fromSecond;
  const trades =
    (profile.tradesPerSecond * stretch.activity * stretch.time.season[session.venue] * left) / PRINTS_PER_STRETCH;
  for (let part = 0; part < PRINTS_PER_STRETCH; part++) {
    const bits = random.int32();
    // Whole trades, the remainder by chance, so that a quiet instrument has quiet minutes.
    const count = Math.floor(trades + (bits >>> 16) / 65_536);
    if (count === 0) continue;
    const buy = (bits & 1) === 1;
    stretch.print(
      session,
      {
        second: fromSecond + Math.floor((left * (part + 0.5)) / PRINTS_PER_STRETCH),
        priceWon: priceAt(fairIndex + ((bits >>> 1) & 3) - 1 + (buy ? 1 : 0)),
        size: Math.ceil(count * profile.tradeSize * (0.7 + (0.6 * ((bits >>> 3) & 255)) / 255)),
        conclusion: buy ? CONCLUSION_BUY : CONCLUSION_SELL,
        codes: SESSION_CODES[phase],
      },
      count,
    );
  }
}

/** Shares of an auction that does this share of a day's volume. */
export function auctionSize(
  { session, activity, random }: Pick<UnseenStretch, 'session' | 'activity' | 'random'>,
  share: number,
): number {
  return drawSize(Math.max(1, session.profile.dailyVolume * activity * share), random.int32());
}
