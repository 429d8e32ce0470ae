// What a KIS emulator has to do to be taken for KIS, item by item. Where an item is tested at length beside its part, the
// test here is the short proof over the wire.
import { describe, expect, it, vi } from 'vitest';
import { INSTRUMENTS } from '../../config/instruments.ts';
import type { EmulatorOptions } from './emulator-options.ts';
import { frameText, parseFrame } from './faults/frame-record.ts';
import { approvalKey, newMarket, PlainClient, post, START_TIME_US, testEmulator } from './test-emulator.ts';

const WAIT = { timeout: 20_000, interval: 5 };
const GRANT = { grant_type: 'client_credentials', appkey: 'k'.repeat(36), appsecret: 's'.repeat(180) };
const FEW = INSTRUMENTS.slice(0, 8);

function fields(frames: readonly string[], trId: string): readonly string[][] {
  const records = frames.filter((frame) => frame.startsWith(`0|${trId}|`)).map((frame) => parseFrame(frame)!.records);
  return records.flat() as string[][];
}

async function listening(registrations: readonly [string, string][], options: Partial<EmulatorOptions> = {}) {
  const feed = { kind: 'market', market: newMarket(7, { instruments: FEW }) } as const;
  const emulator = await testEmulator({ feed, speed: 10, ...options });
  const client = await PlainClient.connect(emulator);
  for (const [trId, trKey] of registrations) client.request(trId, trKey);
  const frames = (count: number) => vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(count), WAIT);
  return { emulator, client, frames };
}

describe('1. plain WebSocket on any path, REST approval and token', () => {
  it.each(['', '/', '/tryitout', '/tryitout/H0STCNT0', '//', '/?x=1'])('the path "%s" is taken', async (path) => {
    const client = await PlainClient.connect(await testEmulator(), path);
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP0000']), WAIT);
  });

  it('a token is given again within 6 h, but not within 60 s (EGW00133)', async () => {
    const clock = { timeUs: START_TIME_US, nowUs: () => clock.timeUs };
    const emulator = await testEmulator({ clock });
    const ask = () => post(`${emulator.restUrl}/oauth2/tokenP`, GRANT);
    const first = (await ask()).body;
    expect(await ask()).toMatchObject({ status: 403, body: { error_code: 'EGW00133' } });
    clock.timeUs += 3_600_000_000;
    expect((await ask()).body.access_token).toBe(first.access_token);
    clock.timeUs += 6 * 3_600_000_000;
    expect((await ask()).body.access_token).not.toBe(first.access_token);
  });
});

describe('2. answers to registrations', () => {
  it('one pair of iv and key for a session, OPSP0002, OPSP0008 at the 42nd, OPSP8991', async () => {
    const emulator = await testEmulator();
    const client = await PlainClient.connect(emulator);
    const codes = INSTRUMENTS.slice(0, 42).map(({ code }) => code);
    for (const code of codes) client.request('H0STCNT0', code);
    client.request('H0STCNT0', codes[0]);
    client.request('H0STXXX0', codes[0]);
    await vi.waitFor(() => expect(client.codes()).toHaveLength(44), WAIT);
    expect(client.codes().slice(40)).toEqual(['OPSP0000', 'OPSP0008', 'OPSP0002', 'OPSP8991']);
    const pairs = client.received
      .filter((text) => text.includes('OPSP0000'))
      .map((text) => JSON.parse(text).body.output);
    expect(new Set(pairs.map(({ iv, key }) => iv + key)).size).toBe(1);
  });

  it('OPSP0011 with rt_cd 9 and "(null)" for a bad key; OPSP8996 and the end for a second session of a key', async () => {
    const emulator = await testEmulator();
    const key = await approvalKey(emulator);
    const bad = await PlainClient.connect(emulator, '/', 'no-such-key');
    bad.request('H0STCNT0', '005930');
    await vi.waitFor(
      () => expect(bad.answers()).toMatchObject([{ code: 'OPSP0011', result: '9', trId: '(null)' }]),
      WAIT,
    );
    const first = await PlainClient.connect(emulator, '/', key);
    first.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(first.codes()).toEqual(['OPSP0000']), WAIT);
    const second = await PlainClient.connect(emulator, '/', key);
    second.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect([second.codes()[0], second.closeCode]).toEqual(['OPSP8996', 1000]), WAIT);
  });

  it('paper refuses UN, NX, MKO, ANC, UP and HDFS', async () => {
    const client = await PlainClient.connect(await testEmulator({ environment: 'paper' }));
    const refused = ['H0UNCNT0', 'H0NXCNT0', 'H0STMKO0', 'H0STANC0', 'H0UPCNT0', 'HDFSCNT0', 'H0IFCNT0'];
    for (const trId of [...refused, 'H0STASP0']) client.request(trId, '005930');
    await vi.waitFor(() => expect(client.codes()).toHaveLength(8), WAIT);
    expect(client.codes()).toEqual([...refused.map(() => 'OPSP8991'), 'OPSP0000']);
  });
});

describe('3. flushes about every 200 ms of a symbol and TR', () => {
  it('carry all trades, many to a frame, and books as the latest snapshot, one to a frame', async () => {
    const { client, frames } = await listening([
      ['H0STCNT0', '005930'],
      ['H0STASP0', '005930'],
    ]);
    await frames(100);
    const counts = (trId: string) =>
      client
        .frames()
        .filter((frame) => frame.includes(trId))
        .map((frame) => Number(frame.split('|')[2]));
    expect(Math.max(...counts('H0STCNT0'))).toBeGreaterThan(1);
    expect(new Set(counts('H0STASP0'))).toEqual(new Set([1]));
  });
});

describe('4. PINGPONG as a text message', () => {
  it('keeps who echoes it, and drops who does not without a close frame', async () => {
    const { client } = await listening([], { pingIntervalMs: 50 });
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    expect(client.received.map((text) => JSON.parse(text).header.tr_id)).toEqual(['PINGPONG']);
  });
});

describe('5. faults', () => {
  it('Korean text, alphanumeric codes and records of more than 8 KB are no faults', async () => {
    const instruments = [{ ...FEW[0], code: '0074K0' }];
    const feed = { kind: 'market', market: newMarket(7, { instruments }) } as const;
    const { emulator, client, frames } = await listening([['H0STCNT0', '0074K0']], { feed });
    emulator.fault({ type: 'large' });
    await vi.waitFor(() => expect(emulator.faults().faults).toHaveLength(1), WAIT);
    await frames(1);
    const large = client.frames().find((frame) => frame.length > 8192)!;
    expect(frameText(parseFrame(large)!)).toBe(large);
    expect(parseFrame(large)!.records.every((record) => record[0] === '0074K0')).toBe(true);
  });

  it('widths change between two frames, 47 to 46 and back', async () => {
    const { emulator, client } = await listening([['H0STCNT0', '005930']]);
    for (const width of [47, 46, 47]) {
      const widths = () => new Set(fields(client.frames(), 'H0STCNT0').map((record) => record.length));
      client.received.length = 0;
      await vi.waitFor(() => expect([...widths()]).toContain(width), WAIT);
      emulator.fault({ type: 'switch_layout' });
    }
  });

  it('cumulative volume goes back after a reconnect, when asked', async () => {
    const { emulator, client, frames } = await listening([['H0STCNT0', '005930']]);
    await frames(5);
    emulator.fault({ type: 'reset' });
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    emulator.fault({ type: 'rewind' });
    const again = await PlainClient.connect(emulator);
    again.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(again.frames().length).toBeGreaterThan(4), WAIT);
    const last = Number(fields(client.frames(), 'H0STCNT0').at(-1)![13]);
    expect(Number(fields(again.frames(), 'H0STCNT0')[0][13])).toBeLessThanOrEqual(last);
  });
});

describe('6. records keep their identities', () => {
  it('of trades and of books, as the exchange derives them', async () => {
    const { client, frames } = await listening([
      ['H0STCNT0', '005930'],
      ['H0STASP0', '005930'],
    ]);
    await frames(80);
    const trades = fields(client.frames(), 'H0STCNT0').map((record) => record.map(Number));
    for (const [at, trade] of trades.entries()) {
      expect(trade[17]).toBe(trade[16] - trade[15]);
      expect([trade[26], trade[29], trade[32]]).toEqual([7, 8, 9].map((extreme) => trade[2] - trade[extreme]));
      if (at === 0) continue;
      const before = trades[at - 1];
      expect(trade[13]).toBe(before[13] + trade[12]);
      expect(trade[14]).toBe(before[14] + trade[2] * trade[12]);
      expect(trade[15] + trade[16]).toBe(before[15] + before[16] + 1);
    }
    for (const book of fields(client.frames(), 'H0STASP0').map((record) => record.map(Number))) {
      const sum = (from: number) => book.slice(from, from + 10).reduce((total, size) => total + size, 0);
      expect([sum(23), sum(33)]).toEqual([book[43], book[44]]);
      expect(book[59]).toBe((book[3] + book[13]) / 2);
    }
  });
});
