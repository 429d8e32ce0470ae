import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TickMessage } from '../../engine/messages.ts';
import { type ChartBar, formingBar, INTERVAL_US } from './forming-bar.ts';

const SECOND = INTERVAL_US['1s'];
const MINUTE = INTERVAL_US['1m'];

function tick(second: number, price: number, volume: number): TickMessage {
  return {
    seq: 0,
    timeUs: second * SECOND,
    exchangeTimeUs: second * SECOND,
    price,
    volume,
    side: 'none',
    accumulatedVolume: 0,
    accumulatedTurnover: 0,
    change: 0,
  };
}

/** Closed bars the plain way: all ticks of an interval. */
function barsOf(ticks: readonly TickMessage[], intervalUs: number): ChartBar[] {
  const starts = [...new Set(ticks.map((t) => Math.floor(t.exchangeTimeUs / intervalUs) * intervalUs))];
  return starts.map((startUs) => {
    const own = ticks.filter((t) => Math.floor(t.exchangeTimeUs / intervalUs) * intervalUs === startUs);
    const prices = own.map((t) => t.price);
    return {
      startUs,
      open: prices[0],
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices.at(-1)!,
      volume: own.reduce((sum, t) => sum + t.volume, 0),
      complete: true,
      filled: false,
    };
  });
}

const tape = fc
  .array(
    fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 50 })),
    {
      minLength: 1,
      maxLength: 200,
    },
  )
  .map((trades) => trades.sort((a, b) => a[0] - b[0]).map(([second, price, volume]) => tick(second, price, volume)));

describe('the forming bar', () => {
  it('of a minute, joined from closed seconds and the ticks after them, equals the minute of all its ticks', () => {
    fc.assert(
      fc.property(tape, fc.boolean(), (ticks, newestSecondClosed) => {
        const seconds = barsOf(ticks, SECOND);
        const closedSeconds = newestSecondClosed ? seconds : seconds.slice(0, -1);
        const minutes = barsOf(ticks, MINUTE);
        const forming = formingBar({
          intervalUs: MINUTE,
          lastClosedStartUs: minutes.at(-2)?.startUs ?? -1,
          finer: closedSeconds,
          finerIntervalUs: SECOND,
          // Only the newest ticks are kept; closed seconds stand for the others.
          ticks: ticks.filter((t) => t.exchangeTimeUs >= seconds.at(-1)!.startUs),
        });
        expect(forming).toEqual(minutes.at(-1));
      }),
    );
  });

  it('is folded from ticks alone where there is no finer bar', () => {
    const forming = formingBar({
      intervalUs: SECOND,
      lastClosedStartUs: 4 * SECOND,
      finer: [],
      finerIntervalUs: SECOND,
      ticks: [tick(4, 90, 7), tick(5, 100, 1), tick(5, 98, 2), tick(5, 103, 3)],
    });
    expect(forming).toEqual({
      startUs: 5 * SECOND,
      open: 100,
      high: 103,
      low: 98,
      close: 103,
      volume: 6,
      complete: true,
      filled: false,
    });
  });

  it('is none once the bar has closed, and none without trades', () => {
    const rest = { intervalUs: SECOND, finer: [], finerIntervalUs: SECOND };
    expect(formingBar({ ...rest, lastClosedStartUs: 5 * SECOND, ticks: [tick(5, 100, 1)] })).toBeNull();
    expect(formingBar({ ...rest, lastClosedStartUs: -1, ticks: [] })).toBeNull();
  });

  it('is never called filled, even where a part of it was', () => {
    const second = {
      startUs: 60 * SECOND,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
      complete: true,
      filled: true,
    };
    const forming = formingBar({
      intervalUs: MINUTE,
      lastClosedStartUs: 0,
      finer: [second],
      finerIntervalUs: SECOND,
      ticks: [],
    });
    expect(forming).toMatchObject({ startUs: MINUTE, complete: true, filled: false });
  });

  it('is incomplete where a second in it is', () => {
    const second = {
      startUs: 60 * SECOND,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
      complete: false,
      filled: false,
    };
    const forming = formingBar({
      intervalUs: MINUTE,
      lastClosedStartUs: 0,
      finer: [second],
      finerIntervalUs: SECOND,
      ticks: [tick(61, 2, 1)],
    });
    expect(forming).toMatchObject({ startUs: MINUTE, high: 2, complete: false });
  });
});
