// One subscriber: which frame each update came of, how long after its intended time, and whether any message is missing.
import type { LatencyHistogram } from '../latency-histogram.ts';
import { sharedUs } from '../shared-clock.ts';
import { bookOfMid } from './load.ts';
import { PlainSocket } from './plain-socket.ts';
import type { Schedule } from './schedule.ts';
import { MEASURED_CHANNELS, UpdateText } from './update-text.ts';

const STREAM_PATH = '/v1/stream';
const [TICKS] = MEASURED_CHANNELS.keys();
const CHANNELS = MEASURED_CHANNELS.length;

export interface StreamClientOptions {
  readonly port: number;
  readonly schedule: Schedule;
  readonly codes: readonly string[];
  /** Indices of the codes subscribed to. */
  readonly symbols: readonly number[];
  /** Of updates whose frame is measured. */
  readonly latency: LatencyHistogram;
  /** Each update with the frame it came of. */
  readonly onUpdate?: (frame: number, text: Uint8Array, update: UpdateText) => void;
}

export class StreamClient {
  /** When the first frame was meant to leave; shared clock. */
  startUs = Number.POSITIVE_INFINITY;
  /** By channel, in the order of MEASURED_CHANNELS. */
  readonly messages = new Float64Array(CHANNELS);
  updates = 0;
  /** Messages of measured frames. */
  measuredMessages = 0;
  /** Places where numbers did not follow on. */
  holes = 0;
  closeCode: number | null = null;
  private readonly options: StreamClientOptions;
  private readonly socket: PlainSocket;
  private readonly update: UpdateText;
  /** By symbol and channel: the last seq received. */
  private readonly lastSeq: Float64Array;
  /** By symbol: batch and frame of the last ticks. What came of the same batch came of the same frame. */
  private readonly lastBatch: Float64Array;
  private readonly lastFrame: Int32Array;
  private receivedUs = 0;
  private subscribed: () => void = () => {};

  constructor(options: StreamClientOptions) {
    this.options = options;
    const symbols = options.codes.length;
    this.update = new UpdateText(options.codes);
    this.lastSeq = new Float64Array(symbols * CHANNELS);
    this.lastBatch = new Float64Array(symbols);
    this.lastFrame = new Int32Array(symbols);
    this.socket = new PlainSocket({
      port: options.port,
      path: STREAM_PATH,
      onRead: () => {
        this.receivedUs = sharedUs();
      },
      onText: (bytes, start, end) => this.text(bytes, start, end),
      onClose: (code) => {
        this.closeCode = code;
      },
    });
  }

  /** Resolves once the server has said that it will send. */
  async subscribe(): Promise<void> {
    const { codes, symbols } = this.options;
    await this.socket.opened;
    const acknowledged = new Promise<void>((resolve) => {
      this.subscribed = resolve;
    });
    const instruments = symbols.map((symbol) => `${codes[symbol]}.KRX`);
    this.socket.send(JSON.stringify({ type: 'subscribe', id: 1, channels: MEASURED_CHANNELS, instruments }));
    await acknowledged;
  }

  end(): void {
    this.socket.end();
  }

  private text(bytes: Buffer, start: number, end: number): void {
    if (this.update.read(bytes, start, end)) {
      if (this.update.isGivenAgain) {
        this.pass();
        return;
      }
      this.take();
      this.options.onUpdate?.(this.lastFrame[this.update.symbol], bytes.subarray(start, end), this.update);
      return;
    }
    const message = JSON.parse(bytes.toString('utf8', start, end)) as { type: string };
    if (message.type === 'subscribed') this.subscribed();
    // Nobody was asked to be spared: what was skipped or not subscribed in time is missing.
    if (message.type === 'skipped' || message.type === 'snapshot' || message.type === 'error') this.holes += 1;
  }

  /** What `skipped` has told of is counted there, and says nothing of the time that it took. */
  private pass(): void {
    const { channel, symbol, seq } = this.update;
    this.lastSeq[symbol * CHANNELS + channel] = seq;
  }

  private take(): void {
    const { update, lastSeq, lastBatch, lastFrame } = this;
    const { channel, symbol, prevSeq, seq } = update;
    const at = symbol * CHANNELS + channel;
    if (prevSeq !== lastSeq[at] || seq <= prevSeq) this.holes += 1;
    lastSeq[at] = seq;
    this.messages[channel] += seq - prevSeq;
    this.updates += 1;
    if (channel === TICKS) {
      this.takeTicks();
      return;
    }
    const isOfTheSameBatch = lastBatch[symbol] === update.times[0];
    if (!isOfTheSameBatch) {
      const { schedule } = this.options;
      lastFrame[symbol] = schedule.bookFrame(symbol, bookOfMid(symbol, update.mid()));
    }
    this.measure(lastFrame[symbol], seq - prevSeq);
  }

  /** Ticks are numbered from 1 and every frame holds as many, so their numbers name their frames. */
  private takeTicks(): void {
    const { update, lastBatch, lastFrame } = this;
    const { symbol, prevSeq, seq, times } = update;
    const { schedule } = this.options;
    const { recordsPerFrame } = schedule.shape;
    lastBatch[symbol] = times[0];
    for (let number = prevSeq / recordsPerFrame; number < seq / recordsPerFrame; number++) {
      lastFrame[symbol] = schedule.tradeFrame(symbol, number);
      this.measure(lastFrame[symbol], recordsPerFrame);
    }
  }

  private measure(frame: number, messages: number): void {
    const { schedule, latency } = this.options;
    const dueUs = schedule.dueUs[frame];
    if (dueUs < schedule.measuredFromUs || dueUs >= schedule.measuredToUs) return;
    const us = this.receivedUs - this.startUs - dueUs;
    if (us < 0) throw new Error(`a message came ${-us} µs before its frame was due: the clocks disagree`);
    latency.record(us);
    this.measuredMessages += messages;
  }
}
