// What follows from the feed's sessions and from the runs around them: whose records are expected, and since when.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import { frameBytes, SyntheticStock } from './decode/synthetic-frames.ts';
import type { FrameInput, SessionInput } from './input.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import type { StateMachine } from './state-machine.ts';
import { control, startCommand, testMachine } from './test-market.ts';

const SECOND = 1_000_000;
/** The synthetic stock trades on this day. */
const NINE = kstToUtcUs(20260105, 9 * 3600);
const NIGHT = NINE - 3 * 3600 * SECOND;

let machine: StateMachine;
beforeAll(() => initialiseBackend());
beforeEach(() => {
  machine = testMachine();
  machine.apply([control(startCommand(), NIGHT)], 0);
});

function register(timeUs: number): SessionInput {
  return {
    kind: 'session',
    engineTimeUs: timeUs,
    session: 's',
    event: 'registered',
    trId: 'H0STCNT0',
    trKey: '005930',
  };
}

/** Ten shares a second from nine o'clock on. */
function trades(stock: SyntheticStock, count: number): FrameInput[] {
  return Array.from({ length: count }, (_, i) => {
    const fields = stock.trade({ time: `0900${String(i).padStart(2, '0')}`, price: 70_000, volume: 10, side: 'buy' });
    return { kind: 'frame', engineTimeUs: NINE + i * SECOND, bytes: frameBytes('H0STCNT0', [fields]) };
  });
}

it('does not take for lost what was seen of a day before its records contradicted themselves', () => {
  machine.apply([register(NIGHT)], 1);
  // Two halves of one day that differ in the previous close: the first was damaged, and three agree on the other.
  const seen = trades(new SyntheticStock('005930', 60_000), 10);
  const goesOn = trades(new SyntheticStock('005930', 70_000), 20).slice(10);
  for (const input of [...seen, ...goesOn]) machine.apply([input], 2);
  expect(machine.counters.implausible).toBe(2);
  expect(machine.counters.gapShares).toEqual({});
  expect(machine.counters.ticks).toEqual({ 'H0STCNT0 KRX': 18 });
});

it('waits for no records of a symbol that the next run does not register', () => {
  machine.apply([register(NIGHT)], 1);
  machine.apply(trades(new SyntheticStock('005930', 70_000), 10), 2);
  machine.apply([control({ type: 'stop', reason: 'test' }, NINE + 20 * SECOND)], 3);
  machine.apply([control(startCommand(), NINE + 30 * SECOND)], 4);
  expect(machine.quality!.named('005930.KRX')!.registered).toEqual({ trades: false, books: false });
  for (let second = 31; second < 4 * 3600; second += 10)
    machine.apply([{ kind: 'clock', engineTimeUs: NINE + second * SECOND }], 5);
  expect(machine.quality!.counts()).toEqual({});
});

it('asks the records of a recording for no punctuality, also where a simulated market came before it', () => {
  const feed = 'a recording';
  machine.apply([control(startCommand({ source: 'recorded', feed }), NIGHT)], 1);
  expect(machine.save().quality.quality!.timed).toBe(false);
});
