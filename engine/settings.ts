// What decides: the part of the configuration that the state machine depends on. It is stored by hash beside the
// journal, and the hash stands in the journal's start entries and in every signal.
import type { INTERVALS } from '../config/schema.ts';
import type { QualitySettings } from './quality/score.ts';

export type Interval = (typeof INTERVALS)[number];
export const INTERVALS_US: Readonly<Record<Interval, number>> = {
  '1s': 1_000_000,
  '10s': 10_000_000,
  '1m': 60_000_000,
  '5m': 300_000_000,
};
/** `tick`: every trade appends. An interval: every bar appends, and a forming bar replaces. */
export type TimeFrame = 'tick' | Interval;

export interface SignalSettings {
  /** Probability of a direction from which on it is a candidate, 0.5 … 1. */
  readonly probabilityMin: number;
  /** When a signal is scored, milliseconds of engine time. */
  readonly horizonMs: number;
  /** Gate `stale`: age of the book at the decision. */
  readonly bookAgeMsMax: number;
  /** Gate `gap`: how long after a feed gap an instrument gives no signals. */
  readonly gapHoldMs: number;
  /** Gate `quality`: score of the last minutes below which an instrument gives no signals. */
  readonly qualityFloor: number;
  /** Gate `spread`: in ticks of the KRX table. */
  readonly spreadTicksMax: number;
  /** Gate `price_collar`: distance of the mid from the last trade, basis points. */
  readonly priceCollarBpMax: number;
  /** Gate `rate`: shortest time between two signals of one instrument, and the most in any minute. */
  readonly cooldownMs: number;
  readonly perMinuteMax: number;
}

export interface EngineSettings {
  readonly timeFrames: readonly TimeFrame[];
  readonly barIntervals: readonly Interval[];
  /** How long after its end a bar still takes records, milliseconds of engine time. */
  readonly barLatenessMs: number;
  readonly signals: SignalSettings;
  readonly quality: QualitySettings;
}
