import { expect, it } from 'vitest';
import { bollingerBands } from './bollinger-bands.ts';
import { Fold } from './fold.ts';
import { Sample } from './indicator.ts';

it('keeps the width of the bands where a million won moves by a won, also after wild prices', () => {
  const bands = new Fold(bollingerBands({ period: 20, deviations: 2 }));
  const sample = new Sample();
  for (let i = 0; i < 1_000; i++) {
    sample.close = 100.1 + (i % 7) * 123_456.7;
    bands.update(sample);
  }
  for (let i = 0; i < 20; i++) {
    sample.close = 1_000_000.1 + (i % 2);
    bands.update(sample);
  }
  // Half of the prices a won above the others: a standard deviation of half a won.
  expect(bands.value(1) - bands.value(2)).toBeCloseTo(2 * 2 * 0.5, 8);
});

it('has no width, and no NaN, at one price', () => {
  const bands = new Fold(bollingerBands({ period: 20, deviations: 2 }));
  const sample = new Sample();
  sample.close = 71_300;
  for (let i = 0; i < 40; i++) bands.update(sample);
  expect([bands.value(0), bands.value(1), bands.value(2)]).toEqual([71_300, 71_300, 71_300]);
});
