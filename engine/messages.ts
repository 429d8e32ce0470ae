// What the engine derives and publishes: channels, streams and the message of each channel. These shapes are the
// public protocol (the gateway sends them as they are) and the input of the digest, so a field is never renamed.
// Prices are decimal numbers in the quote currency (won), quantities are shares, times are UTC microseconds.

export const CHANNELS = [
  'ticks',
  'books',
  'bars',
  'indicators',
  'predictions',
  'signals',
  'scores',
  'quality',
  'market',
  'alerts',
  'status',
  'latency',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** Where the data come from. Anything but `live` is not the market and says so in every message. */
export type SourceKind = 'live' | 'paper' | 'simulated' | 'recorded';

/**
 * A stream is channel + instrument + variant; `seq` counts in it from 1 without holes. `instrument` is code and venue
 * (`005930.KRX`), or `engine` for what concerns no instrument; `variant` is the time frame or model, '' where a channel
 * has but one. `key` is `channel/instrument` or `channel/instrument/variant` and is unique.
 *
 * What is derived is numbered for good: `seq` goes on from run to run of an epoch. `status` and `latency` are measured
 * and not journaled: their numbers hold within one process only, and the next may repeat numbers or go back.
 */
export interface Stream {
  readonly key: string;
  readonly channel: Channel;
  readonly instrument: string;
  readonly variant: string;
}

export function streamKey(channel: Channel, instrument: string, variant = ''): string {
  return variant === '' ? `${channel}/${instrument}` : `${channel}/${instrument}/${variant}`;
}

/** One trade. `side` is the aggressor's; `none` in auctions and off hours. */
export interface TickMessage {
  seq: number;
  timeUs: number;
  /** The exchange's own second of the trade, UTC microseconds. */
  exchangeTimeUs: number;
  price: number;
  volume: number;
  side: 'buy' | 'sell' | 'none';
  accumulatedVolume: number;
  accumulatedTurnover: number;
  /** Change against the previous close, won. */
  change: number;
}

/** A book of up to ten levels, best first; empty levels are left out. Prices in won, sizes in shares. */
export interface BookMessage {
  seq: number;
  timeUs: number;
  exchangeTimeUs: number;
  bids: [price: number, size: number][];
  asks: [price: number, size: number][];
  totalBidSize: number;
  totalAskSize: number;
}

/** A closed bar [startUs, startUs + interval); `variant` of the stream is the interval: `1s`, `1m`. */
export interface BarMessage {
  seq: number;
  timeUs: number;
  startUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  turnover: number;
  trades: number;
  /** False where a feed gap lies inside the bar. */
  complete: boolean;
  /** True where the bar was filled by REST: it then replaces the torn one of the same start. */
  filled: boolean;
}

/** Values by indicator name (`sma20`, `macd.signal` …), null while warming up; `variant` is the time frame. */
export interface IndicatorsMessage {
  seq: number;
  timeUs: number;
  /** False while records that were lost, and not filled, lie inside what the values look back on. */
  complete: boolean;
  values: Record<string, number | null>;
}

/** Probability that the next move of the mid price is down or up; `variant` is the model's name. */
export interface PredictionMessage {
  seq: number;
  timeUs: number;
  up: number;
  down: number;
  /** Mid price the prediction speaks of, won; 0 where a side of the book is empty. */
  mid: number;
  /** Why no prediction is given (`up` and `down` are then 0.5): `warming_up`, `no_book`, `inference_failed`. */
  abstained: string | null;
}

export type Side = 'buy' | 'sell';

/** A signal that passed every gate. */
export interface SignalMessage {
  seq: number;
  timeUs: number;
  /** Unique and derived: instrument and journal offset. */
  id: string;
  side: Side;
  /** 0 … 1: how far the probability lies beyond the threshold. */
  strength: number;
  /** 0.5 … 1: the probability of the signal's direction. */
  confidence: number;
  /** When it is scored: engine time plus this, milliseconds. */
  horizonMs: number;
  /** Mid price and spread at the decision, won. */
  mid: number;
  spread: number;
  reasons: string[];
  model: string;
  modelHash: string;
  configHash: string;
  /** Build of the code that made it. */
  build: string;
  /** Position of the journal entry that made it. */
  journalOffset: number;
}

/** What the market did with a signal once its horizon ended. */
export interface ScoreMessage {
  seq: number;
  timeUs: number;
  signalId: string;
  side: Side;
  confidence: number;
  entryMid: number;
  exitMid: number;
  /** Signed move in the signal's direction, basis points of the entry mid. */
  moveBp: number;
  /** The same after half of the spread at entry and half of the spread at exit. */
  netBp: number;
  /** Hit: the move went the signal's way. */
  hit: boolean;
}

/**
 * Data quality, 0–100 each, from the evidence of the trading day so far. The stream `quality/005930.KRX` speaks of one
 * instrument, its variants `trades` and `books` of one feed stream, `quality/engine` of all.
 */
export interface QualityMessage {
  seq: number;
  timeUs: number;
  completeness: number;
  accuracy: number;
  consistency: number;
  timeliness: number;
  overall: number;
  /** Deductions so far today: how often, by kind of finding (`engine/quality/findings.ts`). */
  findings: Record<string, number>;
}

/** What trading is like: `market/005930.KRX`, on every change. */
export interface MarketMessage {
  seq: number;
  timeUs: number;
  /** The session of venue and calendar (`config/sessions.ts`). */
  phase: string;
  halted: boolean;
  volatilityInterruption: boolean;
  /** The whole market stands still. */
  circuitBreaker: boolean;
  /** Programme trading is held back on that side. */
  sidecar: 'none' | 'buy' | 'sell';
  /** In an auction of whatever cause: the book shows expected prices, and nothing trades. */
  auction: boolean;
}

/** Something an operator should know: `alerts/engine`. */
export interface AlertMessage {
  seq: number;
  timeUs: number;
  /** `data_quality` */
  rule: string;
  severity: 'warning' | 'critical';
  state: 'raised' | 'resolved';
  /** Instrument, or `engine`. */
  subject: string;
  value: number;
  threshold: number;
}

/** State of engine and feed, once a second and on every change; not part of the digest, numbered by the process. */
export interface StatusMessage {
  seq: number;
  timeUs: number;
  feed: 'connected' | 'connecting' | 'lost';
  market: string;
  signals: 'active' | 'halted';
  /** Reason code where signals are halted: `kill_switch`, `journal_unavailable`. */
  haltReason: string | null;
  ticksPerSecond: number;
  ticks: number;
  gaps: number;
  gapShares: number;
  quarantined: number;
  state: string;
  connections: number;
}

/**
 * Percentiles of the last interval, microseconds. `publish` is t4 to the return of the bus: with encoding and writing to
 * every client, where the `times` of an update end before them. Not part of the digest, numbered by the process.
 */
export interface LatencyMessage {
  seq: number;
  timeUs: number;
  count: number;
  stages: Record<
    'decode' | 'indicators' | 'predict' | 'decide' | 'publish' | 'total',
    { p50: number; p99: number; max: number }
  >;
}

export interface MessageOf {
  ticks: TickMessage;
  books: BookMessage;
  bars: BarMessage;
  indicators: IndicatorsMessage;
  predictions: PredictionMessage;
  signals: SignalMessage;
  scores: ScoreMessage;
  quality: QualityMessage;
  market: MarketMessage;
  alerts: AlertMessage;
  status: StatusMessage;
  latency: LatencyMessage;
}
export type Message = MessageOf[Channel];

/** Messages of one stream that one batch made: `seq` runs from prevSeq + 1 on. Read-only once published. */
export interface StreamUpdate {
  readonly stream: Stream;
  readonly prevSeq: number;
  readonly messages: readonly Message[];
}

/**
 * Measured times of a batch on this host: t0 (received) in UTC microseconds, then microseconds since t0 of t1 decoded,
 * t2 indicators, t3 predicted, t4 decided, t5 published.
 *
 * t5 is taken twice. Updates carry it as the gateway takes it on receipt of the batch, before encoding and writing,
 * which cannot be inside of what they write. After the bus has returned, hence with every update encoded and written to
 * every client's socket, the pipeline takes it again: that one is in the channel `latency`, the metrics and snapshots.
 */
export type BatchTimes = [t0: number, d1: number, d2: number, d3: number, d4: number, d5: number];

/** All that one input batch made, in the order in which it is to be sent. A stream stands in it at most once. */
export interface OutputBatch {
  readonly epoch: string;
  readonly source: SourceKind;
  readonly times: BatchTimes;
  readonly updates: readonly StreamUpdate[];
}
