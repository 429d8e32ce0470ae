import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, createIndicator, defaultIndicators } from './catalogue.ts';
import { Fold } from './fold.ts';
import { Sample } from './indicator.ts';
import { IndicatorSet } from './indicator-set.ts';
import { sma } from './sma.ts';

type Call = 'updateTrade' | 'replaceTrade' | 'updateBook';

const calls = fc.array(
  fc.record({
    call: fc.constantFrom<Call>('updateTrade', 'updateTrade', 'replaceTrade', 'updateBook'),
    priceWon: fc.integer({ min: 50_000, max: 51_000 }),
    size: fc.integer({ min: 1, max: 10_000 }),
  }),
  { maxLength: 400, size: 'max' },
);

function sampleOf(priceWon: number, size: number): Sample {
  const sample = new Sample();
  sample.timeUs = 1_717_372_800_000_000;
  sample.open = sample.high = sample.low = sample.close = sample.bidPrice = priceWon;
  sample.volume = sample.bidSize = size;
  sample.askPrice = priceWon + 50;
  sample.askSize = 5_000;
  return sample;
}

function values(set: IndicatorSet): Float64Array {
  const out = new Float64Array(set.names.length);
  set.write(out);
  return out;
}

describe('the set of an instrument', () => {
  it('names the outputs of the twelve in the order of their values', () => {
    expect(new IndicatorSet().names).toEqual([
      'sma20',
      'ema20',
      'rsi14',
      'macd12-26-9',
      'macd12-26-9.signal',
      'macd12-26-9.histogram',
      'bb20-2',
      'bb20-2.upper',
      'bb20-2.lower',
      'atr14',
      'vwap',
      'obv',
      'roc10',
      'rv60',
      'ofi50',
      'bi',
    ]);
    expect(defaultIndicators()).toHaveLength(Object.keys(CATALOGUE).length);
  });

  it('gives what its indicators give one by one', () => {
    fc.assert(
      fc.property(calls, (taken) => {
        const set = new IndicatorSet();
        const alone = defaultIndicators().map((definition) => new Fold(definition));
        for (const { call, priceWon, size } of taken) {
          const sample = sampleOf(priceWon, size);
          set[call](sample);
          for (const indicator of alone) {
            if (indicator.drive !== (call === 'updateBook' ? 'book' : 'trade')) continue;
            if (call === 'replaceTrade') indicator.replace(sample);
            else indicator.update(sample);
          }
        }
        const expected = alone.flatMap((indicator) => indicator.outputs.map((_, i) => indicator.value(i)));
        expect([...values(set)]).toEqual(expected);
      }),
    );
  });

  it('goes on from a saved state, which later updates do not touch', () => {
    fc.assert(
      fc.property(calls, calls, (before, after) => {
        const original = new IndicatorSet();
        for (const { call, priceWon, size } of before) original[call](sampleOf(priceWon, size));
        const saved = original.save();
        for (const { call, priceWon, size } of after) original[call](sampleOf(priceWon, size));
        const restored = new IndicatorSet();
        restored.load(saved);
        for (const { call, priceWon, size } of after) restored[call](sampleOf(priceWon, size));
        expect(restored.save()).toEqual(original.save());
      }),
    );
  });

  it('is as new after a reset', () => {
    const set = new IndicatorSet();
    for (let i = 0; i < 100; i++) set.updateTrade(sampleOf(50_000 + i, 1));
    set.reset();
    expect(set.save()).toEqual(new IndicatorSet().save());
  });

  it('refuses a state of another set, and an indicator twice', () => {
    expect(() => new IndicatorSet([sma({ period: 5 })]).load(new IndicatorSet().save())).toThrow(RangeError);
    expect(() => new IndicatorSet([sma({ period: 5 }), sma({ period: 5 })])).toThrow('doubled');
  });
});

describe('the catalogue', () => {
  it('creates an indicator by name and parameters', () => {
    expect(createIndicator('sma', { period: 5 }).name).toBe('sma5');
    expect(createIndicator('macd', { fast: 3, slow: 10, signal: 4 }).outputs[1]).toBe('macd3-10-4.signal');
    expect(createIndicator('vwap').name).toBe('vwap');
  });

  it('refuses parameters that make no sense', () => {
    expect(() => createIndicator('sma', { period: 0 })).toThrow(RangeError);
    expect(() => createIndicator('ema', { period: 2.5 })).toThrow(RangeError);
    expect(() => createIndicator('bb', { period: 20, deviations: 0 })).toThrow(RangeError);
    expect(() => createIndicator('macd', { fast: 26, slow: 12, signal: 9 })).toThrow('below slow');
  });
});

it('a fold refuses a state that is too short or too long', () => {
  expect(() => new Fold(sma({ period: 5 }), new Float64Array(3))).toThrow(RangeError);
});
