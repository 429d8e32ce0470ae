// How records name the session they belong to: NEW_MKOP_CLS_CODE and MARKET_CLS_CODE of trades and books, HOUR_CLS_CODE of
// auctions, the codes of market status. What no source tells is inferred from the meaning of the digits.
import type { SessionPhase } from '../../../config/sessions.ts';

export interface SessionCodes {
  /** NEW_MKOP_CLS_CODE: before, during or after the session; ordinary or at the closing price. */
  readonly operation: string;
  /** MARKET_CLS_CODE: 1 pre-market, 2 regular, 3 after-market, 5 close-price trading. */
  readonly market: string;
}

const REGULAR: SessionCodes = { operation: '20', market: '2' };

export const SESSION_CODES: Readonly<Record<SessionPhase, SessionCodes>> = {
  closed: { operation: '30', market: '2' },
  pre: { operation: '10', market: '1' },
  opening_auction: REGULAR,
  continuous: REGULAR,
  closing_auction: REGULAR,
  after_hours: { operation: '31', market: '5' },
  after_hours_auction: { operation: '40', market: '3' },
  after_market: { operation: '30', market: '3' },
};

/** MKOP_CLS_CODE and ANTC_MKOP_CLS_CODE, either may be empty. */
export interface StatusCodes {
  readonly operation: string;
  readonly expected: string;
}

/** What a phase says when it begins … */
export const PHASE_BEGINS: Partial<Readonly<Record<SessionPhase, StatusCodes>>> = {
  pre: { operation: '130', expected: '' },
  opening_auction: { operation: '110', expected: '311' },
  continuous: { operation: '112', expected: '112' },
  closing_auction: { operation: '121', expected: '121' },
  after_hours: { operation: '140', expected: '' },
  after_market: { operation: '150', expected: '' },
};

/** … and when it ends, unless the next one begins at once. */
export const PHASE_ENDS: Partial<Readonly<Record<SessionPhase, StatusCodes>>> = {
  pre: { operation: '139', expected: '' },
  closing_auction: { operation: '129', expected: '129' },
  after_hours: { operation: '149', expected: '' },
  after_market: { operation: '159', expected: '' },
};

/** What interrupts a session. */
export const INTERRUPTION_CODES = {
  auctionBegins: { operation: '', expected: '311' },
  auctionEnds: { operation: '', expected: '112' },
  halted: { operation: '', expected: '' },
  circuitBreaker: { operation: '174', expected: '' },
  circuitBreakerReleased: { operation: '175', expected: '' },
  circuitBreakerAuction: { operation: '184', expected: '311' },
  circuitBreakerEnds: { operation: '185', expected: '112' },
  sellSidecar: { operation: '387', expected: '' },
  sellSidecarEnds: { operation: '388', expected: '' },
  buySidecar: { operation: '397', expected: '' },
  buySidecarEnds: { operation: '398', expected: '' },
} as const satisfies Readonly<Record<string, StatusCodes>>;
