// Each gate with the figures that it looked at and what it said, in the order in which they are asked. It decides nothing:
// that its verdicts are those of signals/gates.ts is held by a test.
import { tickSizeScaled } from '../../config/tick-table.ts';
import { PRICE_SCALE } from '../decode/records.ts';
import type { SignalSettings } from '../settings.ts';
import type { Denial, GateInput } from '../signals/gates.ts';

export interface GateEvidence {
  readonly gate: Denial;
  readonly passed: boolean;
  /** By name, each with its unit; limits beside what was held against them. */
  readonly figures: Readonly<Record<string, number | string | boolean | null>>;
}

const MINUTE_US = 60_000_000;
const BP = 10_000;

export function gateEvidence(input: GateInput, settings: SignalSettings): GateEvidence[] {
  const { timeUs, bid, ask, lastPrice, haltReason, phase, stopped, outsideLimits, lastGapUs, qualityScore } = input;
  const { bookAgeMsMax, gapHoldMs, qualityFloor, spreadTicksMax, priceCollarBpMax, cooldownMs, perMinuteMax } =
    settings;
  const bookAgeMs = (timeUs - input.bookTimeUs) / 1000;
  const sinceGapMs = lastGapUs > 0 ? (timeUs - lastGapUs) / 1000 : null;
  const spreadTicks = (ask - bid) / tickSizeScaled(bid);
  const mid = (bid + ask) / 2;
  const collarBp = (Math.abs(mid - lastPrice) / mid) * BP;
  const times = input.signalTimesUs;
  const sinceSignalMs = times.length > 0 ? (timeUs - times[times.length - 1]) / 1000 : null;
  const lastMinute = times.filter((signalUs) => timeUs - signalUs < MINUTE_US).length;
  const evidence = (gate: Denial, denies: boolean, figures: GateEvidence['figures']): GateEvidence => ({
    gate,
    passed: !denies,
    figures,
  });
  return [
    evidence('journal_unavailable', haltReason === 'journal_unavailable', { haltReason }),
    evidence('kill_switch', haltReason === 'kill_switch', { haltReason }),
    evidence('session', phase !== 'continuous', { phase }),
    evidence('halted', stopped, { stopped }),
    evidence('price_limits', outsideLimits, { outsideLimits }),
    evidence('stale', bookAgeMs > bookAgeMsMax, { bookAgeMs, bookAgeMsMax }),
    evidence('gap', sinceGapMs !== null && sinceGapMs < gapHoldMs, { sinceGapMs, gapHoldMs }),
    evidence('quality', qualityScore < qualityFloor, { qualityScore, qualityFloor }),
    evidence('spread', !(ask > bid) || ask - bid > spreadTicksMax * tickSizeScaled(bid), {
      bid: bid / PRICE_SCALE,
      ask: ask / PRICE_SCALE,
      spreadTicks,
      spreadTicksMax,
    }),
    evidence('price_collar', lastPrice === 0 || collarBp > priceCollarBpMax, {
      mid: mid / PRICE_SCALE,
      lastPrice: lastPrice / PRICE_SCALE,
      collarBp,
      priceCollarBpMax,
    }),
    evidence('rate', (sinceSignalMs !== null && sinceSignalMs < cooldownMs) || lastMinute >= perMinuteMax, {
      sinceSignalMs,
      cooldownMs,
      signalsInLastMinute: lastMinute,
      perMinuteMax,
    }),
  ];
}
