// Prices of overseas stocks: a smooth function of symbol and time, so that the price now, minute bars and days agree
// without a market behind them. It has no trades, no book and no news: a shape to test clients with, nothing more.
import { findOverseas } from './overseas-listings.ts';

/** Days of the waves that a price is made of, and how far each carries it. */
const WAVES = [
  { days: 0.11, part: 0.002 },
  { days: 0.73, part: 0.006 },
  { days: 6.1, part: 0.02 },
  { days: 41, part: 0.06 },
  { days: 290, part: 0.15 },
] as const;
const DAY_US = 86_400_000_000;
const BASE_MIN = 20;
const BASE_SPAN = 400;
const VOLUME_A_MINUTE_MIN = 500;
const VOLUME_A_MINUTE_SPAN = 20_000;

/** In the currency of the exchange, with four decimals. */
export function overseasPrice(symbol: string, timeUs: number): number {
  const days = timeUs / DAY_US;
  let factor = 1;
  for (const [index, { days: length, part }] of WAVES.entries()) {
    factor += part * Math.sin(2 * Math.PI * (days / length + hashed(`${symbol} ${index}`)));
  }
  const base = findOverseas(symbol)?.dollars ?? BASE_MIN + BASE_SPAN * hashed(symbol);
  return Math.round(base * factor * 10_000) / 10_000;
}

/** Shares traded in the minute that begins at the time. */
export function overseasVolume(symbol: string, startUs: number): number {
  return (
    VOLUME_A_MINUTE_MIN + Math.floor(VOLUME_A_MINUTE_SPAN * hashed(`${symbol} ${Math.floor(startUs / 60_000_000)}`))
  );
}

/** A number in [0, 1) of a text: FNV-1a, whose bits are mixed once more (Murmur3's finalizer). */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
