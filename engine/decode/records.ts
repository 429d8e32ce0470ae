// Decoded records as columns that are filled anew for each frame: reading a record allocates nothing, and nobody keeps
// a reference to a column beyond the frame. Prices are scaled integers (1/100 won; index points 1/100), quantities are
// shares, money is won, times are seconds since midnight KST, dates are YYYYMMDD as a number; an empty field is 0.

export const PRICE_SCALE = 100;
export const BOOK_LEVELS = 10;
/** More records than KIS has ever put in a frame (20 seen); a frame beyond it is quarantined. */
export const RECORDS_PER_FRAME_MAX = 1024;

export const VENUES = ['KRX', 'NXT', 'UN'] as const;
export type Venue = (typeof VENUES)[number];

/** What a frame holds, by its TR id. `ignored`: a valid TR whose content this engine does not use. */
export type RecordKind = 'trade' | 'book' | 'expected' | 'marketStatus' | 'index' | 'expectedIndex' | 'notice';

/** Aggressor side of a trade: the wire's CCLD_DVSN 1 buys, 5 sells, 3 is an auction. */
export const SIDE_BUY = 1;
export const SIDE_AUCTION = 3;
export const SIDE_SELL = 5;

function column(): Float64Array {
  return new Float64Array(RECORDS_PER_FRAME_MAX);
}

/** Trades (H0STCNT0, H0NXCNT0, H0UNCNT0) and expected executions (H0STANC0 …), which share their layout. */
export class TradeColumns {
  count = 0;
  /** Index into the decoder's table of codes. */
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds = column();
  readonly price = column();
  readonly change = column();
  readonly open = column();
  readonly high = column();
  readonly low = column();
  readonly askPrice = column();
  readonly bidPrice = column();
  readonly volume = column();
  readonly accumulatedVolume = column();
  readonly accumulatedTurnover = column();
  readonly sellTrades = column();
  readonly buyTrades = column();
  readonly side = column();
  readonly businessDate = column();
  /** NEW_MKOP_CLS_CODE as a two-digit number: 20 is the continuous session. */
  readonly marketOperation = column();
  /** 1 where trading of the stock is suspended. */
  readonly halted = column();
  readonly askSize = column();
  readonly bidSize = column();
  /** HOUR_CLS_CODE as a character code: '0' in session, A, B, C, D in auctions. */
  readonly hourClass = column();
  readonly viReferencePrice = column();
}

/** Ten-level books (H0STASP0, H0NXASP0, H0UNASP0). Level l of record r stands at [r * BOOK_LEVELS + l], best first. */
export class BookColumns {
  count = 0;
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds = column();
  readonly hourClass = column();
  readonly askPrice = new Float64Array(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
  readonly bidPrice = new Float64Array(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
  readonly askSize = new Float64Array(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
  readonly bidSize = new Float64Array(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
  readonly totalAskSize = column();
  readonly totalBidSize = column();
  readonly expectedPrice = column();
  readonly expectedVolume = column();
  readonly accumulatedVolume = column();
}

/** Indices (H0UPCNT0) and expected indices (H0UPANC0); levels in 1/100 point. */
export class IndexColumns {
  count = 0;
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds = column();
  readonly level = column();
  readonly change = column();
  readonly accumulatedVolume = column();
  readonly accumulatedTurnover = column();
}

/** Market status (H0STMKO0 …): rare, so plain objects. */
export interface MarketStatusRecord {
  readonly code: string;
  readonly halted: boolean;
  readonly haltReason: string;
  /** MKOP_CLS_CODE and ANTC_MKOP_CLS_CODE, e.g. `112`. */
  readonly operation: string;
  readonly expectedOperation: string;
  readonly issueStatus: string;
  readonly volatilityInterruption: boolean;
}

/** Execution notice (H0STCNI0, H0STCNI9) after decryption: personal data. Prices in 1/100 won. */
export interface NoticeRecord {
  readonly customerId: string;
  readonly accountNumber: string;
  readonly orderNumber: string;
  readonly originalOrderNumber: string;
  readonly side: 'buy' | 'sell';
  readonly code: string;
  readonly quantity: number;
  readonly price: number;
  readonly timeSeconds: number;
  readonly rejected: boolean;
  readonly filled: boolean;
  readonly orderQuantity: number;
}

/** Why a frame went to quarantine. */
export type QuarantineReason =
  | 'empty'
  | 'envelope'
  | 'unknown_tr'
  | 'record_count'
  | 'width_not_integer'
  | 'width_too_small'
  | 'field'
  | 'too_large'
  | 'encrypted_without_key'
  | 'decryption_failed';
