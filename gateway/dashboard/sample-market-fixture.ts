// For tests of the page: a market of three instruments a minute after ten, with something in every channel.
import type { AlertMessage, MarketMessage, QualityMessage, StatusMessage, TickMessage } from '../../engine/messages.ts';
import type { Market } from './dashboard-fixture.ts';

export const SAMSUNG = '005930.KRX';
export const HYNIX = '000660.KRX';
export const INSTRUMENTS = [
  { instrument: SAMSUNG, code: '005930', nameKo: '삼성전자', nameEn: 'Samsung Electronics' },
  { instrument: HYNIX, code: '000660', nameKo: 'SK하이닉스', nameEn: 'SK hynix' },
  { instrument: '035420.KRX', code: '035420', nameKo: '<img src=x>', nameEn: '<img src=x>' },
];
/** 10:00:00 in Seoul. */
export const TEN_US = Date.UTC(2026, 9, 12, 1) * 1000;
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

export const tick = (second: number, price: number, change = 200): Omit<TickMessage, 'seq'> => ({
  timeUs: TEN_US + second * SECOND_US,
  exchangeTimeUs: TEN_US + second * SECOND_US,
  price,
  volume: 10,
  side: 'buy',
  accumulatedVolume: 1_250_000,
  accumulatedTurnover: 89_000_000_000,
  change,
});
export const status = (changed: Partial<StatusMessage> = {}): Omit<StatusMessage, 'seq'> => ({
  timeUs: TEN_US + 60 * SECOND_US,
  feed: 'connected',
  market: 'continuous',
  signals: 'active',
  haltReason: null,
  ticksPerSecond: 212,
  ticks: 5000,
  gaps: 0,
  gapShares: 0,
  quarantined: 0,
  state: 'memory',
  connections: 1,
  ...changed,
});
export const signal = (id: string, second: number) => ({
  timeUs: TEN_US + second * SECOND_US,
  id,
  side: 'buy' as const,
  strength: 0.4,
  confidence: 0.734,
  horizonMs: 10_000,
  mid: 71_250,
  spread: 100,
  reasons: ['probability_up 0.7340 >= 0.6500'],
  model: 'm',
  modelHash: 'h',
  configHash: 'h',
  build: 'b',
  journalOffset: 1,
});
export const trading = (changed: Partial<MarketMessage> = {}): Omit<MarketMessage, 'seq'> => ({
  timeUs: TEN_US,
  phase: 'continuous',
  halted: false,
  volatilityInterruption: false,
  circuitBreaker: false,
  sidecar: 'none',
  auction: false,
  ...changed,
});
export const quality = (overall: number, changed: Partial<QualityMessage> = {}): Omit<QualityMessage, 'seq'> => ({
  timeUs: TEN_US,
  completeness: 100,
  accuracy: 100,
  consistency: 100,
  timeliness: 100,
  overall,
  findings: {},
  ...changed,
});
export const alert = (changed: Partial<AlertMessage> = {}): Omit<AlertMessage, 'seq'> => ({
  timeUs: TEN_US + 59 * SECOND_US,
  rule: 'data_quality',
  severity: 'warning',
  state: 'raised',
  subject: 'engine',
  value: 76.43,
  threshold: 80,
  ...changed,
});
/** The minute before ten, so many of them ago. */
export const minuteBar = (ago: number, changed: { complete?: boolean; filled?: boolean; close?: number } = {}) => ({
  timeUs: TEN_US - (ago - 1) * MINUTE_US,
  startUs: TEN_US - ago * MINUTE_US,
  open: 70_900 + 20 * (ago % 7),
  high: 71_200 + 20 * (ago % 5),
  low: 70_700 - 20 * (ago % 3),
  close: 71_000 + 40 * (ago % 4),
  volume: 1000 + 30 * ago,
  turnover: 1,
  trades: 3,
  complete: true,
  filled: false,
  ...changed,
});

/** Something in every channel; no alert is raised. */
export function openMarket(market: Market): void {
  market.publish('ticks', SAMSUNG, '', tick(58, 71_000), tick(60, 71_200));
  market.publish('ticks', HYNIX, '', tick(60, 182_500, -500));
  for (const [instrument, bid] of [[SAMSUNG, 71_200] as const, [HYNIX, 182_500] as const]) {
    const level = (i: number): [number, number] => [bid - 100 * i, 1000 * (i + 1)];
    market.publish('books', instrument, '', {
      timeUs: TEN_US,
      exchangeTimeUs: TEN_US,
      bids: Array.from({ length: 10 }, (_, i) => level(i)),
      asks: Array.from({ length: 10 }, (_, i) => level(-1 - i)).map(([price], i) => [price, 500 * (i + 1)]),
      totalBidSize: 55_000,
      totalAskSize: 27_500,
    });
  }
  const bars = Array.from({ length: 59 }, (_, i) => ({
    timeUs: TEN_US + (i + 1) * SECOND_US,
    startUs: TEN_US + i * SECOND_US,
    open: 70_900,
    high: 71_100 + 10 * i,
    low: 70_800,
    close: 71_000,
    volume: 100 + i,
    turnover: 1,
    trades: 3,
    complete: i !== 30,
    filled: false,
  }));
  market.publish('bars', SAMSUNG, '1s', ...bars);
  const minutes = Array.from({ length: 40 }, (_, i) => minuteBar(40 - i, { complete: ![12, 13, 25].includes(40 - i) }));
  market.publish('bars', SAMSUNG, '1m', ...minutes);
  market.publish('indicators', SAMSUNG, '1s', {
    timeUs: TEN_US,
    complete: true,
    values: { rsi14: 61.25, ofi50: null },
  });
  market.publish('predictions', SAMSUNG, 'mlp', {
    timeUs: TEN_US,
    up: 0.625,
    down: 0.375,
    mid: 71_250,
    abstained: null,
  });
  market.publish('predictions', HYNIX, 'mlp', { timeUs: TEN_US, up: 0.5, down: 0.5, mid: 0, abstained: 'no_book' });
  market.publish('signals', SAMSUNG, '', signal('s-1', 40), signal('s-2', 55));
  market.publish('scores', SAMSUNG, '', {
    timeUs: TEN_US + 50 * SECOND_US,
    signalId: 's-1',
    side: 'buy',
    confidence: 0.734,
    entryMid: 71_250,
    exitMid: 71_350,
    moveBp: 14,
    netBp: 7,
    hit: true,
  });
  market.publish('market', SAMSUNG, '', trading());
  market.publish('market', HYNIX, '', trading({ volatilityInterruption: true, auction: true }));
  const found = { gap: 3, late: 12 };
  const lowered = { completeness: 91.25, timeliness: 98.4, findings: found };
  market.publish('quality', SAMSUNG, '', quality(100));
  market.publish('quality', HYNIX, '', quality(96.12, lowered));
  market.publish('quality', HYNIX, 'trades', quality(93.9, { ...lowered, completeness: 84.79 }));
  market.publish('quality', HYNIX, 'books', quality(100));
  market.publish('quality', 'engine', '', quality(98.97, { completeness: 97.08, timeliness: 99.46, findings: found }));
  market.publish('alerts', 'engine', '', alert({ state: 'resolved', value: 82, timeUs: TEN_US - MINUTE_US }));
  const stage = { p50: 12, p99: 80, max: 300 };
  const stages = {
    decode: stage,
    indicators: stage,
    predict: stage,
    decide: stage,
    publish: stage,
    total: { ...stage, p99: 1250 },
  };
  market.publish(
    'latency',
    'engine',
    '',
    { timeUs: TEN_US, count: 9, stages },
    { timeUs: TEN_US + SECOND_US, count: 9, stages },
  );
  market.publish('status', 'engine', '', status());
}
