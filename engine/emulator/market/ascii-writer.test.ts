import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsciiWriter } from './ascii-writer.ts';

function written(write: (writer: AsciiWriter) => void): string {
  const writer = new AsciiWriter(64);
  write(writer);
  return writer.bytes.toString('latin1', 0, writer.length);
}

describe('ASCII writer', () => {
  it('writes integers as their decimal digits', () => {
    const anyInteger = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1_000, max: 1_000 }));
    fc.assert(
      fc.property(anyInteger, (value) => {
        expect(written((writer) => writer.int(value))).toBe(`${value}^`);
      }),
    );
    for (let digits = 1, value = 1; digits <= 15; digits++, value *= 10) {
      for (const edge of [value - 1, value, value + 1]) expect(written((writer) => writer.int(edge))).toBe(`${edge}^`);
    }
  });

  it('writes hundredths with two decimals and the sign of small numbers', () => {
    const cases: [number, string][] = [
      [0, '0.00'],
      [-0, '0.00'],
      [-14, '-0.14'],
      [5, '0.05'],
      [28_039_569, '280395.69'],
      [-10_000, '-100.00'],
    ];
    for (const [value, text] of cases) expect(written((writer) => writer.hundredths(value))).toBe(`${text}^`);
  });

  it('writes clocks with leading zeros', () => {
    expect(written((writer) => writer.clock(9 * 3600 + 5 * 60 + 7))).toBe('090507^');
    expect(written((writer) => writer.clock(0))).toBe('000000^');
  });

  it('keeps what is written when it grows', () => {
    const writer = new AsciiWriter(8);
    for (let value = 0; value < 1_000; value++) {
      writer.reserve(8);
      writer.int(value);
    }
    expect(writer.bytes.toString('latin1', 0, writer.length)).toBe(
      `${Array.from({ length: 1_000 }, (_, value) => value).join('^')}^`,
    );
  });
});
