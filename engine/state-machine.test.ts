import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import { frameBytes, SyntheticStock, type SyntheticTrade } from './decode/synthetic-frames.ts';
import type { Input, SessionInput } from './input.ts';
import type { BarMessage, Message, MessageOf, PredictionMessage, StreamUpdate } from './messages.ts';
import type { Model } from './predict/model.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import type { SavedState } from './state/saved-state.ts';
import type { StateMachine } from './state-machine.ts';
import { control, marketBatches, startCommand, TEN, testMachine, testSettings } from './test-market.ts';

const SECOND = 1_000_000;
/** The synthetic stock trades on this day. */
const MONDAY_NINE = kstToUtcUs(20260105, 9 * 3600);

let market: Input[][];
beforeAll(async () => {
  await initialiseBackend();
  market = [[control(startCommand())], ...marketBatches({ seconds: 40 })];
});

/** Messages by `stream seq` in the order in which they came. */
class Published {
  readonly updates: StreamUpdate[] = [];

  take(updates: readonly StreamUpdate[]): void {
    this.updates.push(...updates);
  }

  of<C extends keyof MessageOf>(channel: C, instrument?: string, variant?: string): MessageOf[C][] {
    return this.updates
      .filter(({ stream }) => stream.channel === channel)
      .filter(({ stream }) => instrument === undefined || stream.instrument === instrument)
      .filter(({ stream }) => variant === undefined || stream.variant === variant)
      .flatMap(({ messages }) => messages as MessageOf[C][]);
  }
}

function apply(machine: StateMachine, batches: readonly (readonly Input[])[], from = 0): Published {
  const published = new Published();
  let offset = from;
  for (const inputs of batches) {
    published.take(machine.apply(inputs, offset));
    offset += inputs.length;
  }
  return published;
}

function entriesOf(batches: readonly (readonly Input[])[]): number {
  return batches.reduce((sum, inputs) => sum + inputs.length, 0);
}

/** As a snapshot keeps it. */
function copyOf(machine: StateMachine): SavedState {
  return structuredClone(machine.save());
}

describe('on a simulated market', () => {
  it('derives ticks, books, bars, indicators, predictions, signals and scores, and no number that is none', () => {
    const machine = testMachine();
    const published = apply(machine, market);
    const channels = ['ticks', 'books', 'bars', 'indicators', 'predictions', 'signals', 'scores'] as const;
    for (const channel of channels) expect(published.of(channel).length, channel).toBeGreaterThan(0);
    const check = (value: unknown, path: string): void => {
      if (typeof value === 'number' && !Number.isFinite(value)) expect.unreachable(`${path} is ${value}`);
      if (typeof value === 'object' && value !== null)
        for (const key of Object.keys(value)) check(value[key as keyof typeof value], `${path}.${key}`);
    };
    for (const { stream, messages } of published.updates) for (const message of messages) check(message, stream.key);
    expect(machine.counters).toMatchObject({ duplicates: 0, inconsistent: 0, gaps: {}, outsideLimits: 0 });
    expect(published.of('predictions').some(({ abstained }) => abstained === null)).toBe(true);
  });

  it('numbers each stream from 1 without holes, and says of each update what came before', () => {
    const published = apply(testMachine(), market);
    const last = new Map<string, number>();
    for (const { stream, prevSeq, messages } of published.updates) {
      expect(prevSeq).toBe(last.get(stream.key) ?? 0);
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, i) => prevSeq + 1 + i));
      last.set(stream.key, prevSeq + messages.length);
    }
  });

  it('names a stream at most once in a batch', () => {
    const machine = testMachine();
    for (const inputs of market) {
      const keys = machine.apply(inputs, 0).map(({ stream }) => stream.key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('derives the same from the same batches', () => {
    const [one, other] = [testMachine(), testMachine()];
    apply(one, market);
    apply(other, market);
    expect(other.report()).toEqual(one.report());
    expect(copyOf(other)).toEqual(copyOf(one));
  });

  it('goes on from a snapshot at any batch as if there had been none', () => {
    const straight = testMachine();
    const whole = apply(straight, market);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: market.length - 1 }), { minLength: 1, maxLength: 3 }),
        (cuts) => {
          const [first, ...later] = [...cuts.sort((a, b) => a - b), market.length];
          let machine = testMachine();
          const messages = apply(machine, market.slice(0, first)).updates;
          let done = first;
          for (const cut of later) {
            const next = testMachine();
            next.load(copyOf(machine));
            expect(copyOf(next)).toEqual(copyOf(machine));
            machine = next;
            const part = apply(machine, market.slice(done, cut), entriesOf(market.slice(0, done)));
            messages.push(...part.updates);
            done = cut;
          }
          expect(machine.report()).toEqual(straight.report());
          expect(messages).toEqual(whole.updates);
          expect(copyOf(machine)).toEqual(copyOf(straight));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('predicts a symbol once a batch: other batches change predictions and indicators, never ticks, books and bars', () => {
    const split = market.flatMap((inputs) => inputs.map((input) => [input]));
    const [whole, single] = [apply(testMachine(), market), apply(testMachine(), split)];
    const codes = new Set(whole.updates.map(({ stream }) => stream.instrument).filter((code) => code !== 'engine'));
    for (const channel of ['ticks', 'books', 'bars'] as const) {
      for (const code of codes)
        expect(single.of(channel, code, channel === 'bars' ? '1s' : '')).toEqual(
          whole.of(channel, code, channel === 'bars' ? '1s' : ''),
        );
    }
    expect(single.of('predictions').length).toBeGreaterThan(whole.of('predictions').length);
    // Indicators on bars end where they would have ended: a forming bar is replaced, however often.
    for (const code of codes) {
      const [one, other] = [whole, single].map((published) => published.of('indicators', code, '1m').at(-1)!.values);
      expect(other).toEqual(one);
    }
  });

  it('scores each signal once, when its horizon ends, by engine time alone', () => {
    const published = apply(testMachine(), market);
    const signals = new Map(published.of('signals').map((signal) => [signal.id, signal]));
    const scores = published.of('scores');
    expect(signals.size).toBe(published.of('signals').length);
    expect(new Set(scores.map(({ signalId }) => signalId)).size).toBe(scores.length);
    for (const score of scores) {
      const signal = signals.get(score.signalId)!;
      expect(score).toMatchObject({ side: signal.side, entryMid: signal.mid, confidence: signal.confidence });
      // Nothing is as precise as the entries that carry the time: here at most 100 ms apart.
      const waitedUs = score.timeUs - signal.timeUs;
      expect(waitedUs).toBeGreaterThanOrEqual(signal.horizonMs * 1000);
      expect(waitedUs).toBeLessThanOrEqual(signal.horizonMs * 1000 + 100_000);
    }
    const lastUs = market.at(-1)!.at(-1)!.engineTimeUs;
    const due = [...signals.values()].filter(({ timeUs, horizonMs }) => timeUs + horizonMs * 1000 <= lastUs);
    expect(scores.length).toBe(due.length);
  });

  it('keeps frames that do not decode in quarantine, and derives from the rest what it would have derived', () => {
    const clean = testMachine();
    apply(clean, market);
    const frames = market.flat().filter((input) => input.kind === 'frame');
    const bad = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(frames.length - 1), fc.nat()).map(([i, at]) => {
        const { bytes } = frames[i];
        return bytes.subarray(0, at % (bytes.length - 1));
      }),
      fc.nat(frames.length - 1).map((i) => {
        const bytes = frames[i].bytes.slice();
        bytes.set(new TextEncoder().encode('H0XXXXX9'), 2);
        return bytes;
      }),
      fc.constant(new Uint8Array(600_000).fill(0x30)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(market.length - 1), bad), { minLength: 1, maxLength: 20 }), (insertions) => {
        const disturbed = market.map((inputs) => [...inputs]);
        let inserted = 0;
        for (const [i, bytes] of insertions) {
          // Into batches of frames only: an input of its own would be a batch of its own.
          if (disturbed[i][0].kind !== 'frame' || testDecodes(bytes)) continue;
          disturbed[i].splice(1, 0, { kind: 'frame', engineTimeUs: disturbed[i][0].engineTimeUs, bytes });
          inserted += 1;
        }
        const machine = testMachine();
        const published = apply(machine, disturbed);
        expect(machine.quarantine.total).toBe(inserted);
        // Journal offsets move on, and with them the ids of signals: compared without.
        // Scores of quality are lower by them, as they must be.
        const withoutOffsets = (updates: readonly StreamUpdate[]) =>
          updates
            .filter(({ stream }) => stream.channel !== 'quality')
            .map(({ stream, messages }) => [
              stream.key,
              messages.map(({ ...m }) => ({ ...m, id: 0, journalOffset: 0, signalId: 0 })),
            ]);
        expect(withoutOffsets(published.updates)).toEqual(withoutOffsets(apply(testMachine(), market).updates));
      }),
      { numRuns: 6 },
    );
  });

  it('halts signals by the kill switch and the lost journal, each with its reason, and goes on after', () => {
    const half = Math.floor(market.length / 2);
    const at = market[half][0].engineTimeUs;
    for (const [command, reason] of [
      [{ type: 'kill_switch', on: true, reason: 'test' }, 'kill_switch'],
      [{ type: 'journal_unavailable', epoch: 'unjournaled-1' }, 'journal_unavailable'],
    ] as const) {
      const machine = testMachine();
      apply(machine, market.slice(0, half));
      expect(machine.haltReason).toBeNull();
      machine.apply([control(command, at)], half);
      expect(machine.haltReason).toBe(reason);
      const halted = apply(machine, market.slice(half));
      expect(halted.of('signals')).toEqual([]);
      expect(halted.of('ticks').length).toBeGreaterThan(0);
      expect(machine.counters.denied[reason]).toBeGreaterThan(0);
      if (reason === 'kill_switch') {
        const after = testMachine();
        after.load(copyOf(machine));
        expect(after.haltReason).toBe('kill_switch');
        after.apply([control({ type: 'kill_switch', on: false, reason: 'test' }, at)], 0);
        expect(after.haltReason).toBeNull();
      } else {
        expect(machine.epoch).toBe('unjournaled-1');
        machine.apply([control(startCommand({ epoch: 'e2' }), at)], 0);
        expect([machine.haltReason, machine.epoch]).toEqual([null, 'e2']);
      }
    }
  });

  it('abstains and gives no signal where the model fails, and counts it', () => {
    const broken = (fault: (up: Float32Array) => void) => (): Model => ({
      name: 'broken',
      hash: 'h',
      featureNames: Array.from({ length: 64 }, (_, i) => `f${i}`),
      predict: (_rows, _count, up) => fault(up),
      dispose() {},
    });
    const faults = [
      (): void => {
        throw new Error('the backend is gone');
      },
      (up: Float32Array): void => {
        up.fill(Number.NaN);
      },
    ];
    for (const fault of faults) {
      const machine = testMachine({ model: broken(fault) });
      const published = apply(machine, market);
      const predictions = published.of('predictions');
      expect(predictions.every(({ up, down, abstained }) => up === 0.5 && down === 0.5 && abstained !== null)).toBe(
        true,
      );
      expect(machine.counters.predictions['broken inference_failed']).toBeGreaterThan(0);
      expect(published.of('signals')).toEqual([]);
    }
  });
});

describe('a start entry', () => {
  const half = 200;
  const at = (): number => market[half][0].engineTimeUs;

  function restarted(change: Parameters<typeof startCommand>[0]): { machine: StateMachine; published: Published } {
    const machine = testMachine();
    apply(machine, market.slice(0, half));
    machine.apply([control(startCommand(change), at())], 0);
    return { machine, published: apply(machine, market.slice(half)) };
  }

  it('of the same epoch, settings, model and feed goes on as if nothing had been', () => {
    const straight = testMachine();
    const whole = apply(straight, market);
    const { machine, published } = restarted({});
    expect(published.of('ticks')).toEqual(whole.of('ticks').slice(-published.of('ticks').length));
    expect(machine.counters).toMatchObject({ gaps: {}, duplicates: 0 });
  });

  it('of another epoch numbers anew and knows nothing of before', () => {
    const { machine, published } = restarted({ epoch: 'e2' });
    for (const channel of ['ticks', 'books', 'bars'] as const) {
      const first = published.updates.find(({ stream }) => stream.channel === channel)!;
      expect([first.prevSeq, first.messages[0].seq]).toEqual([0, 1]);
    }
    const fresh = testMachine();
    fresh.apply([control(startCommand({ epoch: 'e2' }), at())], 0);
    apply(fresh, market.slice(half));
    expect(machine.report()).toEqual(fresh.report());
  });

  it('of other settings or another model begins from nothing, with the next numbers', () => {
    for (const change of [{ configHash: 'c2' }, { modelHash: 'm2' }]) {
      const { machine, published } = restarted(change);
      const first = published.updates.find(({ stream }) => stream.channel === 'ticks')!;
      expect(first.prevSeq).toBeGreaterThan(0);
      expect(published.of('predictions')[0].abstained).not.toBeNull();
      expect(machine.counters.gaps).toEqual({});
    }
  });

  it('of another feed takes its first records as a beginning, not as a gap', () => {
    const other = marketBatches({ seconds: 5, seed: 8, startTimeUs: TEN + 60 * SECOND });
    for (const [feed, gaps] of [
      ['feed-1', true],
      ['feed-2', false],
    ] as const) {
      const machine = testMachine();
      apply(machine, market);
      machine.apply([control(startCommand({ feed }), TEN + 60 * SECOND)], 0);
      apply(machine, other);
      const { gaps: counted, duplicates } = machine.counters;
      expect(Object.keys(counted).length > 0 || duplicates > 0, feed).toBe(gaps);
    }
  });

  it('stands in front of the first frame', () => {
    expect(() => testMachine().apply(market.find((inputs) => inputs[0].kind === 'frame')!, 0)).toThrow(/start entry/);
  });

  it('is known to a snapshot that was taken before it', () => {
    const machine = testMachine();
    machine.load(copyOf(testMachine()));
    apply(machine, market.slice(0, 10));
    expect(machine.epoch).toBe('e1');
  });
});

/** True where the bytes are a frame, which a random draw may hit. */
function testDecodes(bytes: Uint8Array): boolean {
  const machine = testMachine({ model: () => NO_MODEL });
  machine.apply([control(startCommand())], 0);
  machine.apply([{ kind: 'frame', engineTimeUs: TEN, bytes }], 1);
  return machine.quarantine.total === 0;
}

const NO_MODEL: Model = { name: 'none', hash: '', featureNames: [], predict() {}, dispose() {} };

describe('on single trades', () => {
  let machine: StateMachine;
  let stock: SyntheticStock;

  function begin(): void {
    machine = testMachine();
    stock = new SyntheticStock('005930', 70_000);
    machine.apply([control(startCommand(), MONDAY_NINE)], 0);
  }

  function trade(afterUs: number, change: Partial<SyntheticTrade> = {}): Input {
    const seconds = 9 * 3600 + Math.floor(afterUs / SECOND);
    const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, '0'));
    const fields = stock.trade({ time: time.join(''), price: 70_000, volume: 10, side: 'buy', ...change });
    return { kind: 'frame', engineTimeUs: MONDAY_NINE + afterUs, bytes: frameBytes('H0STCNT0', [fields]) };
  }

  /** Each input as a batch of its own. */
  function take(...inputs: Input[]): Published {
    return apply(
      machine,
      inputs.map((input) => [input]),
    );
  }

  function clock(afterUs: number): Input {
    return { kind: 'clock', engineTimeUs: MONDAY_NINE + afterUs };
  }

  const bars = (published: Published): BarMessage[] => published.of('bars', '005930.KRX', '1s');

  it('closes a bar without a further trade, once it can take none, and no earlier', () => {
    begin();
    take(trade(0.2 * SECOND), trade(0.4 * SECOND, { price: 70_100 }));
    expect(bars(take(clock(1.9 * SECOND)))).toEqual([]);
    expect(bars(take(clock(2 * SECOND)))).toMatchObject([
      { startUs: MONDAY_NINE, open: 70_000, high: 70_100, close: 70_100, volume: 20, trades: 2, complete: true },
    ]);
    expect(bars(take(clock(10 * SECOND)))).toEqual([]);
  });

  it('takes a duplicate for nothing, and counts it', () => {
    begin();
    const one = trade(SECOND);
    take(one);
    const before = machine.report();
    expect(take(one).updates).toEqual([]);
    expect(machine.report()).toEqual(before);
    expect(machine.counters).toMatchObject({ duplicates: 1, ticks: { 'H0STCNT0 KRX': 1 } });
  });

  it('tells a record that comes late from a loss: it fills the hole that it left, and is published', () => {
    begin();
    const [one, two, three] = [trade(0.1 * SECOND), trade(0.2 * SECOND), trade(0.3 * SECOND)];
    take(one);
    take(three);
    expect(machine.counters).toMatchObject({ gaps: { KRX: 1 }, gapShares: { KRX: 10 } });
    expect(take(two).of('ticks')).toHaveLength(1);
    expect(machine.counters).toMatchObject({ late: 1, lateShares: { KRX: 10 }, duplicates: 0 });
    expect(take(two, one).updates).toEqual([]);
    expect(machine.counters.duplicates).toBe(2);
    expect(machine.counters.gapTurnoverWon).toEqual({ KRX: 700_000 });
    expect(machine.counters.gapTrades).toEqual({ KRX: 1 });
    const [bar] = bars(take(clock(5 * SECOND)));
    expect(bar).toMatchObject({ complete: false, volume: 30, turnover: 2_100_000, trades: 3 });
  });

  it.each([
    ['inside a bar', 0.8, [false]],
    ['between two trades of different bars', 1.2, [false, false]],
  ])('says of every bar that a gap %s may have left incomplete that it is', (_case, afterSeconds, complete) => {
    begin();
    take(trade(0.1 * SECOND));
    trade(0.5 * SECOND);
    const closed = bars(take(trade(afterSeconds * SECOND), clock(5 * SECOND)));
    expect(closed.map((bar) => bar.complete)).toEqual(complete);
    const next = bars(take(trade(6 * SECOND), clock(9 * SECOND)));
    expect(next.map((bar) => bar.complete)).toEqual([true]);
  });

  const session = (event: SessionInput['event'], afterUs: number, trId = 'H0STCNT0'): Input => ({
    kind: 'session',
    engineTimeUs: MONDAY_NINE + afterUs,
    session: 's',
    event,
    ...(event === 'registered' ? { trId, trKey: '005930' } : {}),
  });

  it('knows of a bar that closes while the feed is away that it may lack trades, and of one that does not', () => {
    begin();
    take(session('connected', 0));
    take(session('registered', 0));
    expect(machine.feedConnected).toBe(true);
    take(trade(0.1 * SECOND));
    take(session('lost', 0.2 * SECOND));
    expect(machine.feedConnected).toBe(false);
    expect(bars(take(clock(5 * SECOND)))[0].complete).toBe(false);
    take(session('connected', 6 * SECOND), session('registered', 6 * SECOND), trade(6.1 * SECOND));
    take(session('lost', 6.2 * SECOND), session('connected', 6.3 * SECOND), session('registered', 6.3 * SECOND));
    // The next trade continues the totals: nothing was lost.
    expect(bars(take(trade(6.5 * SECOND), clock(9 * SECOND)))[0]).toMatchObject({ complete: true, trades: 2 });
    expect(machine.counters.gaps).toEqual({});
  });

  it('says of the first bar of a day joined late that it is not complete, and of what was lost of a day joined early', () => {
    begin();
    trade(0);
    expect(bars(take(trade(6 * SECOND), clock(9 * SECOND)))[0].complete).toBe(false);
    expect(machine.counters.gaps).toEqual({});
    begin();
    take({ ...session('registered', -7_200 * SECOND) });
    trade(0);
    take(trade(6 * SECOND));
    expect(machine.counters).toMatchObject({ gaps: { KRX: 1 }, gapShares: { KRX: 10 } });
  });

  it('begins indicators of ticks anew after a gap, and mends the average price with what is missing', () => {
    begin();
    for (let i = 0; i < 30; i++) take(trade(i * 0.01 * SECOND, { price: 70_000 + 100 * (i % 3) }));
    trade(0.5 * SECOND, { price: 70_300, volume: 1000 });
    const after = take(trade(0.6 * SECOND, { price: 70_000 }));
    const [{ values, complete }] = after.of('indicators', undefined, 'tick');
    const shares = 30 * 10 + 1000 + 10;
    const won = 10 * (10 * 70_000 + 10 * 70_100 + 10 * 70_200) + 70_300_000 + 700_000;
    expect(values.vwap).toBeCloseTo(won / shares, 9);
    expect([values.sma20, values.rsi14, complete]).toEqual([null, null, true]);
  });

  it('applies each record of a frame of several codes to its own instrument', () => {
    begin();
    const other = new SyntheticStock('000660', 200_000);
    const fields = { time: '090000', price: 70_000, volume: 10, side: 'buy' } as const;
    const records = [stock.trade(fields), other.trade({ ...fields, price: 200_000 }), stock.trade(fields)];
    const published = take({ kind: 'frame', engineTimeUs: MONDAY_NINE, bytes: frameBytes('H0STCNT0', records) });
    expect(published.of('ticks', '005930.KRX').map(({ seq, price }) => [seq, price])).toEqual([
      [1, 70_000],
      [2, 70_000],
    ]);
    expect(published.of('ticks', '000660.KRX').map(({ seq, price }) => [seq, price])).toEqual([[1, 200_000]]);
    expect(published.of('predictions')).toHaveLength(2);
  });

  it('publishes a price outside the limits, counts it, and knows it until a price inside', () => {
    begin();
    const outside = (): boolean => machine.quality!.named('005930.KRX')!.outsideLimits;
    expect(take(trade(0, { price: 91_100 })).of('ticks')).toMatchObject([{ price: 91_100 }]);
    expect([machine.counters.outsideLimits, outside()]).toEqual([1, true]);
    take(trade(SECOND, { price: 91_000 }));
    expect([machine.counters.outsideLimits, outside()]).toEqual([1, false]);
  });

  it('never takes an expected execution, an index or a notice for a trade', () => {
    begin();
    const fields = stock.trade({ time: '085900', price: 70_000, volume: 10, side: 'auction' });
    const index = ['0001', '090000', '2500.00', '2', '10.00', ...new Array<string>(25).fill('1')];
    for (const [trId, record] of [
      ['H0STANC0', fields],
      ['H0UPCNT0', index],
    ] as const) {
      const bytes = frameBytes(trId, [record]);
      const published = take({ kind: 'frame', engineTimeUs: MONDAY_NINE, bytes });
      for (const channel of ['ticks', 'books', 'bars', 'predictions'] as const)
        expect(published.of(channel)).toEqual([]);
      expect(machine.counters.frames[`${trId} ok`]).toBe(1);
    }
    take({ kind: 'frame', engineTimeUs: MONDAY_NINE, bytes: frameBytes('H0STCNI0', [['secret']]) });
    expect(machine.counters.frames['H0STCNI0 encrypted_without_key']).toBe(1);
  });

  it('publishes what trading is like on every change: halts, interruptions, and what their own records end', () => {
    begin();
    const status = (afterUs: number, halt: string, interruption: string): Input => ({
      kind: 'frame',
      engineTimeUs: MONDAY_NINE + afterUs,
      bytes: frameBytes('H0STMKO0', [['005930', halt, '', '112', '', '', '', '', interruption, '', '1']]),
    });
    expect(take(trade(0)).of('market')).toMatchObject([{ phase: 'continuous', halted: false, auction: false }]);
    expect(take(trade(SECOND)).of('market')).toEqual([]);
    expect(take(status(2 * SECOND, 'Y', 'N')).of('market')).toMatchObject([{ halted: true }]);
    expect(take(status(9 * SECOND, 'N', 'Y')).of('market')).toMatchObject([
      { halted: false, volatilityInterruption: true, auction: true },
    ]);
    // The record of its end is lost: a trade of the session says as much.
    expect(take(trade(130 * SECOND)).of('market')).toMatchObject([{ volatilityInterruption: false, auction: false }]);
    expect(take(clock(7 * 3600 * SECOND)).of('market')).toMatchObject([{ phase: 'after_hours_auction' }]);
  });

  it('gives no prediction on a book of one side, and none before there is one', () => {
    begin();
    const prediction = (published: Published): PredictionMessage => published.of('predictions')[0];
    expect(prediction(take(trade(0)))).toMatchObject({ abstained: 'no_book', mid: 0, up: 0.5 });
    const book = stock.book('090001', 70_000);
    expect(prediction(take(bookFrame(book)))).toMatchObject({ abstained: 'warming_up', mid: 70_050 });
    // No asks: the stock stands at its upper limit.
    for (let level = 0; level < 10; level++) book[3 + level] = book[23 + level] = '0';
    const published = take(bookFrame(book));
    expect(prediction(published)).toMatchObject({ abstained: 'no_book', mid: 0 });
    expect(published.of('books')[0].asks).toEqual([]);
  });

  function bookFrame(fields: string[]): Input {
    return { kind: 'frame', engineTimeUs: MONDAY_NINE + SECOND, bytes: frameBytes('H0STASP0', [fields]) };
  }
});

it('denies by a gap for as long as the settings say', () => {
  const machine = testMachine({ settings: testSettings({ gapHoldMs: 1_000_000 }) });
  // Every hundredth batch is lost: after the first loss of an instrument it gives no more signals.
  const lossy = market.filter((_, i) => i < 150 || i % 40 > 3);
  const published: Message[] = apply(machine, lossy).of('signals');
  expect(Object.values(machine.counters.gaps)[0]).toBeGreaterThan(0);
  expect(machine.counters.denied.gap).toBeGreaterThan(0);
  expect(published.length).toBeLessThan(apply(testMachine(), market).of('signals').length);
});

it('gives no signal right after the feed was away, and forgets the move across the hole', () => {
  const machine = testMachine();
  const { gapHoldMs } = testSettings().signals;
  const half = Math.floor(market.length / 2);
  apply(machine, market.slice(0, half));
  const awayUs = machine.timeUs;
  const session = (event: SessionInput['event']): SessionInput => ({
    kind: 'session',
    engineTimeUs: awayUs,
    session: 'kis-1',
    event,
  });
  const registered = machine.save().instruments.map(
    ({ code, venue }): Input => ({
      ...session('registered'),
      trId: venue === 'KRX' ? 'H0STASP0' : 'H0NXASP0',
      trKey: code,
    }),
  );
  const away = [[session('connected'), ...registered], [session('lost')], [session('connected')]];
  apply(machine, away, entriesOf(market.slice(0, half)));
  const after = apply(machine, market.slice(half), entriesOf([...market.slice(0, half), ...away]));
  const first = new Map<string, string | null>();
  for (const { stream, messages } of after.updates) {
    if (stream.channel === 'predictions' && !first.has(stream.key))
      first.set(stream.key, (messages[0] as PredictionMessage).abstained);
  }
  expect(new Set(first.values())).toEqual(new Set(['warming_up']));
  const signals = after.of('signals');
  expect(signals.length).toBeGreaterThan(0);
  for (const { timeUs } of signals) expect(timeUs).toBeGreaterThanOrEqual(awayUs + gapHoldMs * 1000);
});

it('keeps a trade that cannot be true in quarantine, with all that came right with it', () => {
  const at = market.findIndex(
    (inputs, i) => i > 100 && inputs.some((input) => input.kind === 'frame' && isTradeFrame(input.bytes)),
  );
  const damaged = market.map((inputs, i) => (i === at ? inputs.map(damagePrice) : inputs));
  const machine = testMachine();
  const good = apply(testMachine(), market).of('ticks');
  const ticks = apply(machine, damaged).of('ticks');
  expect(machine.counters.implausible).toBe(1);
  expect(machine.quarantine.frames().map(({ reason }) => reason)).toEqual(['implausible']);
  expect(ticks.length).toBe(good.length - 1);
  expect(Math.max(...ticks.map(({ price }) => price))).toBe(Math.max(...good.map(({ price }) => price)));
});

function isTradeFrame(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1').startsWith('0|H0STCNT0|');
}

/** The first trade of the first trade frame a hundred times as dear, its change as it was. */
function damagePrice(input: Input): Input {
  if (input.kind !== 'frame' || damagePriceDone || !isTradeFrame(input.bytes)) return input;
  damagePriceDone = true;
  const fields = Buffer.from(input.bytes).toString('utf8').split('^');
  fields[2] = `${fields[2]}00`;
  return { ...input, bytes: Buffer.from(fields.join('^')) };
}
let damagePriceDone = false;
