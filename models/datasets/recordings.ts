// The recordings of a folder, `<instrument>-<YYYYMMDD>.gz`, grouped by instrument and played into samples: once at
// every change of the quotes, and three times as KIS would have conflated them, at different phases of its 200 ms.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatasetError, playBinance } from './binance.ts';
import type { Samples } from './samples.ts';
import { FrameSampler, QuoteSampler } from './samples.ts';

export interface Recording {
  readonly instrument: string;
  /** Paths, earliest first. */
  readonly files: readonly string[];
}

export interface RecordedSamples {
  readonly instrument: string;
  readonly quotes: Samples;
  readonly frames: readonly Samples[];
}

const FILE_NAME = /^(?<instrument>[a-z]+-[a-z]+)-(?<date>\d{8})\.gz$/;

/** Phase of the book's frames and of the trades' frames, in milliseconds of 200. */
const FRAME_PHASES_MS = [
  [0, 80],
  [70, 180],
  [140, 30],
] as const;

/** @throws {DatasetError} where the folder is missing or has no recordings */
export function findRecordings(dataDir: string): Recording[] {
  if (!existsSync(dataDir)) throw new DatasetError(dataDir, 'no such folder');
  const files = new Map<string, string[]>();
  for (const file of readdirSync(dataDir).sort()) {
    const instrument = FILE_NAME.exec(file)?.groups?.instrument;
    if (instrument === undefined) continue;
    files.set(instrument, [...(files.get(instrument) ?? []), join(dataDir, file)]);
  }
  if (files.size === 0) throw new DatasetError(dataDir, 'no recordings named <instrument>-<YYYYMMDD>.gz');
  return [...files].map(([instrument, paths]) => ({ instrument, files: paths }));
}

export function loadRecording({ instrument, files }: Recording): RecordedSamples {
  const quotes = new QuoteSampler();
  const frames = FRAME_PHASES_MS.map(([book, trades]) => new FrameSampler(book * 1000, trades * 1000));
  playBinance(files, {
    book(columns, timeUs, quote) {
      quotes.book(columns, timeUs, quote);
      for (const sampler of frames) sampler.book(columns, timeUs);
    },
    trade(price, volume, sign, timeUs) {
      quotes.trade(price, volume, sign, timeUs);
      for (const sampler of frames) sampler.trade(price, volume, sign, timeUs);
    },
  });
  return {
    instrument,
    quotes: quotes.collector.finish(instrument),
    frames: frames.map((sampler) => sampler.collector.finish(instrument)),
  };
}

export function fileSha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
