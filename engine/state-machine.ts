// The deterministic state machine: journaled inputs in, derived messages out. It reads engine time only, never a clock,
// a socket or a random number; live, replay, recovery and backtest all run this code.
import type { CalendarOverrides } from '../config/calendar.ts';
import { count, newCounters } from './counters.ts';
import { Decision, type ModelFailure } from './decision.ts';
import { Decoder } from './decode/decoder.ts';
import type { Quarantine } from './decode/quarantine.ts';
import type { Venue } from './decode/records.ts';
import { FeedSessions } from './feed-sessions.ts';
import { Frames } from './frames.ts';
import type { ControlCommand, Input, Subscription } from './input.ts';
import { Instrument } from './instrument.ts';
import { Instruments } from './instruments.ts';
import { MarketPlace } from './market/market-place.ts';
import type { SourceKind, StreamUpdate } from './messages.ts';
import { engineNameOf, owns } from './partitions/partitioning.ts';
import type { Model } from './predict/model.ts';
import { SignalChain } from './proof/signal-chain.ts';
import type { DescribeTrading, Quality } from './quality/quality.ts';
import { QualityMonitor } from './quality-monitor.ts';
import { ReferenceApplication } from './reference-application.ts';
import type { EngineSettings } from './settings.ts';
import { noStageClock, type StageClock } from './stage-clock.ts';
import { continues, isTimed, NO_RUN, type Run, type SavedState, STATE_VERSION } from './state/saved-state.ts';
import type { BatchPlace, StateMachineOptions } from './state-machine-options.ts';
import { type DigestReport, Streams } from './streams/streams.ts';

export type { BatchPlace, StateMachineOptions };

const UNJOURNALED_OFFSET = -1;

export class StateMachine {
  counters = newCounters();
  /** Engine time of the last entry. */
  timeUs = 0;
  private journalUnavailable = false;
  private run = NO_RUN;
  private killSwitch = false;
  /** What the operator wants besides the universe. */
  subscriptions: readonly Subscription[] = [];
  private readonly options: StateMachineOptions;
  private readonly stages: StageClock;
  private readonly frames: Frames;
  private readonly marketPlace = new MarketPlace();
  private readonly references: ReferenceApplication;
  readonly streams = new Streams();
  /** All signals so far as one number and one hash: what a seal of the journal says of them. */
  readonly signals = new SignalChain();
  readonly instruments = new Instruments(
    (code, venue) => this.newInstrument(code, venue),
    () => this.timeUs,
    (code) => owns(this.options.partition, code),
  );
  private readonly sessions = new FeedSessions(this.instruments);
  private readonly qualityMonitor: QualityMonitor;
  private settings: EngineSettings | null = null;
  private model: Model | null = null;
  private decision: Decision | null = null;

  constructor(options: StateMachineOptions) {
    this.options = options;
    this.stages = options.stages ?? noStageClock;
    const { instruments, stages } = this;
    const decoder = new Decoder(options.decoder);
    const { onFinding, partition } = options;
    const { streams } = this;
    this.qualityMonitor = new QualityMonitor({ streams, engineName: engineNameOf(partition), onFinding });
    const counters = () => this.counters;
    const quality = () => this.quality!;
    const { marketPlace } = this;
    this.frames = new Frames({ decoder, instruments, marketPlace, stages, counters, quality });
    this.references = new ReferenceApplication({ ...options, instruments, marketPlace, counters, quality });
  }

  get quarantine(): Quarantine {
    return this.frames.quarantine;
  }

  get epoch(): string {
    return this.run.epoch;
  }

  get source(): SourceKind {
    return this.run.source;
  }

  /** Days that KIS says are open or closed, against our own calendar. */
  get calendar(): CalendarOverrides {
    return this.marketPlace.calendar;
  }

  /** Evidence on the data; null before the first start entry. */
  get quality(): Quality | null {
    return this.qualityMonitor.quality;
  }

  get haltReason(): 'kill_switch' | 'journal_unavailable' | null {
    return this.journalUnavailable ? 'journal_unavailable' : this.killSwitch ? 'kill_switch' : null;
  }

  get feedConnected(): boolean {
    return this.sessions.connected.size > 0;
  }

  /** Applies the entries of one batch, which begin at `firstOffset` of the journal; the messages they make. */
  // `modelFails`: the journal's next entry says so of this batch. `share`: these are the part that falls to a partition.
  apply(
    inputs: readonly Input[],
    firstOffset: number,
    modelFails = false,
    share: BatchPlace | null = null,
  ): StreamUpdate[] {
    const { stages } = this;
    const { touched } = this.frames;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      this.timeUs = input.engineTimeUs;
      const offset = share === null ? firstOffset + i : share.offsets[i];
      this.quality?.enter(this.timeUs, this.journalUnavailable ? UNJOURNALED_OFFSET : offset, input.kind !== 'frame');
      if (input.kind !== 'frame') this.advance();
      this.applyInput(input);
      this.references.followMarkets(this.timeUs);
    }
    if (touched.length > 0) {
      this.timeUs = share?.lastTimeUs ?? this.timeUs;
      const lastOffset = share?.lastOffset ?? firstOffset + inputs.length - 1;
      for (const instrument of touched) {
        instrument.touched = false;
        instrument.emitIndicators(this.timeUs);
      }
      stages.lap('indicators');
      this.decision!.decide(touched, this.timeUs, this.haltReason, lastOffset, modelFails);
      for (const instrument of touched) this.instruments.expect(instrument);
      touched.length = 0;
    }
    const updates = this.streams.take();
    this.signals.take(this.epoch, updates);
    return updates;
  }

  /** That the model failed in the batch just applied, which no entry says yet: the journal's next one must. */
  takeModelFailure(): ModelFailure | null {
    return this.decision?.takeFailure() ?? null;
  }

  report(): DigestReport {
    return this.streams.report();
  }

  save(): SavedState {
    return {
      version: STATE_VERSION,
      run: this.run,
      timeUs: this.timeUs,
      killSwitch: this.killSwitch,
      modelFailed: this.decision?.modelFailed ?? false,
      subscriptions: this.subscriptions,
      sessions: this.sessions.save(),
      references: this.references.inForce,
      marketPlace: this.marketPlace.save(),
      quality: this.qualityMonitor.save(),
      counters: structuredClone(this.counters),
      streams: this.streams.save(),
      signals: this.signals.save(),
      instruments: this.instruments.save(),
    };
  }

  /** Into a new state machine only. */
  load(saved: SavedState): void {
    this.configure(saved.run);
    this.timeUs = saved.timeUs;
    this.killSwitch = saved.killSwitch;
    this.subscriptions = saved.subscriptions;
    this.sessions.load(saved.sessions);
    this.counters = structuredClone(saved.counters);
    if (this.settings !== null) this.decision = this.newDecision();
    if (saved.modelFailed) this.decision!.modelFailed = true;
    // First, so that streams stand in the order in which they were opened.
    this.streams.load(saved.streams);
    this.signals.load(saved.signals);
    if (this.settings !== null) this.beginQuality(this.settings);
    this.marketPlace.load(saved.marketPlace, saved.timeUs);
    this.references.load(saved.references, saved.timeUs);
    this.instruments.load(saved.instruments);
    this.qualityMonitor.load(saved.quality);
  }

  /** Time went on for everybody. */
  private advance(): void {
    this.instruments.advance(this.timeUs);
    const alert = this.qualityMonitor.advance(this.timeUs, this.describe);
    if (alert?.state === 'raised') count(this.counters.alerts, `${alert.rule} ${alert.severity}`);
  }

  private applyInput(input: Input): void {
    switch (input.kind) {
      case 'frame':
        this.frames.apply(input.bytes, this.timeUs);
        return;
      case 'session':
        count(this.counters.sessions, input.event);
        this.sessions.apply(input);
        return;
      case 'control':
        this.applyControl(input.command);
        return;
      case 'clock':
        return; // Time itself was applied by `advance`.
    }
  }

  private applyControl(command: ControlCommand): void {
    switch (command.type) {
      case 'start':
        this.start(command);
        return;
      case 'stop':
        this.sessions.clear();
        this.instruments.interrupt(this.timeUs);
        return;
      case 'subscriptions':
        this.subscriptions = command.wanted;
        return;
      case 'reference':
        this.references.apply(command.hash, this.timeUs);
        return;
      case 'kill_switch':
        this.killSwitch = command.on;
        return;
      case 'model_failed':
        this.decision!.modelFailed = true;
        return;
      case 'journal_unavailable':
        this.journalUnavailable = true;
        this.run = { ...this.run, epoch: command.epoch };
        this.streams.restart();
        return;
    }
  }

  /** A run begins. Another epoch, other settings or another model begin from nothing; else all goes on. */
  private start({ type: _type, ...run }: Extract<ControlCommand, { type: 'start' }>): void {
    const before = this.run;
    this.journalUnavailable = false;
    this.sessions.clear();
    if (run.epoch !== before.epoch) this.streams.restart();
    this.configure(run);
    this.decision = this.newDecision();
    if (!continues(run, before)) {
      this.instruments.clear();
      this.references.clear();
      this.beginQuality(this.settings!);
    } else if (run.feed !== before.feed) {
      this.marketPlace.forget();
      this.quality!.timed = isTimed(run);
      this.quality!.forgetFeed();
      for (const instrument of this.instruments.all()) instrument.forgetFeed();
    }
    this.instruments.interrupt(this.timeUs);
  }

  private configure(run: Run): void {
    if (run.configHash !== this.run.configHash) this.settings = this.options.settingsOf(run.configHash);
    const { backend } = run.versions;
    if (run.modelHash !== this.run.modelHash || backend !== this.run.versions.backend) {
      this.model?.dispose();
      this.model = this.options.modelOf(run.modelHash, backend);
    }
    this.run = run;
  }

  private newDecision(): Decision {
    return new Decision({
      streams: this.streams,
      counters: this.counters,
      stages: this.stages,
      settings: this.settings!.signals,
      model: this.model!,
      configHash: this.run.configHash,
      build: this.run.versions.kisignal,
      onDecision: this.options.onDecision,
    });
  }

  private beginQuality({ quality }: EngineSettings): void {
    this.qualityMonitor.begin(quality, isTimed(this.run));
  }

  private readonly describe: DescribeTrading = ({ code, venue }, context) =>
    this.instruments.named(code, venue).describe(context);

  private newInstrument(code: string, venue: Venue): Instrument {
    const { settings, model, streams, marketPlace, quality } = this;
    if (settings === null || model === null || quality === null)
      throw new Error('a frame stands in front of the first start entry');
    this.qualityMonitor.follow(`${code}.${venue}`);
    return new Instrument({ code, venue, settings, modelName: model.name, streams, marketPlace, quality });
  }
}
