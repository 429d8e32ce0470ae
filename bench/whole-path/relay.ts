// The baseline, in a process of its own: on each frame of the same feed it publishes the messages that kisignal sent for
// that frame, ready-made. It journals, decodes, computes and numbers nothing: what remains is wire, wake-ups and fan-out.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { loadUws } from '../../gateway/transport-uws.ts';
import { serve } from '../worker.ts';
import { readCapture } from './captured-messages.ts';
import { loadCodes } from './load.ts';
import { type LoadShape, Schedule } from './schedule.ts';

export interface RelayOptions {
  readonly shape: LoadShape;
  readonly capture: string;
  readonly restUrl: string;
  readonly webSocketUrl: string;
}

/** What fans out: topics to sockets. */
interface Publisher {
  readonly transport: 'uws' | 'ws';
  readonly port: number;
  publish(topic: string, message: Buffer): void;
}

const STREAM_PATH = '/v1/stream';

interface Subscription {
  readonly id: number;
  readonly channels: string[];
  readonly instruments: string[];
}

function topicsOf({ channels, instruments }: Subscription): string[] {
  return channels.flatMap((channel) => instruments.map((instrument) => `${channel}/${instrument}`));
}

function acknowledgement({ id }: Subscription): string {
  return JSON.stringify({ type: 'subscribed', id, streams: [] });
}

function publishWithUws(native: NonNullable<ReturnType<typeof loadUws>>): Promise<Publisher> {
  const app = native.App();
  app.ws(STREAM_PATH, {
    compression: native.DISABLED,
    maxBackpressure: 0,
    idleTimeout: 0,
    message(socket, data) {
      const subscription = JSON.parse(Buffer.from(data).toString('utf8')) as Subscription;
      for (const topic of topicsOf(subscription)) socket.subscribe(topic);
      socket.send(acknowledgement(subscription));
    },
  });
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (listening) => {
      if (!listening) reject(new Error('the relay cannot listen'));
      else
        resolve({
          transport: 'uws',
          port: native.us_socket_local_port(listening as never),
          publish: (topic, message) => void app.publish(topic, message, false),
        });
    });
  });
}

/** Where uWebSockets.js has no binary. */
async function publishWithWs(): Promise<Publisher> {
  const subscribers = new Map<string, WebSocket[]>();
  const http = createServer();
  const server = new WebSocketServer({ server: http, path: STREAM_PATH, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const subscription = JSON.parse(String(data)) as Subscription;
      for (const topic of topicsOf(subscription)) {
        const members = subscribers.get(topic) ?? [];
        members.push(socket);
        subscribers.set(topic, members);
      }
      socket.send(acknowledgement(subscription));
    });
    socket.on('close', () => {
      for (const [topic, members] of subscribers) {
        subscribers.set(
          topic,
          members.filter((member) => member !== socket),
        );
      }
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    transport: 'ws',
    port: (http.address() as AddressInfo).port,
    publish(topic, message) {
      for (const socket of subscribers.get(topic) ?? []) socket.send(message, { binary: false });
    },
  };
}

/** Registers all trades and books; resolves once every one is confirmed. */
async function follow(
  { restUrl, webSocketUrl }: RelayOptions,
  codes: readonly string[],
  onFrame: (frame: Buffer) => void,
): Promise<void> {
  const approval = await fetch(`${restUrl}/oauth2/Approval`, {
    method: 'POST',
    body: JSON.stringify({ grant_type: 'client_credentials', appkey: 'relay', secretkey: 'relay' }),
  });
  const { approval_key } = (await approval.json()) as { approval_key: string };
  const socket = new WebSocket(webSocketUrl, { perMessageDeflate: false, skipUTF8Validation: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', resolve);
  });
  let unconfirmed = 2 * codes.length;
  await new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if (data[0] === '0'.charCodeAt(0)) onFrame(data);
      else if (data.includes('OPSP0000')) {
        unconfirmed -= 1;
        if (unconfirmed === 0) resolve();
      }
    });
    const header = { approval_key, custtype: 'P', tr_type: '1', 'content-type': 'utf-8' };
    for (const tr_key of codes) {
      for (const tr_id of ['H0STCNT0', 'H0STASP0'])
        socket.send(JSON.stringify({ header, body: { input: { tr_id, tr_key } } }));
    }
  });
}

const handlers = {
  async start(options: RelayOptions): Promise<{ url: string; transport: 'uws' | 'ws' }> {
    const schedule = new Schedule(options.shape);
    const messages = readCapture(options.capture, schedule.length);
    const codes = loadCodes(options.shape.symbols);
    const symbolOf = new Map(codes.map((code, symbol) => [code, symbol]));
    const trades = new Int32Array(codes.length);
    const books = new Int32Array(codes.length);
    const native = loadUws();
    const publisher = native === null ? await publishWithWs() : await publishWithUws(native);
    await follow(options, codes, (bytes) => {
      // `0|H0STCNT0|010|005930^…` or `0|H0STASP0|001|…`
      const symbol = symbolOf.get(bytes.toString('latin1', 15, bytes.indexOf('^', 15)))!;
      const isTrade = bytes[6] === 'C'.charCodeAt(0);
      const frame = isTrade
        ? schedule.tradeFrame(symbol, trades[symbol]++)
        : schedule.bookFrame(symbol, books[symbol]++);
      for (const { topic, bytes } of messages[frame]) publisher.publish(topic, bytes);
    });
    return { url: `http://127.0.0.1:${publisher.port}/`, transport: publisher.transport };
  },
};
export type RelayHandlers = typeof handlers;

serve(handlers);
