// Several sessions in a whole run: more symbols than a key may register, keys that are revoked at noon, and what an operator
// subscribes to while it runs.
import { expect, it } from 'vitest';
import { instrumentsForLoad } from '../config/instruments.ts';
import { newMarket, testEmulator } from './emulator/test-emulator.ts';
import type { KisSourceStatus } from './sources/kis/source-status.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import { configOn, TestRun, temporaryFolder, until } from './test-run.ts';

const SYMBOLS = 60;
const instruments = instrumentsForLoad(SYMBOLS + 10);
const codes = instruments.slice(0, SYMBOLS).map(({ code }) => code);
const further = instruments.slice(SYMBOLS).map(({ code }) => code);
const SECRET = 'emulator-app-secret';
const keyOf = (number: number): string => `emulator-app-key-${String(number).padStart(4, '0')}`;

interface FeedStatus {
  readonly feed: KisSourceStatus;
  readonly subscriptions: readonly { readonly code: string }[];
  readonly counters: { readonly sessions: Record<string, number>; readonly ticks: Record<string, number> };
}

/** Pairs that the emulator takes: taken out of the map, a key is as if it had never been. */
async function sessionsRun(keys: number, folder = temporaryFolder()) {
  const appKeys = new Map(Array.from({ length: keys }, (_, i) => [keyOf(i + 1), SECRET]));
  const emulator = await testEmulator({ feed: { kind: 'market', market: newMarket(7, { instruments }) }, appKeys });
  const config = configOn(emulator, folder, {
    source: { kis: { backoffFirstMs: 20, backoffMaxMs: 100 } },
    universe: { symbols: codes },
    reference: { bootstrap: false, warmBars: false, crossCheck: false },
  });
  return { emulator, appKeys, config, one: await TestRun.start(config) };
}

const feedOf = (one: TestRun): KisSourceStatus => one.status<FeedStatus>().feed;

/** Who holds each registration, by the journal alone; a second one of the same would be an error of ours. */
function holders(one: TestRun): Map<string, string> {
  const held = new Map<string, string>();
  for (const input of one.entries()) {
    if (input.kind !== 'session') continue;
    const { event, session, trId, trKey } = input;
    const name = `${trId} ${trKey}`;
    if (event === 'registered') {
      expect(held.get(name), `${name} is registered twice`).toBeUndefined();
      held.set(name, session);
    }
    if (event === 'unregistered') held.delete(name);
    if (event === 'lost') for (const [key, holder] of held) if (holder === session) held.delete(key);
  }
  return held;
}

it('spreads 60 symbols over the sessions that they need, each stream registered once', async () => {
  const { emulator, one } = await sessionsRun(4);
  await until(() => feedOf(one).registered === 2 * SYMBOLS);
  expect(emulator.status()).toMatchObject({ sessions: 3, registrations: 2 * SYMBOLS });
  const feed = feedOf(one);
  expect(feed.leftOut).toEqual([]);
  expect(feed.sessions.filter(({ registered }) => registered > 0).map(({ registered }) => registered)).toSatisfy(
    (counts: number[]) => counts.length === 3 && counts.every((count) => count <= 41),
  );
  expect(holders(one).size).toBe(2 * SYMBOLS);
  expect(one.status<FeedStatus>().counters.sessions).toEqual({ connected: 3, registered: 2 * SYMBOLS });
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('moves what a revoked key held to the others, and names what has no room once there are none', async () => {
  const { emulator, appKeys, one } = await sessionsRun(4);
  await until(() => feedOf(one).registered === 2 * SYMBOLS);
  appKeys.delete(keyOf(2));
  for (const type of ['expire_keys', 'close'] as const) emulator.fault({ type });
  await until(() => feedOf(one).sessions[1]!.state === 'failed');
  await until(() => feedOf(one).registered === 2 * SYMBOLS);
  expect(feedOf(one).sessions[3]!.registered).toBeGreaterThan(0);
  expect(feedOf(one).sessions[1]).toMatchObject({ failure: 'EGW00103', registered: 0 });
  expect(holders(one).size).toBe(2 * SYMBOLS);
  expect(new Set(holders(one).values())).toEqual(new Set(['kis-1', 'kis-3', 'kis-4']));

  appKeys.delete(keyOf(3));
  for (const type of ['expire_keys', 'close'] as const) emulator.fault({ type });
  await until(
    () => feedOf(one).registered === 82 && feedOf(one).unconfirmed === 0 && feedOf(one).leftOut.length === 38,
  );
  const ticks = (): number => one.status<FeedStatus>().counters.ticks['H0STCNT0 KRX'] ?? 0;
  const before = ticks();
  await until(() => ticks() > before);
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('ends with the reason once every key is revoked', async () => {
  const { emulator, one } = await sessionsRun(3);
  await until(() => feedOf(one).registered === 2 * SYMBOLS);
  emulator.fault({ type: 'revoke_keys' });
  expect(await one.run.failed).toBe('feed_failed EGW00103');
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('follows the list of an operator while it runs, journals it, and knows it after a restart', async () => {
  const { config, one } = await sessionsRun(5);
  await until(() => feedOf(one).registered === 2 * SYMBOLS);
  const wanted = { venue: 'KRX', streams: ['trades', 'books'], priority: 5 } as const;
  subscribe(one.folder, further.slice(0, 5), wanted);
  await until(() => feedOf(one).registered === 2 * SYMBOLS + 10);
  expect(one.status<FeedStatus>().subscriptions.map(({ code }) => code)).toEqual(further.slice(0, 5));
  await until(() => one.run.bus.retained(`ticks/${further[0]}.KRX`).length > 0);
  unsubscribe(one.folder, [further[0]!]);
  await until(() => feedOf(one).registered === 2 * SYMBOLS + 8);
  // Counted when KIS has confirmed it, which is after the session has let it go.
  await until(() => one.status<FeedStatus>().counters.sessions.unregistered === 2);
  expect(one.commands('subscriptions').map(({ wanted: list }) => list.length)).toEqual([5, 4]);
  expect(holders(one).has(`H0STCNT0 ${further[0]}`)).toBe(false);
  expect(one.status<FeedStatus>().counters.sessions).toMatchObject({ registered: 130, unregistered: 2 });
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);

  const second = await TestRun.start(config);
  await until(() => feedOf(second).registered === 2 * SYMBOLS + 8);
  expect(second.status<FeedStatus>().subscriptions).toHaveLength(4);
  const again = await second.digests();
  expect(again[1]).toBe(again[0]);
});
