// What answers of REST sources do inside of the state machine: torn bars are filled, indicators on bars are built from
// minutes, and the closing volume shows a loss that no record can show.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import { frameBytes, SyntheticStock } from './decode/synthetic-frames.ts';
import type { Input } from './input.ts';
import type { BarMessage, IndicatorsMessage, StreamUpdate } from './messages.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import type { Reference, ReferenceBar } from './reference/reference.ts';
import type { StateMachine } from './state-machine.ts';
import { control, startCommand, testMachine } from './test-market.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
/** The synthetic stock trades on this day. */
const DATE = 20260105;
const NINE = kstToUtcUs(DATE, 9 * 3600);
const TEN = NINE + 60 * MINUTE;

let machine: StateMachine;
let stock: SyntheticStock;
const references: Record<string, Reference> = {};

beforeAll(() => initialiseBackend());
beforeEach(() => {
  machine = testMachine({ references });
  stock = new SyntheticStock('005930', 70_000);
  machine.apply([control(startCommand(), NINE)], 0);
});

/** Ten shares at so many microseconds after ten o'clock. */
function trade(afterUs: number, price = 70_000): Input {
  const seconds = 10 * 3600 + Math.floor(afterUs / SECOND);
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, '0'));
  const fields = stock.trade({ time: time.join(''), price, volume: 10, side: 'buy' });
  return { kind: 'frame', engineTimeUs: TEN + afterUs, bytes: frameBytes('H0STCNT0', [fields]) };
}

function clock(afterUs: number): Input {
  return { kind: 'clock', engineTimeUs: TEN + afterUs };
}

function reference(content: Reference, afterUs: number): Input {
  const hash = `hash-${Object.keys(references).length}`;
  references[hash] = content;
  return control({ type: 'reference', kind: content.kind, hash }, TEN + afterUs);
}

function minutesFrom(startUs: number, count: number): ReferenceBar[] {
  return Array.from({ length: count }, (_, i) => ({
    startUs: startUs + i * MINUTE,
    open: 70_000 + i,
    high: 70_300 + i,
    low: 69_900 + i,
    close: 70_100 + i,
    volume: 100,
    turnover: 7_010_000,
  }));
}

function take(...inputs: Input[]): readonly StreamUpdate[] {
  return machine.apply(inputs, 1);
}

function minuteBars(updates: readonly StreamUpdate[]): BarMessage[] {
  return updates.filter(({ stream }) => stream.key === 'bars/005930.KRX/1m').flatMap((u) => u.messages as BarMessage[]);
}

function minuteIndicators(updates: readonly StreamUpdate[]): IndicatorsMessage {
  const update = updates.find(({ stream }) => stream.key === 'indicators/005930.KRX/1m');
  return update!.messages.at(-1) as IndicatorsMessage;
}

it('warms indicators on minute bars before the first trade of its own', () => {
  const bars = minutesFrom(TEN - 40 * MINUTE, 40);
  take(reference({ kind: 'minute_bars', code: '005930', venue: 'KRX', purpose: 'warm', bars }, 0));
  const { values, complete } = minuteIndicators(take(trade(SECOND)));
  // Nineteen closes of minutes and the bar that forms.
  const closes = [...bars.slice(-19).map(({ close }) => close), 70_000];
  expect(values.sma20).toBeCloseTo(closes.reduce((sum, close) => sum + close, 0) / 20, 6);
  expect(values.rsi14).not.toBeNull();
  expect(complete).toBe(true);
});

it('publishes a torn bar again once REST has filled it, marks it, and says from when on indicators hold again', () => {
  take(trade(SECOND));
  trade(30 * SECOND);
  // The clock had closed the first minute before anyone could know of the loss in it.
  const first = minuteBars(take(trade(65 * SECOND)));
  expect(first.map(({ startUs, complete }) => [startUs, complete])).toEqual([
    [TEN, true],
    [TEN, false],
  ]);
  const [torn] = minuteBars(take(clock(130 * SECOND)));
  const second = minuteIndicators(take(trade(131 * SECOND)));
  expect(torn).toMatchObject({ startUs: TEN + MINUTE, complete: false, filled: false });
  expect(second.complete).toBe(false);
  const bars = minutesFrom(TEN - 70 * MINUTE, 72);
  const updates = take(
    reference({ kind: 'minute_bars', code: '005930', venue: 'KRX', purpose: 'fill', bars }, 132 * SECOND),
    trade(133 * SECOND),
  );
  const filled = minuteBars(updates);
  expect(filled.map(({ startUs }) => startUs)).toEqual([TEN, TEN + MINUTE]);
  expect(filled[1]).toMatchObject({ ...bars[71], complete: true, filled: true, trades: 0 });
  const after = minuteIndicators(updates);
  const closes = [...bars.slice(-19).map(({ close }) => close), 70_000];
  expect(after.values.sma20).toBeCloseTo(closes.reduce((sum, close) => sum + close, 0) / 20, 6);
  expect(after.complete).toBe(true);
  // Asked once more it changes nothing.
  const again = reference({ kind: 'minute_bars', code: '005930', venue: 'KRX', purpose: 'fill', bars }, 134 * SECOND);
  expect(minuteBars(take(again))).toEqual([]);
});

it('builds no indicators from minutes that leave a hole before its own bars', () => {
  take(trade(SECOND), trade(125 * SECOND), clock(190 * SECOND));
  const bars = minutesFrom(TEN - 70 * MINUTE, 70);
  const before = minuteIndicators(take(trade(191 * SECOND)));
  take(reference({ kind: 'minute_bars', code: '005930', venue: 'KRX', purpose: 'fill', bars }, 192 * SECOND));
  expect(minuteIndicators(take(trade(193 * SECOND))).values.sma20).toBe(before.values.sma20);
});

it('finds the loss behind the last record by the closing volume, once, and from KIS only', () => {
  take(trade(SECOND));
  const close = (source: 'KIS' | 'KRX', volume: number): Reference => ({
    kind: 'daily_close',
    source,
    venue: 'KRX',
    date: DATE,
    rows: [{ code: '005930', closeWon: 70_000, volume, turnoverWon: volume * 70_000 }],
  });
  take(reference(close('KRX', 25), MINUTE));
  take(reference(close('KIS', 10), MINUTE));
  expect(machine.counters.gaps).toEqual({});
  for (let i = 0; i < 2; i++) take(reference(close('KIS', 25), 2 * MINUTE));
  const { gaps, gapShares, gapTurnoverWon } = machine.counters;
  expect([gaps, gapShares, gapTurnoverWon]).toEqual([{ KRX: 1 }, { KRX: 15 }, { KRX: 1_050_000 }]);
});

it('holds the closes of the exchange against those of KRX by KIS, whatever other venues closed at', () => {
  take(trade(SECOND));
  const close = (source: 'KIS' | 'KRX', venue: 'KRX' | 'UN', closeWon: number): Reference => ({
    kind: 'daily_close',
    source,
    venue,
    date: DATE,
    rows: [{ code: '005930', closeWon, volume: 10, turnoverWon: 700_000 }],
  });
  take(reference(close('KIS', 'KRX', 70_000), MINUTE));
  take(reference(close('KIS', 'UN', 70_100), MINUTE));
  take(reference(close('KRX', 'KRX', 70_000), 2 * MINUTE));
  expect(machine.quality!.counts().sources_differ).toBeUndefined();
  take(reference(close('KRX', 'KRX', 70_200), 3 * MINUTE));
  expect(machine.quality!.counts().sources_differ).toBe(1);
});

it('knows all of it again from a snapshot', () => {
  take(trade(SECOND));
  trade(30 * SECOND);
  take(trade(65 * SECOND), clock(130 * SECOND));
  const other = testMachine({ references });
  other.load(structuredClone(machine.save()));
  const fill = reference(
    {
      kind: 'minute_bars',
      code: '005930',
      venue: 'KRX',
      purpose: 'fill',
      bars: minutesFrom(TEN - 70 * MINUTE, 72),
    },
    140 * SECOND,
  );
  const inputs = [fill, trade(150 * SECOND)];
  expect(other.apply(inputs, 9)).toEqual(machine.apply(inputs, 9));
});
