// How fast a day of the whole market passes through the engine, how that depends on the number of symbols, and what the
// engine's process weighs with all of them. The load is the emulator's simulated market.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentsForLoad } from '../config/instruments.ts';
import type { IngestHandlers } from './ingest/engine.ts';
import type { FramesHandlers } from './ingest/frames.ts';
import { KisignalProcess } from './kisignal-process.ts';
import { residentBytes } from './process-usage.ts';
import { Worker } from './worker.ts';

export interface IngestRow {
  readonly symbols: number;
  readonly trades: number;
  readonly books: number;
  readonly seconds: number;
  readonly appendSeconds: number;
  readonly predicts: boolean;
}

export interface IngestMemory {
  readonly symbols: number;
  readonly registered: number;
  /** Age of the run when it was weighed, and its memory then. */
  readonly seconds: number;
  readonly residentBytes: number;
  readonly ticksPerSecond: number;
}

export interface IngestResult {
  readonly rows: readonly IngestRow[];
  readonly memory: IngestMemory;
}

const ALL_SYMBOLS = 2_800;
const SYMBOLS = [10, 100, 1_000, ALL_SYMBOLS];
const TRADES = 300_000;
const MEMORY_SECONDS = 45;
const REGISTERED_MS_MAX = 60_000;

/** @param folder for journals; the caller removes it */
export async function benchIngest(folder: string, onProgress: (text: string) => void): Promise<IngestResult> {
  const rows: IngestRow[] = [];
  for (const symbols of SYMBOLS) {
    for (const books of symbols === ALL_SYMBOLS ? [false, true] : [false]) {
      onProgress(`${symbols} symbols${books ? ', trades and books' : ''}`);
      rows.push(...(await ingest(folder, symbols, books)));
    }
  }
  onProgress(`memory at ${ALL_SYMBOLS} symbols`);
  return { rows, memory: await weigh(folder) };
}

async function ingest(parent: string, symbols: number, books: boolean): Promise<IngestRow[]> {
  const folder = mkdtempSync(join(parent, 'ingest-'));
  const frames = join(folder, 'frames');
  const load = new Worker<FramesHandlers>('ingest/frames');
  await load.call('write', { folder: frames, symbols, trades: TRADES, books });
  await load.end();
  const rows: IngestRow[] = [];
  for (const predicts of books ? [false, true] : [false]) {
    const engine = new Worker<IngestHandlers>('ingest/engine');
    const result = await engine.call('run', { frames, folder: join(folder, String(predicts)), predicts });
    await engine.end();
    if (result.findings > 0) throw new Error(`${result.findings} findings on a clean feed`);
    rows.push({ symbols, predicts, ...result });
  }
  return rows;
}

interface Status {
  readonly feed: { readonly registered: number };
  readonly vitals: { readonly ticksPerSecond: number };
}

/** A whole run: emulator, sessions of 41 registrations, engine, gateway. */
async function weigh(parent: string): Promise<IngestMemory> {
  const codes = instrumentsForLoad(ALL_SYMBOLS).map(({ code }) => code);
  const kisignal = new KisignalProcess({
    dataFolder: mkdtempSync(join(parent, 'memory-')),
    environment: {
      KISIGNAL_SYMBOLS: codes.join(','),
      KISIGNAL_EMULATOR_SYMBOLS: String(ALL_SYMBOLS),
      KISIGNAL_EMULATOR_START_TIME: '2026-11-24T11:00:00+09:00',
    },
  });
  try {
    const url = await kisignal.url();
    const status = async (): Promise<Status> => (await (await fetch(new URL('/v1/status', url))).json()) as Status;
    const wanted = 2 * ALL_SYMBOLS;
    const deadline = Date.now() + REGISTERED_MS_MAX;
    let now = await status();
    while (now.feed.registered < wanted && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      now = await status();
    }
    await new Promise((resolve) => setTimeout(resolve, MEMORY_SECONDS * 1000));
    const { feed, vitals } = await status();
    return {
      symbols: ALL_SYMBOLS,
      registered: feed.registered,
      seconds: MEMORY_SECONDS,
      residentBytes: residentBytes(kisignal.pid),
      ticksPerSecond: vitals.ticksPerSecond,
    };
  } finally {
    await kisignal.end();
  }
}
