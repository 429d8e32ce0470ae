// Several sessions: how registrations are spread over them, changed at run time, and moved when one is lost.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FeedClock } from '../../clock.ts';
import { testEmulator } from '../../emulator/test-emulator.ts';
import type { KisSource } from './source.ts';
import { startRelay } from './test-relay.ts';
import {
  APP_SECRET,
  appKey,
  CODES,
  HTS_ID,
  keys,
  run,
  startSource,
  type TestSourceOptions,
  trades,
  WAIT,
} from './test-source.ts';
import { HastyTimers } from './test-timers.ts';

const ALLOWED = () => new Map(keys(3).map(({ appKey: key, appSecret }) => [key, appSecret]));

/** Trades and books of so many symbols. */
function symbols(count: number, priority = 100, first = 0) {
  return CODES.slice(first, first + count).flatMap((trKey) =>
    ['H0STCNT0', 'H0STASP0'].map((trId) => ({ trId, trKey, priority })),
  );
}

/** A client of three keys behind a relay, and the app keys that the emulator takes. */
async function runRelayed(options: TestSourceOptions = {}) {
  const appKeys = ALLOWED();
  const emulator = await testEmulator({ speed: 5, htsId: HTS_ID, appKeys });
  const relay = await startRelay(emulator);
  return { emulator, relay, appKeys, ...startSource(relay, { keys: keys(3), downMsMax: 200, ...options }) };
}

function registered(source: KisSource): number[] {
  return source.status().sessions.map((session) => session.registered);
}

function settled(source: KisSource, counts: readonly number[]): Promise<void> {
  return vi.waitFor(() => {
    expect(registered(source)).toEqual(counts);
    expect(source.status().unconfirmed).toBe(0);
  }, WAIT);
}

/** What stands registered at the end of these requests; throws where one is registered twice. */
function standing(requests: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const request of requests) {
    const name = request.slice(1);
    if (request.startsWith('-')) names.delete(name);
    else if (names.has(name)) throw new Error(`registered twice: ${name}`);
    else names.add(name);
  }
  return names;
}

describe('several sessions', () => {
  it('take a hundred registrations, each once, each session 41 at most, and deliver them all', async () => {
    const wanted = [...symbols(20), ...CODES.map((trKey) => ({ trId: 'H0UNCNT0', trKey, priority: 100 })).slice(0, 20)];
    const { emulator, source, batches, events, frames } = await run(
      {
        keys: keys(3),
        wanted: [...wanted, ...symbols(20).map((one) => ({ ...one, trId: one.trId.replace('ST', 'NX') }))],
      },
      { appKeys: ALLOWED() },
    );
    await settled(source, [40, 40, 20]);
    expect(emulator.status()).toMatchObject({ registrations: 100, sessions: 3 });
    expect(source.status()).toMatchObject({ state: 'streaming', registered: 100, leftOut: [] });
    expect(events().filter((event) => event.startsWith('registered'))).toHaveLength(100);
    const expected = new Set(wanted.slice(0, 40).map(({ trId }) => trId));
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(500), WAIT);
    for (const trId of expected) {
      expect(
        frames().some(({ bytes }) => Buffer.from(bytes).includes(`|${trId}|`)),
        trId,
      ).toBe(true);
    }
    const sessionsIn = batches.map(
      ({ inputs }) => new Set(inputs.flatMap((one) => (one.kind === 'session' ? [one.session] : []))),
    );
    for (const names of sessionsIn) expect(names.size).toBeLessThanOrEqual(1);
    const label = source.status().sessions.map(({ key, session }) => `${session} ${key}`);
    expect(label).toEqual(['kis-1 …0001', 'kis-2 …0002', 'kis-3 …0003']);
  });

  it('use no more keys than they need', async () => {
    const { source, streaming, emulator } = await run({ keys: keys(3) });
    await streaming();
    expect(emulator.status().sessions).toBe(1);
    expect(source.status().sessions.map(({ state }) => state)).toEqual(['streaming', 'idle', 'idle']);
    source.want(symbols(30));
    await settled(source, [40, 20, 0]);
  });

  it('keep to a pace over all of them', async () => {
    // One in 7,777 ms, of which the timers make a few; other waits stay below and are real.
    const timers = new HastyTimers(7_000);
    const bounds = { watchdogMs: 20_000, requestTimeoutMs: 6_000, downMsMax: 6_000, steadyMs: 6_000, muteMs: 20_000 };
    const { source } = await run({
      ...bounds,
      timers,
      keys: keys(3),
      wanted: symbols(8),
      registrationsMax: 6,
      registrationsPerSecondTotal: 1000 / 7_777,
    });
    await settled(source, [6, 6, 4]);
    expect(timers.waitsMs.filter((waitMs) => waitMs === 7_777).length).toBeGreaterThanOrEqual(15);
  });

  it('share one engine time, which never goes back from batch to batch, at any speed', async () => {
    for (const speed of [0, 20]) {
      const { source, inputs, frames } = await run(
        {
          keys: keys(2),
          wanted: symbols(20).concat(symbols(20).map((one) => ({ ...one, trId: one.trId.replace('ST', 'UN') }))),
          feedClock: new FeedClock(),
        },
        { speed },
      );
      await settled(source, [40, 40]);
      await vi.waitFor(() => expect(frames().length).toBeGreaterThan(2_000), WAIT);
      let lastUs = 0;
      for (const { engineTimeUs } of inputs()) {
        expect(engineTimeUs).toBeGreaterThanOrEqual(lastUs);
        lastUs = engineTimeUs;
      }
      expect(source.clock.nowUs()).toBeGreaterThanOrEqual(lastUs);
      expect(source.status().counts.clockBackwards).toBe(0);
      await source.stop();
    }
  });
});

describe('what is wanted', () => {
  it('changes at run time: what is new is registered, what is gone is not, the rest is left alone', async () => {
    const { source, relay } = await runRelayed({ wanted: symbols(3) });
    await settled(source, [6, 0, 0]);
    source.want([...symbols(2), ...symbols(1, 0, 10)]);
    await vi.waitFor(() => expect(relay.requests.get(appKey(1))).toHaveLength(10), WAIT);
    await settled(source, [6, 0, 0]);
    expect(relay.requests.get(appKey(1))!.slice(6).sort()).toEqual(
      [`+H0STASP0|${CODES[10]}`, `+H0STCNT0|${CODES[10]}`, `-H0STASP0|${CODES[2]}`, `-H0STCNT0|${CODES[2]}`].sort(),
    );
  });

  it('stays by priority where there is room for less', async () => {
    const { source, relay } = await runRelayed({ keys: keys(1), registrationsMax: 4, wanted: symbols(3) });
    await settled(source, [4]);
    source.want([...symbols(3), ...symbols(1, 1, 10)]);
    await vi.waitFor(() => expect(relay.requests.get(appKey(1))).toHaveLength(8), WAIT);
    await settled(source, [4]);
    expect(source.status().leftOut).toEqual(
      symbols(2, 100, 1).map(({ trId, trKey }) => ({ trId, trKey, reason: 'registrations_max' })),
    );
    expect(standing(relay.requests.get(appKey(1))!)).toEqual(
      new Set([...symbols(1), ...symbols(1, 1, 10)].map(({ trId, trKey }) => `${trId}|${trKey}`)),
    );
  });

  it('is asked for again where KIS refused it, once it was given up meanwhile', async () => {
    const { emulator, source, streaming } = await run({ wanted: [] });
    await vi.waitFor(() => expect(source.status().state).toBe('streaming'), WAIT);
    emulator.fault({ type: 'reject', code: 'OPSP8992' });
    source.want(trades(2));
    await streaming(1);
    expect(source.status().leftOut).toEqual([{ trId: 'H0STCNT0', trKey: CODES[0], reason: 'OPSP8992' }]);
    source.want([...trades(2), ...trades(3)]);
    await streaming(2);
    source.want([]);
    await streaming(0);
    source.want(trades(2));
    await streaming(2);
    expect(source.status().leftOut).toEqual([]);
  });
});

describe('a session that is lost', () => {
  it('keeps its registrations through a short loss', async () => {
    const { source, relay } = await runRelayed({
      wanted: symbols(30).slice(0, 50),
      registrationsMax: 20,
      downMsMax: 20_000,
    });
    await settled(source, [20, 20, 10].slice(0, 3));
    const before = relay.requests.get(appKey(2))!.length;
    relay.cut(appKey(1));
    await vi.waitFor(() => expect(source.status().counts.connects).toBe(4), WAIT);
    await settled(source, [20, 20, 10]);
    expect(relay.requests.get(appKey(2))).toHaveLength(before);
    expect(relay.requests.get(appKey(1))).toHaveLength(40);
  });

  it('gives them to others when it stays away, the most important first, and takes what is left when it returns', async () => {
    const wanted = [...symbols(5, 1), ...symbols(10, 100, 5)];
    const { source, relay, inputs } = await runRelayed({ wanted, registrationsMax: 10 });
    await settled(source, [10, 10, 10]);
    relay.keptOut.add(appKey(1));
    relay.cut(appKey(1));
    await vi.waitFor(() => expect(registered(source).slice(1)).toEqual([10, 10]), WAIT);
    await vi.waitFor(() => {
      const others = [2, 3].flatMap((number) => [...standing(relay.requests.get(appKey(number))!)]);
      for (const { trId, trKey } of symbols(5, 1)) expect(others).toContain(`${trId}|${trKey}`);
    }, WAIT);
    // Whenever it gets in, it is given what has no place, and thrown out again.
    const down = Array(10).fill('session_down');
    await vi.waitFor(() => expect(source.status().leftOut.map(({ reason }) => reason)).toEqual(down), WAIT);
    const moved = [2, 3].map((number) => relay.requests.get(appKey(number))!.length);
    relay.keptOut.clear();
    await settled(source, [10, 10, 10]);
    expect(source.status().leftOut).toEqual([]);
    expect([2, 3].map((number) => relay.requests.get(appKey(number))!.length)).toEqual(moved);
    const lost = inputs().filter((one) => one.kind === 'session' && one.event === 'lost');
    expect(new Set(lost.map((one) => one.kind === 'session' && one.session))).toEqual(new Set(['kis-1']));
  });

  it('goes for good when its key is revoked at noon; the others go on, until all have gone', async () => {
    const { source, relay, appKeys, failures, completed, frames, emulator } = await runRelayed({
      wanted: symbols(10),
      registrationsMax: 10,
      downMsMax: 60_000,
    });
    await settled(source, [10, 10, 0]);
    appKeys.delete(appKey(1));
    emulator.fault({ type: 'expire_keys' });
    relay.cut(appKey(1));
    await settled(source, [0, 10, 10]);
    expect(source.status().sessions[0]).toMatchObject({ state: 'failed', failure: 'EGW00103' });
    expect([source.status().state, source.status().failure, failures]).toEqual(['streaming', undefined, []]);
    const before = frames().length;
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(before), WAIT);
    appKeys.clear();
    emulator.fault({ type: 'expire_keys' });
    for (const number of [2, 3]) relay.cut(appKey(number));
    await vi.waitFor(() => expect(completed()).toBe(true), WAIT);
    expect(failures).toEqual(['EGW00103']);
    expect(source.status()).toMatchObject({ state: 'failed', failure: 'EGW00103' });
  });

  it('is refused in the middle of the day by a code, and its registrations move at once', async () => {
    const { source, emulator } = await runRelayed({ wanted: symbols(5), registrationsMax: 10, downMsMax: 60_000 });
    await settled(source, [10, 0, 0]);
    emulator.fault({ type: 'reject', code: 'OPSP9994' });
    source.want([...symbols(4), ...symbols(1, 100, 7)]);
    await settled(source, [0, 10, 0]);
    expect(source.status().sessions[0]).toMatchObject({ state: 'failed', failure: 'OPSP9994' });
  });

  it('takes fewer than KIS should, and the others take the rest', async () => {
    const emulator = await testEmulator({ speed: 5, registrationsMax: 7 });
    const relay = await startRelay(emulator);
    const { source } = startSource(relay, { keys: keys(3), wanted: symbols(9), registrationsPerSecond: 100 });
    await settled(source, [7, 7, 4]);
    expect(source.status().sessions.map(({ registrationsMax }) => registrationsMax)).toEqual([7, 7, 41]);
    expect(source.status().leftOut).toEqual([]);
  });

  it('waits long for a key that another machine has, while the others take over', async () => {
    const emulator = await testEmulator({ speed: 5 });
    const other = startSource(emulator);
    await other.streaming();
    const { source } = startSource(emulator, { keys: keys(2), downMsMax: 100, keyInUseWaitMs: 60_000 });
    await settled(source, [0, 3]);
    expect(source.status().sessions[0]).toMatchObject({ state: 'waiting', lastLoss: 'OPSP8996' });
  });

  it('gets the execution notices back with the first key alone', async () => {
    const notice = { trId: 'H0STCNI0', trKey: HTS_ID, priority: 0 };
    const { source, relay, notices, emulator } = await runRelayed({ wanted: [notice, ...symbols(2)] });
    await settled(source, [5, 0, 0]);
    relay.keptOut.add(appKey(1));
    relay.cut(appKey(1));
    await vi.waitFor(() => expect(registered(source)[1]).toBe(4), WAIT);
    const leftOut = [{ trId: 'H0STCNI0', trKey: '', reason: 'session_down' }];
    await vi.waitFor(() => expect(source.status().leftOut).toEqual(leftOut), WAIT);
    relay.keptOut.clear();
    await settled(source, [1, 4, 0]);
    emulator.fault({ type: 'notice' });
    await vi.waitFor(() => expect(notices).toHaveLength(1), WAIT);
  });
});

describe('a session that registers everything and delivers nothing', () => {
  it('gets a new approval key, while the market is open and another one delivers', async () => {
    let open = false;
    const { source, relay, frames } = await runRelayed({
      wanted: symbols(10),
      registrationsMax: 10,
      muteMs: 400,
      expectsData: () => open,
    });
    await settled(source, [10, 10, 0]);
    relay.silence(appKey(1));
    const before = frames().length;
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(before + 100), WAIT);
    expect(source.status().counts.muted).toBe(0);
    open = true;
    await vi.waitFor(() => expect(source.status().sessions[0]!.counts.connects).toBe(2), WAIT);
    await settled(source, [10, 10, 0]);
    expect(source.status().sessions.map(({ counts, lastLoss }) => [counts.muted, lastLoss])).toEqual([
      [1, 'mute'],
      [0, undefined],
      [0, undefined],
    ]);
    expect([...relay.approvals.values()].filter((key) => key === appKey(1))).toHaveLength(2);
  });

  it('rests after a few of them, and the others take over', async () => {
    const { source, relay } = await runRelayed({
      wanted: symbols(5),
      registrationsMax: 10,
      muteMs: 100,
      muteAloneMs: 200,
      muteReconnectsMax: 2,
      muteRestMs: 60_000,
      downMsMax: 5_000,
      expectsData: () => true,
    });
    await settled(source, [10, 0, 0]);
    const muting = setInterval(() => relay.silence(appKey(1)), 1);
    onTestFinished(() => clearInterval(muting));
    await settled(source, [0, 10, 0]);
    expect(source.status().sessions[0]).toMatchObject({ state: 'waiting', counts: { muted: 3, connects: 3 } });
  });
});

it('has no session without a key, and none after it was stopped', async () => {
  const { source, completed } = await run({ keys: [{ appKey: appKey(1), appSecret: APP_SECRET }] });
  await source.stop();
  source.want(trades(2));
  expect([completed(), source.status().state, source.status().registered]).toEqual([true, 'stopped', 0]);
});
