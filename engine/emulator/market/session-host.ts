// What a venue's session is made from, and what it needs of the stock it belongs to, which knows the other venue and the
// sums of both.
import type { TradingVenue } from './day-plan.ts';
import type { Ledger } from './ledger.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';
import type { StatusCodes } from './session-codes.ts';
import type { VenueSession } from './venue-session.ts';

export interface SessionHost {
  /** Where the fair value lies on the day's grid. */
  readonly fairPosition: number;
  /** Price at which closing-price trading trades. */
  readonly closeWon: number;
  print(session: VenueSession, timeUs: number, priceWon: number, size: number, conclusion: number): void;
  report(session: VenueSession, timeUs: number, codes: StatusCodes): void;
  /** Whether the auction's price is so far from its reference that it must go on. */
  auctionOvershoots(session: VenueSession): boolean;
  /** An order would trade too far from its reference. */
  tradeOvershoots(timeUs: number): void;
  /** Another phase, an auction, a halt, or their end. */
  changed(session: VenueSession, timeUs: number): void;
}

export interface VenueSessionOptions {
  readonly venue: TradingVenue;
  readonly profile: Profile;
  /** Multiplies every rate. */
  readonly activity: number;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly host: SessionHost;
}
