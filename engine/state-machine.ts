// The deterministic state machine: journaled inputs in, derived messages out. It reads engine time only, never a clock,
// a socket or a random number; live, replay, recovery and backtest all run this code.
import { count, countGap, newCounters } from './counters.ts';
import { Decision, type ModelFailure } from './decision.ts';
import { Decoder, type DecoderOptions } from './decode/decoder.ts';
import { LAYOUTS } from './decode/layouts.ts';
import type { Quarantine } from './decode/quarantine.ts';
import type { Venue } from './decode/records.ts';
import { Frames } from './frames.ts';
import type { ControlCommand, Input, SessionInput, Subscription } from './input.ts';
import { Instrument } from './instrument.ts';
import { Instruments } from './instruments.ts';
import type { SourceKind, StreamUpdate } from './messages.ts';
import type { Model } from './predict/model.ts';
import type { DailyCloseReference, Reference } from './reference/reference.ts';
import { Registrations } from './registrations.ts';
import type { EngineSettings } from './settings.ts';
import { noStageClock, type StageClock } from './stage-clock.ts';
import { continues, NO_RUN, type Run, type SavedState, STATE_VERSION } from './state/saved-state.ts';
import { type DigestReport, Streams } from './streams/streams.ts';

export interface StateMachineOptions {
  /** Settings and models by the hash that the journal's start entry names. */
  readonly settingsOf: (configHash: string) => EngineSettings;
  readonly modelOf: (modelHash: string, backend: Run['versions']['backend']) => Model;
  /** Answers of REST sources, by the hash that a control entry names. */
  readonly referenceOf: (hash: string) => Reference;
  readonly stages?: StageClock;
  readonly decoder?: DecoderOptions;
}

export class StateMachine {
  counters = newCounters();
  /** Engine time of the last entry. */
  timeUs = 0;
  private journalUnavailable = false;
  private run = NO_RUN;
  private killSwitch = false;
  /** What the operator wants besides the universe. */
  subscriptions: readonly Subscription[] = [];
  private readonly connectedSessions = new Set<string>();
  private readonly registrations = new Registrations();
  private readonly options: StateMachineOptions;
  private readonly stages: StageClock;
  private readonly frames: Frames;
  readonly streams = new Streams();
  readonly instruments = new Instruments((code, venue) => this.newInstrument(code, venue));
  private settings: EngineSettings | null = null;
  private model: Model | null = null;
  private decision: Decision | null = null;

  constructor(options: StateMachineOptions) {
    this.options = options;
    this.stages = options.stages ?? noStageClock;
    const { instruments, stages } = this;
    const decoder = new Decoder(options.decoder);
    this.frames = new Frames({ decoder, instruments, stages, counters: () => this.counters });
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

  get haltReason(): 'kill_switch' | 'journal_unavailable' | null {
    return this.journalUnavailable ? 'journal_unavailable' : this.killSwitch ? 'kill_switch' : null;
  }

  get feedConnected(): boolean {
    return this.connectedSessions.size > 0;
  }

  /** Applies the entries of one batch, which begin at `firstOffset` of the journal; the messages they make. */
  // `modelFails`: the journal's next entry says that the model failed in this batch.
  apply(inputs: readonly Input[], firstOffset: number, modelFails = false): StreamUpdate[] {
    const { stages } = this;
    const { touched } = this.frames;
    for (const input of inputs) {
      this.timeUs = input.engineTimeUs;
      if (this.timeUs >= this.instruments.nextDueUs) this.instruments.advance(this.timeUs);
      this.applyInput(input);
    }
    if (touched.length > 0) {
      for (const instrument of touched) {
        instrument.touched = false;
        instrument.emitIndicators(this.timeUs);
      }
      stages.lap('indicators');
      this.decision!.decide(touched, this.timeUs, this.haltReason, firstOffset + inputs.length - 1, modelFails);
      for (const instrument of touched) this.instruments.expect(instrument);
      touched.length = 0;
    }
    return this.streams.take();
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
      connectedSessions: [...this.connectedSessions],
      registrations: this.registrations.save(),
      counters: structuredClone(this.counters),
      streams: this.streams.save(),
      instruments: this.instruments.save(),
    };
  }

  /** Into a new state machine only. */
  load(saved: SavedState): void {
    this.configure(saved.run);
    this.timeUs = saved.timeUs;
    this.killSwitch = saved.killSwitch;
    this.subscriptions = saved.subscriptions;
    for (const session of saved.connectedSessions) this.connectedSessions.add(session);
    this.registrations.load(saved.registrations);
    this.counters = structuredClone(saved.counters);
    if (this.settings !== null) this.decision = this.newDecision();
    if (saved.modelFailed) this.decision!.modelFailed = true;
    this.instruments.load(saved.instruments);
    this.streams.load(saved.streams);
  }

  private applyInput(input: Input): void {
    switch (input.kind) {
      case 'frame':
        this.frames.apply(input.bytes, this.timeUs);
        return;
      case 'session':
        this.applySession(input);
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
        this.connectedSessions.clear();
        this.registrations.clear();
        this.instruments.interrupt(this.timeUs);
        return;
      case 'subscriptions':
        this.subscriptions = command.wanted;
        return;
      case 'reference':
        this.applyReference(this.options.referenceOf(command.hash));
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
    this.connectedSessions.clear();
    this.registrations.clear();
    if (run.epoch !== before.epoch) this.streams.restart();
    this.configure(run);
    this.decision = this.newDecision();
    if (!continues(run, before)) {
      this.instruments.clear();
    } else if (run.feed !== before.feed) {
      for (const instrument of this.instruments.all()) instrument.forgetFeed();
    }
    this.instruments.interrupt(this.timeUs);
  }

  /** Where a session dies, or a registration comes (anew), records of those instruments may be missing. */
  private applySession(input: SessionInput): void {
    const { event, session, trId, trKey } = input;
    count(this.counters.sessions, event);
    if (event === 'connected') this.connectedSessions.add(session);
    if (event === 'lost') this.connectedSessions.delete(session);
    if (event === 'unregistered') this.registered(trId, trKey)?.instrument.expect(false, this.timeUs);
    for (const registration of this.registrations.apply(input)) {
      const { instrument, kind } = this.registered(registration.trId, registration.trKey) ?? {};
      instrument?.interrupt(this.timeUs);
      if (event === 'registered' && kind === 'trade') instrument?.expect(true, this.timeUs);
    }
  }

  /** Whose trades or books a registration delivers; null for all others. */
  private registered(trId = '', trKey = ''): { instrument: Instrument; kind: 'trade' | 'book' } | null {
    const { kind, venue } = LAYOUTS.find((one) => one.trId === trId) ?? {};
    if (venue === undefined || (kind !== 'trade' && kind !== 'book')) return null;
    return { instrument: this.instruments.named(trKey, venue), kind };
  }

  private applyReference(reference: Reference): void {
    switch (reference.kind) {
      case 'minute_bars':
        this.instruments.named(reference.code, reference.venue).minuteBars(reference.bars, this.timeUs);
        return;
      case 'daily_close':
        if (reference.source === 'KIS') this.closeDay(reference);
        return;
      case 'instruments':
      case 'calendar':
        return;
    }
  }

  /** A loss behind the last record of the day has no record that would show it: the closing volume does. */
  private closeDay({ date, venue, rows }: DailyCloseReference): void {
    for (const row of rows) {
      const gap = this.instruments.named(row.code, venue).closeDay(date, row, this.timeUs);
      if (gap !== null) countGap(this.counters, venue, gap);
    }
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
    });
  }

  private newInstrument(code: string, venue: Venue): Instrument {
    if (this.settings === null || this.model === null)
      throw new Error('a frame stands in front of the first start entry');
    return new Instrument(code, venue, this.settings, this.model.name, this.streams);
  }
}
