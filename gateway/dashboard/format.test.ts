import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeRatio, Format } from './format.ts';

const en = new Format('en');
const ko = new Format('ko');

describe('numbers on the page', () => {
  it('group, sign and shorten as the language does', () => {
    expect(en.number(1_234_567.5)).toBe('1,234,567.5');
    expect(en.signed(300)).toBe('+300');
    expect(en.signed(-1200)).toBe('−1,200');
    expect(en.signed(0)).toBe('0');
    expect(en.compact(1_250_000)).toBe('1.3M');
    expect(ko.compact(1_250_000)).toBe('125만');
    expect(en.basisPoints(-3.21)).toBe('−3.2 bp');
    expect(en.percent(0.6249)).toBe('62.5%');
    expect(en.decimal('0.7312')).toBe('0.73');
    expect(en.decimal('-0.5')).toBe('−0.5');
  });

  it('show scores downwards: nothing but 100 reads 100', () => {
    expect([100, 99.99, 99.9, 76.43, 0, undefined].map((score) => en.score(score))).toEqual([
      '100.0',
      '99.9',
      '99.9',
      '76.4',
      '0.0',
      '–',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (tenths) => {
        expect(en.score(tenths / 10)).toBe((tenths / 10).toFixed(1));
      }),
    );
  });

  it('show the change against the previous close', () => {
    expect(en.change(changeRatio(71_200, 1200))).toBe('+1.71%');
    expect(en.change(changeRatio(71_200, -1200))).toBe('−1.66%');
    expect(en.change(changeRatio(71_200, 71_200))).toBe('–');
  });

  it('show durations in the unit that reads best', () => {
    expect([4.25, 64, 999.4, 1250, 15_300, 2_000_000].map((us) => en.duration(us))).toEqual([
      '4.3 µs',
      '64 µs',
      '999 µs',
      '1.25 ms',
      '15.3 ms',
      '2.0 s',
    ]);
  });

  it('show Korean time, whatever the reader’s own zone', () => {
    const openingUs = Date.UTC(2026, 9, 12, 0, 0, 1) * 1000;
    expect(en.timeOfDay(openingUs)).toBe('09:00:01');
    expect(ko.timeOfDay(openingUs + 15 * 3_600_000_000)).toBe('00:00:01');
  });

  it('are never “NaN”, “undefined” or signed with a hyphen', () => {
    const quantity = fc.oneof(fc.double({ min: -1e15, max: 1e15 }), fc.constantFrom(Number.NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(quantity, fc.constantFrom(en, ko), (value, format) => {
        const shown = [
          format.number(value),
          format.compact(value),
          format.signed(value),
          format.change(value),
          format.percent(value),
          format.basisPoints(value),
          format.value(value),
          format.duration(value),
        ];
        for (const text of shown) expect(text).not.toMatch(/NaN|undefined|Infinity|null|^[+−]?-|^[+−]0(\.0*)?\D*$/);
      }),
    );
    expect([en.number(null), en.number(undefined), en.value(null), en.duration(undefined)]).toEqual([
      '–',
      '–',
      '–',
      '–',
    ]);
  });
});
