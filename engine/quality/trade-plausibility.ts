// Tells a trade that cannot be true from what is known of its instrument: another previous close in mid-day, a date or a
// time that it cannot have yet, a loss whose won do not fit its shares. Such a record is taken for damage. Where
// further records bear it out, it is what we knew that was wrong, and they are taken as a new beginning.
import { PRICE_SCALE, type TradeColumns } from '../decode/records.ts';
import type { TradeSequence } from './sequence.ts';

/** Records that continue each other before they are believed against what is known. */
const WITNESSES = 3;
/** How far the exchange's clock may run ahead of ours. */
const AHEAD_US_MAX = 60_000_000;
/** A lost stretch trades near the price around it: its mean may lie this far off. */
const MEAN_PRICE_RATIO_MAX = 2;

export class TradePlausibility {
  /** Previous close of the day in 1/100 won (0: not known yet), and the suspects in a row. Saved with the instrument. */
  readonly state = { previousClose: 0, suspects: 0, suspectDate: 0, suspectVolume: 0 };

  /** Whether the record can be true, given the last one that was taken. `exchangeTimeUs` is its own time. */
  holds(
    columns: TradeColumns,
    record: number,
    sequence: TradeSequence,
    exchangeTimeUs: number,
    timeUs: number,
  ): boolean {
    const { state } = this;
    const previousClose = columns.price[record] - columns.change[record];
    const known = sequence.last.businessDate !== 0;
    if (
      exchangeTimeUs > timeUs + AHEAD_US_MAX ||
      (known && this.contradicts(columns, record, sequence.last, previousClose))
    ) {
      if (!this.isBorneOut(columns, record)) return false;
      sequence.reset();
    }
    state.suspects = 0;
    state.previousClose = previousClose;
    return true;
  }

  /** Another feed: nothing is known of its prices. */
  reset(): void {
    Object.assign(this.state, { previousClose: 0, suspects: 0, suspectDate: 0, suspectVolume: 0 });
  }

  private contradicts(
    columns: TradeColumns,
    record: number,
    last: TradeSequence['last'],
    previousClose: number,
  ): boolean {
    const shares = columns.accumulatedVolume[record] - last.volume;
    // A new day begins its counts anew: one that continues yesterday's has a damaged date.
    if (columns.businessDate[record] !== last.businessDate) return shares === columns.volume[record];
    if (shares <= 0) return false; // A duplicate, or an old one: the sequence tells.
    if (previousClose !== this.state.previousClose) return true;
    const turnoverWon = columns.accumulatedTurnover[record] - last.turnoverWon;
    const meanRatio = (turnoverWon * PRICE_SCALE) / (shares * columns.price[record]);
    return !(meanRatio < MEAN_PRICE_RATIO_MAX && meanRatio > 1 / MEAN_PRICE_RATIO_MAX);
  }

  private isBorneOut(columns: TradeColumns, record: number): boolean {
    const { state } = this;
    const date = columns.businessDate[record];
    const accumulated = columns.accumulatedVolume[record];
    const continues = date === state.suspectDate && accumulated === state.suspectVolume + columns.volume[record];
    state.suspects = continues ? state.suspects + 1 : 1;
    state.suspectDate = date;
    state.suspectVolume = accumulated;
    return state.suspects >= WITNESSES;
  }
}
