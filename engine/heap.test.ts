import { expect, it } from 'vitest';
import { limitHeapGrowth } from './heap.ts';

it('takes a flag that this version of the runtime knows', () => {
  expect(() => limitHeapGrowth(20)).not.toThrow();
  expect(() => limitHeapGrowth(2_800)).not.toThrow();
});
