// For tests: a KIS client with short waits, against an emulator or a relay, and all that it gave out.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, vi } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import type { Emulator, EmulatorOptions } from '../../emulator/emulator-options.ts';
import { testEmulator } from '../../emulator/test-emulator.ts';
import type { FrameInput, InputBatch, SessionInput } from '../../input.ts';
import type { WantedRegistration } from './registration.ts';
import { KisSource } from './source.ts';
import type { KisNotice, KisSourceOptions } from './source-options.ts';
import { startRelay } from './test-relay.ts';

export const WAIT = { timeout: 20_000, interval: 5 };
export const CODES = INSTRUMENTS.map(({ code }) => code);
export const APP_SECRET = 's3cr3t'.repeat(30);
export const HTS_ID = 'hts-id-of-a-trader';

export function appKey(number: number): string {
  return `PSAPPKEYPSAPPKEYPSAPPKEYPSAPPKEY${String(number).padStart(4, '0')}`;
}

export function keys(count: number) {
  return Array.from({ length: count }, (_, at) => ({ appKey: appKey(at + 1), appSecret: APP_SECRET }));
}

export function trades(count: number, priority = 100): WantedRegistration[] {
  return CODES.slice(0, count).map((trKey) => ({ trId: 'H0STCNT0', trKey, priority }));
}

export interface TestSourceOptions extends Partial<KisSourceOptions> {
  /** By default three trades. */
  readonly wanted?: readonly WantedRegistration[];
}

/** A client against an emulator of its own. */
export async function run(options: TestSourceOptions = {}, emulatorOptions: Partial<EmulatorOptions> = {}) {
  const emulator = await testEmulator({ speed: 5, htsId: HTS_ID, ...emulatorOptions });
  return { emulator, ...startSource(emulator, options) };
}

/** Its app keys are marked nowhere: clients of several tests, and of one, have the same. */
export function startSource(
  server: Pick<Emulator, 'restUrl' | 'webSocketUrl'>,
  { wanted = trades(3), ...options }: TestSourceOptions = {},
) {
  const batches: InputBatch[] = [];
  const notices: KisNotice[] = [];
  const logLines: string[] = [];
  const failures: string[] = [];
  const source = new KisSource({
    keys: keys(1),
    restUrl: server.restUrl,
    webSocketUrl: server.webSocketUrl,
    registrationsPerSecond: 1_000,
    registrationTimeoutMs: 2_000,
    backoffFirstMs: 5,
    backoffMaxMs: 20,
    keyInUseWaitMs: 10,
    leaseFolder: null,
    logger: pino({ level: 'trace' }, { write: (line: string) => void logLines.push(line) }),
    onNotice: (notice) => notices.push(notice),
    onFailed: (code) => failures.push(code),
    ...options,
  });
  let completed = false;
  source.batches.subscribe({
    next: (batch) => batches.push(batch),
    complete: () => {
      completed = true;
    },
  });
  source.want(wanted);
  source.start();
  onTestFinished(() => source.stop());
  const inputs = () => batches.flatMap((batch) => [...batch.inputs]);
  return {
    source,
    batches,
    notices,
    logLines,
    failures,
    completed: () => completed,
    inputs,
    frames: () => inputs().filter((input): input is FrameInput => input.kind === 'frame'),
    events: () =>
      inputs()
        .filter((input): input is SessionInput => input.kind === 'session')
        .map(({ event, trId, trKey, code }) => [event, trId, trKey, code].filter(Boolean).join(' ')),
    streaming: (registered = 3) =>
      vi.waitFor(() => expect(source.status()).toMatchObject({ state: 'streaming', registered, unconfirmed: 0 }), WAIT),
  };
}

/** What the emulator takes, where it is told which keys it takes. */
export function allowedKeys(): Map<string, string> {
  return new Map(keys(3).map(({ appKey: key, appSecret }) => [key, appSecret]));
}

/** Trades and books of so many symbols. */
export function symbols(count: number, priority = 100, first = 0) {
  return CODES.slice(first, first + count).flatMap((trKey) =>
    ['H0STCNT0', 'H0STASP0'].map((trId) => ({ trId, trKey, priority })),
  );
}

/** A client of three keys behind a relay, and the app keys that the emulator takes. */
export async function runRelayed(options: TestSourceOptions = {}) {
  const appKeys = allowedKeys();
  const emulator = await testEmulator({ speed: 5, htsId: HTS_ID, appKeys });
  const relay = await startRelay(emulator);
  return { emulator, relay, appKeys, ...startSource(relay, { keys: keys(3), downMsMax: 3_000, ...options }) };
}

export function registered(source: KisSource): number[] {
  return source.status().sessions.map((session) => session.registered);
}

export function settled(source: KisSource, counts: readonly number[]): Promise<void> {
  return vi.waitFor(() => {
    expect(registered(source)).toEqual(counts);
    expect(source.status().unconfirmed).toBe(0);
  }, WAIT);
}

export function frameText(frame: FrameInput): string {
  return Buffer.from(frame.bytes).toString('utf8');
}

/** A server whose port was free a moment ago: nobody answers. */
export async function nobody(): Promise<Pick<Emulator, 'restUrl' | 'webSocketUrl'>> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return { restUrl: `http://127.0.0.1:${port}`, webSocketUrl: `ws://127.0.0.1:${port}` };
}
