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

/** Gives a column of so many zeros: an array of its own, or (in the decoder) a piece of the memory of its scanner. */
export type ColumnSource = (length: number) => Float64Array;

const ownColumn: ColumnSource = (length) => new Float64Array(length);

/** Trades (H0STCNT0, H0NXCNT0, H0UNCNT0) and expected executions (H0STANC0 …), which share their layout. */
export class TradeColumns {
  count = 0;
  /** Index into the decoder's table of codes. */
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds: Float64Array;
  readonly price: Float64Array;
  readonly change: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly askPrice: Float64Array;
  readonly bidPrice: Float64Array;
  readonly volume: Float64Array;
  readonly accumulatedVolume: Float64Array;
  readonly accumulatedTurnover: Float64Array;
  readonly sellTrades: Float64Array;
  readonly buyTrades: Float64Array;
  readonly side: Float64Array;
  readonly businessDate: Float64Array;
  /** NEW_MKOP_CLS_CODE as a two-digit number: 20 is the continuous session. */
  readonly marketOperation: Float64Array;
  /** 1 where trading of the stock is suspended. */
  readonly halted: Float64Array;
  readonly askSize: Float64Array;
  readonly bidSize: Float64Array;
  /** HOUR_CLS_CODE as a character code: '0' in session, A, B, C, D in auctions. */
  readonly hourClass: Float64Array;
  readonly viReferencePrice: Float64Array;

  constructor(column = ownColumn) {
    this.timeSeconds = column(RECORDS_PER_FRAME_MAX);
    this.price = column(RECORDS_PER_FRAME_MAX);
    this.change = column(RECORDS_PER_FRAME_MAX);
    this.open = column(RECORDS_PER_FRAME_MAX);
    this.high = column(RECORDS_PER_FRAME_MAX);
    this.low = column(RECORDS_PER_FRAME_MAX);
    this.askPrice = column(RECORDS_PER_FRAME_MAX);
    this.bidPrice = column(RECORDS_PER_FRAME_MAX);
    this.volume = column(RECORDS_PER_FRAME_MAX);
    this.accumulatedVolume = column(RECORDS_PER_FRAME_MAX);
    this.accumulatedTurnover = column(RECORDS_PER_FRAME_MAX);
    this.sellTrades = column(RECORDS_PER_FRAME_MAX);
    this.buyTrades = column(RECORDS_PER_FRAME_MAX);
    this.side = column(RECORDS_PER_FRAME_MAX);
    this.businessDate = column(RECORDS_PER_FRAME_MAX);
    this.marketOperation = column(RECORDS_PER_FRAME_MAX);
    this.halted = column(RECORDS_PER_FRAME_MAX);
    this.askSize = column(RECORDS_PER_FRAME_MAX);
    this.bidSize = column(RECORDS_PER_FRAME_MAX);
    this.hourClass = column(RECORDS_PER_FRAME_MAX);
    this.viReferencePrice = column(RECORDS_PER_FRAME_MAX);
  }
}

/** Ten-level books (H0STASP0, H0NXASP0, H0UNASP0). Level l of record r stands at [r * BOOK_LEVELS + l], best first. */
export class BookColumns {
  count = 0;
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds: Float64Array;
  readonly hourClass: Float64Array;
  readonly askPrice: Float64Array;
  readonly bidPrice: Float64Array;
  readonly askSize: Float64Array;
  readonly bidSize: Float64Array;
  readonly totalAskSize: Float64Array;
  readonly totalBidSize: Float64Array;
  readonly expectedPrice: Float64Array;
  readonly expectedVolume: Float64Array;
  readonly accumulatedVolume: Float64Array;

  constructor(column = ownColumn) {
    this.timeSeconds = column(RECORDS_PER_FRAME_MAX);
    this.hourClass = column(RECORDS_PER_FRAME_MAX);
    this.askPrice = column(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
    this.bidPrice = column(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
    this.askSize = column(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
    this.bidSize = column(RECORDS_PER_FRAME_MAX * BOOK_LEVELS);
    this.totalAskSize = column(RECORDS_PER_FRAME_MAX);
    this.totalBidSize = column(RECORDS_PER_FRAME_MAX);
    this.expectedPrice = column(RECORDS_PER_FRAME_MAX);
    this.expectedVolume = column(RECORDS_PER_FRAME_MAX);
    this.accumulatedVolume = column(RECORDS_PER_FRAME_MAX);
  }
}

/** Indices (H0UPCNT0) and expected indices (H0UPANC0); levels in 1/100 point, volume in thousand shares, turnover in million won. */
export class IndexColumns {
  count = 0;
  readonly code = new Int32Array(RECORDS_PER_FRAME_MAX);
  readonly timeSeconds: Float64Array;
  readonly level: Float64Array;
  readonly change: Float64Array;
  readonly accumulatedVolume: Float64Array;
  readonly accumulatedTurnover: Float64Array;

  constructor(column = ownColumn) {
    this.timeSeconds = column(RECORDS_PER_FRAME_MAX);
    this.level = column(RECORDS_PER_FRAME_MAX);
    this.change = column(RECORDS_PER_FRAME_MAX);
    this.accumulatedVolume = column(RECORDS_PER_FRAME_MAX);
    this.accumulatedTurnover = column(RECORDS_PER_FRAME_MAX);
  }
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
