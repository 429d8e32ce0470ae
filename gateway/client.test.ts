// The client library against the real gateway, and against a wire that loses, doubles and ends.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Unpackr } from 'msgpackr';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { RETAINED_MESSAGES } from '../engine/bus/bus.ts';
import {
  type ClientOptions,
  type Codec,
  type ConnectionState,
  type Hole,
  KisignalClient,
  type Numbering,
  RequestError,
} from './client.ts';
import { packPlain } from './encoding.ts';
import type { Gateway } from './gateway.ts';
import { Feed, freePort, startGateway, streamOf, until } from './gateway-fixture.ts';
import type {
  ErrorMessage,
  HeartbeatMessage,
  ServerMessage,
  SnapshotMessage,
  UpdateMessage,
  WelcomeMessage,
} from './protocol.ts';
import { StreamContinuity } from './stream-continuity.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const HYNIX = streamOf('ticks', '000660.KRX');
// Of these a snapshot holds several.
const SAMSUNG_SIGNALS = streamOf('signals', '005930.KRX');
const HYNIX_SIGNALS = streamOf('signals', '000660.KRX');
const STATUS = streamOf('status', 'engine');

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });
const MSGPACK_CODEC: Codec = {
  subprotocol: 'kisignal.v1.msgpack',
  encode: (message) => Uint8Array.from(packPlain(message)),
  decode: (data) => unpackr.unpack(new Uint8Array(data as ArrayBuffer)) as ServerMessage,
};

class Observed {
  readonly states: [ConnectionState, number][] = [];
  readonly holes: Hole[] = [];
  readonly snapshots: SnapshotMessage[] = [];
  readonly updates: UpdateMessage[] = [];
  readonly heartbeats: HeartbeatMessage[] = [];
  readonly welcomes: WelcomeMessage[] = [];
  readonly errors: ErrorMessage[] = [];
  readonly numberings: Numbering[] = [];
  readonly client: KisignalClient;

  constructor(url: string, options: Partial<ClientOptions> = {}) {
    this.client = new KisignalClient({
      url: `${url.replace('http', 'ws')}/v1/stream`,
      WebSocket,
      delayMsMin: 1,
      delayMsMax: 20,
      onState: (state, code) => this.states.push([state, code]),
      onHole: (hole) => this.holes.push(hole),
      onSnapshot: (message) => this.snapshots.push(message),
      onUpdate: (message) => this.updates.push(message),
      onHeartbeat: (message) => this.heartbeats.push(message),
      onWelcome: (message) => this.welcomes.push(message),
      onError: (message) => this.errors.push(message),
      onNumbering: ({ epoch, previous, recovered }) => this.numberings.push({ epoch, previous, recovered }),
      ...options,
    });
  }
}

describe('KisignalClient', () => {
  const gateways: Gateway[] = [];
  const observed: Observed[] = [];

  afterEach(async () => {
    for (const { client } of observed.splice(0)) client.close();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
  });

  async function start(feed: Feed, port = 0): Promise<Gateway> {
    const gateway = await startGateway(feed, { port, limits: { heartbeatMs: 50, messagesPerSecondMax: 1000 } });
    gateways.push(gateway);
    return gateway;
  }

  /** A server that says what a test wants it to say. */
  async function listen(): Promise<{ server: WebSocketServer; url: string }> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  function observe(url: string, options?: Partial<ClientOptions>): Observed {
    const made = new Observed(url, options);
    observed.push(made);
    return made;
  }

  it.each([
    ['JSON', {}],
    ['MessagePack', { codec: MSGPACK_CODEC }],
  ])('subscribes in %s before it is connected, and gets all without a hole', async (_, options) => {
    const feed = new Feed();
    feed.publish([SAMSUNG], 5);
    const seen = observe((await start(feed)).url, options);
    expect(await seen.client.subscribe({ channels: ['ticks'] })).toEqual([SAMSUNG.key]);
    for (let n = 0; n < 20; n++) feed.publish([SAMSUNG, HYNIX], 3);
    await until(() => seen.updates.length === 40);
    expect(seen.snapshots).toMatchObject([{ stream: SAMSUNG.key, seq: 5 }]);
    await until(() => seen.heartbeats.length > 2);
    expect(seen.heartbeats.at(-1)!.lastSeq).toEqual({ [SAMSUNG.key]: 65, [HYNIX.key]: 60 });
    expect(seen.holes).toEqual([]);
    expect(await seen.client.ping()).toBeGreaterThan(1_700_000_000_000_000);
    expect(await seen.client.list()).toEqual([SAMSUNG.key, HYNIX.key]);
    expect(await seen.client.unsubscribe({ channels: ['ticks'] })).toEqual([SAMSUNG.key, HYNIX.key]);
    feed.publish([SAMSUNG]);
    await seen.client.ping();
    expect(seen.updates).toHaveLength(40);
  });

  it("works with Node's own WebSocket, as with a browser's (where this Node has one)", async () => {
    const feed = new Feed();
    const seen = observe((await start(feed)).url, {
      WebSocket: globalThis.WebSocket ?? WebSocket,
      codec: MSGPACK_CODEC,
    });
    await seen.client.subscribe({ channels: ['ticks'], instruments: ['005930'] });
    feed.publish([SAMSUNG, HYNIX]);
    await until(() => seen.updates.length === 1);
  });

  it('rejects a request that is refused, and goes on', async () => {
    const seen = observe((await start(new Feed())).url);
    const refused = seen.client.subscribe({ channels: ['nonsense' as 'ticks'] });
    await expect(refused).rejects.toBeInstanceOf(RequestError);
    await expect(refused).rejects.toMatchObject({ answer: { slug: 'unknown_channel' } });
    expect(await seen.client.subscribe({ channels: ['ticks'] })).toEqual([]);
    expect(seen.errors).toEqual([]);
  });

  it('comes back to a server that comes back, subscribes again, and names what it missed', async () => {
    const feed = new Feed();
    const port = await freePort();
    const first = await start(feed, port);
    feed.publish([SAMSUNG_SIGNALS, HYNIX_SIGNALS], 10);
    const seen = observe(first.url);
    await seen.client.subscribe({ channels: ['signals'], instruments: ['005930'] });
    await seen.client.subscribe({ channels: ['signals'], instruments: ['000660'], variants: [''] });
    await first.close('restart');
    await until(() => seen.states.some(([state, code]) => state === 'waiting' && code === 3000));
    feed.publish([SAMSUNG_SIGNALS], 300);
    feed.publish([HYNIX_SIGNALS], 7);
    await start(feed, port);
    await until(() => seen.snapshots.length === 4);
    // Of the 300 messages the snapshot holds the last ones only; of the 7 it holds all.
    const toSeq = 310 - RETAINED_MESSAGES.signals;
    expect(seen.holes).toEqual([{ stream: SAMSUNG_SIGNALS.key, fromSeq: 10, toSeq, cause: 'reconnected' }]);
    feed.publish([SAMSUNG_SIGNALS, HYNIX_SIGNALS]);
    await until(() => seen.updates.length === 2);
    expect(seen.holes).toHaveLength(1);
    expect(seen.welcomes).toHaveLength(2);
    expect(seen.numberings).toEqual([{ epoch: 'e1', previous: 'e1', recovered: true }]);
  });

  it('learns that the numbering did not hold, after a reconnect as on an open connection', async () => {
    const port = await freePort();
    const before = new Feed();
    before.publish([SAMSUNG_SIGNALS], 10);
    const first = await start(before, port);
    const seen = observe(first.url);
    await seen.client.subscribe({ channels: ['signals'] });
    await first.close('restart');
    const feed = new Feed();
    feed.epoch = 'e2';
    feed.publish([SAMSUNG_SIGNALS], 3);
    await start(feed, port);
    await until(() => seen.snapshots.length === 2);
    expect(seen.numberings).toEqual([{ epoch: 'e2', previous: 'e1', recovered: false }]);
    // From its first number on, all of the new count came.
    expect(seen.holes).toEqual([]);

    const next = new Feed();
    next.epoch = 'e3';
    for (let n = 0; n < 3; n++) feed.bus.publish(next.batch([SAMSUNG_SIGNALS], 2));
    await until(() => seen.updates.length === 3);
    expect(seen.numberings.slice(1)).toEqual([{ epoch: 'e3', previous: 'e2', recovered: false }]);
    expect(seen.updates.map(({ prevSeq }) => prevSeq)).toEqual([0, 2, 4]);
    expect(seen.holes).toEqual([]);
  });

  it('takes status and latency of a server that began anew as they come, in the same epoch', async () => {
    const port = await freePort();
    const before = new Feed();
    before.publish([SAMSUNG, STATUS], 50);
    const first = await start(before, port);
    const seen = observe(first.url);
    await seen.client.subscribe({ channels: ['ticks', 'status'] });
    await first.close('killed');
    // The ticks were journaled and the status was not; it speaks only once the client is back.
    const feed = new Feed();
    feed.publish([SAMSUNG], 50);
    await start(feed, port);
    await until(() => seen.snapshots.length === 3);
    feed.publish([STATUS]);
    feed.publish([SAMSUNG, STATUS]);
    await until(() => seen.updates.length === 3);
    const ofStatus = seen.updates.filter(({ channel }) => channel === 'status');
    expect(ofStatus.map(({ prevSeq, seq }) => [prevSeq, seq])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    await until(() => seen.heartbeats.at(-1)?.lastSeq[STATUS.key] === 2);
    expect(seen.numberings).toMatchObject([{ recovered: true }]);
    expect(seen.holes).toEqual([]);
  });

  it('does not come back where that is told to it, or when it is closed itself', async () => {
    for (const code of [1009, 3500]) {
      const { server, url } = await listen();
      server.on('connection', (socket) => socket.close(code));
      const seen = observe(url);
      const ping = seen.client.ping();
      await expect(ping).rejects.toMatchObject({ answer: null });
      expect(seen.states.at(-1)).toEqual(['closed', code]);
      server.close();
    }
    const seen = observe((await start(new Feed())).url);
    await seen.client.ping();
    seen.client.close();
    expect(seen.states.at(-1)).toEqual(['closed', 1000]);
    await expect(seen.client.ping()).rejects.toThrow('closed');
  });

  it('leaves a server that has gone silent, and tries again with growing, bounded delays', async () => {
    let connections = 0;
    const { server, url } = await listen();
    server.on('connection', (socket) => {
      connections += 1;
      socket.send(JSON.stringify({ type: 'welcome', limits: { heartbeatMs: 5 } }));
    });
    const seen = observe(url, { random: () => 1 });
    await until(() => connections >= 3);
    expect(seen.states.slice(0, 5).map(([state]) => state)).toEqual([
      'connecting',
      'open',
      'waiting',
      'connecting',
      'open',
    ]);
    seen.client.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
});

describe('StreamContinuity', () => {
  const update = (prevSeq: number, firstSeq: number, seq: number, epoch = 'e'): UpdateMessage => {
    const messages = Array.from({ length: seq - firstSeq + 1 }, (_, n) => ({ seq: firstSeq + n }));
    return { type: 'update', stream: 's', epoch, prevSeq, seq, messages } as unknown as UpdateMessage;
  };
  const snapshot = (firstSeq: number, seq: number, epoch = 'e') =>
    ({ ...update(0, firstSeq, seq, epoch), type: 'snapshot' }) as unknown as SnapshotMessage;
  const heartbeat = (lastSeq: number) =>
    ({ type: 'heartbeat', counter: 1, serverTimeUs: 0, lastSeq: { s: lastSeq, unknown: 9 } }) as HeartbeatMessage;

  function watch() {
    const holes: Hole[] = [];
    return { holes, continuity: new StreamContinuity((hole) => holes.push(hole)) };
  }

  it('says nothing while everything follows on', () => {
    const { holes, continuity } = watch();
    continuity.snapshot(snapshot(3, 7));
    expect(continuity.update(update(7, 8, 9))).toBe(true);
    continuity.heartbeat(heartbeat(9));
    expect(continuity.update(update(9, 10, 10))).toBe(true);
    expect(holes).toEqual([]);
  });

  it('finds what is lost in the middle and at the end, and drops what is doubled', () => {
    const { holes, continuity } = watch();
    continuity.update(update(0, 1, 5));
    continuity.update(update(7, 8, 9));
    expect(continuity.update(update(7, 8, 9))).toBe(false);
    continuity.heartbeat(heartbeat(12));
    continuity.heartbeat(heartbeat(12));
    expect(holes).toEqual([
      { stream: 's', fromSeq: 5, toSeq: 7, cause: 'lost' },
      { stream: 's', fromSeq: 9, toSeq: 12, cause: 'lost' },
    ]);
  });

  it('tells what was skipped from what was lost', () => {
    const { holes, continuity } = watch();
    continuity.update(update(0, 1, 5));
    continuity.skipped({ type: 'skipped', streams: [{ stream: 's', fromSeq: 5, toSeq: 20 }] });
    continuity.skipped({ type: 'skipped', streams: [{ stream: 's', fromSeq: 5, toSeq: 30 }] });
    continuity.heartbeat(heartbeat(30));
    expect(continuity.update(update(5, 31, 32))).toBe(true);
    expect(holes).toEqual([
      { stream: 's', fromSeq: 5, toSeq: 20, cause: 'skipped' },
      { stream: 's', fromSeq: 20, toSeq: 30, cause: 'skipped' },
    ]);
    continuity.skipped({ type: 'skipped', streams: [{ stream: 's', fromSeq: 40, toSeq: 50 }] });
    expect(holes.slice(2)).toEqual([
      { stream: 's', fromSeq: 32, toSeq: 40, cause: 'lost' },
      { stream: 's', fromSeq: 40, toSeq: 50, cause: 'skipped' },
    ]);
  });

  it('knows a new numbering for what it is', () => {
    const { holes, continuity } = watch();
    continuity.update(update(0, 1, 5));
    expect(continuity.update(update(2, 3, 4, 'f'))).toBe(true);
    continuity.snapshot(snapshot(1, 1, 'g'));
    expect(holes).toEqual([{ stream: 's', fromSeq: 0, toSeq: 2, cause: 'epoch' }]);
  });

  it('counts from 1 once told of another numbering, and finds what is lost of it', () => {
    const { holes, continuity } = watch();
    continuity.update(update(0, 1, 5));
    continuity.beginEpoch({ type: 'epoch', epoch: 'f', previous: 'e', recovered: false });
    continuity.heartbeat(heartbeat(0));
    expect(continuity.update(update(0, 1, 2, 'f'))).toBe(true);
    expect(holes).toEqual([]);
    continuity.beginEpoch({ type: 'epoch', epoch: 'g', previous: 'f', recovered: false });
    continuity.heartbeat(heartbeat(4));
    expect(holes).toEqual([{ stream: 's', fromSeq: 0, toSeq: 4, cause: 'lost' }]);
  });

  it('takes lower numbers of status after a reconnect as a restart, and as nothing else before or in other streams', () => {
    const of = <T extends object>(stream: string, message: T): T => ({ ...message, stream });
    const { holes, continuity } = watch();
    for (const stream of ['status/engine', 'latency/engine', 'ticks/005930.KRX']) {
      continuity.update(of(stream, update(0, 1, 40)));
      expect(continuity.update(of(stream, update(0, 1, 1)))).toBe(false);
    }
    continuity.reconnected();
    // By a snapshot, by an update, or by what was skipped.
    continuity.snapshot(of('status/engine', snapshot(1, 2)));
    expect(continuity.update(of('status/engine', update(2, 3, 3)))).toBe(true);
    expect(continuity.update(of('status/engine', update(2, 3, 3)))).toBe(false);
    expect(continuity.update(of('latency/engine', update(0, 1, 1)))).toBe(true);
    expect(continuity.update(of('ticks/005930.KRX', update(0, 1, 1)))).toBe(false);
    expect(holes).toEqual([]);
    continuity.reconnected();
    continuity.skipped({ type: 'skipped', streams: [{ stream: 'status/engine', fromSeq: 0, toSeq: 2 }] });
    expect(holes).toEqual([{ stream: 'status/engine', fromSeq: 0, toSeq: 2, cause: 'skipped' }]);
    // Higher numbers follow on, with what was missed between.
    continuity.reconnected();
    continuity.snapshot(of('latency/engine', snapshot(5, 6)));
    expect(holes.at(-1)).toEqual({ stream: 'latency/engine', fromSeq: 1, toSeq: 4, cause: 'reconnected' });
  });

  it('begins anew with what was unsubscribed', () => {
    const { holes, continuity } = watch();
    continuity.update(update(0, 1, 5));
    continuity.forget(['s']);
    continuity.snapshot(snapshot(100, 200));
    expect(holes).toEqual([]);
  });
});
