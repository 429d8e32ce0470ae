import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { FeedClock } from '../../clock.ts';
import type { EmulatorOptions } from '../../emulator/emulator-options.ts';
import { START_TIME_US, testEmulator } from '../../emulator/test-emulator.ts';
import { WIRE_CODES } from '../../emulator/wire.ts';
import type { FrameInput, InputBatch, SessionInput } from '../../input.ts';
import { codeKind } from './codes.ts';
import { KisSource } from './source.ts';
import type { KisNotice, KisRegistration, KisSourceOptions } from './source-options.ts';
import { HastyTimers } from './test-timers.ts';
import { PAPER_TR_IDS } from './tr-ids.ts';

const WAIT = { timeout: 20_000, interval: 5 };
const CODES = INSTRUMENTS.map(({ code }) => code);
const APP_KEY = 'PSAPPKEYPSAPPKEYPSAPPKEYPSAPPKEY0001';
const APP_SECRET = `${'s3cr3t'.repeat(30)}`;
const HTS_ID = 'hts-id-of-a-trader';

function trades(count: number): KisRegistration[] {
  return CODES.slice(0, count).map((trKey) => ({ trId: 'H0STCNT0', trKey }));
}

/** A client with short waits against an emulator, and all that it gave out. */
async function run(options: Partial<KisSourceOptions> = {}, emulatorOptions: Partial<EmulatorOptions> = {}) {
  const emulator = await testEmulator({ speed: 5, htsId: HTS_ID, ...emulatorOptions });
  const client = startSource({ restUrl: emulator.restUrl, webSocketUrl: emulator.webSocketUrl, ...options });
  return { emulator, ...client };
}

function startSource(options: Partial<KisSourceOptions> & Pick<KisSourceOptions, 'restUrl' | 'webSocketUrl'>) {
  const batches: InputBatch[] = [];
  const notices: KisNotice[] = [];
  const logLines: string[] = [];
  const failures: string[] = [];
  const source = new KisSource({
    session: 'test',
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    registrations: trades(3),
    registrationsPerSecond: 1_000,
    registrationTimeoutMs: 2_000,
    backoffFirstMs: 5,
    backoffMaxMs: 20,
    keyInUseWaitMs: 10,
    logger: pino({ level: 'trace' }, { write: (line: string) => void logLines.push(line) }),
    onNotice: (notice) => notices.push(notice),
    onFailed: (code) => failures.push(code),
    ...options,
  });
  let completed = false;
  source.batches.subscribe({
    next: (batch) => batches.push(batch),
    complete: () => {
      completed = true;
    },
  });
  source.start();
  onTestFinished(() => source.stop());
  const inputs = () => batches.flatMap((batch) => [...batch.inputs]);
  return {
    source,
    batches,
    notices,
    logLines,
    failures,
    completed: () => completed,
    inputs,
    frames: () => inputs().filter((input): input is FrameInput => input.kind === 'frame'),
    events: () =>
      inputs()
        .filter((input): input is SessionInput => input.kind === 'session')
        .map(({ event, trId, trKey, code }) => [event, trId, trKey, code].filter(Boolean).join(' ')),
    streaming: (registered = 3) =>
      vi.waitFor(() => expect(source.status()).toMatchObject({ state: 'streaming', registered }), WAIT),
  };
}

function frameText(frame: FrameInput): string {
  return Buffer.from(frame.bytes).toString('utf8');
}

describe('a session', () => {
  it('registers everything, confirms it as inputs, and delivers frames in order of arrival', async () => {
    const { source, frames, events, inputs, batches, streaming, completed } = await run();
    await streaming();
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(10), WAIT);
    expect(events()).toEqual(['connected', ...CODES.slice(0, 3).map((code) => `registered H0STCNT0 ${code} OPSP0000`)]);
    expect(frameText(frames()[0]!)).toMatch(/^0\|H0STCNT0\|\d{3}\|/);
    for (const code of CODES.slice(0, 3)) {
      const registered = inputs().findIndex((input) => input.kind === 'session' && input.trKey === code);
      const first = inputs().findIndex((input) => input.kind === 'frame' && frameText(input).includes(`|${code}^`));
      if (first >= 0) expect(registered).toBeLessThan(first);
    }
    for (const batch of batches) expect(batch.inputs.length).toBeGreaterThan(0);
    await source.stop();
    expect(events().at(-1)).toBe('lost stopped');
    expect(source.status().state).toBe('stopped');
    expect(completed()).toBe(true);
  });

  it('leaves out what exceeds its limit, what is not allowed and what is given twice, and says so', async () => {
    const registrations = [
      ...trades(2),
      { trId: 'H0STCNT0', trKey: CODES[0]! },
      { trId: 'H0UPCNT0', trKey: '0001' },
      ...trades(5).slice(2),
    ];
    const { source, streaming } = await run(
      { registrations, registrationsMax: 4, trIdsAllowed: PAPER_TR_IDS },
      { environment: 'paper' },
    );
    await streaming(4);
    expect(source.status().leftOut).toEqual([
      { trId: 'H0STCNT0', trKey: CODES[0], reason: 'duplicate' },
      { trId: 'H0UPCNT0', trKey: '0001', reason: 'tr_not_allowed' },
      { trId: 'H0STCNT0', trKey: CODES[4], reason: 'registrations_max' },
    ]);
  });

  it('never asks for more than 41 by itself', async () => {
    const { emulator, source, streaming, events } = await run({ registrations: trades(45) });
    await streaming(41);
    expect(source.status().leftOut).toHaveLength(4);
    expect(emulator.status().registrations).toBe(41);
    expect(events().join()).not.toContain('OPSP0008');
  });

  it('stops adding where KIS takes fewer, and asks for no more the next time', async () => {
    const { emulator, source, streaming, events } = await run(
      { registrations: trades(8), registrationsPerSecond: 20 },
      { registrationsMax: 5 },
    );
    await streaming(5);
    const refused = () => events().filter((event) => event.includes('OPSP0008'));
    expect(refused()).toHaveLength(3);
    emulator.fault({ type: 'reset' });
    await vi.waitFor(() => expect(source.status().counts.connects).toBe(2), WAIT);
    await streaming(5);
    expect(refused()).toHaveLength(3);
    expect(source.status().leftOut.map(({ reason }) => reason)).toEqual(Array(3).fill('registrations_max'));
  });

  it('takes an execution notice apart from the market: into its own callback, encrypted, with its AES pair', async () => {
    const registrations = [...trades(1), { trId: 'H0STCNI0', trKey: HTS_ID }];
    const { emulator, notices, inputs, events, streaming } = await run({ registrations });
    await streaming(2);
    expect(events()).toContain('registered H0STCNI0 OPSP0000');
    emulator.fault({ type: 'notice' });
    await vi.waitFor(() => expect(notices).toHaveLength(1), WAIT);
    const { trId, frame, aes } = notices[0]!;
    const [flag, , , payload] = Buffer.from(frame).toString('latin1').split('|');
    expect([trId, flag]).toEqual(['H0STCNI0', '1']);
    const decipher = createDecipheriv('aes-256-cbc', aes!.key, aes!.iv);
    const text = decipher.update(payload!, 'base64', 'utf8') + decipher.final('utf8');
    expect(text.startsWith(`${HTS_ID}^`)).toBe(true);
    const market = inputs().map((input) => (input.kind === 'frame' ? frameText(input) : JSON.stringify(input)));
    for (const secret of [HTS_ID, aes!.key, aes!.iv, 'H0STCNI0|']) expect(market.join('\n')).not.toContain(secret);
  });

  it('passes broken frames on to the decoder and lives through them', async () => {
    const { emulator, frames, source, streaming } = await run();
    await streaming();
    for (const type of ['truncate', 'unknown_tr', 'empty_fields', 'oversize', 'miscount'] as const) {
      emulator.fault({ type });
    }
    await vi.waitFor(() => expect(frames().some((frame) => frame.bytes.length > 512 * 1024)).toBe(true), WAIT);
    await vi.waitFor(() => expect(frames().some((frame) => frameText(frame).includes('X0STZZZ0'))).toBe(true), WAIT);
    expect(source.status().counts.losses).toBe(0);
  });

  it('sends a registration again that was not answered', async () => {
    const { emulator } = await run({ registrations: [] });
    emulator.fault({ type: 'no_answer', count: 2 });
    const { streaming, events } = startSource({
      restUrl: emulator.restUrl,
      webSocketUrl: emulator.webSocketUrl,
      registrationTimeoutMs: 300,
    });
    await streaming();
    expect(events().filter((event) => event.startsWith('registered'))).toHaveLength(3);
  });
});

describe('keeping alive', () => {
  it('echoes PINGPONG', async () => {
    const { source, emulator } = await run({}, { pingIntervalMs: 500 });
    await vi.waitFor(() => expect(source.status().counts.pings).toBeGreaterThan(2), WAIT);
    expect(source.status().counts.losses).toBe(0);
    expect(emulator.status().sessionsDropped).toBe(0);
  });

  it('is dropped when its echo is lost, comes back and registers again', async () => {
    const { emulator } = await run({ registrations: [] }, { pingIntervalMs: 300 });
    const relay = await deafRelay(emulator.port);
    const { source, streaming, events } = startSource({
      restUrl: emulator.restUrl,
      webSocketUrl: `ws://127.0.0.1:${relay.port}`,
      appKey: 'another-app-key',
    });
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
    const { source } = startSource({
      // A port that was free a moment ago: nobody answers.
      restUrl: `http://127.0.0.1:${await closedPort()}`,
      webSocketUrl: 'ws://127.0.0.1:1',
      timers,
      random: () => 1 - 1e-9,
      backoffFirstMs: 1_000,
      backoffMaxMs: 30_000,
    });
    await vi.waitFor(() => expect(source.status().counts.approvalFailures).toBeGreaterThan(6), WAIT);
    const waits = timers.waitsMs.filter((waitMs) => waitMs !== 10_000);
    expect(waits.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await source.stop();
  });

  it('waits 30 to 60 s when another session holds the app key, and takes over when that ends', async () => {
    const { emulator, source: first, streaming } = await run();
    await streaming();
    const timers = new HastyTimers(25_000);
    const second = startSource({
      restUrl: emulator.restUrl,
      webSocketUrl: emulator.webSocketUrl,
      timers,
      keyInUseWaitMs: 30_000,
      watchdogMs: 60_000,
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

describe('approval keys', () => {
  it('that have expired are replaced', async () => {
    const { emulator, source, streaming, events } = await run();
    await streaming();
    emulator.fault({ type: 'expire_keys' });
    emulator.fault({ type: 'close' });
    await vi.waitFor(() => expect(events()).toContain('lost OPSP0011'), WAIT);
    await vi.waitFor(() => expect(source.status().counts.connects).toBe(3), WAIT);
    await streaming();
  });

  it('that are refused again and again end the client, instead of hammering', async () => {
    const { emulator } = await run({ registrations: [] });
    emulator.fault({ type: 'reject', code: 'OPSP0011', count: 1_000 });
    const { source, failures, completed } = startSource({
      restUrl: emulator.restUrl,
      webSocketUrl: emulator.webSocketUrl,
    });
    await vi.waitFor(() => expect(completed()).toBe(true), WAIT);
    expect(failures).toEqual(['OPSP0011']);
    expect(source.status()).toMatchObject({ state: 'failed', failure: 'OPSP0011', counts: { connects: 5 } });
  });

  it('are not to be had with a wrong secret, which ends the client', async () => {
    const { source, failures } = await run({}, { appKeys: new Map([[APP_KEY, 'another']]) });
    await vi.waitFor(() => expect(failures).toEqual(['EGW00105']), WAIT);
    expect(source.status()).toMatchObject({ state: 'failed', counts: { connects: 0, approvalFailures: 1 } });
  });
});

describe('each code of KIS', () => {
  it.each(WIRE_CODES.map((code) => [code, codeKind(code, '9')] as const))('%s is handled as %s', async (code, kind) => {
    const { emulator } = await run({ registrations: [] });
    emulator.fault({ type: 'reject', code });
    const { source, streaming, events, failures } = startSource({
      restUrl: emulator.restUrl,
      webSocketUrl: emulator.webSocketUrl,
      registrationTimeoutMs: 300,
      appKey: 'another-app-key',
    });
    const first = `H0STCNT0 ${CODES[0]}`;
    switch (kind) {
      case 'active':
        await streaming();
        expect(events()).toContain(`registered ${first} ${code}`);
        break;
      case 'ended':
        await streaming(2);
        expect(events()).toContain(`unregistered ${first} ${code}`);
        break;
      case 'ignore':
      case 'retry':
        await streaming();
        expect(events()).toContain(`registered ${first} OPSP0000`);
        break;
      case 'stop_adding':
      case 'leave_out':
        await vi.waitFor(() => expect(source.status().state).toBe('streaming'), WAIT);
        expect(events()).toContain(`rejected ${first} ${code}`);
        expect(source.status().leftOut).toContainEqual({ trId: 'H0STCNT0', trKey: CODES[0], reason: code });
        if (kind === 'leave_out') await streaming(2);
        break;
      case 'new_approval_key':
      case 'wait':
        await vi.waitFor(() => expect(events()).toContain(`lost ${code}`), WAIT);
        await streaming();
        break;
      case 'fatal':
        await vi.waitFor(() => expect(failures).toEqual([code]), WAIT);
        await vi.waitFor(() => expect(events()).toContain(`lost ${code}`), WAIT);
        expect(source.status().state).toBe('failed');
        break;
    }
    if (kind !== 'fatal') expect(failures).toEqual([]);
  });
});

describe('engine time', () => {
  it('is the feed’s at speed 0, monotone, and known before the first input', async () => {
    const feedClock = new FeedClock();
    const { inputs, frames, streaming } = await run({ feedClock }, { speed: 0 });
    await streaming();
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(500), WAIT);
    let lastUs = START_TIME_US;
    for (const { engineTimeUs } of inputs()) {
      expect(engineTimeUs).toBeGreaterThanOrEqual(lastUs);
      lastUs = engineTimeUs;
    }
    expect(lastUs).toBeGreaterThan(START_TIME_US + 5_000_000);
  });

  it('stands still while an announcement goes back, and counts it', async () => {
    const feedClock = new FeedClock();
    const { emulator, inputs, source, streaming, frames } = await run({ feedClock });
    await streaming();
    emulator.fault({ type: 'clock_back' });
    await vi.waitFor(() => expect(source.status().counts.clockBackwards).toBe(1), WAIT);
    const framesBefore = frames().length;
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(framesBefore + 10), WAIT);
    let lastUs = 0;
    for (const { engineTimeUs } of inputs()) {
      expect(engineTimeUs).toBeGreaterThanOrEqual(lastUs);
      lastUs = engineTimeUs;
    }
  });

  it('is the host’s where the feed is not emulated, whatever a server announces', async () => {
    const { frames, streaming } = await run({ clock: { nowUs: () => 42 } });
    await streaming();
    await vi.waitFor(() => expect(frames().length).toBeGreaterThan(3), WAIT);
    expect(new Set(frames().map(({ engineTimeUs }) => engineTimeUs))).toEqual(new Set([42]));
  });
});

describe('stopping', () => {
  it('ends a client that waits, and one that connects', async () => {
    const waiting = startSource({
      restUrl: `http://127.0.0.1:${await closedPort()}`,
      webSocketUrl: 'ws://127.0.0.1:1',
      backoffFirstMs: 60_000,
      backoffMaxMs: 60_000,
    });
    await vi.waitFor(() => expect(waiting.source.status().state).toBe('waiting'), WAIT);
    await waiting.source.stop();
    expect(waiting.completed()).toBe(true);
    const connecting = await run();
    await vi.waitFor(() => expect(connecting.source.status().state).not.toBe('approving'), WAIT);
    await connecting.source.stop();
    expect(connecting.completed()).toBe(true);
    expect(() => connecting.source.start()).toThrow('starts once');
  });
});

describe('secrets', () => {
  it('are in no log line, no status and no input, whatever goes wrong', async () => {
    const approvalKeys: string[] = [];
    const plainFetch = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
      const response = await plainFetch(...request);
      const text = await response.text();
      approvalKeys.push(...(/"approval_key":"([^"]+)"/.exec(text)?.slice(1) ?? []));
      return new Response(text, { status: response.status });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const registrations = [
      ...trades(2),
      { trId: 'H0STCNI0', trKey: HTS_ID },
      { trId: 'H0STCNI0', trKey: 'wrong-hts-id' },
    ];
    const { emulator, source, logLines, inputs, notices, streaming } = await run({ registrations, watchdogMs: 800 });
    await streaming(3);
    emulator.fault({ type: 'notice' });
    await vi.waitFor(() => expect(notices.length).toBeGreaterThan(0), WAIT);
    let connects = source.status().counts.connects;
    for (const type of ['stall', 'expire_keys', 'reset'] as const) {
      emulator.fault({ type });
      if (type === 'expire_keys') continue;
      await vi.waitFor(() => expect(source.status().counts.connects).toBeGreaterThan(connects), WAIT);
      await streaming(3);
      connects = source.status().counts.connects;
    }
    for (const code of ['OPSP8993', 'OPSP8996', 'OPSP9999'] as const) {
      emulator.fault({ type: 'reject', code });
      emulator.fault({ type: 'close' });
      await vi.waitFor(() => expect(logLines.join()).toContain(code), WAIT);
      const next = code === 'OPSP9999' ? 'failed' : 'streaming';
      await vi.waitFor(() => expect(source.status().state).toBe(next), WAIT);
    }
    const refused = await run({}, { appKeys: new Map() });
    await vi.waitFor(() => expect(refused.failures).toEqual(['EGW00103']), WAIT);

    const told = [
      ...logLines,
      ...refused.logLines,
      JSON.stringify([source.status(), refused.source.status()]),
      ...inputs().map((input) => (input.kind === 'frame' ? frameText(input) : JSON.stringify(input))),
    ].join('\n');
    expect(logLines.length).toBeGreaterThan(10);
    expect(approvalKeys.length).toBeGreaterThan(1);
    const { key, iv } = notices[0]!.aes!;
    for (const secret of [APP_KEY, APP_SECRET, HTS_ID, 'wrong-hts-id', key, iv, ...approvalKeys, '0000000001^']) {
      expect(told.includes(secret), secret).toBe(false);
    }
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

async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
