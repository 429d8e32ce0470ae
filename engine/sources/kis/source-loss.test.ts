// What becomes of registrations when one session of several is lost, refused, full, or delivers nothing.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testEmulator } from '../../emulator/test-emulator.ts';
import { startRelay } from './test-relay.ts';
import { appKey, HTS_ID, keys, registered, runRelayed, settled, startSource, symbols, WAIT } from './test-source.ts';

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
      const others = [2, 3].flatMap((number) => [...relay.standing(appKey(number))]);
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
    const { source } = startSource(emulator, { keys: keys(2), downMsMax: 20_000, keyInUseWaitMs: 60_000 });
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
      downMsMax: 20_000,
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
      downMsMax: 20_000,
      expectsData: () => true,
    });
    await settled(source, [10, 0, 0]);
    const muting = setInterval(() => relay.silence(appKey(1)), 1);
    onTestFinished(() => clearInterval(muting));
    await settled(source, [0, 10, 0]);
    expect(source.status().sessions[0]).toMatchObject({ state: 'waiting', counts: { muted: 3, connects: 3 } });
  });
});
