// From the bus to the clients: each update is encoded once, and each client that gets some of a batch is written to
// once. System calls are what costs (about 3 µs each, whatever they carry), not messages.
import type { Bus } from '../engine/bus/bus.ts';
import { hostTimeUs } from '../engine/clock.ts';
import type { OutputBatch, Stream, StreamUpdate } from '../engine/messages.ts';
import type { ClientStreams, StreamRoute } from './client-streams.ts';
import { UpdateFrames, UpdateHead } from './encoding.ts';
import type { GatewayStats } from './stats.ts';
import type { StreamDirectory } from './stream-directory.ts';

export interface FanOutOptions {
  readonly bus: Pick<Bus, 'retained' | 'allStreams'>;
  readonly directory: StreamDirectory<ClientStreams>;
  readonly stats: GatewayStats;
  /** The epoch that numbered what the bus keeps. */
  readonly epoch: string;
  /** Tells the clients, before anything of the new epoch goes to them. */
  readonly beginEpoch: (epoch: string, previous: string) => void;
}

export class FanOut {
  private readonly options: FanOutOptions;
  private readonly bus: FanOutOptions['bus'];
  private readonly directory: FanOutOptions['directory'];
  private readonly stats: GatewayStats;
  private epoch: string;
  /** Clients with frames of the batch at hand. */
  private readonly written: ClientStreams[] = [];
  /** Clients that are to be closed: behind the batch, since closing takes them off the lists that are walked here. */
  private readonly overflowed = new Set<ClientStreams>();

  constructor(options: FanOutOptions) {
    this.options = options;
    this.bus = options.bus;
    this.directory = options.directory;
    this.stats = options.stats;
    this.epoch = options.epoch;
  }

  /** Streams that the bus keeps and never handed on. */
  addRetainedStreams(): void {
    for (const stream of this.bus.allStreams()) {
      if (this.directory.route(stream.key) === undefined)
        this.addStream(stream, this.bus.retained(stream.key).at(-1)?.seq ?? 0);
    }
  }

  publish(batch: OutputBatch): void {
    const { times, updates } = batch;
    times[5] = hostTimeUs() - times[0];
    if (batch.epoch !== this.epoch) this.beginEpoch(batch.epoch);
    for (const update of updates) {
      if (update.messages.length > 0) this.send(update, batch);
    }
    for (const client of this.written) client.outbox.flush();
    this.written.length = 0;
    for (const client of this.overflowed) client.endOverflowed();
    this.overflowed.clear();
  }

  private send(update: StreamUpdate, batch: OutputBatch): void {
    const route = this.directory.route(update.stream.key) ?? this.addStream(update.stream, update.prevSeq);
    route.lastSeq = update.messages[update.messages.length - 1]!.seq;
    if (route.subscriptions.length === 0) return;
    const frames = new UpdateFrames(update, headOf(route, batch), batch.times);
    let sent = 0;
    for (const subscription of route.subscriptions) {
      const { client } = subscription;
      const isFirst = client.outbox.isEmpty;
      if (!client.offer(subscription, frames)) {
        if (client.hasOverflowed) this.overflowed.add(client);
        continue;
      }
      sent += 1;
      if (isFirst) this.written.push(client);
    }
    const counters = this.stats.messages[route.stream.channel];
    counters.sent += sent * frames.messageCount;
    counters.skipped += (route.subscriptions.length - sent) * frames.messageCount;
  }

  private addStream(stream: Stream, prevSeq: number): StreamRoute {
    const route = this.directory.addRoute(stream);
    route.lastSeq = prevSeq;
    for (const client of this.directory.clientsFor(route)) {
      client.join(route, prevSeq);
      client.sendBeginnings();
    }
    return route;
  }

  /** A new epoch numbers every stream from 1: nothing of it has been published or sent yet. */
  private beginEpoch(epoch: string): void {
    const previous = this.epoch;
    this.epoch = epoch;
    for (const route of this.directory.allRoutes()) {
      route.lastSeq = 0;
      for (const subscription of route.subscriptions) subscription.sentSeq = 0;
    }
    this.options.beginEpoch(epoch, previous);
  }
}

/** What updates of the stream begin with, made anew where epoch or source are others than before. */
export function headOf(route: StreamRoute, { epoch, source }: Pick<OutputBatch, 'epoch' | 'source'>): UpdateHead {
  const made = route.head;
  if (made !== null && made.fields.epoch === epoch && made.fields.source === source) return made;
  route.head = new UpdateHead(route.stream, epoch, source);
  return route.head;
}
