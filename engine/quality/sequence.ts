// Tells loss from the data: a KIS trade has no sequence number, but its cumulative volume, turnover and trade counts
// chain from record to record, so what is missing between two records is known to the share.
import { PRICE_SCALE, type TradeColumns } from '../decode/records.ts';

/**
 * `first`: no predecessor that day. `next`: it follows. `gap`: shares are missing in front of it. `duplicate`: seen
 * already, or older than what was seen. `inconsistent`: its own volume contradicts the chain (a correction, say); it
 * is taken as a new beginning.
 */
export type SequenceVerdict = 'first' | 'next' | 'gap' | 'duplicate' | 'inconsistent';

export interface Gap {
  shares: number;
  turnoverWon: number;
  /** 0 where the lost trades were auction trades, which the counters leave out. */
  trades: number;
}

export class TradeSequence {
  /** The cumulative fields of the last record, and its day (0: none yet). Saved with the instrument. */
  readonly last = { businessDate: 0, volume: 0, turnoverWon: 0, trades: 0 };
  /** What was missing before the last record, where the verdict was `gap`. */
  readonly gap: Gap = { shares: 0, turnoverWon: 0, trades: 0 };

  accept(columns: TradeColumns, record: number): SequenceVerdict {
    const { last, gap } = this;
    const businessDate = columns.businessDate[record];
    const volume = columns.volume[record];
    const accumulated = columns.accumulatedVolume[record];
    const turnoverWon = columns.accumulatedTurnover[record];
    const trades = columns.sellTrades[record] + columns.buyTrades[record];
    let verdict: SequenceVerdict;
    if (businessDate !== last.businessDate) {
      if (businessDate < last.businessDate) return 'duplicate';
      verdict = 'first';
    } else if (accumulated <= last.volume) {
      return 'duplicate';
    } else {
      const shares = accumulated - last.volume - volume;
      if (shares === 0) {
        verdict = 'next';
      } else if (shares < 0) {
        verdict = 'inconsistent';
      } else {
        verdict = 'gap';
        gap.shares = shares;
        gap.turnoverWon = turnoverWon - last.turnoverWon - (columns.price[record] * volume) / PRICE_SCALE;
        gap.trades = Math.max(0, trades - last.trades - 1);
      }
    }
    last.businessDate = businessDate;
    last.volume = accumulated;
    last.turnoverWon = turnoverWon;
    last.trades = trades;
    return verdict;
  }

  /** Another feed: its numbers do not continue the last one's. */
  reset(): void {
    Object.assign(this.last, { businessDate: 0, volume: 0, turnoverWon: 0, trades: 0 });
  }
}
