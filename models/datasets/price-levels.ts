// One side of a full order book as two sorted columns, best price first, for rebuilding recorded books.

export class PriceLevels {
  /** Best first: descending for bids, ascending for asks. Only the first `count` values mean anything. */
  prices = new Float64Array(2048);
  sizes = new Float64Array(2048);
  count = 0;
  private readonly direction: 1 | -1;

  constructor(side: 'bid' | 'ask') {
    this.direction = side === 'bid' ? -1 : 1;
  }

  /** Sets the size at a price; 0 removes the level. */
  set(price: number, size: number): void {
    const at = this.find(price);
    const present = at < this.count && this.prices[at] === price;
    if (size > 0) {
      if (!present) this.open(at);
      this.prices[at] = price;
      this.sizes[at] = size;
    } else if (present) {
      this.prices.copyWithin(at, at + 1, this.count);
      this.sizes.copyWithin(at, at + 1, this.count);
      this.count--;
    }
  }

  clear(): void {
    this.count = 0;
  }

  /** Index of the first level that is not better than the price. */
  find(price: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.prices[middle] - price) * this.direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private open(at: number): void {
    if (this.count === this.prices.length) {
      this.prices = grown(this.prices);
      this.sizes = grown(this.sizes);
    }
    this.prices.copyWithin(at + 1, at, this.count);
    this.sizes.copyWithin(at + 1, at, this.count);
    this.count++;
  }
}

function grown(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
