// What of an instrument's trading a reader must not miss, as short badges with a title: halts and interruptions first,
// the gravest leading. The session itself is told beside them.
import type { MarketMessage } from '../../engine/messages.ts';
import { element, mark, write } from './element.ts';
import type { TextKey } from './texts.ts';
import type { Translation } from './translation.ts';

export type TradingCondition =
  | 'circuit_breaker'
  | 'halted'
  | 'volatility_interruption'
  | 'auction'
  | 'sidecar_buy'
  | 'sidecar_sell';

const AUCTION_PHASES = ['opening_auction', 'closing_auction', 'after_hours_auction'];

/** Gravest first; none where the instrument trades as its session says. */
export function tradingConditions(market: MarketMessage | null): TradingCondition[] {
  if (market === null) return [];
  const conditions: TradingCondition[] = [];
  if (market.circuitBreaker) conditions.push('circuit_breaker');
  if (market.halted) conditions.push('halted');
  if (market.volatilityInterruption) conditions.push('volatility_interruption');
  // An auction of the session's own is the session's name.
  if (market.auction && !AUCTION_PHASES.includes(market.phase)) conditions.push('auction');
  if (market.sidecar !== 'none') conditions.push(`sidecar_${market.sidecar}`);
  return conditions;
}

/** One small label; it keeps its node, and is away where it has nothing to say. */
export class Badge {
  readonly node = element('abbr', 'badge trading-badge');

  constructor() {
    this.node.hidden = true;
  }

  show(text: string, title: string, tone: string): void {
    write(this.node, text);
    if (this.node.title !== title) this.node.title = title;
    mark(this.node, 'tone', tone);
    this.node.hidden = text === '';
  }

  showCondition(condition: TradingCondition, translation: Translation): void {
    const title: TextKey = `condition.${condition}`;
    this.show(translation.text(`badge.${condition}`), translation.text(title), toneOf(condition));
  }

  hide(): void {
    this.show('', '', '');
  }
}

function toneOf(condition: TradingCondition): 'bad' | 'warn' {
  return condition === 'circuit_breaker' || condition === 'halted' ? 'bad' : 'warn';
}
