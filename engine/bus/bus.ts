// The in-process bus: one writer (the pipeline), any number of readers (gateway, recorders). It keeps the last messages
// of each stream, so that a subscriber gets a snapshot first; how many is a property of the channel. What another epoch
// numbered is forgotten: it does not go on in this one.
import type { BatchTimes, Channel, Message, OutputBatch, Stream } from '../messages.ts';

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
  times: BatchTimes | null;
}

export type BusListener = (batch: OutputBatch) => void;

export class Bus {
  private readonly listeners = new Set<BusListener>();
  private readonly streams = new Map<string, KeptStream>();
  private epoch = '';

  /** Retains and hands on. A listener that throws is a programmer's error and ends the process. */
  publish(batch: OutputBatch): void {
    this.retain(batch);
    for (const listener of this.listeners) listener(batch);
  }

  /** Retains without handing on: for what recovery derives again. */
  retain(batch: Pick<OutputBatch, 'epoch' | 'updates'> & { readonly times?: BatchTimes }): void {
    const { epoch, updates } = batch;
    const times = batch.times ?? null;
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.streams.clear();
    }
    for (const { stream, messages } of updates) {
      let retained = this.streams.get(stream.key);
      if (retained === undefined) {
        retained = { stream, messages: [], times };
        this.streams.set(stream.key, retained);
      }
      retained.times = times;
      const kept = retained.messages;
      const max = retainedMax(stream);
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
    return retained.messages.slice(-retainedMax(retained.stream));
  }

  /** Times of the batch that made the last of them; null where recovery brought it back and nothing came since. */
  retainedTimes(key: string): BatchTimes | null {
    return this.streams.get(key)?.times ?? null;
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
    this.epoch = epoch;
    this.streams.clear();
    for (const { stream, messages } of saved) {
      this.streams.set(stream.key, { stream, messages: [...messages], times: null });
    }
  }
}
