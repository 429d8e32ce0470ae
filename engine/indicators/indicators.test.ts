// The family under its contract: a line for each indicator.

import { atr } from './atr.ts';
import { bollingerBands } from './bollinger-bands.ts';
import { bookImbalance } from './book-imbalance.ts';
import { ema } from './ema.ts';
import type { Sample } from './indicator.ts';
import { describeIndicatorContract, type Tally } from './indicator-contract.ts';
import { macd } from './macd.ts';
import {
  naiveAtr,
  naiveBollingerBands,
  naiveBookImbalance,
  naiveEma,
  naiveMacd,
  naiveObv,
  naiveOrderFlowImbalance,
  naiveRateOfChange,
  naiveRealisedVolatility,
  naiveRsi,
  naiveSma,
  naiveVwap,
} from './naive-reference.ts';
import { obv } from './obv.ts';
import { orderFlowImbalance } from './order-flow-imbalance.ts';
import { rateOfChange } from './rate-of-change.ts';
import { realisedVolatility } from './realised-volatility.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { vwap } from './vwap.ts';

/** Of a difference of prices nothing better than the rounding of the prices can be asked. */
const PRICE_ROUNDING = 1e-14;

describeIndicatorContract({ definition: sma({ period: 20 }), naive: naiveSma(20), constant: (price) => [price] });
describeIndicatorContract({ definition: sma({ period: 1 }), naive: naiveSma(1), constant: (price) => [price] });
describeIndicatorContract({ definition: ema({ period: 20 }), naive: naiveEma(20), constant: (price) => [price] });
describeIndicatorContract({ definition: rsi({ period: 14 }), naive: naiveRsi(14), constant: () => [50] });
describeIndicatorContract({
  definition: macd({ fast: 12, slow: 26, signal: 9 }),
  naive: naiveMacd(12, 26, 9),
  constant: () => [0, 0, 0],
  slack: PRICE_ROUNDING,
});
describeIndicatorContract({
  definition: bollingerBands({ period: 20, deviations: 2 }),
  naive: naiveBollingerBands(20, 2),
  constant: (price) => [price, price, price],
  slack: PRICE_ROUNDING,
});
describeIndicatorContract({ definition: atr({ period: 14 }), naive: naiveAtr(14), constant: () => [0] });
describeIndicatorContract({
  definition: vwap(),
  naive: naiveVwap(),
  constant: (price) => [price],
  tally: () => new TurnoverTally(),
});
describeIndicatorContract({
  definition: obv(),
  naive: naiveObv(),
  constant: (_, volume) => [volume],
  tally: () => new SignedVolumeTally(),
});
describeIndicatorContract({
  definition: rateOfChange({ period: 10 }),
  naive: naiveRateOfChange(10),
  constant: () => [0],
});
describeIndicatorContract({
  definition: realisedVolatility({ period: 60 }),
  naive: naiveRealisedVolatility(60),
  constant: () => [0],
});
describeIndicatorContract({
  definition: orderFlowImbalance({ period: 50 }),
  naive: naiveOrderFlowImbalance(50),
  constant: () => [0],
});
describeIndicatorContract({ definition: bookImbalance(), naive: naiveBookImbalance(), constant: () => [0.5] });

/** Turnover in thousandths of a won and shares, in integers without end. */
class TurnoverTally implements Tally {
  private turnover = 0n;
  private pending = 0;
  private volume = 0;

  add({ close, volume }: Sample): void {
    this.volume += volume;
    this.pending += Math.round(close * 1_000) * volume;
    if (this.pending < 4_000_000_000_000_000) return;
    this.turnover += BigInt(this.pending);
    this.pending = 0;
  }

  outputs(): number[] {
    return [Number(this.turnover + BigInt(this.pending)) / 1_000 / this.volume];
  }
}

/** Shares are integers, and 10^13 of them still are exact. */
class SignedVolumeTally implements Tally {
  private close = 0;
  private sum = 0;

  add({ close, volume }: Sample): void {
    this.sum += Math.sign(close - this.close) * volume;
    this.close = close;
  }

  outputs(): number[] {
    return [this.sum];
  }
}
