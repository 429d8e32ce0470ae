import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

function draws(seed: number, stream: number, count = 8): number[] {
  const random = new Random(seed, stream);
  return Array.from({ length: count }, () => random.int32());
}

describe('random numbers', () => {
  it('are fixed by seed and stream', () => {
    expect(draws(7, 3)).toEqual(draws(7, 3));
    const sequences = [draws(7, 3), draws(7, 4), draws(8, 3), draws(7 + 2 ** 32, 3), draws(-7, 3)];
    expect(new Set(sequences.map(String)).size).toBe(sequences.length);
    // Written down once: another sequence would be another market under the same seed.
    expect(draws(1, 0, 3)).toEqual([-910610092, -293790279, 406009659]);
  });

  it('are spread as they say', () => {
    const random = new Random(42, 0);
    const count = 100_000;
    let [sum, squares, exponential, below] = [0, 0, 0, 0];
    const bits = new Uint32Array(32);
    for (let draw = 0; draw < count; draw++) {
      const normal = random.normal();
      sum += normal;
      squares += normal * normal;
      exponential += random.exponential();
      below += random.below(10);
      const word = random.int32();
      for (let bit = 0; bit < 32; bit++) bits[bit] += (word >>> bit) & 1;
    }
    expect(Math.abs(sum / count)).toBeLessThan(0.02);
    expect(Math.abs(squares / count - 1)).toBeLessThan(0.02);
    expect(Math.abs(exponential / count - 1)).toBeLessThan(0.02);
    expect(Math.abs(below / count - 4.5)).toBeLessThan(0.05);
    for (const ones of bits) expect(Math.abs(ones / count - 0.5)).toBeLessThan(0.01);
  });
});
