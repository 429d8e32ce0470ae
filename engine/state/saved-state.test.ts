// A snapshot at any moment loses nothing: a run with registrations, references, losses, damage, market status and commands
// at random moments, cut at random moments, goes on as if it had never been cut.
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Input } from '../input.ts';
import type { StreamUpdate } from '../messages.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import type { StateMachine } from '../state-machine.ts';
import { disturbance, disturbed } from '../test-disturbances.ts';
import { marketBatches, TEN, testMachine } from '../test-market.ts';

const SECOND = 1_000_000;

let market: Input[][];
beforeAll(async () => {
  await initialiseBackend();
  market = marketBatches({ seconds: 8, startTimeUs: TEN - 5 * SECOND });
});

it('goes on from a snapshot at any moment as if there had been none, whatever has happened', () => {
  const plans = fc.array(fc.tuple(fc.nat(market.length - 1), disturbance), { minLength: 3, maxLength: 30 });
  const cuts = fc.array(fc.tuple(fc.boolean(), fc.nat()), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(plans, cuts, (plan, at) => {
      const { batches, references, behind } = disturbed(market, plan);
      const cutAt = ([anywhere, n]: [boolean, number]): number =>
        anywhere || behind.length === 0 ? 1 + (n % (batches.length - 1)) : behind[n % behind.length];
      const places = new Set(at.map(cutAt));
      const straight = testMachine({ references });
      let machine: StateMachine = testMachine({ references });
      let offset = 0;
      for (const [i, inputs] of batches.entries()) {
        if (places.has(i)) {
          const next = testMachine({ references });
          next.load(structuredClone(machine.save()));
          expect(next.save()).toEqual(straight.save());
          machine = next;
        }
        const expected: readonly StreamUpdate[] = straight.apply(inputs, offset);
        expect(machine.apply(inputs, offset)).toEqual(expected);
        offset += inputs.length;
      }
      expect(machine.report()).toEqual(straight.report());
      expect(machine.save()).toEqual(straight.save());
    }),
    { numRuns: 15 },
  );
});
