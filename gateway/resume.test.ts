// Resume over each transport: exactly what was missed and then what is new, or a snapshot that says that it is none.
import { afterEach, describe, expect, it } from 'vitest';
import type { StreamUpdate } from '../engine/messages.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { Feed, gatewayOptions, startGateway, streamOf, TestClient, TRANSPORTS, until } from './gateway-fixture.ts';
import type { SubscribedMessage } from './protocol.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const HYNIX = streamOf('ticks', '000660.KRX');
const BARS = streamOf('bars', '000660.KRX', '1m');
const STATUS = streamOf('status', 'engine');

/** `stream seq` of every message in an update, in order. */
function updatesOf(client: TestClient): string[] {
  return client.of('update').flatMap(({ stream, messages }) => messages.map(({ seq }) => `${stream} ${seq}`));
}

function numbers(stream: { key: string }, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => `${stream.key} ${from + n}`);
}

describe.each(TRANSPORTS)('resume over $name', ({ kind }) => {
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

  const ask = async (client: TestClient, request: object) =>
    (await client.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all', ...request })) as SubscribedMessage;

  it.each(['kisignal.v1.json', 'kisignal.v1.msgpack'] as const)(
    'gives exactly what was missed, in %s',
    async (name) => {
      const feed = new Feed();
      const gateway = await start(feed, { resume: { windowMs: 60_000 } });
      for (let n = 0; n < 10; n++) feed.publish([SAMSUNG, HYNIX], 3);
      const client = await open(gateway, name);
      expect((await client.first('welcome')).resumeWindowMs).toBe(60_000);
      const resume = { epoch: 'e1', streams: { [SAMSUNG.key]: 17, [HYNIX.key]: 30 } };
      const answer = await ask(client, { resume });
      expect(answer).toMatchObject({ type: 'subscribed', recovered: true, notRecovered: [] });
      feed.publish([SAMSUNG, HYNIX], 2);
      await until(() => updatesOf(client).length === 17);
      expect(updatesOf(client)).toEqual([
        ...numbers(SAMSUNG, 18, 30),
        ...numbers(SAMSUNG, 31, 32),
        ...numbers(HYNIX, 31, 32),
      ]);
      expect(client.of('snapshot')).toEqual([]);
      const [missed, live] = client.of('update');
      expect(missed).toMatchObject({ epoch: 'e1', source: 'simulated', prevSeq: 17, seq: 30, times: null });
      expect(live).toMatchObject({
        prevSeq: 30,
        seq: 32,
        times: [1_760_000_000_000_000, 1, 2, 3, 4, expect.any(Number)],
      });
      expect(gateway.stats.streamsResumed).toEqual({ recovered: 2, notRecovered: 0 });
    },
  );

  it('gives the very messages, from what a recovery derived as from what was published', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const witness = await open(gateway);
    await ask(witness, {});
    feed.publish([SAMSUNG], 7);
    feed.publish([SAMSUNG], 5, 'padding');
    await until(() => updatesOf(witness).length === 12);
    const received = witness.of('update').flatMap(({ messages }) => messages);

    const again = new Feed();
    again.bus.retain({ epoch: 'e1', updates: again.batch([SAMSUNG], 7).updates });
    again.bus.retain({ epoch: 'e1', updates: again.batch([SAMSUNG], 5, 'padding').updates });
    for (const of of [gateway, await start(again)]) {
      const client = await open(of);
      await ask(client, { resume: { epoch: 'e1', streams: { [SAMSUNG.key]: 3 } } });
      await until(() => updatesOf(client).length === 9);
      expect(client.of('update').flatMap(({ messages }) => messages)).toEqual(received.slice(3));
    }
  });

  it('gives a snapshot, and says so, of what is gone, of numbers that never were and of another epoch', async () => {
    const feed = new Feed({ windowMs: 60_000, bytesMax: 20_000 });
    const gateway = await start(feed);
    for (let n = 0; n < 500; n++) feed.publish([SAMSUNG], 1);
    feed.publish([HYNIX], 4);
    for (const [epoch, seq, recovered] of [
      ['e1', 100, true],
      ['e1', 501, true],
      ['e0', 490, false],
    ] as const) {
      const client = await open(gateway);
      const streams = { [SAMSUNG.key]: seq, [HYNIX.key]: 2 };
      const answer = await ask(client, { resume: { epoch, streams } });
      const lost = recovered ? [SAMSUNG.key] : [SAMSUNG.key, HYNIX.key];
      expect(answer).toMatchObject({ recovered, notRecovered: lost });
      await until(() => client.of('snapshot').length === lost.length);
      expect(client.of('snapshot')[0]).toMatchObject({ stream: SAMSUNG.key, seq: 500, epoch: 'e1' });
      if (recovered) await until(() => updatesOf(client).length === 2);
      expect(updatesOf(client)).toEqual(recovered ? numbers(HYNIX, 3, 4) : []);
    }
    expect(gateway.stats.streamsResumed).toEqual({ recovered: 2, notRecovered: 4 });
  });

  it('gives a stream that began meanwhile from its first message, and status as it is', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    feed.publish([SAMSUNG, HYNIX, STATUS], 5);
    const client = await open(gateway);
    const answer = await ask(client, {
      channels: ['ticks', 'status'],
      resume: { epoch: 'e1', streams: { [SAMSUNG.key]: 5, 'ticks/unheard.of': 9 } },
    });
    expect(answer.notRecovered).toEqual([]);
    await until(() => client.of('snapshot').length + updatesOf(client).length === 6);
    expect(client.of('snapshot').map(({ stream }) => stream)).toEqual([STATUS.key]);
    expect(updatesOf(client)).toEqual(numbers(HYNIX, 1, 5));
    // Without resuming it is a snapshot, as ever.
    const other = await open(gateway);
    await ask(other, {});
    await until(() => other.of('snapshot').length === 2);
  });

  it('takes positions in several messages, for requests that come later', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { positionsMax: 3 } });
    feed.publish([SAMSUNG, HYNIX, BARS], 5);
    const client = await open(gateway);
    const resume = (streams: object) => client.ask({ type: 'resume', epoch: 'e1', streams });
    expect(await resume({ [SAMSUNG.key]: 3 })).toMatchObject({ type: 'resumed', positions: 1 });
    expect(await resume({ [HYNIX.key]: 4, [BARS.key]: 4 })).toMatchObject({ type: 'resumed', positions: 3 });
    expect(await resume({ a: 1 })).toMatchObject({ type: 'error', slug: 'too_many_positions', temporary: false });
    const tooMany = { epoch: 'e1', streams: { a: 1 } };
    expect(await ask(client, { resume: tooMany })).toMatchObject({ type: 'error', slug: 'too_many_positions' });
    await ask(client, {});
    await ask(client, { channels: ['bars'], resume: tooMany });
    await until(() => updatesOf(client).length === 4);
    expect(updatesOf(client)).toEqual([...numbers(SAMSUNG, 4, 5), ...numbers(HYNIX, 5, 5), ...numbers(BARS, 5, 5)]);
    expect(client.of('snapshot')).toEqual([]);
  });

  it.each([
    { epoch: 'e1' },
    { streams: {} },
    { epoch: 1, streams: {} },
    { epoch: 'e1', streams: [] },
    { epoch: 'e1', streams: { a: -1 } },
    { epoch: 'e1', streams: { a: 1.5 } },
    { epoch: 'e1', streams: { a: '1' } },
    { epoch: 'e1', streams: { a: 2 ** 60 } },
    { epoch: 'e1', streams: {}, more: 1 },
    { epoch: 'e1', streams: Object.fromEntries(Array.from({ length: 4097 }, (_, n) => [`s${n}`, 1])) },
  ])('refuses %j', async (resume) => {
    const gateway = await start(new Feed(), { limits: { messageBytesMax: 1024 * 1024 } });
    const client = await open(gateway);
    expect(await ask(client, { resume })).toMatchObject({ type: 'error', slug: 'invalid_message' });
    expect(await client.ask({ type: 'resume', ...resume })).toMatchObject({ type: 'error', slug: 'invalid_message' });
    expect(await client.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'some' })).toMatchObject({
      slug: 'invalid_message',
    });
  });

  it('gives far more than the queue holds in pieces, as the client reads, and lets no update overtake', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { queueBytesMax: 100_000 } });
    const streams = Array.from({ length: 20 }, (_, n) => streamOf('ticks', `${100_000 + n}.KRX`));
    for (let n = 0; n < 60; n++) feed.publish(streams, 1, 'x'.repeat(1000));
    const client = await open(gateway);
    client.socket.pause();
    client.send({
      type: 'subscribe',
      id: 1,
      channels: ['ticks'],
      delivery: 'all',
      resume: { epoch: 'e1', streams: Object.fromEntries(streams.map(({ key }, n) => [key, n])) },
    });
    await until(() => gateway.stats.bytesSent > 1000);
    for (let n = 0; n < 20; n++) {
      feed.publish(streams, 1, 'x'.repeat(1000));
      await new Promise(setImmediate);
    }
    client.socket.resume();
    for (let n = 0; n < 20; n++) {
      await until(() => updatesOf(client).length > n * 20);
      feed.publish(streams, 1);
    }
    const wanted = streams.reduce((sum, _, n) => sum + 100 - n, 0);
    await until(() => updatesOf(client).length === wanted);
    for (const [n, stream] of streams.entries()) {
      const seqs = client
        .of('update')
        .flatMap(({ stream: key, messages }) => (key === stream.key ? messages.map(({ seq }) => seq) : []));
      expect(seqs).toEqual(Array.from({ length: 100 - n }, (_, at) => n + 1 + at));
    }
    expect(client.of('skipped')).toEqual([]);
    expect(gateway.stats.closed.size).toBe(0);
  });

  it('goes on under another numbering from its first message, where that begins before all was given', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { queueBytesMax: 65_536 } });
    const streams = Array.from({ length: 30 }, (_, n) => streamOf('ticks', `${100_000 + n}.KRX`));
    for (let n = 0; n < 40; n++) feed.publish(streams, 1, 'x'.repeat(1000));
    const client = await open(gateway);
    const resume = { epoch: 'e1', streams: Object.fromEntries(streams.map(({ key }) => [key, 0])) };
    client.send({ type: 'subscribe', id: 1, channels: ['ticks'], delivery: 'all', resume });
    await client.first('subscribed');
    const next = new Feed();
    next.epoch = 'e2';
    for (let n = 0; n < 10; n++) feed.bus.publish(next.batch(streams, 1));
    const ofNext = () => client.of('update').filter(({ epoch }) => epoch === 'e2');
    await until(() => ofNext().reduce((sum, { messages }) => sum + messages.length, 0) === 300);
    for (const { key } of streams) {
      const seqs = ofNext().flatMap(({ stream, messages }) => (stream === key ? messages.map(({ seq }) => seq) : []));
      expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
    expect(client.of('snapshot')).toEqual([]);
  });

  it('is served by a gateway that has nothing but a bus, whoever fills it', async () => {
    const feed = new Feed();
    const { bus } = feed;
    const gateway = await createGateway({
      ...gatewayOptions(feed),
      transport: kind,
      origin: () => ({ epoch: '', source: 'simulated' }),
    });
    gateways.push(gateway);
    // As outputs that another process derived: each of them twice, and dropped by its number.
    const publishNew = (updates: readonly StreamUpdate[]) => {
      const unseen = updates.filter(({ stream, messages }) => messages.at(-1)!.seq > bus.lastSeq(stream.key));
      bus.publish({ epoch: 'e7', source: 'simulated', times: [0, 0, 0, 0, 0, 0], updates: unseen });
    };
    for (let n = 0; n < 5; n++) {
      const { updates } = feed.batch([SAMSUNG, HYNIX], 2);
      publishNew(updates);
      publishNew(updates);
    }
    const client = await open(gateway);
    expect(await client.first('welcome')).toMatchObject({ epoch: 'e7' });
    await ask(client, { resume: { epoch: 'e7', streams: { [SAMSUNG.key]: 4, [HYNIX.key]: 0 } } });
    await until(() => updatesOf(client).length === 16);
    expect(new Set(updatesOf(client))).toEqual(new Set([...numbers(SAMSUNG, 5, 10), ...numbers(HYNIX, 1, 10)]));
  });
});
