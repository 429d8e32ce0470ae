// For tests: emulators over the shipped instruments that end with the test, and a client as plain as a socket.
import { once } from 'node:events';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { INSTRUMENTS } from '../../config/instruments.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator, EmulatorOptions } from './emulator-options.ts';
import { Market } from './market/market.ts';
import type { MarketOptions } from './market/market-options.ts';

/** 2026-09-22 10:00 KST, a Tuesday. */
export const START_TIME_US = Date.UTC(2026, 8, 22, 1) * 1000;

export function newMarket(seed = 7, options: Partial<MarketOptions> = {}): Market {
  return new Market({ seed, instruments: INSTRUMENTS, startTimeUs: START_TIME_US, ...options });
}

/** Notices on command only, and a short settling: what a test does not ask for does not happen to it. */
export async function testEmulator(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    feed: { kind: 'market', market: newMarket() },
    logger: pino({ level: 'silent' }),
    noticeIntervalMs: 0,
    settleMs: 20,
    ...options,
  });
  onTestFinished(() => emulator.close());
  return emulator;
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function approvalKey(emulator: Emulator, appkey = 'some-app-key'): Promise<string> {
  const { body } = await post(`${emulator.restUrl}/oauth2/Approval`, {
    grant_type: 'client_credentials',
    appkey,
    secretkey: 'some-secret',
  });
  return String(body.approval_key);
}

/** Keeps all that it receives as text; says what it is told to. */
export class PlainClient {
  readonly received: string[] = [];
  closeCode: number | undefined;
  readonly socket: WebSocket;
  private readonly key: string;

  private constructor(socket: WebSocket, key: string) {
    this.socket = socket;
    this.key = key;
    socket.on('message', (data) => this.received.push(String(data)));
    socket.on('close', (code) => {
      this.closeCode = code;
    });
    socket.on('error', () => {});
  }

  static async connect(emulator: Emulator, path = '/tryitout', key?: string): Promise<PlainClient> {
    const approved = key ?? (await approvalKey(emulator));
    const socket = new WebSocket(`${emulator.webSocketUrl}${path}`, { autoPong: false });
    const client = new PlainClient(socket, approved);
    await once(socket, 'open');
    onTestFinished(() => socket.terminate());
    return client;
  }

  request(trId: string, trKey: string, type = '1', header: Record<string, unknown> = {}): void {
    this.socket.send(
      JSON.stringify({
        header: { approval_key: this.key, custtype: 'P', tr_type: type, 'content-type': 'utf-8', ...header },
        body: { input: { tr_id: trId, tr_key: trKey } },
      }),
    );
  }

  /** The answers so far: `code` and, where one is named, TR and key. */
  answers(): { code: string; trId: string; trKey: string; result: string }[] {
    return this.received
      .filter((text) => text.startsWith('{') && text.includes('msg_cd'))
      .map((text) => {
        const { header, body } = JSON.parse(text);
        return { code: body.msg_cd, trId: header.tr_id, trKey: header.tr_key, result: body.rt_cd };
      });
  }

  codes(): string[] {
    return this.answers().map(({ code }) => code);
  }

  frames(): string[] {
    return this.received.filter((text) => !text.startsWith('{'));
  }
}
