// For tests of the gateway: a real gateway on a free port, a bus with streams that number themselves, and a client that
// keeps every message it gets.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Unpackr } from 'msgpackr';
import pino from 'pino';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { Bus } from '../engine/bus/bus.ts';
import type { OutputHistoryOptions } from '../engine/bus/history.ts';
import {
  type Channel,
  type Message,
  type OutputBatch,
  type Stream,
  type StreamUpdate,
  streamKey,
} from '../engine/messages.ts';
import { packPlain } from './encoding.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import type { ServerMessage, Subprotocol } from './protocol.ts';
import { loadUws } from './transport-uws.ts';

export const hasUws = loadUws() !== null;

/** The transports that run on this Node, for `describe.each`. */
export const TRANSPORTS = hasUws
  ? ([
      { name: 'uws', kind: 'uws' },
      { name: 'ws', kind: 'ws' },
    ] as const)
  : ([{ name: 'ws', kind: 'ws' }] as const);

export const until = (condition: () => boolean) => expect.poll(condition, { timeout: 30_000, interval: 5 }).toBe(true);

/** Publishes ticks whose seq goes on by itself. */
export class Feed {
  bus: Bus;
  epoch = 'e1';
  private readonly lastSeqs = new Map<string, number>();

  constructor(history: OutputHistoryOptions = { windowMs: 60_000, bytesMax: 32 * 1024 * 1024 }) {
    this.bus = new Bus({ history });
  }

  /** Messages for streams; `count` of them for each, one batch. */
  publish(streams: readonly Stream[], count = 1, padding = ''): void {
    this.bus.publish(this.batch(streams, count, padding));
  }

  batch(streams: readonly Stream[], count = 1, padding = ''): OutputBatch {
    const updates = streams.map((stream): StreamUpdate => {
      const prevSeq = this.lastSeqs.get(stream.key) ?? 0;
      this.lastSeqs.set(stream.key, prevSeq + count);
      const messages = Array.from({ length: count }, (_, n) => message(prevSeq + 1 + n, padding));
      return { stream, prevSeq, messages };
    });
    return { epoch: this.epoch, source: 'simulated', times: [1_760_000_000_000_000, 1, 2, 3, 4, 0], updates };
  }
}

/** A tick; with padding, which stands in for a long message. */
function message(seq: number, padding: string): Message {
  const tick = {
    seq,
    timeUs: 1_760_000_000_000_000 + seq,
    exchangeTimeUs: 1_760_000_000_000_000,
    price: 70_000.5,
    volume: 10,
    side: 'buy' as const,
    accumulatedVolume: 5_000_000_000,
    accumulatedTurnover: 350_000_000_000_000,
    change: -100,
  };
  return padding === '' ? tick : ({ ...tick, padding } as Message);
}

export function streamOf(channel: Channel, instrument: string, variant = ''): Stream {
  return { key: streamKey(channel, instrument, variant), channel, instrument, variant };
}

export function gatewayOptions(feed: Feed, options: Partial<GatewayOptions> = {}): GatewayOptions {
  return {
    bus: feed.bus,
    port: 0,
    origin: () => ({ epoch: feed.epoch, source: 'simulated' }),
    status: () => ({ market: 'open' }),
    quality: () => ({ scores: { overall: 100 }, evidence: [] }),
    metrics: () => 'up 1\n',
    ready: () => true,
    log: pino({ level: 'silent' }),
    ...options,
  };
}

export function startGateway(feed: Feed, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  return createGateway(gatewayOptions(feed, options));
}

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** A plain WebSocket that decodes and keeps what comes. */
export class TestClient {
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  private readonly binary: boolean;
  private nextId = 1;

  constructor(gateway: Gateway, subprotocol: Subprotocol = 'kisignal.v1.json', headers: Record<string, string> = {}) {
    this.binary = subprotocol === 'kisignal.v1.msgpack';
    this.socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/stream`, subprotocol, { headers });
    this.socket.on('error', () => {});
    this.socket.on('message', (data: Buffer, isBinary) => {
      expect(isBinary).toBe(this.binary);
      this.received.push(isBinary ? unpackr.unpack(data) : JSON.parse(data.toString()));
    });
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
  }

  static async open(gateway: Gateway, subprotocol?: Subprotocol): Promise<TestClient> {
    const client = new TestClient(gateway, subprotocol);
    await client.first('welcome');
    return client;
  }

  send(message: object): void {
    this.socket.send(this.binary ? packPlain(message) : JSON.stringify(message));
  }

  /** Sends with a new id and waits for the answer. */
  async ask(message: { type: string; id?: string; [field: string]: unknown }): Promise<ServerMessage> {
    const id = message.id ?? this.nextId++;
    this.send({ ...message, id });
    await until(() => this.received.some((answer) => 'id' in answer && answer.id === id));
    return this.received.find((answer) => 'id' in answer && answer.id === id)!;
  }

  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as Extract<ServerMessage, { type: T }>[];
  }

  async first<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    await until(() => this.of(type).length > 0);
    return this.of(type)[0]!;
  }
}

/** A port that is free now; for a server that comes back to the port it had. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
