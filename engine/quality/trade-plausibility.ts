// Tells a trade that cannot be true from what is known of its instrument: another previous close in mid-day, a date or a
// time that it cannot have yet, totals whose won do not fit their shares. Such a record is taken for damage. Where the
// next records agree with it, it is what we knew that was wrong, and they are taken as a new beginning.
import { PRICE_SCALE, type TradeColumns } from '../decode/records.ts';
import type { TradeSequence } from './sequence.ts';

/** Records that agree before they are believed against what is known. */
const WITNESSES = 3;
/** How far the exchange's clock may run ahead of ours, beyond the lead that the feed has shown to have. */
const AHEAD_US_MAX = 60_000_000;
/** The mean price of many shares lies this near the last one, also on a first day of listing; damage is a digit or more. */
const MEAN_PRICE_RATIO_MAX = 8;
/** Prices below 5,000 won have midpoints on half a won, and price and change may be rounded apart. */
const PREVIOUS_CLOSE_TOLERANCE = PRICE_SCALE;

/** `new_beginning`: the record is true, and what was known before it is not. */
export type Plausibility = 'plausible' | 'implausible' | 'new_beginning';

export class TradePlausibility {
  /**
   * Previous close of the day in 1/100 won (0: not known), how far the exchange's clock runs ahead of ours, and of the
   * suspects in a row their number and what the last one claims. Saved with the instrument.
   */
  readonly state = { previousClose: 0, aheadUs: 0, suspects: 0, suspectDate: 0, suspectClose: 0, suspectVolume: 0 };

  /** @param exchangeTimeUs the record's own time; @param timeUs engine time */
  judge(
    columns: TradeColumns,
    record: number,
    sequence: TradeSequence,
    exchangeTimeUs: number,
    timeUs: number,
  ): Plausibility {
    const { state } = this;
    const { last } = sequence;
    const aheadUs = exchangeTimeUs - timeUs;
    const isEarly = aheadUs > AHEAD_US_MAX + state.aheadUs;
    const contradicts = this.contradicts(columns, record, last);
    if (isEarly || contradicts) {
      if (!this.isBorneOut(columns, record)) return 'implausible';
      if (isEarly) state.aheadUs = aheadUs;
      this.believe(columns, record);
      // Where only our clock was wrong, the sequence goes on, and what was left out is a gap like any other.
      return contradicts ? 'new_beginning' : 'plausible';
    }
    const date = columns.businessDate[record];
    const advances =
      date > last.businessDate || (date === last.businessDate && columns.accumulatedVolume[record] > last.volume);
    if (advances) this.believe(columns, record);
    return 'plausible';
  }

  /** Another feed: nothing is known of its prices and its clock. */
  reset(): void {
    const { state } = this;
    state.previousClose =
      state.aheadUs =
      state.suspects =
      state.suspectDate =
      state.suspectClose =
      state.suspectVolume =
        0;
  }

  private believe(columns: TradeColumns, record: number): void {
    this.state.suspects = 0;
    this.state.previousClose = previousCloseOf(columns, record);
  }

  private contradicts(columns: TradeColumns, record: number, last: TradeSequence['last']): boolean {
    const accumulated = columns.accumulatedVolume[record];
    const shares = accumulated - last.volume;
    if (last.businessDate !== columns.businessDate[record]) {
      // A new day begins its counts anew: one that continues yesterday's has a damaged date.
      if (last.businessDate !== 0 && shares === columns.volume[record]) return true;
      return !isMeanPrice(columns.accumulatedTurnover[record], accumulated, columns.price[record]);
    }
    if (shares <= 0) return false; // A duplicate, or an old one: the sequence tells.
    if (Math.abs(previousCloseOf(columns, record) - this.state.previousClose) > PREVIOUS_CLOSE_TOLERANCE) return true;
    return !isMeanPrice(columns.accumulatedTurnover[record] - last.turnoverWon, shares, columns.price[record]);
  }

  /** Witnesses agree on the day and its previous close, and their volume grows; some between them may be lost. */
  private isBorneOut(columns: TradeColumns, record: number): boolean {
    const { state } = this;
    const date = columns.businessDate[record];
    const close = previousCloseOf(columns, record);
    const accumulated = columns.accumulatedVolume[record];
    const agrees =
      date === state.suspectDate &&
      Math.abs(close - state.suspectClose) <= PREVIOUS_CLOSE_TOLERANCE &&
      accumulated > state.suspectVolume;
    state.suspects = agrees ? state.suspects + 1 : 1;
    state.suspectDate = date;
    state.suspectClose = close;
    state.suspectVolume = accumulated;
    return state.suspects >= WITNESSES;
  }
}

function previousCloseOf(columns: TradeColumns, record: number): number {
  return columns.price[record] - columns.change[record];
}

function isMeanPrice(turnoverWon: number, shares: number, price: number): boolean {
  const ratio = (turnoverWon * PRICE_SCALE) / (shares * price);
  return ratio < MEAN_PRICE_RATIO_MAX && ratio > 1 / MEAN_PRICE_RATIO_MAX;
}
