// The record of H0STANC0, H0NXANC0 and H0UNANC0 (45, 46 or 47 fields): what a call auction would do if it ended now. It
// has the trade record's fields, but no sums of the day: those of the auction stand in their place.
import type { AsciiWriter } from './ascii-writer.ts';
import type { Auction } from './auction.ts';
import type { Ladder } from './ladder.ts';
import { changeSign, roundedPercent } from './ratios.ts';
import type { ExpectedFieldCount } from './simulated-market.ts';
import { TRADE_RECORD_BYTES_MAX, type TradeReference } from './trade-record.ts';
import type { TradingDay } from './trading-day.ts';

/** Writes the record, with a separator after its last field. Nothing expected yet: the price is 0. */
export function writeExpectedRecord(
  writer: AsciiWriter,
  reference: TradeReference & { readonly second: number; readonly market: string },
  auction: Auction,
  day: TradingDay,
  ladder: Ladder,
  fieldCount: ExpectedFieldCount,
): void {
  const { expectedWon, volume } = auction;
  writer.reserve(TRADE_RECORD_BYTES_MAX);
  writer.text(reference.code); // 0
  writer.clock(reference.second);
  writer.int(expectedWon); // 2
  writer.int(changeSign(expectedWon, day));
  writer.int(expectedWon - day.previousCloseWon);
  writer.hundredths(roundedPercent(expectedWon - day.previousCloseWon, day.previousCloseWon)); // 5
  writer.text('0.00');
  for (let extreme = 0; extreme < 3; extreme++) writer.int(0); // 7–9
  writer.int(ladder.askPrices[0]); // 10
  writer.int(ladder.bidPrices[0]);
  writer.int(auction.lastSize); // 12
  writer.int(volume);
  writer.int(expectedWon * volume); // 14
  for (let count = 0; count < 3; count++) writer.int(0); // 15–17
  writer.text('0.00');
  writer.int(0); // 19–20
  writer.int(0);
  writer.text('1'); // 21–23 as all public examples have them
  writer.text('0.01');
  writer.text('0.00');
  for (let extreme = 0; extreme < 3; extreme++) {
    writer.text('000000'); // 24, 27, 30
    writer.text('3');
    writer.int(0);
  }
  writer.int(day.businessDate); // 33
  writer.text('00');
  writer.text('N');
  writer.int(ladder.askSizes[0]); // 36
  writer.int(ladder.bidSizes[0]);
  writer.int(ladder.totalAskSize);
  writer.int(ladder.totalBidSize);
  writer.hundredths(roundedPercent(volume, reference.listedShares)); // 40
  writer.int(0);
  writer.text('0.00');
  writer.text(auction.hourClass ?? '0'); // 43
  writer.text('');
  if (fieldCount === 45) return;
  writer.int(reference.viReferenceWon); // 45
  if (fieldCount === 47) writer.text(reference.market);
}
