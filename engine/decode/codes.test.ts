import { describe, expect, it } from 'vitest';
import { CODES_MAX, CodeTable } from './codes.ts';

function keyOf(code: string): [number, number] {
  const bytes = new Uint8Array(8);
  bytes.set(new TextEncoder().encode(code).subarray(0, 7));
  bytes[7] = code.length;
  const [first, others] = new Int32Array(bytes.buffer);
  return [first, others];
}

describe('the table of codes', () => {
  it('numbers codes as they come, up to its bound, and finds each again', () => {
    const table = new CodeTable();
    const codes = Array.from({ length: CODES_MAX }, (_, i) =>
      i
        .toString(36)
        .toUpperCase()
        .padStart(1 + (i % 7), '0'),
    );
    const distinct = [...new Set(codes)];
    expect(distinct.map((code) => table.index(...keyOf(code)))).toEqual(distinct.map((_, i) => i));
    expect(distinct.map((code) => table.index(...keyOf(code)))).toEqual(distinct.map((_, i) => i));
    expect(distinct.map((_, i) => table.code(i))).toEqual(distinct);
    for (let i = table.size; i < CODES_MAX; i++) table.index(...keyOf(`Z${i}`));
    expect(table.index(...keyOf('Q500001'))).toBe(-1);
    expect(table.size).toBe(CODES_MAX);
  });

  it.each(['', '00 930', 'a', '5930\u0000', '^'])('takes no %j', (text) => {
    const table = new CodeTable();
    expect(table.index(...keyOf(text))).toBe(-1);
    expect(table.size).toBe(0);
  });
});
