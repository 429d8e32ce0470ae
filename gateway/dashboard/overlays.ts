// Lines over the candles, computed over the bars on the screen: the engine publishes the latest value of an indicator,
// the chart needs its past as well. Formulas are the engine's: SMA, EMA seeded with the SMA, Bollinger with the
// population's deviation.

export interface Overlays {
  /** One value per close, null while warming up. */
  sma: (number | null)[];
  ema: (number | null)[];
  upper: (number | null)[];
  lower: (number | null)[];
}

export const OVERLAY_PERIOD = 20;
const BAND_DEVIATIONS = 2;

export function overlays(closes: readonly number[], period = OVERLAY_PERIOD): Overlays {
  const lines: Overlays = { sma: [], ema: [], upper: [], lower: [] };
  const alpha = 2 / (period + 1);
  let ema: number | null = null;
  for (let i = 0; i < closes.length; i++) {
    if (i < period - 1) {
      for (const line of Object.values(lines)) line.push(null);
      continue;
    }
    let sum = 0;
    for (let j = i - period + 1; j <= i; j++) sum += closes[j] as number;
    const mean = sum / period;
    let squares = 0;
    for (let j = i - period + 1; j <= i; j++) {
      const distance = (closes[j] as number) - mean;
      squares += distance * distance;
    }
    const deviation = Math.sqrt(squares / period);
    ema = ema === null ? mean : ema + alpha * ((closes[i] as number) - ema);
    lines.sma.push(mean);
    lines.ema.push(ema);
    lines.upper.push(mean + BAND_DEVIATIONS * deviation);
    lines.lower.push(mean - BAND_DEVIATIONS * deviation);
  }
  return lines;
}
