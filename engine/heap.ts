// How the runtime's heap grows. With the whole market registered, V8 lets garbage pile up to several times of what is
// alive before it collects; collecting earlier costs little beside the market's own work, and halves the memory.
import { setFlagsFromString } from 'node:v8';

/** From so many symbols on memory counts for more than the pauses of the collector. */
const SYMBOLS_MIN = 1_000;
const GROWTH_PERCENT = 20;

/** Called once at the start, before there is much in the heap. */
export function limitHeapGrowth(symbols: number): void {
  if (symbols >= SYMBOLS_MIN) setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
