// What somebody makes happen to the market, by command or scenario: to one stock, or to all of them.
import { dynamicThresholds, SIDECAR_RULES } from '../../../config/volatility-interruption.ts';
import { INTERRUPTION_CODES } from './session-codes.ts';
import type { MarketEvent } from './simulated-market.ts';
import type { Stock } from './stock.ts';

/** A fat finger takes the book up to so much of what would set off an interruption. */
const FAT_FINGER_SHARE = 0.8;

/** `later` does something after so many seconds. What the session does not allow just now does nothing. */
export function happenTo(
  stocks: readonly Stock[],
  event: MarketEvent,
  timeUs: number,
  later: (seconds: number, action: () => void) => void,
): void {
  for (const stock of stocks) {
    switch (event.type) {
      case 'volatility_interruption':
        stock.tradeOvershoots(timeUs);
        break;
      case 'halt':
        for (const session of stock.sessions) session.halt(timeUs);
        break;
      case 'resume':
        for (const session of stock.sessions) session.resume(timeUs);
        break;
      case 'circuit_breaker':
        for (const session of stock.sessions) session.breakCircuit(timeUs);
        break;
      case 'sidecar': {
        const { sellSidecar, sellSidecarEnds, buySidecar, buySidecarEnds } = INTERRUPTION_CODES;
        const [begins, ends] = event.side === 'sell' ? [sellSidecar, sellSidecarEnds] : [buySidecar, buySidecarEnds];
        stock.report(stock.krx, timeUs, begins);
        const untilUs = timeUs + SIDECAR_RULES.haltSeconds * 1_000_000;
        later(SIDECAR_RULES.haltSeconds, () => stock.report(stock.krx, untilUs, ends));
        break;
      }
      case 'fat_finger':
        strike(stock, event.side === 'buy', timeUs);
        break;
      case 'limit_up':
        stock.drive(1);
        break;
      case 'limit_down':
        stock.drive(-1);
        break;
    }
  }
}

function strike({ krx, instrument }: Stock, buy: boolean, timeUs: number): void {
  if (!krx.continuous) return;
  const { book, flow } = krx;
  const percent = FAT_FINGER_SHARE * dynamicThresholds(instrument.kospi200).continuousPercent;
  const farthestWon = flow.referenceWon * (1 + (buy ? percent : -percent) / 100);
  const position = book.position(farthestWon, buy ? book.bestAsk : book.bestBid);
  flow.strike(timeUs, buy, buy ? Math.floor(position) : Math.ceil(position));
}
