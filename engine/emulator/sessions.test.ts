// What a session is told: acknowledgements and each error by its code, PINGPONG, encrypted notices.
import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { approvalKey, newMarket, PlainClient, testEmulator } from './test-emulator.ts';

const WAIT = { timeout: 20_000, interval: 5 };

describe('registration', () => {
  it('acknowledges in the exact shape of KIS, with one AES pair for a session', async () => {
    const client = await PlainClient.connect(await testEmulator());
    client.request('H0STMKO0', '005930');
    client.request('H0STMKO0', '000660');
    client.request('H0STMKO0', '000660', '2');
    await vi.waitFor(() => expect(client.received).toHaveLength(3), WAIT);
    const acknowledgement = (trKey: string, code: string, message: string) =>
      new RegExp(
        `^{"header":{"tr_id":"H0STMKO0","tr_key":"${trKey}","encrypt":"N"},"body":{"rt_cd":"0","msg_cd":"${code}",` +
          `"msg1":"${message}","output":{"iv":"[0-9a-f]{16}","key":"[a-z]{32}"}}}$`,
      );
    expect(client.received[0]).toMatch(acknowledgement('005930', 'OPSP0000', 'SUBSCRIBE SUCCESS'));
    expect(client.received[1]).toMatch(acknowledgement('000660', 'OPSP0000', 'SUBSCRIBE SUCCESS'));
    expect(client.received[2]).toMatch(acknowledgement('000660', 'OPSP0001', 'UNSUBSCRIBE SUCCESS'));
    expect(new Set(client.received.map((text) => JSON.stringify(JSON.parse(text).body.output))).size).toBe(1);
  });

  it('answers each mistake with its code', async () => {
    const client = await PlainClient.connect(await testEmulator());
    const good = { approval_key: 'x', custtype: 'P', tr_type: '1', 'content-type': 'utf-8' };
    const input = { tr_id: 'H0STCNT0', tr_key: '005930' };
    const mistakes: [string, unknown][] = [
      ['OPSP9999', undefined],
      ['OPSP9998', { body: { input } }],
      ['OPSP9992', { header: good }],
      ['OPSP9991', { header: good, body: {} }],
      ['OPSP9997', { header: { ...good, custtype: undefined }, body: { input } }],
      ['OPSP8998', { header: { ...good, custtype: 'X' }, body: { input } }],
      ['OPSP8997', { header: { ...good, tr_type: '0' }, body: { input } }],
      ['OPSP9990', { header: good, body: { input: { tr_id: 'H0STCNT0' } } }],
      ['OPSP8993', { header: good, body: { input: { tr_id: 'H0STCNT0', tr_key: 5930 } } }],
      ['OPSP0011', { header: good, body: { input } }],
    ];
    for (const [, message] of mistakes)
      client.socket.send(message === undefined ? '{no json' : JSON.stringify(message));
    await vi.waitFor(() => expect(client.codes()).toHaveLength(mistakes.length), WAIT);
    expect(client.codes()).toEqual(mistakes.map(([code]) => code));
    for (const { result, trId, trKey } of client.answers()) expect([result, trId, trKey]).toEqual(['9', '(null)', '']);
  });

  it('refuses duplicates, what is not registered, unknown TRs and unknown keys, and names the registration', async () => {
    const client = await PlainClient.connect(await testEmulator());
    client.request('H0STMKO0', '005930');
    client.request('H0STMKO0', '005930');
    client.request('H0STMKO0', '000660', '2');
    client.request('X0STZZZ0', '005930');
    client.request('H0STCNT0', '999999');
    client.request('H0UPCNT0', '9999');
    await vi.waitFor(() => expect(client.answers()).toHaveLength(6), WAIT);
    expect(client.codes()).toEqual(['OPSP0000', 'OPSP0002', 'OPSP0003', 'OPSP8991', 'OPSP8992', 'OPSP8992']);
    expect(client.answers()[1]).toEqual({ code: 'OPSP0002', trId: 'H0STMKO0', trKey: '005930', result: '1' });
  });

  it('understands binary messages, a type that is a number, and members it does not know', async () => {
    const emulator = await testEmulator();
    const client = await PlainClient.connect(emulator);
    const header = {
      approval_key: await approvalKey(emulator),
      personalseckey: '1',
      custtype: 'B',
      'content-type': 'utf-8',
    };
    const input = { tr_id: 'H0STMKO0', tr_key: '005930', more: null };
    for (const tr_type of [1, 2]) {
      client.socket.send(Buffer.from(JSON.stringify({ header: { ...header, tr_type }, body: { input }, more: {} })));
    }
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP0000', 'OPSP0001']), WAIT);
  });

  it('answers a ping of the protocol by a pong that carries the same', async () => {
    const client = await PlainClient.connect(await testEmulator());
    const pong = once(client.socket, 'pong');
    client.socket.ping('still there?');
    expect(String((await pong)[0])).toBe('still there?');
  });

  it('takes 41 registrations of all TRs together, and one more after one is given back', async () => {
    const emulator = await testEmulator();
    const client = await PlainClient.connect(emulator);
    const codes = newMarket().codes.slice(0, 42);
    for (const code of codes) client.request('H0STMKO0', code);
    client.request('H0STMKO0', codes[0]!, '2');
    client.request('H0STMKO0', codes[41]!);
    await vi.waitFor(() => expect(client.answers()).toHaveLength(44), WAIT);
    expect(client.codes().slice(40)).toEqual(['OPSP0000', 'OPSP0008', 'OPSP0001', 'OPSP0000']);
    expect(emulator.status().registrations).toBe(41);
  });

  it('offers on paper what KIS offers there', async () => {
    const client = await PlainClient.connect(await testEmulator({ environment: 'paper' }));
    for (const trId of ['H0STMKO0', 'H0UNCNT0', 'H0NXASP0', 'H0STANC0', 'H0STCNI0']) client.request(trId, '005930');
    client.request('H0UPCNT0', '0001');
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.answers()).toHaveLength(7), WAIT);
    expect(client.codes()).toEqual([...Array(6).fill('OPSP8991'), 'OPSP0000']);
  });

  it('answers a second session on an app key with OPSP8996 and closes it; the first one lives on', async () => {
    const emulator = await testEmulator();
    const first = await PlainClient.connect(emulator);
    first.request('H0STMKO0', '005930');
    await vi.waitFor(() => expect(first.codes()).toEqual(['OPSP0000']), WAIT);
    const second = await PlainClient.connect(emulator);
    second.request('H0STMKO0', '005930');
    await vi.waitFor(() => expect(second.closeCode).toBe(1000), WAIT);
    expect(second.received).toEqual([
      '{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},' +
        '"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}',
    ]);
    first.socket.close();
    await vi.waitFor(() => expect(emulator.status().sessions).toBe(0), WAIT);
    const third = await PlainClient.connect(emulator);
    third.request('H0STMKO0', '005930');
    await vi.waitFor(() => expect(third.codes()).toEqual(['OPSP0000']), WAIT);
  });
});

describe('PINGPONG', () => {
  it('is echoed as text or by a protocol pong, and keeps the session', async () => {
    const emulator = await testEmulator({ pingIntervalMs: 400 });
    const byText = await PlainClient.connect(emulator);
    byText.socket.on('message', (data) => byText.socket.send(String(data)));
    const byPong = await PlainClient.connect(emulator);
    byPong.socket.on('message', (data) => byPong.socket.pong(String(data)));
    await vi.waitFor(() => expect(byText.received.length + byPong.received.length).toBeGreaterThan(5), WAIT);
    expect(byText.received[0]).toMatch(/^{"header":{"tr_id":"PINGPONG","datetime":"20260922\d{6}"}}$/);
    expect([byText.closeCode, byPong.closeCode]).toEqual([undefined, undefined]);
  });

  it('drops without a close frame who does not echo', async () => {
    const emulator = await testEmulator({ pingIntervalMs: 50 });
    const client = await PlainClient.connect(emulator);
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    expect(client.received).toHaveLength(1);
    await vi.waitFor(() => expect(emulator.status()).toMatchObject({ sessions: 0, sessionsDropped: 1 }), WAIT);
  });
});

describe('execution notices', () => {
  it('come encrypted with the pair of the acknowledgement, 26 fields', async () => {
    const emulator = await testEmulator({ htsId: 'trader1' });
    const client = await PlainClient.connect(emulator);
    client.request('H0STCNI0', 'trader1');
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP0000']), WAIT);
    emulator.fault({ type: 'notice' });
    await vi.waitFor(() => expect(client.frames()).toHaveLength(1), WAIT);
    const { header, body } = JSON.parse(client.received[0]!);
    expect(header.encrypt).toBe('Y');
    const [flag, trId, count, payload] = client.frames()[0]!.split('|');
    expect([flag, trId, count]).toEqual(['1', 'H0STCNI0', '001']);
    const decipher = createDecipheriv('aes-256-cbc', body.output.key, body.output.iv);
    const fields = (decipher.update(payload!, 'base64', 'utf8') + decipher.final('utf8')).split('^');
    expect(fields).toHaveLength(26);
    expect([fields[0], fields[8], fields[13]]).toEqual(['trader1', '005930', '2']);
  });

  it('are refused for another HTS id, and the socket is dropped', async () => {
    const client = await PlainClient.connect(await testEmulator({ htsId: 'trader1' }));
    client.request('H0STCNI0', 'TRADER1');
    await vi.waitFor(() => expect(client.closeCode).toBe(1006), WAIT);
    expect(client.answers()).toEqual([{ code: 'OPSP0017', trId: '(null)', trKey: '', result: '9' }]);
  });
});
