// Beginnings against a socket that passes on what a test lets it pass on.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClientStreams, type StreamSources } from './client-streams.ts';
import { FanOut } from './fan-out.ts';
import { Feed, streamOf, until } from './gateway-fixture.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { ServerMessage } from './protocol.ts';
import { createGatewayStats } from './stats.ts';
import { patternsOfRequest, StreamDirectory } from './stream-directory.ts';
import type { TransportSocket } from './transport.ts';

const STREAMS = ['005930', '000660', '035420'].map((code) => streamOf('ticks', `${code}.KRX`));

/** One client's streams on a bus, and a socket that reads when told to. */
class Wire {
  readonly received: ServerMessage[] = [];
  readonly stats = createGatewayStats();
  readonly streams: ClientStreams;
  readonly feed: Feed;
  ended = false;
  /** The socket passes on everything at once: nothing ever waits, and nobody is told of anything that left. */
  takesAll = false;
  private readonly queue: Uint8Array[] = [];

  constructor(feed: Feed, queueBytesMax: number) {
    this.feed = feed;
    const { stats } = this;
    const directory = new StreamDirectory<ClientStreams>();
    const { bus } = feed;
    const beginEpoch = (epoch: string) => this.streams.beginEpoch(epoch);
    const fanOut = new FanOut({ bus, directory, stats, epoch: 'e1', beginEpoch });
    const sources: StreamSources = {
      bus,
      directory,
      stats,
      origin: () => ({ epoch: bus.epoch, source: 'simulated' }),
      addRetainedStreams: () => fanOut.addRetainedStreams(),
    };
    const socket: TransportSocket = {
      write: (frames) => {
        this.queue.push(...frames);
        return this.takesAll ? 0 : this.queuedBytes;
      },
      ping: () => {},
      close: () => {},
      terminate: () => {},
    };
    this.streams = new ClientStreams({
      sources,
      encoding: 'json',
      outbox: new Outbox(socket, queueBytesMax, stats),
      limits: { ...DEFAULT_LIMITS, queueBytesMax },
      endOverflowed: () => {
        this.ended = true;
        this.streams.release();
      },
    });
    feed.bus.subscribe((batch) => fanOut.publish(batch));
  }

  get queuedBytes(): number {
    return this.queue.reduce((sum, { length }) => sum + length, 0);
  }

  /** The client reads so many frames. */
  read(frames: number): void {
    for (const frame of this.queue.splice(0, frames)) this.received.push(JSON.parse(Buffer.from(frame).toString()));
    if (this.streams.outbox.drained(this.queuedBytes)) this.streams.sendSkipped();
    this.streams.sendBeginnings();
  }

  async readAll(): Promise<void> {
    do {
      this.read(this.queue.length);
      await new Promise(setImmediate);
    } while (this.queue.length > 0);
  }

  resume(seqs: readonly number[]): void {
    const streams = Object.fromEntries(STREAMS.map(({ key }, n) => [key, seqs[n]!]));
    this.streams.positions.add({ epoch: 'e1', streams });
    this.streams.subscribe(
      { all: patternsOfRequest({ channels: ['ticks'] }), latest: [] },
      { all: 'e1', latest: null },
    );
    this.streams.sendBeginnings();
  }

  seqsOf(key: string): number[] {
    return this.received.flatMap((message) =>
      message.type === 'update' && message.stream === key ? message.messages.map(({ seq }) => seq) : [],
    );
  }
}

it('a resume gives everything once and in order, however slowly it is read and whatever is published meanwhile', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ publish: fc.integer({ min: 1, max: 4 }), of: fc.subarray([0, 1, 2], { minLength: 1 }) }),
      fc.record({ read: fc.integer({ min: 1, max: 5 }) }),
      fc.constant({ turn: true }),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }), steps, async (seqs, taken) => {
      const feed = new Feed();
      for (let n = 0; n < 30; n++) feed.publish(STREAMS, 1, 'x'.repeat(500));
      const wire = new Wire(feed, 20_000);
      wire.resume(seqs);
      for (const step of taken) {
        if ('read' in step) wire.read(step.read);
        else if ('publish' in step)
          feed.publish(
            step.of.map((n) => STREAMS[n]!),
            step.publish,
            'y'.repeat(200),
          );
        else await new Promise(setImmediate);
        expect(wire.queuedBytes).toBeLessThan(30_000);
      }
      await wire.readAll();
      if (!wire.ended) feed.publish(STREAMS);
      await wire.readAll();
      for (const [n, { key }] of STREAMS.entries()) {
        const received = wire.seqsOf(key);
        expect(received).toEqual(received.map((_, at) => seqs[n]! + 1 + at));
        if (!wire.ended) expect(received.at(-1)).toBe(feed.bus.lastSeq(key));
      }
      expect(wire.received.filter(({ type }) => type === 'snapshot' || type === 'skipped')).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('a resume goes on by itself where the socket takes all of it', async () => {
  const feed = new Feed();
  for (let n = 0; n < 100; n++) feed.publish(STREAMS, 1, 'x'.repeat(9000));
  const wire = new Wire(feed, 20_000);
  wire.takesAll = true;
  wire.resume([0, 0, 0]);
  await until(() => wire.stats.streamsResumed.recovered === 3);
  wire.read(Number.POSITIVE_INFINITY);
  for (const { key } of STREAMS) expect(wire.seqsOf(key)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
});

it('a resume that is read so slowly that the rest is gone ends with a snapshot, and is counted', async () => {
  const feed = new Feed({ windowMs: 60_000, bytesMax: 100_000 });
  for (let n = 0; n < 20; n++) feed.publish(STREAMS, 1, 'x'.repeat(1000));
  const wire = new Wire(feed, 16_000);
  wire.resume([0, 0, 0]);
  for (let n = 0; n < 200; n++) feed.publish(STREAMS, 1, 'x'.repeat(1000));
  expect(wire.ended).toBe(false);
  await wire.readAll();
  for (const { key } of STREAMS) {
    const snapshot = wire.received.find((message) => message.type === 'snapshot' && message.stream === key);
    expect(snapshot).toMatchObject({ seq: 220 });
    const before = wire.seqsOf(key);
    expect(before).toEqual(before.map((_, at) => at + 1));
    expect(before.length).toBeLessThan(220);
  }
  expect(wire.stats.streamsResumed).toEqual({ recovered: 0, notRecovered: 3 });
});
