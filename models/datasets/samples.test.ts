import { describe, expect, it } from 'vitest';
import { BookColumns } from '../../engine/decode/records.ts';
import { FEATURE_NAMES } from '../../engine/features/order-book-features.ts';
import { FrameSampler, QuoteSampler, ROW_WIDTH, SampleCollector } from './samples.ts';

function book(bid: number, ask: number, bidSize = 10, askSize = 10): BookColumns {
  const columns = new BookColumns();
  columns.bidPrice[0] = bid;
  columns.askPrice[0] = ask;
  columns.bidSize[0] = bidSize;
  columns.askSize[0] = askSize;
  return columns;
}

describe('labels', () => {
  it('are the direction of the next move from the mid that stood at the row, with the time of that move', () => {
    const collector = new SampleCollector();
    for (const [timeUs, bid] of [
      [1, 100],
      [2, 100],
      [3, 104],
      [4, 104],
      [5, 104],
      [6, 102],
      [7, 102],
    ]) {
      collector.book(book(bid, bid + 2), timeUs);
      collector.sample(timeUs);
    }
    const samples = collector.finish('x');
    // No row for the first book; the rows at 6 and 7 never learn their label and are dropped.
    expect([...samples.timeUs]).toEqual([2, 3, 4, 5]);
    expect([...samples.up]).toEqual([1, 0, 0, 0]);
    expect([...samples.labelTimeUs]).toEqual([3, 6, 6, 6]);
    expect([...samples.lastMove]).toEqual([0, 1, 1, 1]);
    expect(samples.rows.length).toBe(4 * ROW_WIDTH);
  });

  it('follow the mid when one side of the book moves alone', () => {
    const sampler = new QuoteSampler();
    sampler.book(book(100, 102), 1, true);
    sampler.book(book(100, 102, 20), 2, true);
    sampler.book(book(100, 104), 3, true);
    sampler.book(book(98, 104), 4, true);
    expect([...sampler.collector.finish('x').up]).toEqual([1, 0]);
  });
});

describe('conflation as KIS does it', () => {
  const IMBALANCE = FEATURE_NAMES.indexOf('imbalance_1');
  const OUTSIDE = FEATURE_NAMES.indexOf('trade_outside');

  it('sends the newest book every 200 ms and nothing where nothing changed', () => {
    const sampler = new FrameSampler(0, 100_000);
    // The frame at 200 ms has the book of 190 ms; none at 400; the frame at 600 has that of 590, and so on.
    for (const [timeMs, bid, size] of [
      [10, 100, 10],
      [190, 100, 30],
      [410, 100, 90],
      [590, 102, 10],
      [790, 102, 30],
      [990, 104, 10],
      [1200, 104, 10],
    ]) {
      sampler.book(book(bid, bid + 2, size), timeMs * 1000);
    }
    const samples = sampler.collector.finish('x');
    expect([...samples.timeUs]).toEqual([600_000, 800_000]);
    expect(samples.rows[IMBALANCE]).toBeCloseTo(0, 6);
    expect(samples.rows[ROW_WIDTH + IMBALANCE]).toBeCloseTo(0.5, 6);
    expect([...samples.up]).toEqual([1, 1]);
    expect([...samples.labelTimeUs]).toEqual([1_000_000, 1_000_000]);
  });

  it('sends trades together, at a time of their own, and takes a row after them', () => {
    const sampler = new FrameSampler(0, 100_000);
    sampler.book(book(100, 102), 10_000);
    sampler.book(book(100, 102, 20), 210_000);
    sampler.trade(102, 1, 1, 420_000);
    sampler.trade(103, 1, 1, 430_000);
    sampler.book(book(103, 105), 450_000);
    sampler.book(book(103, 105), 650_000);
    const samples = sampler.collector.finish('x');
    expect([...samples.timeUs]).toEqual([400_000, 500_000]);
    expect(samples.rows[OUTSIDE]).toBe(0);
    // The last of them printed at 103 while the known book is 100 – 102: one spread above its mid.
    expect(samples.rows[ROW_WIDTH + OUTSIDE]).toBe(1);
    expect([...samples.labelTimeUs]).toEqual([600_000, 600_000]);
  });

  it('catches up over a long silence without a frame for each 200 ms of it', () => {
    const sampler = new FrameSampler(0, 100_000);
    sampler.book(book(100, 102), 10_000);
    sampler.book(book(100, 102, 20), 3_600_000_000_001);
    sampler.book(book(101, 103), 3_600_000_300_000);
    sampler.book(book(101, 103), 3_600_000_700_000);
    expect([...sampler.collector.finish('x').timeUs]).toEqual([3_600_000_200_000]);
  });
});
