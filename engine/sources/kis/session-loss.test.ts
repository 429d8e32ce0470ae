// How a session is kept alive, and how it comes back.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { APP_SECRET, nobody, run, startSource, WAIT } from './test-source.ts';
import { HastyTimers } from './test-timers.ts';

describe('keeping alive', () => {
  it('echoes PINGPONG', async () => {
    const { source, emulator } = await run({}, { pingIntervalMs: 500 });
    await vi.waitFor(() => expect(source.status().counts.pings).toBeGreaterThan(2), WAIT);
    expect(source.status().counts.losses).toBe(0);
    expect(emulator.status().sessionsDropped).toBe(0);
  });

  it('is dropped when its echo is lost, comes back and registers again', async () => {
    const { emulator } = await run({ wanted: [] }, { pingIntervalMs: 300 });
    const relay = await deafRelay(emulator.port);
    const { source, streaming, events } = startSource(
      { restUrl: emulator.restUrl, webSocketUrl: `ws://127.0.0.1:${relay.port}` },
      {
        keys: [{ appKey: 'another-app-key', appSecret: APP_SECRET }],
      },
    );
    await streaming();
    relay.deafen();
    await vi.waitFor(() => expect(source.status().counts.connects).toBeGreaterThan(1), WAIT);
    await streaming();
    expect(emulator.status().sessionsDropped).toBeGreaterThan(0);
    expect(events().filter((event) => event.startsWith('registered')).length).toBeGreaterThanOrEqual(6);
    expect(events()).toContain('lost closed_1006');
  });

  it('ends a session that has fallen silent with its socket open, and comes back', async () => {
    const { emulator, source, streaming, frames } = await run({ watchdogMs: 800 });
    await streaming();
    emulator.fault({ type: 'stall' });
    await vi.waitFor(() => expect(source.status().counts.watchdogTrips).toBe(1), WAIT);
    expect(source.status().lastLoss).toBe('watchdog');
    // The emulator holds the app key until the old socket's end has reached it.
    await streaming();
    const framesBefore = frames().length;
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(framesBefore), WAIT);
  });

  it.each([
    ['reset', /^(ECONNRESET|closed_1006)$/],
    ['close', /^closed_1000$/],
  ] as const)('comes back after a %s and registers everything anew', async (type, reason) => {
    const { emulator, source, streaming, events } = await run();
    await streaming();
    emulator.fault({ type });
    await vi.waitFor(() => expect(source.status().counts.connects).toBe(2), WAIT);
    await streaming();
    expect(source.status().lastLoss).toMatch(reason);
    expect(events().map((event) => event.split(' ')[0])).toEqual([
      'connected',
      ...Array(3).fill('registered'),
      'lost',
      'connected',
      ...Array(3).fill('registered'),
    ]);
  });

  it('waits 1 to 30 s, longer each time, until data flow again', async () => {
    const timers = new HastyTimers(500);
    const { source } = startSource(await nobody(), {
      timers,
      random: () => 1 - 1e-9,
      backoffFirstMs: 1_000,
      backoffMaxMs: 30_000,
      downMsMax: 30_001,
    });
    await vi.waitFor(() => expect(source.status().counts.approvalFailures).toBeGreaterThan(6), WAIT);
    // The others: the request's own bound, how long a session may be away, and the looks for mute ones.
    const waits = timers.waitsMs.filter((waitMs) => ![10_000, 15_000, 30_001].includes(waitMs));
    expect(waits.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await source.stop();
  });

  it('waits 30 to 60 s when another session holds the app key, and takes over when that ends', async () => {
    const { emulator, source: first, streaming } = await run();
    await streaming();
    const timers = new HastyTimers(25_000);
    const second = startSource(emulator, {
      timers,
      keyInUseWaitMs: 30_000,
      watchdogMs: 60_000,
      downMsMax: 20_000,
      muteMs: 60_000,
    });
    await vi.waitFor(() => expect(timers.waitsMs.length).toBeGreaterThan(1), WAIT);
    expect(second.source.status().lastLoss).toBe('OPSP8996');
    for (const waitMs of timers.waitsMs) {
      expect(waitMs).toBeGreaterThanOrEqual(30_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
    }
    await first.stop();
    await second.streaming();
  });
});

/** Passes bytes both ways until it is deafened: then what its present clients say is lost. */
async function deafRelay(targetPort: number) {
  let deaf = new WeakSet<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    const target = connect(targetPort, '127.0.0.1');
    client.on('data', (bytes) => deaf.has(client) || target.write(bytes));
    target.on('data', (bytes) => client.write(bytes));
    for (const [end, other] of [
      [client, target],
      [target, client],
    ] as const) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    deafen: () => {
      deaf = new WeakSet(clients);
    },
  };
}
