import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assemble, doWhile, get, i32, i64, sequence, set, webAssembly, when, whileDo } from './wasm.ts';

type Run = (a: number, b: number) => number;

function assembled(functions: Parameters<typeof assemble>[0]['functions']): Record<string, Run> {
  const memory = new webAssembly.Memory({ initial: 1 });
  const module = new webAssembly.Module(assemble({ parameters: 2, i32Locals: 1, i64Locals: 1, functions }));
  return new webAssembly.Instance(module, { wire: { memory } }).exports;
}

it('constants of any size come out as they went in', () => {
  const interesting = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.constantFrom(0n, 63n, 64n, -64n, -65n),
  );
  fc.assert(
    fc.property(interesting, (value) => {
      const { low, high } = assembled({
        low: i32.wrap(i64.const(value)),
        high: i32.wrap(i64.shrU(i64.const(value), i64.const(32n))),
      });
      expect(BigInt.asUintN(32, BigInt(low(0, 0)))).toBe(BigInt.asUintN(32, value));
      expect(BigInt.asUintN(32, BigInt(high(0, 0)))).toBe(BigInt.asUintN(64, value) >> 32n);
    }),
    { numRuns: 200 },
  );
});

it('loops and branches run as they read', () => {
  const A = 0;
  const B = 1;
  const SUM = 2;
  const addStep = sequence(set(SUM, i32.add(get(SUM), get(A))), set(A, i32.sub(get(A), i32.const(1))));
  const { atLeastOnce, maybeNever, larger } = assembled({
    atLeastOnce: sequence(doWhile(addStep, get(A)), get(SUM)),
    maybeNever: sequence(whileDo(get(A), addStep), get(SUM)),
    larger: sequence(when(i32.gtU(get(A), get(B)), set(SUM, get(A)), set(SUM, get(B))), get(SUM)),
  });
  expect([atLeastOnce(4, 0), maybeNever(4, 0), maybeNever(0, 0)]).toEqual([10, 10, 0]);
  expect([larger(300, 70_000), larger(5, 4)]).toEqual([70_000, 5]);
});
