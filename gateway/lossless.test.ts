// A client of delivery `all` against everything that can happen to it: it stops reading, its connection is cut, its
// gateway is gone and another one stands there, with a bus that was filled from what had been written down. Whatever
// the order, it has every message exactly once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Bus, type RetainedStream } from '../engine/bus/bus.ts';
import type { Message, OutputBatch } from '../engine/messages.ts';
import { KisignalClient } from './client.ts';
import { CLOSES } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { Feed, startGateway, streamOf, TRANSPORTS, until } from './gateway-fixture.ts';

const STREAMS = ['005930', '000660', '035420'].map((code) => streamOf('ticks', `${code}.KRX`));
const LATE = streamOf('ticks', '068270.KRX');
const ALL = [...STREAMS, LATE];
const HISTORY = { windowMs: 60_000, bytesMax: 512 * 1024 * 1024 };
const PADDING = 'x'.repeat(20_000);
/** Some 9 MB: more than the buffers of a socket take. Who is still resuming reads its own pace and does not overflow. */
const OVERFLOW_TURNS_MAX = 150;

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        publish: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    },
    { weight: 2, arbitrary: fc.constant('cut' as const) },
    { weight: 2, arbitrary: fc.constant('gateway is killed' as const) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stop reading' as const, 'read again' as const) },
    { weight: 1, arbitrary: fc.constant('overflow' as const) },
    { weight: 1, arbitrary: fc.constant('catch up' as const) },
  ),
  { minLength: 5, maxLength: 25 },
);

class World {
  readonly received = new Map<string, Message[]>(ALL.map(({ key }) => [key, []]));
  readonly broken: unknown[] = [];
  readonly feed = new Feed(HISTORY);
  client!: KisignalClient;
  gateway!: Gateway;
  private readonly kind: 'uws' | 'ws';
  private readonly gateways: Gateway[] = [];
  private readonly written: OutputBatch[] = [];
  private snapshot: { readonly retained: RetainedStream[]; readonly batches: number } = { retained: [], batches: 0 };
  private socket: WebSocket | null = null;

  constructor(kind: 'uws' | 'ws') {
    this.kind = kind;
  }

  async begin(): Promise<void> {
    await this.start();
    const world = this;
    class SocketToWhatStands extends WebSocket {
      constructor(_url: string, protocols: string[]) {
        super(`${world.gateway.url.replace('http', 'ws')}/v1/stream`, protocols);
        world.socket = this;
      }
    }
    this.client = new KisignalClient({
      url: 'ws://whatever.stands',
      WebSocket: SocketToWhatStands,
      delayMsMin: 1,
      delayMsMax: 10,
      onUpdate: ({ stream, messages }) => this.received.get(stream)!.push(...messages),
      onSnapshot: ({ stream, seq }) => this.broken.push({ stream, seq }),
      onHole: (hole) => this.broken.push(hole),
      onNumbering: (numbering) => numbering.recovered || this.broken.push(numbering),
      onError: (error) => this.broken.push(error),
    });
    await this.client.subscribe({ channels: ['ticks'], delivery: 'all' });
  }

  publish(of: readonly number[], count: number, padding = ''): void {
    const batch = this.feed.batch(
      of.map((n) => ALL[n]!),
      count,
      padding,
    );
    this.written.push(batch);
    this.feed.bus.publish(batch);
  }

  cut(): void {
    this.socket?.terminate();
    this.socket = null;
  }

  /** The next one recovers: from a snapshot that every client is past, and then from what was written behind it. */
  async killGateway(): Promise<void> {
    const bus = new Bus({ history: HISTORY });
    bus.load(structuredClone(this.snapshot.retained), this.feed.epoch);
    for (const { epoch, updates } of this.written.slice(this.snapshot.batches)) bus.retain({ epoch, updates });
    this.feed.bus = bus;
    await this.start();
    this.cut();
  }

  async catchUp(): Promise<void> {
    this.socket?.resume();
    await until(() =>
      ALL.every(({ key }) => (this.received.get(key)!.at(-1)?.seq ?? 0) === this.feed.bus.lastSeq(key)),
    );
    this.snapshot = { retained: structuredClone(this.feed.bus.save()), batches: this.written.length };
  }

  /** Stops reading until the gateway has had enough of it. */
  async overflow(): Promise<void> {
    const { code } = CLOSES.queue_overflow;
    const { closed } = this.gateway.stats;
    const before = closed.get(code) ?? 0;
    await until(() => this.client.state === 'open');
    this.stopReading();
    for (let turn = 0; (closed.get(code) ?? 0) === before && turn < OVERFLOW_TURNS_MAX; turn++) {
      this.publish([0, 1, 2], 1, PADDING);
      await new Promise(setImmediate);
    }
    this.socket?.resume();
  }

  stopReading(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.pause();
  }

  readAgain(): void {
    this.socket?.resume();
  }

  async end(): Promise<void> {
    this.client.close();
    for (const gateway of this.gateways) await gateway.close('test over');
  }

  private async start(): Promise<void> {
    this.gateway = await startGateway(this.feed, { transport: this.kind, limits: { queueBytesMax: 100_000 } });
    this.gateways.push(this.gateway);
  }
}

describe.each(TRANSPORTS)('a lossless client over $name', ({ kind }) => {
  it('has neither hole nor double', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const world = new World(kind);
        await world.begin();
        try {
          for (const step of taken) {
            if (typeof step === 'object') world.publish(step.publish, step.count);
            else if (step === 'cut') world.cut();
            else if (step === 'gateway is killed') await world.killGateway();
            else if (step === 'turn') await new Promise(setImmediate);
            else if (step === 'stop reading') world.stopReading();
            else if (step === 'read again') world.readAgain();
            else if (step === 'overflow') await world.overflow();
            else await world.catchUp();
          }
          world.publish([0, 1, 2, 3], 1);
          await world.catchUp();
          expect(world.broken).toEqual([]);
          for (const messages of world.received.values()) {
            expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, n) => n + 1));
          }
        } finally {
          await world.end();
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
