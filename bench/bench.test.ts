// The harness on a small load: what it reports is whole, it adds up, and nothing is lost. No time is judged.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';
import { renderResults } from './report.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { bidWon, bookOfMid, loadFrames } from './whole-path/load.ts';
import { type LoadShape, Schedule } from './whole-path/schedule.ts';
import { benchWholePath } from './whole-path/whole-path.ts';

const SMALL: LoadShape = {
  symbols: 12,
  clients: 6,
  symbolsPerClient: 4,
  framesPerSecond: 120,
  recordsPerFrame: 5,
  warmUpSeconds: 1,
  seconds: 1,
};

let temporary: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  temporary = temporaryFolder();
});
afterEach(() => {
  temporary.remove();
});

describe('the whole path', () => {
  it('delivers every message of kisignal and of the relay, and reports it', { timeout: 120_000 }, async () => {
    const progress: string[] = [];
    const result = await benchWholePath(
      { shape: SMALL, rounds: 1, onProgress: (text) => progress.push(text) },
      temporary.folder,
    );
    expect(result.rounds.map(({ subject }) => subject)).toEqual(['relay', 'kisignal']);
    expect(progress.length).toBeGreaterThan(2);
    for (const { subject, lost, holes, latency, lateness, deliveriesPerSecond } of result.rounds) {
      expect({ subject, lost, holes }).toEqual({ subject, lost: 0, holes: 0 });
      // 120 frames and 12 books a second, each frame to 2 clients: 5 ticks and a prediction, and a prediction a book.
      expect(deliveriesPerSecond).toBeGreaterThanOrEqual(2 * (120 * 5 + 120));
      expect(latency.count).toBeGreaterThanOrEqual(2 * 2 * 120);
      expect(lateness.count).toBe(120 + 12);
      expect(latency.p50Us).toBeLessThanOrEqual(latency.p99Us);
      expect(latency.p99Us).toBeLessThanOrEqual(latency.maxUs);
    }
    const machine = { date: '', processor: '', cores: 2, memoryGb: 1, system: '', node: '', commit: '', loadBefore: 0 };
    const text = renderResults({ path: result }, { ...machine, command: 'npm run bench' });
    expect(text).toContain('| whole path, nothing lost | 0 of all messages | met |');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the load', () => {
  const schedule = new Schedule(SMALL);

  it('sends every frame once, in the order of its intended times', () => {
    expect([...schedule.dueUs]).toEqual([...schedule.dueUs].sort((one, other) => one - other));
    const seen = new Set<number>();
    for (let symbol = 0; symbol < SMALL.symbols; symbol++) {
      for (let i = 0; i < schedule.tradeFramesPerSymbol; i++) seen.add(schedule.tradeFrame(symbol, i));
      for (let i = 0; i < schedule.booksPerSymbol; i++) seen.add(schedule.bookFrame(symbol, i));
    }
    expect(seen.size).toBe(schedule.length);
  });

  it('gives every symbol to as many clients', () => {
    const subscribers = new Array<number>(SMALL.symbols).fill(0);
    for (let client = 0; client < SMALL.clients; client++) {
      for (const symbol of schedule.symbolsOf(client)) subscribers[symbol] += 1;
    }
    expect(new Set(subscribers)).toEqual(new Set([(SMALL.clients * SMALL.symbolsPerClient) / SMALL.symbols]));
  });

  it('makes trades that follow on, and books whose mid names them', () => {
    const volumes = new Map<string, number>();
    for (const { trId, bytes } of loadFrames(schedule)) {
      if (trId !== 'H0STCNT0') continue;
      const [, , count, payload] = bytes.toString().split('|');
      const fields = payload.split('^');
      const width = fields.length / Number(count);
      for (let at = 0; at < fields.length; at += width) {
        const [code, volume, accumulated] = [fields[at], Number(fields[at + 12]), Number(fields[at + 13])];
        expect(accumulated).toBe((volumes.get(code) ?? 0) + volume);
        volumes.set(code, accumulated);
      }
    }
    for (let book = 0; book < 60; book++) expect(bookOfMid(7, bidWon(7, book) + 50)).toBe(book);
  });
});

describe('the histogram', () => {
  it('knows every quantile to 1 % or a tenth of a microsecond, and adds up what other processes counted', () => {
    const values = fc.array(fc.double({ min: 0, max: 100_000_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0.01, max: 1, noNaN: true }), (here, there, fraction) => {
        const histogram = new LatencyHistogram();
        const other = new LatencyHistogram();
        for (const us of here) histogram.record(us);
        for (const us of there) other.record(us);
        histogram.add(structuredClone(other.save()));
        const all = [...here, ...there].sort((one, two) => one - two);
        const exact = all[Math.max(1, Math.ceil(fraction * all.length)) - 1];
        expect(Math.abs(histogram.quantileUs(fraction) - exact)).toBeLessThanOrEqual(0.1 + exact / 100);
        expect(histogram.figures()).toMatchObject({ count: all.length, maxUs: all[all.length - 1] });
      }),
    );
  });
});
