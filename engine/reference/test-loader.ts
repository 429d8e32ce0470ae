// For tests: a loader on the emulator's REST side, over a market that stands still until it is told the time.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, onTestFinished } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { type TestRest, testRest } from '../emulator/rest/test-rest.ts';
import { Contents } from '../journal/contents.ts';
import { KisRestClient } from '../sources/kis/rest/client.ts';
import { downloadMasters } from '../sources/kis/rest/masters.ts';
import { systemTimers } from '../sources/kis/timers.ts';
import { KrxClient } from '../sources/krx/krx-client.ts';
import { ReferenceLoader } from './loader.ts';
import type { ReferenceLoaderOptions, WatchedInstrument } from './loader-options.ts';
import type { Reference, ReferenceKind } from './reference.ts';
import { ReferenceShelf } from './reference-shelf.ts';

/** A Tuesday. */
export const DATE = 20260922;

export interface TestLoader {
  readonly loader: ReferenceLoader;
  readonly emulated: TestRest;
  readonly watched: WatchedInstrument[];
  /** Contents by the hashes that were told, in order. */
  readonly told: Reference[];
  /** Transactions that KIS answered, in order. */
  readonly asked: string[];
  readonly lines: Record<string, unknown>[];
  /** Moves the feed's time. */
  at(date: number, second: number): void;
  of<K extends ReferenceKind>(kind: K): Extract<Reference, { kind: K }>[];
  /** Until nothing is due any more: all counters stand still while the loader looks several times. */
  settled(): Promise<void>;
}

export interface TestLoaderOptions extends Partial<ReferenceLoaderOptions> {
  readonly environment?: 'live' | 'paper';
  readonly emulated?: TestRest;
  readonly folder?: string;
  readonly withKrx?: boolean;
  readonly masters?: ReferenceLoaderOptions['sources']['masters'];
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-reference-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The rate is not what these tests are about. */
export function newEmulated(environment: 'live' | 'paper' = 'live'): Promise<TestRest> {
  return testRest({ environment, requestsPerSecond: 1_000_000 });
}

export async function testLoader(options: TestLoaderOptions = {}): Promise<TestLoader> {
  const { environment = 'live', folder = temporaryFolder(), withKrx = true, masters, ...others } = options;
  const emulated = options.emulated ?? (await newEmulated(environment));
  const { url, market } = emulated;
  const asked: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const told: Reference[] = [];
  const watched: WatchedInstrument[] = [
    { code: '005930', venue: 'KRX' },
    { code: '000660', venue: 'KRX' },
  ];
  const contents = new Contents(join(folder, 'contents'));
  const kis = new KisRestClient({
    restUrl: url,
    // KIS gives a token a minute: each loader of a test has a key of its own.
    appKey: randomUUID(),
    appSecret: 'secret',
    environment,
    requestsPerSecond: 10_000,
    attemptsMax: 1,
    onLatency: (trId) => asked.push(trId),
  });
  const clock = { nowUs: () => market.timeUs };
  const krx = new KrxClient({ url: `${url}/svc/apis`, authKey: 'key', requestsPerDay: 1000, clock });
  const download = (closing: AbortSignal) =>
    downloadMasters({ mastersUrl: `${url}/common/master`, requestTimeoutMs: 20_000, timers: systemTimers, closing });
  const loader = new ReferenceLoader({
    sources: { kis, krx: withKrx ? krx : null, masters: masters ?? download },
    store: new ReferenceShelf(join(folder, 'reference.json'), contents),
    nowUs: () => market.timeUs,
    watched: () => watched,
    bootstrap: true,
    warmBars: true,
    fillGaps: true,
    crossCheck: true,
    logger: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    tickMs: 5,
    ...others,
  });
  loader.loaded.subscribe(({ hash }) => told.push(contents.getJson<Reference>(hash)));
  onTestFinished(() => loader.stop());
  return {
    loader,
    emulated,
    watched,
    told,
    asked,
    lines,
    at: (date, second) => {
      market.timeUs = kstToUtcUs(date, second);
    },
    of: <K extends ReferenceKind>(kind: K) =>
      told.filter((one): one is Extract<Reference, { kind: K }> => one.kind === kind),
    settled: async () => {
      let before = '';
      await expect
        .poll(
          () => {
            const now = JSON.stringify([asked.length, told.length, loader.busy]);
            const same = now === before && !loader.busy;
            before = now;
            return same;
          },
          { interval: 40, timeout: 20_000 },
        )
        .toBe(true);
    },
  };
}
