// Tells a price that cannot be: beyond the daily limits of its instrument, which follow from the previous close. What such
// a trade says is published as it came, and gives no signal.
import { type PriceLimits, priceLimitsScaled } from '../../config/tick-table.ts';

export class DailyPriceLimits {
  /** Limits of the previous close they were last computed for, which seldom changes; 1/100 won. */
  private previousClose = 0;
  private limits: PriceLimits = { lower: 0, upper: 0 };

  /** Whether a trade's price, given its change against the previous close, lies within them; both in 1/100 won. */
  hold(price: number, change: number): boolean {
    const previousClose = price - change;
    if (previousClose !== this.previousClose) {
      this.previousClose = previousClose;
      this.limits = priceLimitsScaled(previousClose);
    }
    return price > 0 && price >= this.limits.lower && price <= this.limits.upper;
  }
}
