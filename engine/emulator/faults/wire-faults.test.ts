// Faults as a client meets them on the socket: asked for in code or by REST, acting on what they were asked for.
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { approvalKey, PlainClient, post, testEmulator } from '../test-emulator.ts';
import { parseFrame } from './frame-record.ts';

const WAIT = { timeout: 20_000, interval: 5 };

interface Trade {
  readonly volume: number;
  readonly total: number;
}

function tradesOf(frames: readonly string[], code = '005930'): Trade[] {
  return frames
    .filter((frame) => frame.startsWith('0|H0STCNT0|'))
    .flatMap((frame) => parseFrame(frame)?.records ?? [])
    .filter((fields) => fields[0] === code && fields.length >= 46)
    .map((fields) => ({ volume: Number(fields[12]), total: Number(fields[13]) }));
}

/** Shares that a client misses between its first and its last trade. */
function missingShares(trades: readonly Trade[]): number {
  const received = trades.slice(1).reduce((sum, { volume }) => sum + volume, 0);
  return trades.at(-1)!.total - trades[0].total - received;
}

async function listening(options: Parameters<typeof testEmulator>[0] = {}, ...codes: string[]) {
  const emulator = await testEmulator({ speed: 10, ...options });
  const client = await PlainClient.connect(emulator);
  for (const code of codes.length > 0 ? codes : ['005930']) client.request('H0STCNT0', code);
  await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(2), WAIT);
  const more = async (count = 5) => {
    const before = client.frames().length;
    await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(before + count), WAIT);
  };
  const acted = async (type: string) =>
    vi.waitFor(() => expect(emulator.faults().faults.map((entry) => entry.type)).toContain(type), WAIT);
  return { emulator, client, more, acted };
}

describe('by REST', () => {
  it('are asked for by name, but by no web page, and what they did can be read', async () => {
    const { emulator, more } = await listening();
    const url = `${emulator.restUrl}/emulator/fault`;
    expect(await post(url, { type: 'drop', count: 3, trKey: '005930' })).toEqual({
      status: 200,
      body: { type: 'drop' },
    });
    const wrong = [
      {},
      { type: 'explode' },
      { type: 'drop', count: 0 },
      { type: 'reject' },
      { type: 'drop', code: 'x' },
    ];
    for (const body of wrong) expect((await post(url, body)).status).toBe(400);
    expect((await post(url, { type: 'drop' }, { origin: 'https://example.org' })).status).toBe(400);
    await more();
    const read = (await (await fetch(`${emulator.restUrl}/emulator/faults`)).json()) as { faults: unknown[] };
    expect(read).toEqual({ ...emulator.faults() });
    expect(read.faults).toHaveLength(3);
    expect(read.faults[0]).toMatchObject({ type: 'drop', trId: 'H0STCNT0', trKey: '005930' });
  });

  it('something happens to the market by name, too', async () => {
    const emulator = await testEmulator();
    const url = `${emulator.restUrl}/emulator/event`;
    const event = { type: 'fat_finger', code: '005930', side: 'buy' };
    expect((await post(url, event)).status).toBe(200);
    for (const wrong of [{}, { ...event, side: 'up' }, { ...event, code: '999999' }, { type: 'sidecar' }]) {
      expect((await post(url, wrong)).status).toBe(400);
    }
    expect((await post(url, event, { origin: 'https://example.org' })).status).toBe(400);
  });
});

describe('of sessions', () => {
  it('reset and close end each in its way; a stalled one stays open and silent', async () => {
    const emulator = await testEmulator({ pingIntervalMs: 50 });
    const reset = await PlainClient.connect(emulator);
    emulator.fault({ type: 'reset' });
    await vi.waitFor(() => expect(reset.closeCode).toBe(1006), WAIT);
    const closed = await PlainClient.connect(emulator);
    emulator.fault({ type: 'close' });
    await vi.waitFor(() => expect(closed.closeCode).toBe(1000), WAIT);
    const stalled = await PlainClient.connect(emulator);
    emulator.fault({ type: 'stall' });
    const fresh = await PlainClient.connect(emulator);
    fresh.socket.on('message', (data) => fresh.socket.send(String(data)));
    await vi.waitFor(() => expect(fresh.received.length).toBeGreaterThan(3), WAIT);
    expect([stalled.closeCode, stalled.received.length]).toEqual([undefined, 0]);
  });

  it('no_pingpong takes PINGPONG away and leaves the data', async () => {
    const { emulator, client, more } = await listening({ pingIntervalMs: 1_000 });
    emulator.fault({ type: 'no_pingpong' });
    await more();
    const pings = () => client.received.filter((text) => text.includes('PINGPONG')).length;
    const before = pings();
    await more(80);
    expect([pings(), client.closeCode]).toEqual([before, undefined]);
  });

  it('mute lets an approval key register and delivers nothing, until there is another key', async () => {
    const emulator = await testEmulator({ speed: 10 });
    const key = await approvalKey(emulator);
    const first = await PlainClient.connect(emulator, '/', key);
    first.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(first.frames().length).toBeGreaterThan(2), WAIT);
    emulator.fault({ type: 'mute' });
    first.socket.close();
    await vi.waitFor(() => expect(emulator.status().sessions).toBe(0), WAIT);
    const second = await PlainClient.connect(emulator, '/', key);
    second.request('H0STCNT0', '005930');
    const other = await PlainClient.connect(emulator, '/', await approvalKey(emulator, 'other'));
    other.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(other.frames().length).toBeGreaterThan(10), WAIT);
    expect([second.codes(), second.frames(), second.closeCode]).toEqual([['OPSP0000'], [], undefined]);
  });

  it('storm resets this session and the next ones, each after so many frames, and then no more', async () => {
    const { emulator, client } = await listening();
    emulator.fault({ type: 'storm', count: 2, frames: 3 });
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    for (const ends of [true, true, false]) {
      const next = await PlainClient.connect(emulator);
      next.request('H0STCNT0', '005930');
      const over = () => (ends ? next.closeCode === 1006 : next.frames().length > 10);
      await vi.waitFor(() => expect(over()).toBe(true), WAIT);
      if (ends) expect(next.frames().length).toBeLessThanOrEqual(3);
      next.socket.close();
      await vi.waitFor(() => expect(emulator.status().sessions).toBe(0), WAIT);
    }
  });

  it('expire_keys and revoke_keys refuse approval keys; a revoked app key gets no other', async () => {
    const emulator = await testEmulator();
    const expired = await PlainClient.connect(emulator);
    emulator.fault({ type: 'expire_keys' });
    expired.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(expired.codes()).toEqual(['OPSP0011']), WAIT);
    const key = await approvalKey(emulator);
    emulator.fault({ type: 'revoke_keys' });
    await vi.waitFor(() => expect(expired.closeCode).toBe(1000), WAIT);
    const revoked = await PlainClient.connect(emulator, '/', key);
    revoked.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(revoked.codes()).toEqual(['OPSP0011']), WAIT);
    const request = { grant_type: 'client_credentials', appkey: 'some-app-key', secretkey: 'some-secret' };
    const answer = await post(`${emulator.restUrl}/oauth2/Approval`, request);
    expect(answer).toMatchObject({ status: 403, body: { error_code: 'EGW00103' } });
  });

  it('reject and no_answer take the registrations that they name', async () => {
    const emulator = await testEmulator();
    const client = await PlainClient.connect(emulator);
    emulator.fault({ type: 'reject', code: 'OPSP0007', trKey: '000660' });
    emulator.fault({ type: 'no_answer', trId: 'H0STASP0' });
    client.request('H0STASP0', '005930');
    client.request('H0STCNT0', '005930');
    client.request('H0STCNT0', '000660');
    client.request('H0STCNT0', '000660');
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP0000', 'OPSP0007', 'OPSP0000']), WAIT);
  });
});

describe('of frames', () => {
  it('act on the TR and key that they name, and on nothing else; the account is exact', async () => {
    const { emulator, client, more } = await listening({}, '005930', '000660');
    for (const type of ['drop', 'truncate', 'split', 'miscount', 'unknown_tr'] as const) {
      emulator.fault({ type, trId: 'H0STCNT0', trKey: '005930', count: 2 });
    }
    await vi.waitFor(() => expect(emulator.faults().faults).toHaveLength(10), WAIT);
    await more(20);
    const lost = emulator.faults().faults.reduce((sum, { sharesLost }) => sum + sharesLost, 0);
    const whole = client.frames().filter((frame) => /^0\|H0STCNT0\|0\d\d\|/.test(frame));
    expect(missingShares(tradesOf(whole))).toBe(lost);
    expect(missingShares(tradesOf(whole, '000660'))).toBe(0);
  });

  it('act again and again on a schedule, each of its types', async () => {
    const faultSchedule = { seed: 3, faultsPerMinute: 60, types: ['drop', 'reorder', 'duplicate', 'split'] } as const;
    const { emulator, client } = await listening({ speed: 0, faultSchedule });
    await vi.waitFor(() => expect(emulator.faults().faults.length).toBeGreaterThan(30), WAIT);
    client.socket.pause();
    const { faults } = emulator.faults();
    expect(new Set(faults.map(({ type }) => type)).size).toBe(4);
  });
});

describe('of transport', () => {
  it('fragment sends one message in three parts, and nothing is lost', async () => {
    const { emulator, client, more, acted } = await listening();
    const { _socket: tcp } = client.socket as unknown as { _socket: Socket };
    const opcodes = new Set<number>();
    tcp.on('data', (chunk: Buffer) => opcodes.add(chunk[0]));
    emulator.fault({ type: 'fragment', count: 3 });
    await acted('fragment');
    await more(10);
    expect(opcodes).toContain(0x01); // Text, and not the last part.
    expect(missingShares(tradesOf(client.frames()))).toBe(0);
  });

  it('cut ends the connection in the middle of a frame, which never arrives', async () => {
    const { emulator, client } = await listening();
    emulator.fault({ type: 'cut' });
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    const [{ type, sharesLost }] = emulator.faults().faults;
    expect(type).toBe('cut');
    expect(sharesLost).toBeGreaterThan(0);
    expect(client.frames().every((frame) => parseFrame(frame) !== undefined)).toBe(true);
  });

  it.each([
    ['delay', { ms: 300 }],
    ['slow', { ms: 20, frames: 10 }],
  ] as const)('%s holds messages back, in order and without loss, answers as well', async (type, options) => {
    const { emulator, client, more, acted } = await listening();
    emulator.fault({ type, ...options });
    await acted(type);
    client.request('H0STCNT0', '005930');
    await more(30);
    expect(missingShares(tradesOf(client.frames()))).toBe(0);
    const totals = tradesOf(client.frames()).map(({ total }) => total);
    expect(totals).toEqual([...totals].sort((one, other) => one - other));
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP0000', 'OPSP0002']), WAIT);
  });
});
