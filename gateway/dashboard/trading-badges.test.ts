import { describe, expect, it } from 'vitest';
import type { MarketMessage } from '../../engine/messages.ts';
import { tradingConditions } from './trading-badges.ts';

const market = (changed: Partial<MarketMessage> = {}): MarketMessage => ({
  seq: 1,
  timeUs: 0,
  phase: 'continuous',
  halted: false,
  volatilityInterruption: false,
  circuitBreaker: false,
  sidecar: 'none',
  auction: false,
  ...changed,
});

describe('conditions of trading', () => {
  it('are none in ordinary trading, and none before anything is known', () => {
    expect(tradingConditions(null)).toEqual([]);
    expect(tradingConditions(market())).toEqual([]);
  });

  it('lead with the gravest', () => {
    const all = { halted: true, volatilityInterruption: true, circuitBreaker: true, sidecar: 'sell', auction: true };
    expect(tradingConditions(market(all as Partial<MarketMessage>))).toEqual([
      'circuit_breaker',
      'halted',
      'volatility_interruption',
      'auction',
      'sidecar_sell',
    ]);
  });

  it('do not repeat an auction that is the session’s own', () => {
    for (const phase of ['opening_auction', 'closing_auction', 'after_hours_auction']) {
      expect(tradingConditions(market({ phase, auction: true }))).toEqual([]);
    }
    expect(tradingConditions(market({ auction: true }))).toEqual(['auction']);
  });
});
