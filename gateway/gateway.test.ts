// The gateway as its clients see it, over each transport.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSES, ERRORS, type ErrorSlug } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway.ts';
import { Feed, freePort, hasUws, startGateway, streamOf, TestClient, TRANSPORTS, until } from './gateway-fixture.ts';
import type { ErrorMessage, UpdateMessage } from './protocol.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const SAMSUNG_NXT = streamOf('ticks', '005930.NXT');
const HYNIX = streamOf('ticks', '000660.KRX');
const SIGNALS = streamOf('signals', '000660.KRX');
const QUALITY = streamOf('quality', '005930.KRX');
const QUALITY_OF_BOOKS = streamOf('quality', '005930.KRX', 'books');
const QUALITY_OF_ALL = streamOf('quality', 'engine');
const MARKET = streamOf('market', '005930.KRX');
const ALERTS = streamOf('alerts', 'engine');
const BARS_1S = streamOf('bars', '005930.KRX', '1s');
const BARS_1M = streamOf('bars', '005930.KRX', '1m');

describe.each(TRANSPORTS)('gateway over $name', ({ kind }) => {
  const gateways: Gateway[] = [];
  const clients: TestClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
  });

  async function start(feed: Feed, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
    const gateway = await startGateway(feed, { transport: kind, ...options });
    gateways.push(gateway);
    return gateway;
  }

  async function open(gateway: Gateway, subprotocol?: Parameters<typeof TestClient.open>[1]): Promise<TestClient> {
    const client = await TestClient.open(gateway, subprotocol);
    clients.push(client);
    return client;
  }

  it('welcomes with epoch, source, channels and limits', async () => {
    const gateway = await start(new Feed(), { limits: { queueBytesMax: 12345 } });
    const welcome = await (await open(gateway)).first('welcome');
    expect(welcome).toMatchObject({ version: 1, epoch: 'e1', source: 'simulated', limits: { queueBytesMax: 12345 } });
    expect(welcome.channels).toContain('signals');
    expect(gateway.stats.connections).toBe(1);
  });

  it('gives scores of instruments without those of their streams, conditions of trading and alerts as asked for', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    feed.publish([QUALITY, QUALITY_OF_BOOKS, QUALITY_OF_ALL, MARKET, ALERTS], 2);
    const client = await open(gateway);
    expect((await client.first('welcome')).channels).toEqual(expect.arrayContaining(['quality', 'market', 'alerts']));
    const scores = await client.ask({ type: 'subscribe', channels: ['quality'], variants: [''] });
    expect(scores).toMatchObject({ type: 'subscribed', streams: [QUALITY.key, QUALITY_OF_ALL.key] });
    const rest = await client.ask({ type: 'subscribe', channels: ['market', 'alerts'] });
    expect(rest).toMatchObject({ type: 'subscribed', streams: [MARKET.key, ALERTS.key] });
    await until(() => client.of('snapshot').length === 4);
    // Scores and conditions are the latest; of alerts the history comes along.
    const kept = client.of('snapshot').map(({ stream, messages }) => [stream, messages.map(({ seq }) => seq)]);
    expect(Object.fromEntries(kept)).toEqual({
      [QUALITY.key]: [2],
      [QUALITY_OF_ALL.key]: [2],
      [MARKET.key]: [2],
      [ALERTS.key]: [1, 2],
    });
    feed.publish([QUALITY_OF_BOOKS, ALERTS]);
    await until(() => client.of('update').length > 0);
    expect(client.of('update').map(({ stream, seq }) => [stream, seq])).toEqual([[ALERTS.key, 3]]);
  });

  it('answers, then gives a snapshot of each stream that exists, then updates', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    feed.publish([SAMSUNG, SIGNALS], 3);
    const client = await open(gateway);
    const answer = await client.ask({ type: 'subscribe', channels: ['ticks', 'signals', 'scores'] });
    expect(answer).toMatchObject({ type: 'subscribed', streams: [SAMSUNG.key, SIGNALS.key] });
    await until(() => client.of('snapshot').length === 2);
    expect(client.of('snapshot')[0]).toMatchObject({
      stream: SAMSUNG.key,
      channel: 'ticks',
      instrument: '005930.KRX',
      variant: '',
      epoch: 'e1',
      source: 'simulated',
      seq: 3,
      times: [1_760_000_000_000_000, 1, 2, 3, 4, expect.any(Number)],
    });
    // Of ticks the bus keeps the last only, of signals all three.
    expect(client.of('snapshot').map(({ messages }) => messages.map(({ seq }) => seq))).toEqual([[3], [1, 2, 3]]);
    feed.publish([SIGNALS], 2);
    const update = await client.first('update');
    expect(update).toMatchObject({ stream: SIGNALS.key, prevSeq: 3, seq: 5, epoch: 'e1', source: 'simulated' });
    expect(update.messages.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(update.times!.slice(0, 5)).toEqual([1_760_000_000_000_000, 1, 2, 3, 4]);
    expect(update.times![5]).toBeGreaterThan(0);
    expect(gateway.stats.messages.ticks).toEqual({ sent: 1, skipped: 0 });
    expect(gateway.stats.messages.signals).toEqual({ sent: 5, skipped: 0 });
  });

  it('matches by code, by code and venue, by variant, and streams that come later', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const all = [SAMSUNG, SAMSUNG_NXT, HYNIX, BARS_1S, BARS_1M];
    const client = await open(gateway);
    const matching = async (request: Record<string, unknown>) => {
      const before = client.of('update').length;
      await client.ask({ type: 'subscribe', ...request });
      feed.publish(all);
      feed.publish([streamOf('status', 'engine')]);
      await client.ask({ type: 'ping' });
      await client.ask({ type: 'unsubscribe', ...request });
      const streams = client.of('update').slice(before);
      return streams.map(({ stream }) => stream).sort();
    };
    expect(await matching({ channels: ['ticks'], instruments: ['005930'] })).toEqual([SAMSUNG.key, SAMSUNG_NXT.key]);
    expect(await matching({ channels: ['ticks'], instruments: ['005930.NXT'] })).toEqual([SAMSUNG_NXT.key]);
    expect(await matching({ channels: ['bars'], variants: ['1m'] })).toEqual([BARS_1M.key]);
    expect(await matching({ channels: ['bars', 'ticks'], variants: ['1s'] })).toEqual([BARS_1S.key]);
    expect(await matching({ channels: ['status'], instruments: ['engine'] })).toEqual(['status/engine']);
    expect(await matching({ channels: ['bars'] })).toEqual([BARS_1M.key, BARS_1S.key]);
    expect(await matching({ channels: ['ticks'], instruments: ['nonsense'] })).toEqual([]);
  });

  it('ends a stream when the last pattern for it is given up', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    feed.publish([SAMSUNG, HYNIX]);
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['ticks'] });
    await client.ask({ type: 'subscribe', channels: ['ticks'], instruments: ['005930'] });
    expect(client.of('snapshot')).toHaveLength(2);
    expect(await client.ask({ type: 'unsubscribe', channels: ['ticks'] })).toMatchObject({ streams: [HYNIX.key] });
    feed.publish([SAMSUNG, HYNIX]);
    await client.ask({ type: 'ping' });
    expect(client.of('update').map(({ stream }) => stream)).toEqual([SAMSUNG.key]);
    const again = await client.ask({ type: 'unsubscribe', channels: ['ticks'], instruments: ['005930'] });
    expect(again).toMatchObject({ type: 'unsubscribed', streams: [SAMSUNG.key] });
    expect(await client.ask({ type: 'unsubscribe', channels: ['ticks'] })).toMatchObject({ streams: [] });
  });

  it('pongs, and lists every stream', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    feed.publish([SAMSUNG, BARS_1M]);
    const client = await open(gateway);
    expect(await client.ask({ type: 'ping', id: 'p-1' })).toMatchObject({ type: 'pong', id: 'p-1' });
    expect(await client.ask({ type: 'list' })).toMatchObject({ streams: [SAMSUNG.key, BARS_1M.key] });
  });

  it('loses and doubles nothing for twenty clients that come in the middle', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const streams = Array.from({ length: 30 }, (_, n) => streamOf('ticks', `${100_000 + n}.KRX`));
    let isOver = false;
    const publishing = (async () => {
      for (let turn = 0; !isOver; turn++) {
        feed.publish(
          streams.filter((_, n) => (turn + n) % 3 === 0),
          1 + (turn % 4),
        );
        await new Promise(setImmediate);
      }
    })();
    const members = await Promise.all(
      Array.from({ length: 20 }, (_, n) => open(gateway, n % 2 === 0 ? 'kisignal.v1.json' : 'kisignal.v1.msgpack')),
    );
    for (const [n, member] of members.entries()) {
      const instruments = streams.filter((_, s) => (s + n) % 2 === 0).map(({ instrument }) => instrument);
      await member.ask({ type: 'subscribe', channels: ['ticks'], instruments });
    }
    await until(() => members.every((member) => member.of('update').length > 100));
    isOver = true;
    await publishing;
    for (const member of members) await member.ask({ type: 'ping' });
    for (const member of members) {
      const seqs = new Map<string, number>();
      for (const message of member.received) {
        if (message.type === 'snapshot') {
          expect(seqs.has(message.stream)).toBe(false);
          seqs.set(message.stream, message.seq);
        } else if (message.type === 'update') {
          expect([message.stream, message.prevSeq]).toEqual([message.stream, seqs.get(message.stream) ?? 0]);
          for (const { seq } of message.messages) {
            expect(seq).toBe((seqs.get(message.stream) ?? 0) + 1);
            seqs.set(message.stream, seq);
          }
        }
      }
      expect(seqs.size).toBe(15);
      for (const [stream, seq] of seqs) expect(feed.bus.retained(stream).at(-1)!.seq).toBe(seq);
    }
  });

  it('sends large snapshots piece by piece and lets updates through', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { queueBytesMax: 256 * 1024 } });
    const streams = Array.from({ length: 100 }, (_, n) => streamOf('signals', `${100_000 + n}.KRX`));
    feed.publish(streams, 100, 'x'.repeat(100));
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['signals'] });
    feed.publish(streams, 1);
    await until(() => client.of('snapshot').length === 100);
    feed.publish(streams, 1);
    await client.ask({ type: 'ping' });
    for (const stream of streams) {
      const seqs = client.received.flatMap((message) => {
        if (message.type !== 'snapshot' && message.type !== 'update') return [];
        return message.stream === stream.key ? message.messages.map(({ seq }) => seq) : [];
      });
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => 103 - seqs.length + n));
    }
    expect(client.of('skipped')).toEqual([]);
  });

  it('gives a snapshot of what recovery kept without handing it on', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const early = await open(gateway);
    await early.ask({ type: 'subscribe', channels: ['ticks'] });
    const { epoch, updates } = feed.batch([SAMSUNG], 5);
    feed.bus.retain({ epoch, updates });
    const late = await open(gateway);
    await late.ask({ type: 'subscribe', channels: ['ticks'] });
    feed.publish([SAMSUNG]);
    for (const client of [early, late]) {
      await client.first('update');
      const order = client.received.filter(({ type }) => type === 'snapshot' || type === 'update');
      expect(order).toMatchObject([
        { type: 'snapshot', seq: 5, times: null },
        { type: 'update', prevSeq: 5, seq: 6, times: [1_760_000_000_000_000, 1, 2, 3, 4, expect.any(Number)] },
      ]);
    }
  });

  it('begins anew with a new epoch, and says so to everyone before anything of it comes', async () => {
    const feed = new Feed();
    feed.publish([SAMSUNG, HYNIX], 10);
    const gateway = await start(feed);
    const subscriber = await open(gateway);
    const idle = await open(gateway);
    await subscriber.ask({ type: 'subscribe', channels: ['ticks'] });
    const next = new Feed();
    next.epoch = 'e2';
    // The first batch that this gateway sees; the numbers of its snapshots are of the epoch before.
    feed.bus.publish(next.batch([SAMSUNG], 2));
    feed.bus.publish(next.batch([SAMSUNG], 3));
    await until(() => subscriber.of('update').length === 2);
    const announced = { type: 'epoch', epoch: 'e2', previous: 'e1', recovered: false };
    const order = subscriber.received.filter(({ type }) => ['snapshot', 'epoch', 'update'].includes(type));
    expect(order).toMatchObject([
      { type: 'snapshot', epoch: 'e1', seq: 10 },
      { type: 'snapshot', epoch: 'e1', seq: 10 },
      announced,
      { type: 'update', epoch: 'e2', prevSeq: 0, seq: 2 },
      { type: 'update', epoch: 'e2', prevSeq: 2, seq: 5 },
    ]);
    expect(await idle.first('epoch')).toEqual(announced);
    // Silent since the change: there is nothing of it to show.
    const late = await open(gateway);
    await late.ask({ type: 'subscribe', channels: ['ticks'] });
    await late.ask({ type: 'ping' });
    expect(late.of('snapshot')).toMatchObject([{ stream: SAMSUNG.key, seq: 5 }]);
  });

  it('says to who comes back whether the numbering still holds', async () => {
    const gateway = await start(new Feed());
    const client = await open(gateway);
    for (const [epoch, recovered] of [
      ['e1', true],
      ['e0', false],
      [undefined, false],
    ] as const) {
      const answer = await client.ask({ type: 'subscribe', channels: ['ticks'], ...(epoch && { epoch }) });
      expect(answer).toMatchObject({ type: 'subscribed', recovered });
    }
    expect(await client.ask({ type: 'unsubscribe', channels: ['ticks'] })).not.toHaveProperty('recovered');
    for (const request of [
      { type: 'subscribe', channels: ['ticks'], epoch: 1 },
      { type: 'subscribe', channels: ['ticks'], epoch: 'x'.repeat(65) },
      { type: 'unsubscribe', channels: ['ticks'], epoch: 'e1' },
    ]) {
      expect(await client.ask(request)).toMatchObject({ type: 'error', slug: 'invalid_message' });
    }
  });

  it('beats, and names the last seq of every stream in turn', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { heartbeatMs: 50 } });
    const streams = Array.from({ length: 450 }, (_, n) => streamOf('ticks', `${100_000 + n}.KRX`));
    feed.publish(streams, 2);
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['ticks'] });
    await until(() => client.of('snapshot').length === streams.length);
    const known = () => Object.assign({}, ...client.of('heartbeat').map(({ lastSeq }) => lastSeq));
    await until(() => Object.keys(known()).length === streams.length);
    expect(new Set(Object.values(known()))).toEqual(new Set([2]));
    const beats = client.of('heartbeat');
    expect(beats.map(({ counter }) => counter)).toEqual(beats.map((_, n) => n + 1));
    for (const { lastSeq } of beats) expect(Object.keys(lastSeq).length).toBeLessThanOrEqual(200);
  });

  describe('a client that does not read', () => {
    const padding = 'x'.repeat(20_000);

    it('is skipped at the bound, told so once it reads again, and others feel nothing', async () => {
      const feed = new Feed();
      const gateway = await start(feed, { limits: { queueBytesMax: 200_000, heartbeatMs: 50 } });
      feed.publish([SAMSUNG, HYNIX]);
      const slow = await open(gateway);
      const other = await open(gateway);
      for (const client of [slow, other]) await client.ask({ type: 'subscribe', channels: ['ticks'] });
      slow.socket.pause();
      let rounds = 0;
      while (gateway.stats.messages.ticks.skipped < 20) {
        feed.publish([SAMSUNG, HYNIX], 5, padding);
        rounds += 1;
        await until(() => other.of('update').length === 2 * rounds);
      }
      slow.socket.resume();
      await slow.first('skipped');
      feed.publish([SAMSUNG]);
      feed.publish([HYNIX]);
      await until(() => other.of('update').length === 2 * rounds + 2);
      await slow.ask({ type: 'ping' });

      expect(other.of('skipped')).toEqual([]);
      // What came, and what was said not to come, is everything, and each prevSeq is what came last.
      for (const { key } of [SAMSUNG, HYNIX]) {
        let received = 1;
        let known = 1;
        for (const message of slow.received) {
          if (message.type === 'skipped') {
            for (const entry of message.streams.filter(({ stream }) => stream === key)) {
              expect(entry.fromSeq).toBe(received);
              known = entry.toSeq;
            }
          } else if (message.type === 'update' && message.stream === key) {
            expect(message.prevSeq).toBe(received);
            expect(message.messages[0]!.seq).toBe(known + 1);
            received = known = message.seq;
          } else if (message.type === 'heartbeat' && message.lastSeq[key] !== undefined) {
            expect(message.lastSeq[key]).toBe(known);
          }
        }
        expect(received).toBe(feed.bus.retained(key).at(-1)!.seq);
      }
      expect(slow.of('skipped').length).toBeGreaterThan(0);
    });

    it('is told what of a new epoch it missed, though it was full when that began', async () => {
      const feed = new Feed();
      const gateway = await start(feed, { limits: { queueBytesMax: 200_000 } });
      feed.publish([SAMSUNG]);
      const slow = await open(gateway);
      await slow.ask({ type: 'subscribe', channels: ['ticks'] });
      slow.socket.pause();
      while (gateway.stats.messages.ticks.skipped < 20) {
        feed.publish([SAMSUNG], 5, padding);
        await new Promise(setImmediate);
      }
      const next = new Feed();
      next.epoch = 'e2';
      feed.bus.publish(next.batch([SAMSUNG], 7));
      slow.socket.resume();
      await slow.first('skipped');
      feed.bus.publish(next.batch([SAMSUNG], 1));
      await until(() => slow.of('update').at(-1)?.seq === 8);
      const order = slow.received.slice(slow.received.findIndex(({ type }) => type === 'epoch'));
      expect(order).toMatchObject([
        { type: 'epoch', epoch: 'e2', previous: 'e1' },
        { type: 'skipped', streams: [{ stream: SAMSUNG.key, fromSeq: 0, toSeq: 6 }] },
        { type: 'update', epoch: 'e2', prevSeq: 0, seq: 7, times: null },
        { type: 'update', epoch: 'e2', prevSeq: 7, seq: 8 },
      ]);
    });

    it('is closed when it stays at the bound', async () => {
      const feed = new Feed();
      const gateway = await start(feed, { limits: { queueBytesMax: 200_000, heartbeatMs: 50, drainMsMax: 100 } });
      const slow = await open(gateway);
      await slow.ask({ type: 'subscribe', channels: ['ticks'] });
      slow.socket.pause();
      while (!gateway.stats.closed.has(CLOSES.slow_consumer.code)) {
        feed.publish([SAMSUNG], 20, padding);
        await new Promise(setImmediate);
      }
      expect(gateway.stats.connections).toBe(0);
      slow.socket.resume();
      expect([1006, CLOSES.slow_consumer.code]).toContain(await slow.closed);
    });

    it('is closed when it asks and asks and never reads', async () => {
      const feed = new Feed();
      const gateway = await start(feed, { limits: { queueBytesMax: 20_000, messagesPerSecondMax: 1_000_000 } });
      const streams = Array.from({ length: 2000 }, (_, n) => streamOf('ticks', `${100_000 + n}.KRX`));
      feed.publish(streams);
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
      socket.write(
        `GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`,
      );
      const text = Buffer.from('{"type":"list","id":1}');
      const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
      const asking = setInterval(() => socket.write(Buffer.concat(Array(20).fill(frame))), 1);
      await until(() => gateway.stats.closed.has(CLOSES.slow_consumer.code));
      clearInterval(asking);
      socket.destroy();
    });
  });

  it('closes a client from which nothing comes, not even a pong', async () => {
    const gateway = await start(new Feed(), { limits: { heartbeatMs: 20, idleMsMax: 200 } });
    const silent = connect(gateway.port, '127.0.0.1');
    silent.resume();
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
    silent.write(
      `GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`,
    );
    const answering = await open(gateway);
    await until(() => gateway.stats.closed.has(CLOSES.idle.code));
    silent.destroy();
    expect(await answering.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
    expect(gateway.stats.connections).toBe(1);
  });

  describe('bad input', () => {
    const BAD: [slug: ErrorSlug, data: string | Buffer, id: string | number | null][] = [
      ['not_parsable', '{"type":', null],
      ['not_an_object', '[1]', null],
      ['missing_id', '{"type":"ping"}', null],
      ['missing_id', '{"type":"ping","id":1.5}', null],
      ['unknown_type', '{"type":"order","id":7}', 7],
      ['unknown_type', '{"type":"toString","id":7}', 7],
      ['unknown_channel', '{"type":"subscribe","id":"a","channels":["ticks","quotes"]}', 'a'],
      ['invalid_message', '{"type":"subscribe","id":"a","channels":["ticks"],"instrument":["005930"]}', 'a'],
      ['invalid_message', '{"type":"subscribe","id":"a","channels":[]}', 'a'],
      ['too_many_subscriptions', '{"type":"subscribe","id":3,"channels":["ticks"],"instruments":["1","2","3","4"]}', 3],
      ['wrong_encoding', Buffer.from([0x81, 0xa2, 0x69, 0x64, 0x01]), null],
    ];

    it('is answered with number, slug and text, and neither this client nor another feels more', async () => {
      const feed = new Feed();
      const gateway = await start(feed, { limits: { subscriptionsMax: 3, messagesPerSecondMax: 1000 } });
      const bad = await open(gateway);
      const good = await open(gateway);
      for (const client of [bad, good]) await client.ask({ type: 'subscribe', channels: ['ticks'] });
      for (const [slug, data, id] of BAD) {
        const before = bad.of('error').length;
        bad.socket.send(data);
        await until(() => bad.of('error').length === before + 1);
        const { code, temporary, retryAfterMs } = ERRORS[slug];
        expect(bad.of('error').at(-1)).toMatchObject({ id, code, slug, temporary, retryAfterMs });
        expect(bad.of('error').at(-1)!.text).not.toBe('');
        feed.publish([SAMSUNG]);
      }
      for (const client of [bad, good]) await until(() => client.of('update').length === BAD.length);
      expect(gateway.stats.errors.get('missing_id')).toBe(2);
    });

    it('as text on a MessagePack connection is the wrong encoding', async () => {
      const client = await open(await start(new Feed()), 'kisignal.v1.msgpack');
      client.socket.send('{"type":"ping","id":1}');
      expect(await client.first('error')).toMatchObject({ slug: 'wrong_encoding' });
      client.socket.send(Buffer.from([0xc1]));
      await until(() => client.of('error').length === 2);
      expect(client.of('error')[1]).toMatchObject({ slug: 'not_parsable' });
    });

    it('of more than the allowed length closes with 1009', async () => {
      const gateway = await start(new Feed());
      const other = await open(gateway);
      for (const length of [64 * 1024, 1_000_000, 1024 * 1024, 2 * 1024 * 1024 - 100]) {
        const client = await open(gateway);
        client.socket.send(`{"type":"ping","id":1,"x":"${'x'.repeat(length)}"}`);
        expect(await client.closed).toBe(CLOSES.message_too_big.code);
      }
      const cut = await open(gateway);
      cut.socket.send('x'.repeat(2 * 1024 * 1024 + 1));
      expect(await cut.closed).toBe(kind === 'uws' ? 1006 : CLOSES.message_too_big.code);
      expect(await other.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
      await until(() => gateway.stats.connections === 1);
    });

    it('at more than the allowed rate is dropped and told once, and closes when it is a flood', async () => {
      const gateway = await start(new Feed(), { limits: { messagesPerSecondMax: 5 } });
      const client = await open(gateway);
      for (let n = 0; n < 20; n++) client.send({ type: 'ping', id: n });
      const error: ErrorMessage = await client.first('error');
      expect(error).toMatchObject({ slug: 'too_many_messages', temporary: true, retryAfterMs: 1000 });
      expect(client.of('pong').length).toBeLessThanOrEqual(10);
      const flooding = await open(gateway);
      const other = await open(gateway);
      for (let n = 0; n < 200; n++) flooding.send({ type: 'ping', id: n });
      expect(await flooding.closed).toBe(CLOSES.message_flood.code);
      expect(await other.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
    });
  });

  it('takes so many connections in all and from one address', async () => {
    const byAddress = await start(new Feed(), { limits: { connectionsPerAddressMax: 2 } });
    const inAll = await start(new Feed(), { limits: { connectionsMax: 2 } });
    for (const [gateway, status, slug] of [
      [byAddress, 429, 'too_many_connections_of_address'],
      [inAll, 503, 'too_many_connections'],
    ] as const) {
      const first = await open(gateway);
      await open(gateway);
      const refused = new TestClient(gateway);
      const [, response] = await once(refused.socket, 'unexpected-response');
      expect(response.statusCode).toBe(status);
      expect(gateway.stats.refused.get(slug)).toBe(1);
      refused.socket.terminate();
      first.socket.terminate();
      await until(() => gateway.stats.connections === 1);
      await open(gateway);
    }
  });

  it('speaks JSON where no subprotocol is offered, and refuses those it does not know', async () => {
    const gateway = await start(new Feed());
    const url = `${gateway.url.replace('http', 'ws')}/v1/stream`;
    const plain = new WebSocket(url);
    expect(JSON.parse(String((await once(plain, 'message'))[0]))).toMatchObject({ type: 'welcome' });
    plain.terminate();
    const several = new WebSocket(url, ['graphql-ws', 'kisignal.v1.msgpack', 'kisignal.v1.json']);
    await once(several, 'open');
    expect(several.protocol).toBe('kisignal.v1.msgpack');
    several.terminate();
    const unknown = new WebSocket(url, ['kisignal.v9.json']);
    unknown.on('error', () => {});
    const [, response] = await once(unknown, 'unexpected-response');
    expect(response.statusCode).toBe(400);
    expect(gateway.stats.refused.get('unknown_subprotocol')).toBe(1);
    unknown.terminate();
  });

  it('sends the same in MessagePack, integers as integers', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const json = await open(gateway);
    const msgpack = await open(gateway, 'kisignal.v1.msgpack');
    const raw: Buffer[] = [];
    msgpack.socket.on('message', (data: Buffer) => raw.push(data));
    for (const client of [json, msgpack]) await client.ask({ type: 'subscribe', channels: ['ticks'] });
    feed.publish([SAMSUNG], 3);
    const updates: UpdateMessage[] = [await json.first('update'), await msgpack.first('update')];
    expect(updates[1]).toEqual(updates[0]);
    // int64 of the tick's timeUs, and no float64 of it.
    const time = Buffer.alloc(9, 0xd3);
    time.writeBigInt64BE(1_760_000_000_000_001n, 1);
    expect(raw.at(-1)!.includes(time)).toBe(true);
  });

  it('refuses a handshake that completes while it ends', async () => {
    const gateway = await start(new Feed());
    const socket = connect(gateway.port, '127.0.0.1');
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
    socket.write(`GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}`);
    // A later connection is served, so the earlier one has been taken.
    await (await open(gateway)).ask({ type: 'ping' });
    const ending = gateway.close('test');
    socket.write('\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 503 /);
    expect(gateway.stats.refused.get('ending')).toBe(1);
    socket.destroy();
    await ending;
  });

  it('tells its clients that it ends, closes them, and frees the port', async () => {
    const feed = new Feed();
    const port = await freePort();
    const gateway = await start(feed, { port });
    const members = await Promise.all([open(gateway), open(gateway), open(gateway)]);
    await gateway.close('maintenance');
    for (const member of members) {
      expect(await member.closed).toBe(CLOSES.shutdown.code);
      expect(member.received.at(-1)).toMatchObject({ type: 'shutdown', reason: 'maintenance' });
    }
    const delays = members.map((member) => member.of('shutdown')[0]!.reconnectAfterMs);
    expect(new Set(delays).size).toBe(3);
    feed.publish([SAMSUNG]);
    expect((await start(feed, { port })).port).toBe(port);
    await expect(start(feed, { port })).rejects.toMatchObject({ failure: 'port_in_use' });
  });
});

it('chooses uWebSockets.js by itself where its binary loads, else ws', async () => {
  const gateway = await startGateway(new Feed());
  expect(gateway.transport).toBe(hasUws ? 'uws' : 'ws');
  await gateway.close('test over');
});
