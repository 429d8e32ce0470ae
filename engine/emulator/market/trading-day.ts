// What a trading day has summed up for one instrument at one venue, or at all: the running numbers of the trade record.
// Turnover is exact (below 2^53); the aggressor sums leave auctions and close-price trades out, as KIS does.

export class TradingDay {
  /** YYYYMMDD. */
  readonly businessDate: number;
  /** The base price: where a corporate action was due, not the price of the last close. */
  readonly previousCloseWon: number;
  readonly previousVolume: number;
  readonly lowerLimitWon: number;
  readonly upperLimitWon: number;
  priceWon: number;
  /** Last price on the grid: what the day closes at. A midpoint trade is none. */
  gridPriceWon: number;
  /** 0 before the first trade. */
  openWon = 0;
  highWon = 0;
  lowWon = 0;
  /** Seconds of the KST day. */
  openSecond = 0;
  highSecond = 0;
  lowSecond = 0;
  volume = 0;
  turnoverWon = 0;
  /** Volume of the last call auction. */
  auctionVolume = 0;
  sellTrades = 0;
  buyTrades = 0;
  sellVolume = 0;
  buyVolume = 0;

  constructor(businessDate: number, previousCloseWon: number, previousVolume: number, prices: Int32Array) {
    this.businessDate = businessDate;
    this.previousCloseWon = previousCloseWon;
    this.previousVolume = previousVolume;
    this.lowerLimitWon = prices[0];
    this.upperLimitWon = prices[prices.length - 1];
    this.priceWon = previousCloseWon;
    this.gridPriceWon = previousCloseWon;
  }

  /** `trades` trades at one price, of `size` shares together. */
  trade(second: number, priceWon: number, size: number, buy: boolean, trades: number): void {
    if (buy) {
      this.buyTrades += trades;
      this.buyVolume += size;
    } else {
      this.sellTrades += trades;
      this.sellVolume += size;
    }
    this.add(second, priceWon, size);
  }

  /** Shares that changed hands without an aggressor; none is counted as a trade. */
  add(second: number, priceWon: number, size: number): void {
    if (this.volume === 0) {
      this.openWon = this.highWon = this.lowWon = priceWon;
      this.openSecond = this.highSecond = this.lowSecond = second;
    } else if (priceWon > this.highWon) {
      this.highWon = priceWon;
      this.highSecond = second;
    } else if (priceWon < this.lowWon) {
      this.lowWon = priceWon;
      this.lowSecond = second;
    }
    this.priceWon = priceWon;
    this.volume += size;
    this.turnoverWon += priceWon * size;
  }
}
