// Decoded records as columns that are filled anew for each frame: reading a record allocates nothing, and nobody keeps
// a reference to a column beyond the frame. Prices are scaled integers (1/100 won; index points 1/100), quantities are
// shares, money is won, times are seconds since midnight KST, dates are YYYYMMDD as a number; an empty field is 0.
// Overseas prices are in 1/10,000 of their currency: `priceScaleOf` a venue tells.

export { priceScaleOf, VENUES, type Venue } from '../../config/venues.ts';

/** Of domestic stocks and of index futures. */
export const PRICE_SCALE = 100;
export const BOOK_LEVELS = 10;
/** More records than KIS has ever put in a frame (20 seen); a frame beyond it is quarantined. */
export const RECORDS_PER_FRAME_MAX = 1024;

/** What a frame holds, by its TR id. `ignored`: a valid TR whose content this engine does not use. */
export type RecordKind =
  | 'trade'
  | 'book'
  | 'expected'
  | 'marketStatus'
  | 'index'
  | 'expectedIndex'
  | 'foreignTrade'
  | 'futuresTrade'
  | 'futuresBook'
  | 'notice'
  | 'ignored';

/** Aggressor side of a trade: the wire's CCLD_DVSN 1 buys, 5 sells, 3 is an auction. */
export const SIDE_BUY = 1;
export const SIDE_AUCTION = 3;
export const SIDE_SELL = 5;
/** HOUR_CLS_CODE of a record that is no expectation, as a character code. */
export const HOUR_CLASS_IN_SESSION = '0'.charCodeAt(0);

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
  /** Shares of all trades so far whose aggressor sold, or bought; what is left of the volume came of auctions. */
  readonly sellVolume = this.column();
  readonly buyVolume = this.column();
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

/**
 * Overseas trades (HDFSCNT0), real-time or delayed: prices in 1/10,000 and turnover in 1/100 of the currency. What is not
 * on the wire stays as it is: trade counts, side and halts are 0. `businessDate` is the venue's trading day, which the
 * cumulative numbers go by; the trade's time is `koreanDate` and `timeSeconds`.
 */
export class ForeignTradeColumns extends TradeColumns {
  /** Index of the record's venue in `VENUES`. */
  readonly venue = new Uint8Array(RECORDS_PER_FRAME_MAX);
  /** 1 where it is of the American day market, whose cumulative numbers are its own. */
  readonly dayMarket = new Uint8Array(RECORDS_PER_FRAME_MAX);
  /** The first four characters of RSYM (`DNAS`), first one lowest. */
  readonly feed = this.column();
  /** ZDIV: decimals of the prices as text. */
  readonly decimals = this.column();
  readonly localDate = this.column();
  readonly localSeconds = this.column();
  readonly koreanDate = this.column();
  /** SIGN: 1 and 2 rise, 3 unchanged, 4 and 5 fall; `change` has its sign by it. */
  readonly changeSign = this.column();
  /** MTYP as a character code: '1' in session, '2' before, '3' after it. */
  readonly marketType = this.column();

  constructor(source?: ColumnSource) {
    super(source);
    this.hourClass.fill(HOUR_CLASS_IN_SESSION);
  }
}

/**
 * Index futures (H0IFCNT0): prices in 1/100 point, quantities in contracts, turnover in 1,000 won. There is neither a date
 * nor a side on the wire: `businessDate` and `side` are 0 until someone who knows them sets them.
 */
export class FuturesTradeColumns extends TradeColumns {
  readonly theoreticalPrice = this.column();
  readonly openInterest = this.column();
  /** Limits in force at the moment. */
  readonly upperLimit = this.column();
  readonly lowerLimit = this.column();

  constructor(source?: ColumnSource) {
    super(source);
    this.hourClass.fill(HOUR_CLASS_IN_SESSION);
  }
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

/** Five-level books of index futures (H0IFASP0): the levels behind the fifth are empty. */
export class FuturesBookColumns extends BookColumns {
  /** How many orders make up a level. */
  readonly askOrders = this.column(BOOK_LEVELS);
  readonly bidOrders = this.column(BOOK_LEVELS);
  readonly totalAskOrders = this.column();
  readonly totalBidOrders = this.column();

  constructor(source?: ColumnSource) {
    super(source);
    this.hourClass.fill(HOUR_CLASS_IN_SESSION);
  }
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
