// For tests of the page: a market of three instruments a minute after ten, with something in every channel.
import type { StatusMessage, TickMessage } from '../../engine/messages.ts';
import type { Market } from './dashboard-fixture.ts';

export const SAMSUNG = '005930.KRX';
export const HYNIX = '000660.KRX';
export const INSTRUMENTS = [
  { instrument: SAMSUNG, code: '005930', nameKo: '삼성전자', nameEn: 'Samsung Electronics' },
  { instrument: HYNIX, code: '000660', nameKo: 'SK하이닉스', nameEn: 'SK hynix' },
  { instrument: '035420.KRX', code: '035420', nameKo: '<img src=x>', nameEn: '<img src=x>' },
];
/** 10:00:00 in Seoul. */
const TEN_US = Date.UTC(2026, 9, 12, 1) * 1000;
const SECOND_US = 1_000_000;

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
  journalOffset: 1,
});

/** Something in every channel. */
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
  }));
  market.publish('bars', SAMSUNG, '1s', ...bars);
  market.publish('indicators', SAMSUNG, '1s', { timeUs: TEN_US, values: { rsi14: 61.25, ofi50: null } });
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
