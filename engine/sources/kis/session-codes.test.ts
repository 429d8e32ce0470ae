// What a session does about each code of KIS, and about approval keys that are not, or no longer, good.
import { describe, expect, it, vi } from 'vitest';
import { WIRE_CODES } from '../../emulator/wire.ts';
import { codeKind } from './codes.ts';
import { APP_SECRET, appKey, CODES, run, startSource, WAIT } from './test-source.ts';

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
    const { emulator } = await run({ wanted: [] });
    emulator.fault({ type: 'reject', code: 'OPSP0011', count: 1_000 });
    const { source, failures, completed } = startSource(emulator);
    await vi.waitFor(() => expect(completed()).toBe(true), WAIT);
    expect(failures).toEqual(['OPSP0011']);
    expect(source.status()).toMatchObject({ state: 'failed', failure: 'OPSP0011', counts: { connects: 5 } });
  });

  it('are not to be had with a wrong secret, which ends the client', async () => {
    const { source, failures } = await run({}, { appKeys: new Map([[appKey(1), 'another']]) });
    await vi.waitFor(() => expect(failures).toEqual(['EGW00105']), WAIT);
    expect(source.status()).toMatchObject({ state: 'failed', counts: { connects: 0, approvalFailures: 1 } });
  });
});

describe('each code of KIS', () => {
  it.each(WIRE_CODES.map((code) => [code, codeKind(code, '9')] as const))('%s is handled as %s', async (code, kind) => {
    const { emulator } = await run({ wanted: [] });
    emulator.fault({ type: 'reject', code });
    const { source, streaming, events, failures } = startSource(emulator, {
      registrationTimeoutMs: 300,
      keys: [{ appKey: 'another-app-key', appSecret: APP_SECRET }],
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
