// Several sessions: how registrations are spread over them, and changed at run time.
import { describe, expect, it, vi } from 'vitest';
import { FeedClock } from '../../clock.ts';
import {
  APP_SECRET,
  allowedKeys,
  appKey,
  CODES,
  keys,
  run,
  runRelayed,
  settled,
  symbols,
  trades,
  WAIT,
} from './test-source.ts';
import { HastyTimers } from './test-timers.ts';

describe('several sessions', () => {
  it('take a hundred registrations, each once, each session 41 at most, and deliver them all', async () => {
    const wanted = [...symbols(20), ...CODES.map((trKey) => ({ trId: 'H0UNCNT0', trKey, priority: 100 })).slice(0, 20)];
    const { emulator, source, batches, events, frames } = await run(
      {
        keys: keys(3),
        wanted: [...wanted, ...symbols(20).map((one) => ({ ...one, trId: one.trId.replace('ST', 'NX') }))],
      },
      { appKeys: allowedKeys() },
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
    expect(relay.standing(appKey(1))).toEqual(
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

it('has no session without a key, and none after it was stopped', async () => {
  const { source, completed } = await run({ keys: [{ appKey: appKey(1), appSecret: APP_SECRET }] });
  await source.stop();
  source.want(trades(2));
  expect([completed(), source.status().state, source.status().registered]).toEqual([true, 'stopped', 0]);
});
