// What the page knows: snapshots and updates folded per instrument, every list bounded. No drawing, no network.
import type {
  AlertMessage,
  BarMessage,
  BookMessage,
  Channel,
  IndicatorsMessage,
  LatencyMessage,
  MarketMessage,
  Message,
  PredictionMessage,
  QualityMessage,
  ScoreMessage,
  SignalMessage,
  SourceKind,
  StatusMessage,
  TickMessage,
} from '../../engine/messages.ts';
import type { SnapshotMessage, UpdateMessage } from '../protocol.ts';
import { isCountedByProcess } from '../stream-continuity.ts';
import { BarSeries } from './bar-series.ts';
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
/** Rules and subjects are few; beyond it the alert that was heard of first goes. */
const ALERTS_KEPT = 100;
/** More streams than the largest bench has; what comes beyond is not kept and is counted. */
const STREAMS_MAX = 20_000;

/** One instrument's own. */
export class InstrumentState {
  readonly instrument: string;
  readonly ticks = new RecentList<TickMessage>(TICKS_KEPT);
  /** The last price of each second, for the small line in the watch list. */
  readonly trail = new RecentList<number>(TRAIL_KEPT);
  readonly bars = new Map<string, BarSeries>();
  readonly indicators = new Map<string, IndicatorsMessage>();
  readonly predictions = new Map<string, PredictionMessage>();
  /** Probabilities of up, of the model that spoke first. */
  readonly probabilities = new RecentList<number>(PROBABILITIES_KEPT);
  /** Scores of the day by variant: '' of the instrument, `trades` and `books` of one of its streams. */
  readonly quality = new Map<string, QualityMessage>();
  book: BookMessage | null = null;
  market: MarketMessage | null = null;
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

  barsOf(interval: string): BarSeries {
    let bars = this.bars.get(interval);
    if (bars === undefined) {
      bars = new BarSeries(BARS_KEPT);
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
  /** The latest of each rule and subject, raised or resolved. */
  readonly alerts = new Map<string, AlertMessage>();
  status: StatusMessage | null = null;
  /** Of all data together. */
  quality: QualityMessage | null = null;
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
    this.alerts.clear();
    this.status = null;
    this.quality = null;
    for (const instrument of this.instruments.keys()) {
      this.instruments.set(instrument, new InstrumentState(instrument));
    }
  }

  /** A snapshot stands for the whole stream: what it replaces goes. Ticks go on; signals and scores are kept by id. */
  private forget({ channel, instrument, variant }: SnapshotMessage): void {
    if (channel === 'bars') this.instrument(instrument).barsOf(variant).clear();
    else if (channel === 'latency') this.latencies.replace([]);
  }

  private fold({ channel, instrument, variant }: SnapshotMessage | UpdateMessage, message: Message): void {
    // What concerns no instrument comes first, so that `engine` does not become one.
    if (instrument === 'engine') this.foldEngine(channel, message);
    else this.foldInstrument(this.instrument(instrument), channel, variant, message);
  }

  private foldEngine(channel: Channel, message: Message): void {
    if (channel === 'status') this.status = message as StatusMessage;
    else if (channel === 'latency') this.latencies.push(message as LatencyMessage);
    else if (channel === 'quality') this.quality = message as QualityMessage;
    else if (channel === 'alerts') this.foldAlert(message as AlertMessage);
  }

  private foldAlert(alert: AlertMessage): void {
    const key = `${alert.rule} ${alert.subject}`;
    const [first] = this.alerts.keys();
    if (first !== undefined && !this.alerts.has(key) && this.alerts.size >= ALERTS_KEPT) this.alerts.delete(first);
    this.alerts.set(key, alert);
  }

  private foldInstrument(state: InstrumentState, channel: Channel, variant: string, message: Message): void {
    const { instrument } = state;
    if (channel === 'ticks') state.addTick(message as TickMessage);
    else if (channel === 'books') state.book = message as BookMessage;
    else if (channel === 'bars') state.barsOf(variant).put(message as BarMessage);
    else if (channel === 'indicators') state.indicators.set(variant, message as IndicatorsMessage);
    else if (channel === 'predictions') state.addPrediction(variant, message as PredictionMessage);
    else if (channel === 'signals') this.signals.addSignal(instrument, message as SignalMessage);
    else if (channel === 'scores') this.signals.addScore(instrument, message as ScoreMessage);
    else if (channel === 'quality') state.quality.set(variant, message as QualityMessage);
    else if (channel === 'market') state.market = message as MarketMessage;
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
