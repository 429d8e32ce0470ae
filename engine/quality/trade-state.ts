// What the checks on trades remember of the records that passed: plain numbers, saved with the instrument.
import type { TradeColumns } from '../decode/records.ts';

/** Plain data. Prices in 1/100 won, turnover in won, times in UTC microseconds. */
export interface TradeState {
  /** What came today. */
  records: number;
  shares: number;
  /** Of the last record in order. */
  businessDate: number;
  seconds: number;
  price: number;
  change: number;
  volume: number;
  turnoverWon: number;
  /** What the turnover should have been where that record's was damaged: the next one may go on from either. */
  expectedTurnoverWon: number;
  trades: number;
  outsideLimits: boolean;
  /** Shares that are missing, and the points that they took: given back as they come after all. */
  missingShares: number;
  gapPoints: number;
  /** The last arrival: its engine time, and the exchange time of its first record. */
  arrivalUs: number;
  arrivalExchangeUs: number;
  /** The arrivals that were last found late and slow. */
  lateUs: number;
  slowUs: number;
}

export const NO_TRADES: Readonly<TradeState> = {
  records: 0,
  shares: 0,
  businessDate: 0,
  seconds: 0,
  price: 0,
  change: 0,
  volume: 0,
  turnoverWon: 0,
  expectedTurnoverWon: 0,
  trades: 0,
  outsideLimits: false,
  missingShares: 0,
  gapPoints: 0,
  arrivalUs: 0,
  arrivalExchangeUs: 0,
  lateUs: 0,
  slowUs: 0,
};

/** Whether a field is empty or zero that every trade has; of some overseas trades the turnover is not told. */
export function lacksField(columns: TradeColumns, record: number, isKoreanStock: boolean): boolean {
  const everywhere =
    columns.price[record] > 0 &&
    columns.volume[record] > 0 &&
    columns.accumulatedVolume[record] > 0 &&
    columns.businessDate[record] > 0;
  const inKorea = columns.accumulatedTurnover[record] > 0 && columns.timeSeconds[record] > 0;
  return !(everywhere && (inKorea || !isKoreanStock));
}
