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

/** Gives an array of so many zeros: its own, or (in the decoder) a piece of the memory of its scanner. */
export type ColumnSource = (length: number) => Float64Array;

class Columns {
  count = 0;
  /** Index into the decoder's table of codes. */
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  private readonly source: ColumnSource;

  constructor(source: ColumnSource = (length) => new Float64Array(length)) {
    this.source = source;
  }

  protected column(cellsPerRecord = 1): Float64Array {
    return this.source(RECORDS_PER_FRAME_MAX * cellsPerRecord);
  }
}

/** Trades (H0STCNT0, H0NXCNT0, H0UNCNT0) and expected executions (H0STANC0 …), which share their layout. */
export class TradeColumns extends Columns {
  readonly timeSeconds = this.column();
  readonly price = this.column();
  readonly change = this.column();
  readonly open = this.column();
  readonly high = this.column();
  readonly low = this.column();
  readonly askPrice = this.column();
  readonly bidPrice = this.column();
  readonly volume = this.column();
  readonly accumulatedVolume = this.column();
  readonly accumulatedTurnover = this.column();
  readonly sellTrades = this.column();
  readonly buyTrades = this.column();
  readonly side = this.column();
  readonly businessDate = this.column();
  /** NEW_MKOP_CLS_CODE as a two-digit number: 20 is the continuous session. */
  readonly marketOperation = this.column();
  /** 1 where trading of the stock is suspended. */
  readonly halted = this.column();
  readonly askSize = this.column();
  readonly bidSize = this.column();
  /** HOUR_CLS_CODE as a character code: '0' in session, A, B, C, D in auctions. */
  readonly hourClass = this.column();
  readonly viReferencePrice = this.column();
}

/** Ten-level books (H0STASP0, H0NXASP0, H0UNASP0). Level l of record r stands at [r * BOOK_LEVELS + l], best first. */
export class BookColumns extends Columns {
  readonly timeSeconds = this.column();
  readonly hourClass = this.column();
  readonly askPrice = this.column(BOOK_LEVELS);
  readonly bidPrice = this.column(BOOK_LEVELS);
  readonly askSize = this.column(BOOK_LEVELS);
  readonly bidSize = this.column(BOOK_LEVELS);
  readonly totalAskSize = this.column();
  readonly totalBidSize = this.column();
  readonly expectedPrice = this.column();
  readonly expectedVolume = this.column();
  readonly accumulatedVolume = this.column();
}

/** Indices (H0UPCNT0) and expected indices (H0UPANC0); levels in 1/100 point, volume in 1,000 shares, turnover in million won. */
export class IndexColumns extends Columns {
  readonly timeSeconds = this.column();
  readonly level = this.column();
  readonly change = this.column();
  readonly accumulatedVolume = this.column();
  readonly accumulatedTurnover = this.column();
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
  | 'decryption_failed'
  // Decoded, and cannot be true: told by the state machine.
  | 'implausible';
