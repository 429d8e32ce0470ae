// What the page knows: snapshots and updates folded per instrument, every list bounded. No drawing, no network.
import type {
  BarMessage,
  BookMessage,
  IndicatorsMessage,
  LatencyMessage,
  Message,
  PredictionMessage,
  ScoreMessage,
  SignalMessage,
  SourceKind,
  StatusMessage,
  TickMessage,
} from '../../engine/messages.ts';
import type { SnapshotMessage, UpdateMessage } from '../protocol.ts';
import { isCountedByProcess } from '../stream-continuity.ts';
import { RecentList } from './recent-list.ts';
import { SignalBoard } from './signal-board.ts';

export interface InstrumentName {
  instrument: string;
  code: string;
  nameKo: string;
  nameEn: string;
}

const TICKS_KEPT = 256;
const BARS_KEPT = 600;
const TRAIL_KEPT = 60;
const TRAIL_STEP_US = 1_000_000;
const PROBABILITIES_KEPT = 120;
const SIGNALS_KEPT = 200;
const LATENCIES_KEPT = 300;
/** More streams than the largest bench has; what comes beyond is not kept and is counted. */
const STREAMS_MAX = 20_000;

/** One instrument's own. */
export class InstrumentState {
  readonly instrument: string;
  readonly ticks = new RecentList<TickMessage>(TICKS_KEPT);
  /** The last price of each second, for the small line in the watch list. */
  readonly trail = new RecentList<number>(TRAIL_KEPT);
  readonly bars = new Map<string, RecentList<BarMessage>>();
  readonly indicators = new Map<string, IndicatorsMessage>();
  readonly predictions = new Map<string, PredictionMessage>();
  /** Probabilities of up, of the model that spoke first. */
  readonly probabilities = new RecentList<number>(PROBABILITIES_KEPT);
  book: BookMessage | null = null;
  private trailTimeUs = 0;

  constructor(instrument: string) {
    this.instrument = instrument;
  }

  get lastTick(): TickMessage | undefined {
    return this.ticks.last;
  }

  /** The first model's latest prediction. */
  get prediction(): PredictionMessage | undefined {
    for (const prediction of this.predictions.values()) return prediction;
    return undefined;
  }

  barsOf(interval: string): RecentList<BarMessage> {
    let bars = this.bars.get(interval);
    if (bars === undefined) {
      bars = new RecentList(BARS_KEPT);
      this.bars.set(interval, bars);
    }
    return bars;
  }

  addTick(tick: TickMessage): void {
    this.ticks.push(tick);
    if (tick.timeUs - this.trailTimeUs < TRAIL_STEP_US) return;
    this.trailTimeUs = tick.timeUs;
    this.trail.push(tick.price);
  }

  addPrediction(model: string, prediction: PredictionMessage): void {
    this.predictions.set(model, prediction);
    if (prediction.abstained === null && this.prediction === prediction) this.probabilities.push(prediction.up);
  }
}

export class MarketState {
  readonly instruments = new Map<string, InstrumentState>();
  readonly names = new Map<string, InstrumentName>();
  readonly signals = new SignalBoard(SIGNALS_KEPT);
  readonly latencies = new RecentList<LatencyMessage>(LATENCIES_KEPT);
  status: StatusMessage | null = null;
  source: SourceKind | null = null;
  epoch: string | null = null;
  version = '';
  /** Messages of streams beyond the bound. */
  ignored = 0;
  private readonly seqs = new Map<string, number>();

  /** Names and order of the instruments, as `/v1/status` tells them. */
  setNames(names: readonly InstrumentName[]): void {
    this.names.clear();
    for (const name of names) {
      this.names.set(name.instrument, name);
      this.instrument(name.instrument);
    }
  }

  instrument(instrument: string): InstrumentState {
    let state = this.instruments.get(instrument);
    if (state === undefined) {
      state = new InstrumentState(instrument);
      this.instruments.set(instrument, state);
    }
    return state;
  }

  /** Folds a snapshot or an update; returns the messages that were new, oldest first. */
  apply(envelope: SnapshotMessage | UpdateMessage): readonly Message[] {
    if (this.epoch !== envelope.epoch) this.restart(envelope.epoch);
    this.source = envelope.source;
    const known = this.seqs.get(envelope.stream) ?? 0;
    if (known === 0 && this.seqs.size >= STREAMS_MAX) {
      this.ignored += envelope.messages.length;
      return [];
    }
    this.seqs.set(envelope.stream, Math.max(known, envelope.seq));
    if (envelope.type === 'snapshot') this.forget(envelope);
    const after = lastFoldedSeq(envelope, known);
    const fresh = envelope.messages.filter((message) => message.seq > after);
    for (const message of fresh) this.fold(envelope, message);
    return fresh;
  }

  /** A new numbering: nothing kept from the former may stand beside it. */
  restart(epoch: string): void {
    this.epoch = epoch;
    this.seqs.clear();
    this.signals.clear();
    this.latencies.replace([]);
    this.status = null;
    for (const instrument of this.instruments.keys()) {
      this.instruments.set(instrument, new InstrumentState(instrument));
    }
  }

  /** A snapshot stands for the whole stream: what it replaces goes. Ticks go on; signals and scores are kept by id. */
  private forget({ channel, instrument, variant }: SnapshotMessage): void {
    if (channel === 'bars') this.instrument(instrument).barsOf(variant).replace([]);
    else if (channel === 'latency') this.latencies.replace([]);
  }

  private fold({ channel, instrument, variant }: SnapshotMessage | UpdateMessage, message: Message): void {
    // What concerns no instrument comes first, so that `engine` does not become one.
    if (channel === 'status') {
      this.status = message as StatusMessage;
      return;
    }
    if (channel === 'latency') {
      this.latencies.push(message as LatencyMessage);
      return;
    }
    const state = this.instrument(instrument);
    if (channel === 'ticks') state.addTick(message as TickMessage);
    else if (channel === 'books') state.book = message as BookMessage;
    else if (channel === 'bars') state.barsOf(variant).push(message as BarMessage);
    else if (channel === 'indicators') state.indicators.set(variant, message as IndicatorsMessage);
    else if (channel === 'predictions') state.addPrediction(variant, message as PredictionMessage);
    else if (channel === 'signals') this.signals.addSignal(instrument, message as SignalMessage);
    else this.signals.addScore(instrument, message as ScoreMessage);
  }
}

/**
 * The seq after which messages are new. A snapshot is folded whole, but for ticks: it holds only the last of them, less
 * than the page has, so what the page has stays and only what is newer is added.
 */
function lastFoldedSeq(envelope: SnapshotMessage | UpdateMessage, known: number): number {
  if (envelope.type === 'snapshot') return envelope.channel === 'ticks' ? known : 0;
  return isCountedByProcess(envelope.channel) ? envelope.prevSeq : known;
}
