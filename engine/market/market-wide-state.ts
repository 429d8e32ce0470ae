// What stops a whole market (KOSPI, say): circuit breakers, halts, and the sidecar that holds back programme trading. The
// feed tells it in records of single codes; one state is shared by all instruments of the market. A message that is lost
// must not stop it for ever: what the rules limit ends by itself, and trades prove that the market is open.
import { kstDate, kstToUtcUs } from '../../config/calendar.ts';
import {
  CIRCUIT_BREAKER_RULES,
  SIDECAR_RULES,
  VOLATILITY_INTERRUPTION_RULES,
} from '../../config/volatility-interruption.ts';
import type { MarketEffect } from './operation-codes.ts';

/** Records that the exchange made before an event come up to so long after it: KIS flushes five times a second. */
export const IN_FLIGHT_US = 2_000_000;
/** Beyond what a rule allows, so that the exchange's own message comes first where it comes at all. */
export const MARGIN_US = 30_000_000;

const [{ haltSeconds, auctionSeconds }] = CIRCUIT_BREAKER_RULES.steps;
const CIRCUIT_BREAKER_US =
  (haltSeconds + auctionSeconds + VOLATILITY_INTERRUPTION_RULES.randomEndSecondsMax) * 1_000_000 + MARGIN_US;
const SIDECAR_US = SIDECAR_RULES.haltSeconds * 1_000_000 + MARGIN_US;
const SECONDS_PER_DAY = 86_400;

/** By their numbers in the state. */
export const SIDECARS = ['none', 'buy', 'sell'] as const;
const NO_SIDECAR = 0;
const SIDECAR_BUY = 1;
const SIDECAR_SELL = 2;

export class MarketWideState {
  /** Plain numbers, engine time in microseconds; 0 where nothing is on. Saved by copying. */
  readonly values = { stoppedSinceUs: 0, stoppedUntilUs: 0, sidecar: NO_SIDECAR, sidecarUntilUs: 0 };
  /** Counts changes, so that an instrument sees that there was one. Not saved. */
  revision = 0;

  get stopped(): boolean {
    return this.values.stoppedUntilUs > 0;
  }

  /** Engine time at which `advance` has something to do. */
  get dueUs(): number {
    const { stoppedUntilUs, sidecarUntilUs } = this.values;
    return Math.min(stoppedUntilUs || Number.POSITIVE_INFINITY, sidecarUntilUs || Number.POSITIVE_INFINITY);
  }

  /** What a status record says of the market. */
  apply(effect: MarketEffect, timeUs: number): void {
    switch (effect) {
      case 'circuit_breaker_on':
        this.stop(timeUs, timeUs + CIRCUIT_BREAKER_US);
        return;
      case 'halt_on':
      case 'closed_for_the_day':
        this.stop(timeUs, kstToUtcUs(kstDate(timeUs), SECONDS_PER_DAY));
        return;
      case 'circuit_breaker_off':
        this.release();
        return;
      case 'sidecar_buy_on':
        this.holdBack(SIDECAR_BUY, timeUs + SIDECAR_US);
        return;
      case 'sidecar_sell_on':
        this.holdBack(SIDECAR_SELL, timeUs + SIDECAR_US);
        return;
      case 'sidecar_buy_off':
        if (this.values.sidecar === SIDECAR_BUY) this.holdBack(NO_SIDECAR, 0);
        return;
      case 'sidecar_sell_off':
        if (this.values.sidecar === SIDECAR_SELL) this.holdBack(NO_SIDECAR, 0);
        return;
    }
  }

  /** Whether it stands still for a stock that last traded in session at this time: one that trades does not. */
  stoppedFor(tradedUs: number): boolean {
    return this.stopped && tradedUs - this.values.stoppedSinceUs <= IN_FLIGHT_US;
  }

  /** What time alone ends. */
  advance(timeUs: number): void {
    const { stoppedUntilUs, sidecarUntilUs } = this.values;
    if (stoppedUntilUs > 0 && timeUs >= stoppedUntilUs) this.release();
    if (sidecarUntilUs > 0 && timeUs >= sidecarUntilUs) this.holdBack(NO_SIDECAR, 0);
  }

  /** Another feed. */
  forget(): void {
    this.load(new MarketWideState().values);
  }

  load(values: MarketWideState['values']): void {
    Object.assign(this.values, values);
    this.revision += 1;
  }

  /** Each instrument of the market is told: the later records only confirm the first. */
  private stop(timeUs: number, untilUs: number): void {
    const { values } = this;
    if (!this.stopped) values.stoppedSinceUs = timeUs;
    values.stoppedUntilUs = Math.max(values.stoppedUntilUs, untilUs);
    this.revision += 1;
  }

  private release(): void {
    this.values.stoppedSinceUs = this.values.stoppedUntilUs = 0;
    this.revision += 1;
  }

  private holdBack(sidecar: number, untilUs: number): void {
    this.values.sidecar = sidecar;
    this.values.sidecarUntilUs = untilUs;
    this.revision += 1;
  }
}
