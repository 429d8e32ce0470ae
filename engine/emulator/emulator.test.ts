import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { startEmulator } from './emulator.ts';
import { newMarket, PlainClient, post, START_TIME_US, testEmulator } from './test-emulator.ts';

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

describe('clock', () => {
  it('is announced at once and before data to who asks for it, and to nobody else', async () => {
    const emulator = await testEmulator({ speed: 10 });
    const asking = await PlainClient.connect(emulator, '/?clock=1', await keyFor(emulator, 'one'));
    const other = await PlainClient.connect(emulator, '/', await keyFor(emulator, 'two'));
    for (const client of [asking, other]) client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(asking.frames().length).toBeGreaterThan(4), WAIT);
    await vi.waitFor(() => expect(other.frames().length).toBeGreaterThan(4), WAIT);
    expect(asking.received[0]).toMatch(/^{"header":{"tr_id":"EMUCLOCK","time_us":"\d{16}","speed":"10"}}$/);
    const times = asking.received
      .filter((text) => text.includes('EMUCLOCK'))
      .map((text) => Number(JSON.parse(text).header.time_us));
    expect(times.length).toBeGreaterThan(2);
    for (let at = 1; at < times.length; at += 1) expect(times[at]! - times[at - 1]!).toBeGreaterThanOrEqual(100_000);
    expect(times[0]).toBeGreaterThanOrEqual(START_TIME_US);
    expect(other.received.join()).not.toContain('EMUCLOCK');
  });

  it('at speed 0 precedes the frames of every turn, and no frame is younger than it', async () => {
    const emulator = await testEmulator({ speed: 0 });
    const client = await PlainClient.connect(emulator, '/?clock=1');
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(200), WAIT);
    let clockUs = 0;
    for (const text of client.received) {
      if (text.includes('EMUCLOCK')) {
        const next = Number(JSON.parse(text).header.time_us);
        expect(next).toBeGreaterThan(clockUs);
        clockUs = next;
      } else if (!text.startsWith('{')) {
        const hour = text.split('|')[3]!.split('^')[1]!;
        const clock = new Date(clockUs / 1000 + 9 * 3_600_000).toISOString().slice(11, 19).replaceAll(':', '');
        expect(hour <= clock, `${hour} is not later than ${clock}`).toBe(true);
      }
    }
  });
});

describe('speed 0', () => {
  it('waits for a client that does not read, and goes on when it reads again', async () => {
    const emulator = await testEmulator({ speed: 0 });
    const client = await PlainClient.connect(emulator);
    for (const code of newMarket().codes.slice(0, 20)) {
      client.request('H0STCNT0', code);
      client.request('H0STASP0', code);
    }
    await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(100), WAIT);
    client.socket.pause();
    let stoodAt = -1;
    await vi.waitFor(
      () => {
        const { timeUs } = emulator.status();
        const stands = timeUs === stoodAt;
        stoodAt = timeUs;
        expect(stands).toBe(true);
      },
      { timeout: 30_000, interval: 250 },
    );
    client.socket.resume();
    await vi.waitFor(() => expect(emulator.status().timeUs).toBeGreaterThan(stoodAt), WAIT);
  });

  it('lets no time pass while nobody has registered', async () => {
    const emulator = await testEmulator({ speed: 0 });
    const client = await PlainClient.connect(emulator);
    const { timeUs } = emulator.status();
    client.request('X0STZZZ0', '005930');
    await vi.waitFor(() => expect(client.codes()).toEqual(['OPSP8991']), WAIT);
    expect(emulator.status().timeUs).toBe(timeUs);
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

describe('faults', () => {
  it('are asked for over REST, by name, but by no web page', async () => {
    const emulator = await testEmulator();
    const url = `${emulator.restUrl}/emulator/fault`;
    expect((await post(url, { type: 'drop', count: 3 })).status).toBe(200);
    for (const wrong of [
      {},
      { type: 'explode' },
      { type: 'drop', count: 0 },
      { type: 'reject' },
      { type: 'drop', code: 'x' },
    ]) {
      expect((await post(url, wrong)).status).toBe(400);
    }
    expect((await post(url, { type: 'drop' }, { origin: 'https://example.org' })).status).toBe(400);
  });

  it('reset and close end a session each in its way; a stalled one stays open and silent', async () => {
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

  it.each([
    ['truncate', (frame: string) => expect(frame).toMatch(/^0\|H0STCNT0\|/)],
    ['unknown_tr', (frame: string) => expect(frame).toMatch(/^0\|X0STZZZ0\|/)],
    ['miscount', (frame: string) => expect(frame).toMatch(/^0\|H0STCNT0\|997\|/)],
    ['empty_fields', (frame: string) => expect(frame).toMatch(/\^{20}/)],
    ['oversize', (frame: string) => expect(frame.length).toBeGreaterThan(512 * 1024)],
    ['duplicate', (frame: string, frames: string[]) => expect(frames[1]).toBe(frame)],
  ] as const)('%s spoils the next frame, and only that', async (type, check) => {
    const emulator = await testEmulator({ speed: 10 });
    const client = await PlainClient.connect(emulator);
    emulator.fault({ type });
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(3), WAIT);
    check(client.frames()[0]!, client.frames());
    expect(wholeTradeFrame(client.frames()[0]!)).toBe(type === 'duplicate');
    for (const frame of client.frames().slice(1)) expect(wholeTradeFrame(frame)).toBe(true);
  });
});

describe('process', () => {
  it('says when no client was connected for so long', async () => {
    const onIdle = vi.fn();
    const emulator = await testEmulator({ idleExitMs: 150, onIdle });
    const client = await PlainClient.connect(emulator);
    client.request('H0STCNT0', '005930');
    await vi.waitFor(() => expect(client.frames().length).toBeGreaterThan(1), WAIT);
    expect(onIdle).not.toHaveBeenCalled();
    client.socket.close();
    await vi.waitFor(() => expect(onIdle).toHaveBeenCalledTimes(1), WAIT);
  });

  it('tells its status, and by its identity that it is itself', async () => {
    const emulator = await testEmulator({ identity: 'run-1', speed: 3 });
    const response = await fetch(`${emulator.restUrl}/emulator/status`);
    expect(await response.json()).toMatchObject({ identity: 'run-1', speed: 3, sessions: 0, framesSent: 0 });
  });

  it('rejects where the port is in use', async () => {
    const { port } = await testEmulator();
    await expect(testEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('outlives requests that are cut, too large, or no HTTP it knows', async () => {
    const emulator = await testEmulator();
    expect((await post(`${emulator.restUrl}/oauth2/Approval`, { filler: 'x'.repeat(100_000) })).status).toBe(500);
    expect((await post(`${emulator.restUrl}/nothing`, {})).status).toBe(404);
    const client = await PlainClient.connect(emulator);
    client.socket.send('x'.repeat(100_000));
    await vi.waitFor(() => expect(client.closeCode).toBe(1009), WAIT);
    expect((await PlainClient.connect(emulator)).socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('an independent client, written as the public ones are', () => {
  it('reads trades by splitting at bars and carets, record by record, and loses none', async () => {
    const emulator = await startedWithKey();
    const socket = new WebSocket(`ws://127.0.0.1:${emulator.port}/tryitout/H0STCNT0`);
    const volumes: { volume: number; accumulated: number }[] = [];
    let pings = 0;
    socket.on('message', (data) => {
      const text = data.toString();
      if (text[0] !== '0' && text[0] !== '1') {
        if (JSON.parse(text).header.tr_id === 'PINGPONG') {
          pings += 1;
          socket.send(text);
        }
        return;
      }
      const [, trId, count, payload] = text.split('|');
      if (trId !== 'H0STCNT0') return;
      const fields = payload!.split('^');
      const width = fields.length / Number(count);
      for (let record = 0; record < Number(count); record += 1) {
        const [volume, accumulated] = fields.slice(record * width + 12, record * width + 14).map(Number);
        volumes.push({ volume: volume!, accumulated: accumulated! });
      }
    });
    await once(socket, 'open');
    socket.send(
      `{"header":{"approval_key":"${emulator.key}","custtype":"P","tr_type":"1","content-type":"utf-8"},` +
        `"body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}`,
    );
    await vi.waitFor(() => expect(volumes.length).toBeGreaterThan(300), WAIT);
    await vi.waitFor(() => expect(pings).toBeGreaterThan(2), WAIT);
    socket.terminate();
    for (let at = 1; at < volumes.length; at += 1) {
      expect(volumes[at]!.accumulated).toBe(volumes[at - 1]!.accumulated + volumes[at]!.volume);
    }
  });
});

async function startedWithKey() {
  const emulator = await testEmulator({ speed: 20, pingIntervalMs: 300 });
  return { port: emulator.port, key: await keyFor(emulator, 'independent') };
}

async function keyFor(emulator: Awaited<ReturnType<typeof startEmulator>>, appkey: string): Promise<string> {
  const body = { grant_type: 'client_credentials', appkey, secretkey: 'secret' };
  return String((await post(`${emulator.restUrl}/oauth2/Approval`, body)).body.approval_key);
}

function wholeTradeFrame(frame: string): boolean {
  const [flag, trId, count, payload] = frame.split('|');
  const fields = payload?.split('^') ?? [];
  return flag === '0' && trId === 'H0STCNT0' && fields.length === 47 * Number(count) && fields[2] !== '';
}
