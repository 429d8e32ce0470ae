// The load of the ingest bench, in a process of its own so that its memory is not the engine's: part of a day of the
// simulated market, written as a journal that `kisignal record` might have written.
import { pino } from 'pino';
import { kstToUtcUs } from '../../config/calendar.ts';
import { instrumentsForLoad } from '../../config/instruments.ts';
import { Market } from '../../engine/emulator/market/market.ts';
import { MarketFeed } from '../../engine/emulator/market-feed.ts';
import type { Input } from '../../engine/input.ts';
import { Journal } from '../../engine/journal/journal.ts';
import { sharedUs } from '../shared-clock.ts';
import { serve } from '../worker.ts';

/** A quarter of an hour into the day, which is as busy as its mean. */
const START_US = kstToUtcUs(20261124, 10 * 3600);
const FLUSH_US = 200_000;
const TURN_US = 20_000;
/** As one session hands over at once. */
const BATCH_FRAMES_MAX = 256;

export interface FramesRequest {
  readonly folder: string;
  readonly symbols: number;
  /** Plays until so many trades have come. */
  readonly trades: number;
  readonly books: boolean;
}

export interface FramesResult {
  readonly trades: number;
  readonly books: number;
  /** Simulated seconds, and those it took to play and to write them. */
  readonly simulatedSeconds: number;
  readonly seconds: number;
}

const handlers = {
  write({ folder, symbols, trades, books }: FramesRequest): FramesResult {
    const journal = new Journal({
      folder,
      segmentBytesMax: 1 << 28,
      diskBudgetBytes: Number.MAX_SAFE_INTEGER,
      log: pino({ level: 'silent' }),
    });
    const instruments = instrumentsForLoad(symbols);
    const market = new Market({ seed: 1, instruments, startTimeUs: START_US });
    const feed = new MarketFeed({ market, flushPeriodUs: FLUSH_US });
    for (const { code } of instruments) {
      feed.begin('H0STCNT0', code);
      if (books) feed.begin('H0STASP0', code);
    }
    const encoder = new TextEncoder();
    const startUs = sharedUs();
    let [records, snapshots, elapsedUs] = [0, 0, 0];
    while (records < trades) {
      elapsedUs += TURN_US;
      const frames = feed.advanceTo(elapsedUs).map(({ frame }): Input => {
        if (frame.startsWith('0|H0STCNT0|')) records += Number(frame.slice(11, 14));
        else snapshots += 1;
        return { kind: 'frame', engineTimeUs: feed.timeUs, bytes: encoder.encode(frame) };
      });
      for (let i = 0; i < frames.length; i += BATCH_FRAMES_MAX) journal.append(frames.slice(i, i + BATCH_FRAMES_MAX));
      if (elapsedUs % 100_000 === 0) journal.append([{ kind: 'clock', engineTimeUs: feed.timeUs }]);
    }
    journal.close();
    return {
      trades: records,
      books: snapshots,
      simulatedSeconds: elapsedUs / 1e6,
      seconds: (sharedUs() - startUs) / 1e6,
    };
  },
};
export type FramesHandlers = typeof handlers;

serve(handlers);
