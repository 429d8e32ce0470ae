// A simulated market's instruments as a source of reference data has them.
import type { SimulatedMarket } from '../emulator/market/simulated-market.ts';
import type { InstrumentReference } from '../reference/reference.ts';

/** What the masters would say, so that limits, grid and indices are checked. */
export function referencesOf(market: SimulatedMarket): InstrumentReference[] {
  return market.codes.map((code) => {
    const { nameKo, market: board, kind, listedShares, kospi200, nxt } = market.instrument(code);
    const { previousCloseWon: basePriceWon, upperLimitWon, lowerLimitWon, previousVolume } = market.quote(code);
    const facts = { code, nameKo, market: board, kind, listedShares, kospi200, nxt, lotSize: 1, listedDate: 0 };
    const day = { basePriceWon, upperLimitWon, lowerLimitWon, previousVolume, halted: false, liquidation: false };
    return { ...facts, ...day };
  });
}
