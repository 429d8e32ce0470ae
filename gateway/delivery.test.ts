// The two deliveries, over each transport: what may be left out is, and is said; what may not be left out ends the
// connection instead, and is given to who comes back.
import { afterEach, describe, expect, it } from 'vitest';
import { CLOSES, WARNINGS } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway.ts';
import { Feed, startGateway, streamOf, TestClient, TRANSPORTS, until } from './gateway-fixture.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const HYNIX = streamOf('ticks', '000660.KRX');
const PADDING = 'x'.repeat(2000);

describe.each(TRANSPORTS)('delivery over $name', ({ kind }) => {
  const gateways: Gateway[] = [];
  const clients: TestClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
  });

  async function start(feed: Feed, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
    const gateway = await startGateway(feed, { transport: kind, limits: { queueBytesMax: 200_000 }, ...options });
    gateways.push(gateway);
    return gateway;
  }

  async function open(gateway: Gateway): Promise<TestClient> {
    const client = await TestClient.open(gateway);
    clients.push(client);
    return client;
  }

  /** Publishes until something is so, some messages a turn. */
  async function publishUntil(condition: () => boolean, publish: () => void): Promise<void> {
    for (let turn = 0; !condition(); turn++) {
      expect(turn).toBeLessThan(100_000);
      publish();
      await new Promise(setImmediate);
    }
  }

  it('`all` warns at half of the queue, closes at the bound, and leaves nothing out before', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const slow = await open(gateway);
    const other = await open(gateway);
    await slow.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    await other.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    slow.socket.pause();
    const { code } = CLOSES.queue_overflow;
    let warningsBefore = 0;
    await publishUntil(
      () => gateway.stats.closed.has(code),
      () => {
        warningsBefore = gateway.stats.warnings.get('queue_half_full') ?? 0;
        feed.publish([SAMSUNG, HYNIX], 1, PADDING);
      },
    );
    // It was warned some turns ahead, and once.
    expect(warningsBefore).toBe(1);
    expect(gateway.stats.connections).toBe(1);
    slow.socket.resume();
    expect([1006, code]).toContain(await slow.closed);
    expect(slow.of('skipped')).toEqual([]);
    for (const { queuedBytes, ...warning } of slow.of('warning')) {
      expect(warning).toMatchObject({ ...WARNINGS.queue_half_full, slug: 'queue_half_full', queueBytesMax: 200_000 });
      expect(queuedBytes).toBeGreaterThan(100_000);
    }
    for (const { key } of [SAMSUNG, HYNIX]) {
      const seqs = slow.of('update').flatMap(({ stream, seq }) => (stream === key ? [seq] : []));
      expect(seqs).toEqual(seqs.map((_, n) => n + 1));
    }
    // Nobody else felt it.
    feed.publish([SAMSUNG]);
    await until(() => other.of('update').at(-1)?.seq === feed.bus.lastSeq(SAMSUNG.key));
    expect(other.of('warning')).toEqual([]);
    expect(other.of('skipped')).toEqual([]);
  });

  it('warns again only after the queue has drained', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    for (const times of [1, 2]) {
      client.socket.pause();
      await publishUntil(
        () => gateway.stats.warnings.get('queue_half_full') === times,
        () => feed.publish([SAMSUNG], 1, PADDING),
      );
      feed.publish([SAMSUNG], 1, PADDING);
      client.socket.resume();
      await until(() => client.of('update').at(-1)?.seq === feed.bus.lastSeq(SAMSUNG.key));
      expect(client.of('warning')).toHaveLength(times);
    }
    expect(client.of('update').map(({ prevSeq }) => prevSeq)).toEqual(client.of('update').map(({ seq }) => seq - 1));
    expect(gateway.stats.closed.size).toBe(0);
  });

  it('leaves out what may be left out and not what may not, of one client', async () => {
    const feed = new Feed();
    const gateway = await start(feed, { limits: { queueBytesMax: 400_000 } });
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['ticks'], instruments: ['005930'], delivery: 'all' });
    await client.ask({ type: 'subscribe', channels: ['ticks'], instruments: ['*'] });
    client.socket.pause();
    await publishUntil(
      () => gateway.stats.messages.ticks.skipped > 5,
      () => feed.publish([HYNIX], 1, PADDING),
    );
    feed.publish([SAMSUNG, HYNIX], 3, PADDING);
    client.socket.resume();
    await client.first('skipped');
    // The last one of what was left out follows, so that the client is not left with an old price.
    await until(() => client.of('update').some(({ stream, times }) => stream === HYNIX.key && times === null));
    const [skipped] = client.of('skipped');
    const last = client.of('update').find(({ times }) => times === null)!;
    expect(skipped!.streams).toEqual([{ stream: HYNIX.key, fromSeq: last.prevSeq, toSeq: last.seq - 1 }]);
    expect(last.seq).toBe(feed.bus.lastSeq(HYNIX.key));
    expect(last.messages.map(({ seq }) => seq)).toEqual([last.seq]);
    feed.publish([SAMSUNG, HYNIX]);
    await until(() => client.of('update').filter(({ seq }) => seq === 4).length === 2);
    const ofSamsung = client.of('update').filter(({ stream }) => stream === SAMSUNG.key);
    expect(ofSamsung.map(({ prevSeq, seq }) => [prevSeq, seq])).toEqual([
      [0, 3],
      [3, 4],
    ]);
  });

  it('is `all` for a stream while any of its patterns says so, and tells first what had been left out', async () => {
    const feed = new Feed();
    const gateway = await start(feed);
    const client = await open(gateway);
    await client.ask({ type: 'subscribe', channels: ['ticks'] });
    client.socket.pause();
    await publishUntil(
      () => gateway.stats.messages.ticks.skipped > 5,
      () => feed.publish([SAMSUNG], 1, PADDING),
    );
    client.send({ type: 'subscribe', id: 'all', channels: ['ticks'], instruments: ['005930'], delivery: 'all' });
    await publishUntil(
      () => gateway.stats.closed.has(CLOSES.queue_overflow.code),
      () => feed.publish([SAMSUNG], 1, PADDING),
    );
    client.socket.resume();
    await client.closed;
    let known = 0;
    for (const message of client.received) {
      if (message.type === 'skipped') known = message.streams[0]!.toSeq;
      if (message.type !== 'update') continue;
      expect(message.messages[0]!.seq).toBe(known + 1);
      known = message.seq;
    }
    const again = await open(gateway);
    await again.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    await again.ask({ type: 'subscribe', channels: ['ticks'], instruments: ['005930'], delivery: 'latest' });
    await again.ask({ type: 'unsubscribe', channels: ['ticks'] });
    again.socket.pause();
    const { skipped } = gateway.stats.messages.ticks;
    await publishUntil(
      () => gateway.stats.messages.ticks.skipped > skipped,
      () => feed.publish([SAMSUNG], 1, PADDING),
    );
  });
});
