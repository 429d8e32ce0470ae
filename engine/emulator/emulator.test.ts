// The emulator as a whole: its clock, its pace, its process, and a client that knows no more than KIS's samples.
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { approvalKey, newMarket, PlainClient, post, START_TIME_US, testEmulator } from './test-emulator.ts';

const WAIT = { timeout: 20_000, interval: 5 };

describe('clock', () => {
  it('is announced at once and before data to who asks for it, and to nobody else', async () => {
    const emulator = await testEmulator({ speed: 10 });
    const asking = await PlainClient.connect(emulator, '/?clock=1', await approvalKey(emulator, 'one'));
    const other = await PlainClient.connect(emulator, '/', await approvalKey(emulator, 'two'));
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
  return { port: emulator.port, key: await approvalKey(emulator, 'independent') };
}
