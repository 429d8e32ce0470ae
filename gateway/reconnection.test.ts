// The client library at gateways that share their sessions: it comes back with its token, and gets what it had wanted,
// whatever of that was kept.
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Hole, KisignalClient, type Numbering } from './client.ts';
import { parseClientMessage } from './client-message.ts';
import type { Gateway } from './gateway.ts';
import { Feed, startGateway, streamOf, until } from './gateway-fixture.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { KeptSubscriptions, SnapshotMessage, UpdateMessage } from './protocol.ts';
import { MemorySessionStore } from './session-store.ts';
import { WantedStreams } from './wanted-streams.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const HYNIX = streamOf('ticks', '000660.KRX');
const BOOK = streamOf('books', '005930.KRX');
const BARS = streamOf('bars', '005930.KRX', '1m');

/** Keeps what it is told at first, and of what follows nothing. */
class ForgetfulStore extends MemorySessionStore {
  isDeaf = false;

  override async save(token: string, subscriptions: KeptSubscriptions): Promise<void> {
    if (this.isDeaf) throw new Error('away');
    await super.save(token, subscriptions);
  }
}

describe('the client library', () => {
  const gateways: Gateway[] = [];
  const clients: KisignalClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
  });

  async function start(feed: Feed, sessionStore: MemorySessionStore, port = 0): Promise<Gateway> {
    const gateway = await startGateway(feed, { sessionStore, port, transport: 'ws' });
    gateways.push(gateway);
    return gateway;
  }

  function open({ url }: Gateway) {
    const seen = {
      holes: [] as Hole[],
      updates: [] as UpdateMessage[],
      snapshots: [] as SnapshotMessage[],
      numberings: [] as Numbering[],
      errors: [] as unknown[],
      sent: [] as Record<string, unknown>[],
    };
    class Listened extends WebSocket {
      override send(data: string): void {
        seen.sent.push(JSON.parse(data));
        super.send(data);
      }
    }
    const client = new KisignalClient({
      url: `${url.replace('http', 'ws')}/v1/stream`,
      WebSocket: Listened as never,
      delayMsMin: 1,
      delayMsMax: 20,
      onHole: (hole) => seen.holes.push(hole),
      onUpdate: (message) => seen.updates.push(message),
      onSnapshot: (message) => seen.snapshots.push(message),
      onNumbering: (numbering) => seen.numberings.push(numbering),
      onError: (error) => seen.errors.push(error),
    });
    clients.push(client);
    const seqsOf = (key: string) =>
      seen.updates.flatMap(({ stream, messages }) => (stream === key ? messages.map(({ seq }) => seq) : []));
    return { client, ...seen, seqsOf };
  }

  /** The gateway ends, and another one takes its port. */
  async function replace(feed: Feed, store: MemorySessionStore): Promise<Gateway> {
    const old = gateways.pop()!;
    await old.close('replaced');
    return start(feed, store, old.port);
  }

  it('comes back by its token alone: what is lossless goes on, what is not begins with what holds now', async () => {
    const feed = new Feed();
    const store = new MemorySessionStore();
    const { client, sent, seqsOf, ...seen } = open(await start(feed, store));
    await client.subscribe({ channels: ['ticks'], delivery: 'all' });
    await client.subscribe({ channels: ['books'] });
    feed.publish([SAMSUNG, BOOK], 3);
    await until(() => seqsOf(BOOK.key).length === 3);
    await until(() => store.size === 1);
    const before = sent.length;
    const gateway = await replace(feed, store);
    feed.publish([SAMSUNG, BOOK, HYNIX], 4);
    await until(() => seqsOf(HYNIX.key).length === 4);
    expect(seqsOf(SAMSUNG.key)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await until(() => seen.numberings.length === 1);
    expect(seen.numberings).toEqual([{ epoch: 'e1', previous: 'e1', recovered: true }]);
    expect(seen.snapshots.filter(({ stream }) => stream !== BOOK.key)).toEqual([]);
    expect(sent.slice(before).map(({ type }) => type)).toEqual(['resume', 'resume']);
    expect(gateway.stats.sessions).toEqual({ restored: 1, storeFailures: 0 });
    expect([...seen.errors, ...seen.holes.filter(({ stream }) => stream !== BOOK.key)]).toEqual([]);
  });

  it('asks for all of it where its session is not known any more', async () => {
    const feed = new Feed();
    const { client, sent, seqsOf, ...seen } = open(await start(feed, new MemorySessionStore()));
    await client.subscribe({ channels: ['ticks'], delivery: 'all' });
    feed.publish([SAMSUNG], 3);
    await until(() => seqsOf(SAMSUNG.key).length === 3);
    for (let times = 1; times <= 2; times++) {
      await replace(feed, new MemorySessionStore());
      feed.publish([SAMSUNG], 2);
      await until(() => seen.numberings.length === times);
    }
    await until(() => seqsOf(SAMSUNG.key).length === 7);
    expect(seqsOf(SAMSUNG.key)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([...seen.errors, ...seen.holes, ...seen.snapshots]).toEqual([]);
    expect(sent.filter(({ type }) => type === 'subscribe')).toHaveLength(3);
  });

  it('puts right what its session was kept without', async () => {
    const feed = new Feed();
    const store = new ForgetfulStore();
    const { client, sent, seqsOf, ...seen } = open(await start(feed, store));
    feed.publish([SAMSUNG, HYNIX, BARS], 1);
    await client.subscribe({ channels: ['bars'] });
    await client.subscribe({ channels: ['ticks'], instruments: [HYNIX.instrument] });
    await until(() => store.size === 1);
    store.isDeaf = true;
    await client.subscribe({ channels: ['ticks'], instruments: [SAMSUNG.instrument], delivery: 'all' });
    await client.subscribe({ channels: ['bars'], delivery: 'all' });
    await client.unsubscribe({ channels: ['ticks'], instruments: [HYNIX.instrument] });
    await until(() => gateways[0]!.stats.sessions.storeFailures > 0);
    const before = sent.length;
    const gateway = await replace(feed, store);
    await until(() => gateway.stats.sessions.restored === 1);
    // Of what differs the last is taken back; the answer to a ping behind it comes once the gateway has done so.
    await until(() => sent.slice(before).some(({ type }) => type === 'unsubscribe'));
    await client.ping();
    feed.publish([SAMSUNG, HYNIX, BARS], 5);
    await until(() => seqsOf(SAMSUNG.key).length === 5 && seqsOf(BARS.key).length === 5);
    expect(seqsOf(HYNIX.key)).toEqual([]);
    expect([...seen.errors, ...seen.holes]).toEqual([]);
  });
});

describe('WantedStreams', () => {
  it('asks for more than one message holds in several that the server takes', () => {
    const wanted = new WantedStreams();
    const codes = Array.from({ length: 8000 }, (_, n) => `${100_000 + n}.KRX`);
    for (let n = 0; n < 2; n++)
      wanted.add({ channels: ['ticks'], instruments: codes.slice(4000 * n, 4000 * (n + 1)), delivery: 'all' });
    const selections = wanted.selections(DEFAULT_LIMITS.messageBytesMax / 2);
    expect(selections.length).toBeLessThan(8);
    for (const selection of selections) {
      const bytes = Buffer.from(JSON.stringify({ type: 'subscribe', id: 1, ...selection }));
      expect(bytes.length).toBeLessThan(DEFAULT_LIMITS.messageBytesMax);
      expect(parseClientMessage('json', bytes).ok).toBe(true);
    }
    expect(selections.flatMap(({ instruments = [] }) => instruments)).toEqual(codes);
  });
});
