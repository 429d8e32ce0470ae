// The contract of the transport port, held by each implementation.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type HttpRequest,
  ListenError,
  type Transport,
  type TransportOptions,
  type TransportPeer,
  type TransportSocket,
  type UpgradeAnswer,
} from './transport.ts';
import { listenWithUws, loadUws } from './transport-uws.ts';
import { listenWithWs } from './transport-ws.ts';

const native = loadUws();
const transports = [{ name: 'ws', listen: listenWithWs }];
if (native !== null) transports.push({ name: 'uws', listen: (options) => listenWithUws(native, options) });

it.skipIf(native === null)('uWebSockets.js loads (skipped with all tests of it: no binary for this Node)', () => {
  expect(native).toHaveProperty('App');
});

const PAYLOAD_BYTES_MAX = 1024;

/** A peer that keeps what it is told. */
class RecordingPeer implements TransportPeer {
  socket: TransportSocket | null = null;
  readonly messages: { text: string; isBinary: boolean }[] = [];
  readonly drains: number[] = [];
  pongs = 0;
  closeCode: number | null = null;

  opened(socket: TransportSocket): void {
    this.socket = socket;
  }
  message(data: Uint8Array, isBinary: boolean): void {
    this.messages.push({ text: Buffer.from(data).toString('latin1'), isBinary });
  }
  pong(): void {
    this.pongs += 1;
  }
  drained(bufferedBytes: number): void {
    this.drains.push(bufferedBytes);
  }
  closed(code: number): void {
    expect(this.closeCode, 'closed is told once').toBeNull();
    this.closeCode = code;
  }
}

const until = (condition: () => boolean) => expect.poll(condition, { timeout: 20_000, interval: 5 }).toBe(true);

describe.each(transports)('transport $name', ({ listen }) => {
  let transport: Transport | undefined;
  const clients: WebSocket[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await transport?.close(100);
    transport = undefined;
  });

  async function start(
    peer: TransportPeer = new RecordingPeer(),
    handler: Partial<TransportOptions['handler']> = {},
    answer: { binary?: boolean; protocol?: string } = {},
  ): Promise<Transport> {
    const { binary = false, protocol = 'p1' } = answer;
    transport = await listen({
      host: '127.0.0.1',
      port: 0,
      streamPath: '/v1/stream',
      payloadBytesMax: PAYLOAD_BYTES_MAX,
      handler: {
        request: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: 'none' }),
        upgrade: (): UpgradeAnswer => ({ accepted: true, protocol, binary, peer }),
        ...handler,
      },
    });
    return transport;
  }

  function open(path = '/v1/stream', protocols = ['p1', 'p2'], headers: Record<string, string> = {}): WebSocket {
    const client = new WebSocket(`ws://127.0.0.1:${transport!.port}${path}`, protocols, { headers });
    client.on('error', () => {});
    clients.push(client);
    return client;
  }

  function get(
    path: string,
    method = 'GET',
  ): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: transport!.port, path, method, headers: { 'x-a': 'B' } });
      request.on('error', reject);
      request.on('response', async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      request.end();
    });
  }

  it('answers HTTP at once or later, with status, headers and body', async () => {
    const seen: HttpRequest[] = [];
    await start(undefined, {
      request(request) {
        seen.push(request);
        const answer = { status: 203, headers: { 'x-answer': 'yes' }, body: Buffer.from('grün') };
        return request.path === '/later' ? new Promise((resolve) => setImmediate(() => resolve(answer))) : answer;
      },
    });
    for (const path of ['/now?a=1', '/later']) {
      const { status, headers, body } = await get(path);
      expect({ status, body, answer: headers['x-answer'] }).toEqual({ status: 203, body: 'grün', answer: 'yes' });
    }
    const head = await get('/now', 'HEAD');
    expect({ body: head.body, length: head.headers['content-length'] }).toEqual({ body: '', length: '5' });
    await get('/a/../%2e%2e/b', 'POST');
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /now',
      'GET /later',
      'HEAD /now',
      'POST /a/../%2e%2e/b',
    ]);
    expect(seen[0]).toMatchObject({ remoteAddress: '127.0.0.1' });
    expect([seen[0]!.header('x-a'), seen[0]!.header('x-b')]).toEqual(['B', '']);
  });

  it('hands frames on as they were sent, in their order, as text or binary', async () => {
    for (const binary of [false, true]) {
      const peer = new RecordingPeer();
      await start(peer, {}, { binary });
      const client = open();
      const received: [string, boolean][] = [];
      client.on('message', (data: Buffer, isBinary) => received.push([data.toString(), isBinary]));
      await once(client, 'open');
      expect(client.protocol).toBe('p1');
      const frames = Array.from({ length: 500 }, (_, n) => Buffer.from(`${n}:${'x'.repeat(n)}`));
      peer.socket!.write(frames.slice(0, 200));
      peer.socket!.write(frames.slice(200));
      await until(() => received.length === frames.length);
      expect(received).toEqual(frames.map((frame) => [frame.toString(), binary]));
      await transport!.close(100);
    }
  });

  it('hands client messages on, text and binary', async () => {
    const peer = new RecordingPeer();
    await start(peer);
    const client = open();
    await once(client, 'open');
    client.send('text');
    client.send(Buffer.from([1, 2, 255]));
    client.send('');
    await until(() => peer.messages.length === 3);
    expect(peer.messages).toEqual([
      { text: 'text', isBinary: false },
      { text: '\u0001\u0002ÿ', isBinary: true },
      { text: '', isBinary: false },
    ]);
  });

  it('refuses a handshake with the whole answer, and any upgrade elsewhere', async () => {
    await start(undefined, {
      upgrade: (request) => ({
        accepted: false,
        response: { status: 403, headers: { 'x-why': request.header('origin') }, body: 'no' },
      }),
    });
    for (const [path, status, why] of [
      ['/v1/stream', 403, 'http://evil.example'],
      ['/elsewhere', 404, undefined],
    ] as const) {
      const client = open(path, [], { origin: 'http://evil.example' });
      const [, response] = await once(client, 'unexpected-response');
      expect([response.statusCode, response.headers['x-why']]).toEqual([status, why]);
    }
  });

  it('says that bytes wait, and when they have left', async () => {
    const peer = new RecordingPeer();
    await start(peer);
    const client = open();
    await once(client, 'open');
    client.pause();
    const frame = Buffer.alloc(1024 * 1024, 'x');
    let waiting = 0;
    for (let n = 0; n < 64 && waiting === 0; n++) waiting = peer.socket!.write([frame]);
    expect(waiting).toBeGreaterThan(0);
    client.resume();
    await until(() => peer.drains.at(-1) === 0);
  });

  it('closes with a code behind what waits, and tells the code of whoever closed', async () => {
    const peer = new RecordingPeer();
    await start(peer);
    const client = open();
    const received: string[] = [];
    client.on('message', (data: Buffer) => received.push(data.toString()));
    await once(client, 'open');
    peer.socket!.write([Buffer.from('last')]);
    peer.socket!.close(3001, 'why');
    const [code, reason] = await once(client, 'close');
    expect([code, String(reason), received]).toEqual([3001, 'why', ['last']]);
    await until(() => peer.closeCode !== null);
    expect(peer.closeCode).toBe(3001);
    // All is ignored once the socket is closed.
    expect(peer.socket!.write([Buffer.from('x')])).toBeGreaterThanOrEqual(0);
    peer.socket!.ping();
    peer.socket!.close(3002, '');
    peer.socket!.terminate();
    await transport!.close(100);

    const other = new RecordingPeer();
    await start(other);
    const leaving = open();
    await once(leaving, 'open');
    leaving.close(4001);
    await until(() => other.closeCode === 4001);
  });

  it('tells of pongs, and of connections that just end', async () => {
    const peer = new RecordingPeer();
    await start(peer);
    const client = open();
    await once(client, 'open');
    peer.socket!.ping();
    await until(() => peer.pongs === 1);
    client.terminate();
    await until(() => peer.closeCode === 1006);
  });

  it('cuts a connection whose message is longer than it reads', async () => {
    const peer = new RecordingPeer();
    await start(peer);
    const client = open();
    await once(client, 'open');
    client.send('x'.repeat(PAYLOAD_BYTES_MAX + 1));
    await once(client, 'close');
    await until(() => peer.closeCode !== null);
    expect(peer.messages).toEqual([]);
  });

  it('survives bytes that are no HTTP, no handshake and no frame', async () => {
    await start(undefined, {
      upgrade: () => ({ accepted: true, protocol: 'p1', binary: false, peer: new RecordingPeer() }),
    });
    const handshake = 'GET /v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    for (const bytes of [
      '\u0000\u0001\u0002garbage\r\n\r\n',
      `${handshake}\r\n`,
      // A text frame that is no UTF-8, a frame with reserved bits, an unmasked frame.
      `${handshake}${key}\u0081\u0082\u0000\u0000\u0000\u0000\u00ff\u00ff`,
      `${handshake}${key}\u00f1\u0080\u0000\u0000\u0000\u0000`,
      `${handshake}${key}\u0081\u0001a`,
    ]) {
      const socket = connect(transport!.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      const closed = once(socket, 'close');
      socket.end(Buffer.from(bytes, 'latin1'));
      await closed;
    }
    expect((await get('/')).status).toBe(404);
  });

  it('says why it cannot listen', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const handler = { request: () => ({ status: 404, headers: {}, body: '' }), upgrade: () => ({}) as UpgradeAnswer };
    const options = { host: '127.0.0.1', port, streamPath: '/', payloadBytesMax: 1, handler };
    await expect(listen(options)).rejects.toMatchObject({ name: 'ListenError', failure: 'port_in_use' });
    await expect(listen(options)).rejects.toThrow(`127.0.0.1:${port}: the port is in use`);
    holder.close();
    await expect(listen({ ...options, host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      failure: 'address_unavailable',
    });
    expect(new ListenError('h', 1, 'EWHATEVER').failure).toBe('unknown');
  });

  it('takes nothing new once it stops, and frees its port', async () => {
    const peer = new RecordingPeer();
    const { port } = await start(peer);
    const client = open();
    await once(client, 'open');
    transport!.stopListening();
    const late = connect(port, '127.0.0.1');
    const [error] = await once(late, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
    peer.socket!.write([Buffer.from('still here')]);
    expect(String((await once(client, 'message'))[0])).toBe('still here');
    const closed = once(client, 'close');
    await transport!.close(0);
    await closed;
  });
});
