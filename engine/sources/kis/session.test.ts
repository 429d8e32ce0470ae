// The session of one app key, against the emulator.
import { createDecipheriv } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { FeedClock } from '../../clock.ts';
import { START_TIME_US } from '../../emulator/test-emulator.ts';
import { CODES, frameText, HTS_ID, nobody, run, startSource, trades, WAIT } from './test-source.ts';
import { PAPER_TR_IDS } from './tr-ids.ts';

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

  it('leaves out what exceeds its limit, and what is not allowed, and says so; takes once what is given twice', async () => {
    const wanted = [
      ...trades(2),
      { trId: 'H0STCNT0', trKey: CODES[0]!, priority: 100 },
      { trId: 'H0UPCNT0', trKey: '0001', priority: 100 },
      ...trades(5).slice(2),
    ];
    const { source, streaming } = await run(
      { wanted, registrationsMax: 4, trIdsAllowed: PAPER_TR_IDS },
      { environment: 'paper' },
    );
    await streaming(4);
    expect(source.status().leftOut).toEqual([
      { trId: 'H0UPCNT0', trKey: '0001', reason: 'tr_not_allowed' },
      { trId: 'H0STCNT0', trKey: CODES[4], reason: 'registrations_max' },
    ]);
  });

  it('never asks for more than 41 by itself', async () => {
    const { emulator, source, streaming, events } = await run({ wanted: trades(45) });
    await streaming(41);
    expect(source.status().leftOut).toHaveLength(4);
    expect(emulator.status().registrations).toBe(41);
    expect(events().join()).not.toContain('OPSP0008');
  });

  it('stops adding where KIS takes fewer, and asks for no more the next time', async () => {
    const { emulator, source, streaming, events } = await run(
      { wanted: trades(8), registrationsPerSecond: 20 },
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
    const wanted = [...trades(1), { trId: 'H0STCNI0', trKey: HTS_ID, priority: 100 }];
    const { emulator, notices, inputs, events, streaming } = await run({ wanted });
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
    const { emulator } = await run({ wanted: [] });
    emulator.fault({ type: 'no_answer', count: 2 });
    const { streaming, events } = startSource(emulator, {
      registrationTimeoutMs: 300,
    });
    await streaming();
    expect(events().filter((event) => event.startsWith('registered'))).toHaveLength(3);
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
    const waiting = startSource(await nobody(), {
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
