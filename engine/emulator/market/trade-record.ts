// The record of H0STCNT0, H0NXCNT0 and H0UNCNT0 alike, 47 fields, as of 2026-09-14. The comments number the fields; what
// the exchange derives from other fields is derived here, once, so that the feed's identities hold by construction.
import type { AsciiWriter } from './ascii-writer.ts';
import type { Ladder } from './ladder.ts';
import { changeSign, roundedPercent, roundedQuotient, sign } from './ratios.ts';
import type { SessionCodes } from './session-codes.ts';
import type { TradingDay } from './trading-day.ts';

/** More bytes than a record can take. */
export const TRADE_RECORD_BYTES_MAX = 768;

/** The wire's CCLD_DVSN: the aggressor's side, or none. */
export const CONCLUSION_BUY = 1;
export const CONCLUSION_AUCTION = 3;
export const CONCLUSION_SELL = 5;

export interface TradePrint {
  /** Second of the KST day. */
  readonly second: number;
  readonly priceWon: number;
  readonly size: number;
  readonly conclusion: number;
  readonly codes: SessionCodes;
}

/** What changes slowly or never while a day lasts, and the previous day's volume up to the same time. */
export interface TradeReference {
  readonly code: string;
  readonly listedShares: number;
  readonly previousVolumeSameHour: number;
  /** Price of the last call auction, or the base price before the first. */
  readonly viReferenceWon: number;
}

/** Writes the record of a trade that day and book already hold, with a separator after its last field. */
export function writeTradeRecord(
  writer: AsciiWriter,
  reference: TradeReference,
  print: TradePrint,
  day: TradingDay,
  ladder: Ladder,
): void {
  const { priceWon } = print;
  writer.reserve(TRADE_RECORD_BYTES_MAX);
  writer.text(reference.code); // 0
  writer.clock(print.second);
  writer.int(priceWon); // 2
  writer.int(changeSign(priceWon, day));
  writer.int(priceWon - day.previousCloseWon);
  writer.hundredths(roundedPercent(priceWon - day.previousCloseWon, day.previousCloseWon)); // 5
  writer.hundredths(roundedQuotient(day.turnoverWon * 100, day.volume));
  writer.int(day.openWon); // 7
  writer.int(day.highWon);
  writer.int(day.lowWon);
  writer.int(ladder.askPrices[0]); // 10
  writer.int(ladder.bidPrices[0]);
  writer.int(print.size); // 12
  writer.int(day.volume);
  writer.int(day.turnoverWon);
  writer.int(day.sellTrades); // 15
  writer.int(day.buyTrades);
  writer.int(day.buyTrades - day.sellTrades);
  writer.hundredths(roundedPercent(day.buyVolume, day.sellVolume)); // 18
  writer.int(day.sellVolume);
  writer.int(day.buyVolume); // 20
  writer.int(print.conclusion);
  // The one ratio that the wire rounds up.
  writer.hundredths(Math.ceil((day.buyVolume * 100) / day.volume)); // 22
  writer.hundredths(roundedPercent(day.volume, day.previousVolume));
  writeExtreme(writer, day.openSecond, day.openWon, priceWon); // 24–26
  writeExtreme(writer, day.highSecond, day.highWon, priceWon); // 27–29
  writeExtreme(writer, day.lowSecond, day.lowWon, priceWon); // 30–32
  writer.int(day.businessDate); // 33
  writer.text(print.codes.operation);
  writer.text('N');
  writer.int(ladder.askSizes[0]); // 36
  writer.int(ladder.bidSizes[0]);
  writer.int(ladder.totalAskSize); // 38
  writer.int(ladder.totalBidSize);
  writer.hundredths(roundedPercent(day.volume, reference.listedShares)); // 40
  writer.int(reference.previousVolumeSameHour);
  writer.hundredths(roundedPercent(day.volume, reference.previousVolumeSameHour));
  writer.text('0'); // 43: a trade, not an expectation
  writer.text('');
  writer.int(reference.viReferenceWon); // 45
  writer.text(print.codes.market); // 46: the field that 46-wide records lack
}

function writeExtreme(writer: AsciiWriter, second: number, extremeWon: number, priceWon: number): void {
  writer.clock(second);
  writer.int(sign(priceWon - extremeWon));
  writer.int(priceWon - extremeWon);
}
