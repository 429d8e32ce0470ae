// The in-process bus: one writer (the pipeline), any number of readers (gateway, recorders). It keeps the last messages
// of each stream, so that a subscriber gets a snapshot first; how many is a property of the channel. Where asked to, it
// keeps a history besides, from which a client that comes back is given what it missed. What another epoch numbered is
// forgotten: it does not go on in this one.
import type { BatchTimes, Channel, Message, OutputBatch, Stream, StreamUpdate } from '../messages.ts';
import { OutputHistory, type OutputHistoryCounters, type OutputHistoryOptions } from './history.ts';

/**
 * Messages kept per stream for snapshots. Of ticks, by far the most, only the last: what is kept beyond its batch costs
 * the garbage collector, and with it the slowest hundredth of all messages, more than anything else does.
 */
export const RETAINED_MESSAGES: Record<Channel, number> = {
  ticks: 1,
  books: 1,
  bars: 300,
  indicators: 1,
  predictions: 1,
  signals: 50,
  scores: 50,
  quality: 1,
  market: 1,
  alerts: 50,
  status: 1,
  latency: 60,
};

/** Bars shorter than a minute come sixty times as often: of thousands of symbols they would fill the memory. */
const RETAINED_SECOND_BARS = 60;

function retainedMax({ channel, variant }: Stream): number {
  return channel === 'bars' && variant.endsWith('s') ? RETAINED_SECOND_BARS : RETAINED_MESSAGES[channel];
}

export interface RetainedStream {
  readonly stream: Stream;
  /** Oldest first. */
  readonly messages: Message[];
}

/** What a stream was left with; the times of the batch that made its last message, where this process measured them. */
interface KeptStream extends RetainedStream {
  readonly max: number;
  times: BatchTimes | null;
}

export type BusListener = (batch: OutputBatch) => void;

export interface BusOptions {
  /** None by default, or where it may hold nothing: then only what is kept for snapshots can be given again. */
  readonly history?: OutputHistoryOptions;
}

/** Batches that were handed on and are not in the history yet. They enter it before anything else happens. */
const NOT_YET_IN_HISTORY_MAX = 64;

export class Bus {
  private readonly listeners = new Set<BusListener>();
  private readonly streams = new Map<string, KeptStream>();
  private readonly history: OutputHistory | null;
  private readonly notYetInHistory: (readonly StreamUpdate[])[] = [];
  private currentEpoch = '';
  private readonly fillHistory = () => this.takeIntoHistory();

  constructor({ history }: BusOptions = {}) {
    const isWanted = history !== undefined && history.windowMs > 0 && history.bytesMax > 0;
    this.history = isWanted ? new OutputHistory(history) : null;
  }

  /** The epoch that numbered what is kept; '' before anything was. */
  get epoch(): string {
    return this.currentEpoch;
  }

  get historyCounters(): Readonly<OutputHistoryCounters> | null {
    return this.history?.counters ?? null;
  }

  /** Retains and hands on. A listener that throws is a programmer's error and ends the process. */
  publish(batch: OutputBatch): void {
    this.keepLast(batch);
    if (this.history !== null) this.enterHistoryAfterwards(batch.updates);
    for (const listener of this.listeners) listener(batch);
  }

  /** Retains without handing on: for what recovery derives again. */
  retain(batch: Pick<OutputBatch, 'epoch' | 'updates'> & { readonly times?: BatchTimes }): void {
    this.keepLast(batch);
    this.takeIntoHistory();
    this.history?.add(batch.epoch, batch.updates);
  }

  private keepLast(batch: Pick<OutputBatch, 'epoch' | 'updates'> & { readonly times?: BatchTimes }): void {
    const { epoch, updates } = batch;
    const times = batch.times ?? null;
    if (epoch !== this.currentEpoch) this.begin(epoch);
    for (const { stream, messages } of updates) {
      let retained = this.streams.get(stream.key);
      if (retained === undefined) {
        retained = { stream, messages: [], max: retainedMax(stream), times };
        this.streams.set(stream.key, retained);
      }
      retained.times = times;
      const { messages: kept, max } = retained;
      if (max === 1 && messages.length > 0) {
        // Most streams are so: an array that is emptied would get its room anew for each message.
        kept[0] = messages[messages.length - 1];
        continue;
      }
      if (messages.length >= max) kept.length = 0;
      for (let i = Math.max(0, messages.length - max); i < messages.length; i++) kept.push(messages[i]);
      // Trimmed in bulk, so that a full stream does not shift its array at every message.
      if (kept.length > max + (max >> 2) + 1) kept.splice(0, kept.length - max);
    }
  }

  subscribe(listener: BusListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Last messages of a stream, oldest first, at most the channel's number; empty where nothing was published. */
  retained(key: string): readonly Message[] {
    const retained = this.streams.get(key);
    if (retained === undefined) return [];
    return retained.messages.slice(-retained.max);
  }

  /** Times of the batch that made the last of them; null where recovery brought it back and nothing came since. */
  retainedTimes(key: string): BatchTimes | null {
    return this.streams.get(key)?.times ?? null;
  }

  /** Number of the last message of a stream; 0 where none of this epoch is known. */
  lastSeq(key: string): number {
    return this.streams.get(key)?.messages.at(-1)?.seq ?? 0;
  }

  /**
   * What the stream published after `seq`, oldest first: all of it, or, where that is more than `bytesMax`, the first of
   * it. Null where it is not whole any more, and where these numbers are not of this count.
   */
  since(key: string, epoch: string, seq: number, bytesMax?: number): Message[] | null {
    if (!this.canCount(key, epoch, seq)) return null;
    if (seq === this.lastSeq(key)) return [];
    if (this.isRetainedSince(key, seq)) return this.retained(key).filter((message) => message.seq > seq);
    this.takeIntoHistory();
    return this.history?.since(key, epoch, seq, bytesMax) ?? null;
  }

  /** Whether `since` would give it. */
  holdsSince(key: string, epoch: string, seq: number): boolean {
    if (!this.canCount(key, epoch, seq)) return false;
    if (seq === this.lastSeq(key) || this.isRetainedSince(key, seq)) return true;
    this.takeIntoHistory();
    return this.history?.holds(key, epoch, seq) ?? false;
  }

  /** Every stream that has published. */
  *allStreams(): Iterable<Stream> {
    for (const { stream } of this.streams.values()) yield stream;
  }

  /** State for a snapshot, and back under the epoch that numbered it. */
  save(): RetainedStream[] {
    return [...this.streams.values()].map(({ stream }) => ({ stream, messages: [...this.retained(stream.key)] }));
  }

  load(saved: readonly RetainedStream[], epoch: string): void {
    this.begin(epoch);
    for (const { stream, messages } of saved) {
      this.streams.set(stream.key, { stream, messages: [...messages], max: retainedMax(stream), times: null });
    }
  }

  private begin(epoch: string): void {
    this.takeIntoHistory();
    this.currentEpoch = epoch;
    this.streams.clear();
    this.history?.clear(epoch);
  }

  private canCount(key: string, epoch: string, seq: number): boolean {
    return epoch === this.currentEpoch && seq <= this.lastSeq(key);
  }

  private isRetainedSince(key: string, seq: number): boolean {
    const first = this.retained(key)[0];
    return first !== undefined && first.seq <= seq + 1;
  }

  /**
   * Encoding waits until the writer's turn of work is over, so that no client's message waits for it and no measured
   * time contains it; but comes before any event, and before anyone reads the history.
   */
  private enterHistoryAfterwards(updates: readonly StreamUpdate[]): void {
    if (this.notYetInHistory.length === 0) queueMicrotask(this.fillHistory);
    this.notYetInHistory.push(updates);
    if (this.notYetInHistory.length >= NOT_YET_IN_HISTORY_MAX) this.takeIntoHistory();
  }

  private takeIntoHistory(): void {
    for (const updates of this.notYetInHistory) this.history!.add(this.currentEpoch, updates);
    this.notYetInHistory.length = 0;
  }
}
