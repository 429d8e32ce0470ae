// The end of a batch: one model call for all instruments it touched, then policy and gates for each. What comes in are
// instruments as their last record left them; what goes out are predictions and signals on their streams.
import { tickSizeScaled } from '../config/tick-table.ts';
import { isDomestic } from '../config/venues.ts';
import { type Counters, count } from './counters.ts';
import { PRICE_SCALE } from './decode/records.ts';
import type { ControlCommand } from './input.ts';
import type { Instrument } from './instrument.ts';
import type { SignalMessage } from './messages.ts';
import type { Model } from './predict/model.ts';
import type { SignalSettings } from './settings.ts';
import { type Denial, denialOf, GateInput } from './signals/gates.ts';
import { candidateOf, reasonsOf } from './signals/policy.ts';
import type { StageClock } from './stage-clock.ts';
import type { Streams } from './streams/streams.ts';

/** What a candidate was decided by. All of it is reused by the next decision: who keeps it makes a copy. */
export interface DecisionEvidence {
  readonly instrument: Instrument;
  readonly timeUs: number;
  readonly journalOffset: number;
  readonly model: Model;
  /** The model's row, in the order of its `featureNames`. */
  readonly features: Float32Array;
  /** Probability that the next move of the mid is up. */
  readonly up: number;
  readonly gates: GateInput;
  readonly settings: SignalSettings;
  readonly denial: Denial | null;
}
export type DecisionListener = (evidence: DecisionEvidence) => void;

export interface DecisionContext {
  readonly streams: Streams;
  readonly counters: Counters;
  readonly stages: StageClock;
  readonly settings: SignalSettings;
  readonly model: Model;
  readonly configHash: string;
  /** Build of the code that runs, as the start entry names it. */
  readonly build: string;
  /** Hears every candidate with what decided it, before its signal is made; for who explains, never live. */
  readonly onDecision?: DecisionListener | undefined;
}

export interface ModelFailure {
  readonly error: Error;
  /** What the journal is told. */
  readonly command: ControlCommand;
}

const REASON_LENGTH_MAX = 200;
/** Rows for a first batch; grows with the largest batch seen. */
const ROWS_INITIAL = 256;
const COIN_FLIP = 0.5;

export class Decision {
  /** An entry of the journal says so: all abstain, and the model is not asked again. */
  modelFailed = false;
  /** What the model threw, until it is taken. */
  private failure: Error | null = null;
  private rows: Float32Array;
  private up: Float32Array;
  private readonly predicted: Instrument[] = [];
  private readonly gate = new GateInput();
  private readonly context: DecisionContext;

  constructor(context: DecisionContext) {
    this.context = context;
    this.rows = new Float32Array(ROWS_INITIAL * context.model.featureNames.length);
    this.up = new Float32Array(ROWS_INITIAL);
  }

  /**
   * Predicts and decides for the touched instruments at the engine time of the batch's last entry.
   * @param modelFails whether the model failed when this batch was first applied: then nothing is asked of it
   */
  decide(
    touched: readonly Instrument[],
    timeUs: number,
    haltReason: GateInput['haltReason'],
    journalOffset: number,
    modelFails: boolean,
  ): void {
    const { stages } = this.context;
    const { predicted } = this;
    this.gatherRows(touched, timeUs);
    const failed = modelFails || this.modelFailed || !this.predict();
    stages.lap('predict');
    for (let i = 0; i < predicted.length; i++) {
      const up = this.up[i];
      if (failed || !(up >= 0 && up <= 1)) this.abstain(predicted[i], timeUs, 'inference_failed');
      else this.decideOne(i, up, timeUs, haltReason, journalOffset);
    }
    stages.lap('decide');
  }

  /** False where the model failed: the engine abstains rather than guess. */
  private predict(): boolean {
    const { predicted } = this;
    try {
      if (predicted.length > 0) this.context.model.predict(this.rows, predicted.length, this.up);
      return true;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      return false;
    }
  }

  takeFailure(): ModelFailure | null {
    const error = this.failure;
    if (error === null) return null;
    this.failure = null;
    const reason = error.message.slice(0, REASON_LENGTH_MAX);
    return { error, command: { type: 'model_failed', modelHash: this.context.model.hash, reason } };
  }

  private gatherRows(touched: readonly Instrument[], timeUs: number): void {
    const width = this.context.model.featureNames.length;
    if (this.up.length < touched.length) {
      this.rows = new Float32Array(2 * touched.length * width);
      this.up = new Float32Array(2 * touched.length);
    }
    const { predicted } = this;
    predicted.length = 0;
    for (const instrument of touched) {
      // The model knows stocks of this market, and the policy their ticks: of others nothing is said.
      if (!isDomestic(instrument.venue)) continue;
      if (!instrument.values.bookInSession || instrument.mid === 0) this.abstain(instrument, timeUs, 'no_book');
      else if (instrument.features.write(this.rows, predicted.length * width, timeUs)) predicted.push(instrument);
      else this.abstain(instrument, timeUs, 'warming_up');
    }
  }

  private abstain(instrument: Instrument, timeUs: number, reason: string): void {
    this.emitPrediction(instrument, COIN_FLIP, timeUs, reason);
  }

  private emitPrediction(instrument: Instrument, up: number, timeUs: number, abstained: string | null): void {
    const { streams, counters, model } = this.context;
    count(counters.predictions, `${model.name} ${abstained ?? 'given'}`);
    streams.emit<'predictions'>(instrument.predictions, {
      seq: 0,
      timeUs,
      up,
      down: 1 - up,
      mid: instrument.mid,
      abstained,
    });
  }

  /** @param row of the prediction, and so its instrument */
  private decideOne(
    row: number,
    up: number,
    timeUs: number,
    haltReason: GateInput['haltReason'],
    journalOffset: number,
  ): void {
    const { streams, counters, settings, model, configHash, build, onDecision } = this.context;
    const instrument = this.predicted[row];
    this.emitPrediction(instrument, up, timeUs, null);
    const candidate = candidateOf(up, settings.probabilityMin);
    if (candidate === null) return;
    const gates = this.fillGate(instrument, timeUs, haltReason);
    const denial = denialOf(gates, settings);
    if (onDecision !== undefined) {
      const width = model.featureNames.length;
      const features = this.rows.subarray(row * width, (row + 1) * width);
      onDecision({ instrument, timeUs, journalOffset, model, features, up, gates, settings, denial });
    }
    if (denial !== null) {
      count(counters.denied, denial);
      return;
    }
    const { bid, ask, bidSize, askSize } = instrument.values;
    const signal: SignalMessage = {
      seq: 0,
      timeUs,
      id: '',
      side: candidate.side,
      strength: candidate.strength,
      confidence: candidate.confidence,
      horizonMs: settings.horizonMs,
      mid: instrument.mid,
      spread: (ask - bid) / PRICE_SCALE,
      reasons: reasonsOf(
        candidate,
        settings.probabilityMin,
        (bidSize - askSize) / (bidSize + askSize),
        (ask - bid) / tickSizeScaled(bid),
      ),
      model: model.name,
      modelHash: model.hash,
      configHash,
      build,
      journalOffset,
    };
    signal.id = `${instrument.name}:${journalOffset}`;
    streams.emit<'signals'>(instrument.signals, signal);
    instrument.given.add(signal, settings.perMinuteMax);
    counters.signals[candidate.side] += 1;
  }

  private fillGate(instrument: Instrument, timeUs: number, haltReason: GateInput['haltReason']): GateInput {
    const { gate } = this;
    const { values } = instrument;
    gate.timeUs = timeUs;
    gate.haltReason = haltReason;
    gate.phase = instrument.trading.phase;
    gate.stopped = instrument.trading.stoppedReason !== null;
    gate.outsideLimits = instrument.quality.outsideLimits;
    gate.qualityScore = instrument.quality.currentOverall(timeUs);
    gate.bookTimeUs = values.bookTimeUs;
    gate.bid = values.bid;
    gate.ask = values.ask;
    gate.lastPrice = values.lastPrice;
    gate.lastGapUs = values.lastGapUs;
    gate.signalTimesUs = instrument.given.timesUs;
    return gate;
  }
}
