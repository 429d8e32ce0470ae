// A call auction of one instrument at one venue. Orders keep coming; those that meet are taken out of the book at once and
// counted here, so that the book shows what is left beside the expected price, as the real feed's does, and the last
// price met is the one price of all when it ends. A new order never takes back a match made before it: a real auction
// would sometimes, so ours expects a volume that only rises.

/** HOUR_CLS_CODE: before the open, before the close, within the day. */
export type HourClass = 'A' | 'B' | 'C';

export class Auction {
  /** Undefined while none runs. */
  hourClass: HourClass | undefined;
  /** 0 while nothing has met. */
  expectedWon = 0;
  volume = 0;
  /** What the last order added to the volume. */
  lastSize = 0;
  lastMatchUs = 0;
  /** Rises with each change, in auctions only. */
  revision = 0;

  begin(hourClass: HourClass, timeUs: number): void {
    this.hourClass = hourClass;
    this.expectedWon = 0;
    this.volume = 0;
    this.lastSize = 0;
    this.lastMatchUs = timeUs;
  }

  match(timeUs: number, priceWon: number, size: number): void {
    this.expectedWon = priceWon;
    this.volume += size;
    this.lastSize = size;
    this.lastMatchUs = timeUs;
    this.revision++;
  }

  end(): void {
    this.hourClass = undefined;
    this.expectedWon = 0;
    this.volume = 0;
    this.lastSize = 0;
  }
}
