// The deterministic state machine: journaled inputs in, derived messages out. It reads engine time only, never a clock,
// a socket or a random number; live, replay, recovery and backtest all run this code.
import { count, countGap, newCounters } from './counters.ts';
import { Decision, type ModelFailure } from './decision.ts';
import { Decoder, type DecoderOptions } from './decode/decoder.ts';
import { Quarantine } from './decode/quarantine.ts';
import type { RecordKind, Venue } from './decode/records.ts';
import type { ControlCommand, Input, SessionInput } from './input.ts';
import { Instrument } from './instrument.ts';
import { Instruments } from './instruments.ts';
import type { SourceKind, StreamUpdate } from './messages.ts';
import type { Model } from './predict/model.ts';
import type { EngineSettings } from './settings.ts';
import { noStageClock, type StageClock } from './stage-clock.ts';
import { continues, NO_RUN, type Run, type SavedState, STATE_VERSION } from './state/saved-state.ts';
import { type DigestReport, Streams } from './streams/streams.ts';

export interface StateMachineOptions {
  /** Settings and models by the hash that the journal's start entry names. */
  readonly settingsOf: (configHash: string) => EngineSettings;
  readonly modelOf: (modelHash: string, backend: Run['versions']['backend']) => Model;
  readonly stages?: StageClock;
  readonly decoder?: DecoderOptions;
}

export class StateMachine {
  counters = newCounters();
  readonly quarantine = new Quarantine();
  /** Engine time of the last entry. */
  timeUs = 0;
  private journalUnavailable = false;
  private run = NO_RUN;
  private killSwitch = false;
  private readonly connectedSessions = new Set<string>();
  private readonly options: StateMachineOptions;
  private readonly stages: StageClock;
  private readonly decoder: Decoder;
  readonly streams = new Streams();
  readonly instruments = new Instruments((code, venue) => this.newInstrument(code, venue));
  private readonly touched: Instrument[] = [];
  /** The frame being applied, for the quarantine. */
  private frame: Uint8Array | null = null;
  private settings: EngineSettings | null = null;
  private model: Model | null = null;
  private decision: Decision | null = null;

  constructor(options: StateMachineOptions) {
    this.options = options;
    this.stages = options.stages ?? noStageClock;
    this.decoder = new Decoder(options.decoder);
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
    const { touched, stages } = this;
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
      connectedSessions: [...this.connectedSessions],
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
    for (const session of saved.connectedSessions) this.connectedSessions.add(session);
    this.counters = structuredClone(saved.counters);
    if (this.settings !== null) this.decision = this.newDecision();
    if (saved.modelFailed) this.decision!.modelFailed = true;
    this.instruments.load(saved.instruments);
    this.streams.load(saved.streams);
  }

  private applyInput(input: Input): void {
    switch (input.kind) {
      case 'frame':
        this.applyFrame(input.bytes);
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
        this.instruments.interrupt(this.timeUs);
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

  /** A session that comes or goes is a hole in the feed of everything that was known before. */
  private applySession({ event, session }: SessionInput): void {
    count(this.counters.sessions, event);
    const changed =
      event === 'connected'
        ? !this.connectedSessions.has(session) && this.connectedSessions.add(session)
        : event === 'lost' && this.connectedSessions.delete(session);
    if (changed) this.instruments.interrupt(this.timeUs);
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

  private applyFrame(bytes: Uint8Array): void {
    const { decoder, stages } = this;
    this.frame = bytes;
    const kind = decoder.decode(bytes);
    stages.lap('decode');
    if (kind === null) {
      count(this.counters.frames, `${decoder.trId} ${decoder.failure}`);
      this.quarantine.add(bytes, decoder.failure, this.timeUs);
      return;
    }
    count(this.counters.frames, `${decoder.trId} ok`);
    this.applyRecords(kind, decoder.venue);
    stages.lap('indicators');
  }

  private applyRecords(kind: RecordKind, venue: Venue): void {
    const { decoder, timeUs } = this;
    switch (kind) {
      case 'trade': {
        const { trades } = decoder;
        let taken = 0;
        for (let r = 0; r < trades.count; r++)
          taken += this.applyTrade(this.instruments.at(trades.code[r], this.codeOf, venue), r);
        if (taken > 0) count(this.counters.ticks, `${decoder.trId} ${venue}`, taken);
        return;
      }
      case 'book': {
        const { books } = decoder;
        for (let r = 0; r < books.count; r++) {
          const instrument = this.instruments.at(books.code[r], this.codeOf, venue);
          instrument.book(books, r, timeUs);
          this.counters.books += 1;
          this.touch(instrument);
        }
        return;
      }
      case 'marketStatus':
        for (const status of decoder.marketStatus) {
          const { values } = this.instruments.named(status.code, venue);
          values.halted = status.halted;
          values.volatilityInterruption = status.volatilityInterruption;
        }
        return;
      case 'expected': // No trade happened: expected executions never reach volume, bars or features.
      case 'index':
      case 'expectedIndex':
      case 'notice': // Never journaled, hence never here.
        return;
    }
  }

  /** Ticks taken: 1, or 0 for a duplicate. */
  private applyTrade(instrument: Instrument, record: number): number {
    const { decoder, counters } = this;
    const verdict = instrument.trade(decoder.trades, record, this.timeUs);
    if (verdict === 'implausible') {
      counters.implausible += 1;
      if (this.frame !== null) this.quarantine.add(this.frame, verdict, this.timeUs);
      this.frame = null; // Once is enough, however many of its records are damaged.
      return 0;
    }
    if (verdict === 'duplicate') {
      counters.duplicates += 1;
      return 0;
    }
    if (verdict === 'gap') countGap(counters, instrument.venue, instrument.sequence.gap);
    if (verdict === 'inconsistent') counters.inconsistent += 1;
    if (instrument.values.outsideLimits) counters.outsideLimits += 1;
    this.touch(instrument);
    return 1;
  }

  private touch(instrument: Instrument): void {
    if (instrument.touched) return;
    instrument.touched = true;
    this.touched.push(instrument);
  }

  private readonly codeOf = (index: number): string => this.decoder.codeOf(index);

  private newInstrument(code: string, venue: Venue): Instrument {
    if (this.settings === null || this.model === null)
      throw new Error('a frame stands in front of the first start entry');
    return new Instrument(code, venue, this.settings, this.model.name, this.streams);
  }
}
