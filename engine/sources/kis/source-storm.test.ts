// Wishes that change and sessions that come and go, in any order: nothing is ever registered twice at a time, and once
// it is quiet, what stands registered is what is wanted.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { registrationName, type WantedRegistration } from './registration.ts';
import { appKey, CODES, HTS_ID, runRelayed, WAIT } from './test-source.ts';
import { systemTimers } from './timers.ts';

const ROOM = 6;
const NOTICE = { trId: 'H0STCNI0', trKey: HTS_ID, priority: 0 };

const wish = fc.uniqueArray(
  fc.record({
    trId: fc.constantFrom('H0STCNT0', 'H0STASP0'),
    trKey: fc.constantFrom(...CODES.slice(0, 12)),
    priority: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: 22, selector: registrationName },
);
const key = fc.integer({ min: 1, max: 3 }).map(appKey);
const step = fc.oneof(
  fc.record({ kind: fc.constant('want' as const), wish, notice: fc.boolean() }),
  fc.record({ kind: fc.constant('cut' as const), key }),
  fc.record({ kind: fc.constant('keep_out' as const), key }),
  fc.record({ kind: fc.constant('let_in' as const) }),
  fc.record({ kind: fc.constant('refuse' as const), code: fc.constantFrom('OPSP0007' as const, 'OPSP0011' as const) }),
);
const steps = fc.array(fc.record({ step, pauseMs: fc.integer({ min: 0, max: 60 }) }), { minLength: 10, maxLength: 30 });

it('ends with what is wanted, each once, whatever happened before', async () => {
  await fc.assert(
    fc.asyncProperty(steps, wish, async (storm, last) => {
      const { source, relay, emulator, failures } = await runRelayed({
        wanted: [],
        registrationsMax: ROOM,
        registrationTimeoutMs: 100,
        registrationAttemptsMax: 20,
        unregistrationsPerMinute: 10_000,
        approvalKeysRefusedMax: 1_000,
        downMsMax: 30,
      });
      for (const { step, pauseMs } of storm) {
        if (step.kind === 'want') source.want(step.notice ? [...step.wish, NOTICE] : step.wish);
        else if (step.kind === 'cut') relay.cut(step.key);
        else if (step.kind === 'let_in') relay.keptOut.clear();
        else if (step.kind === 'refuse') emulator.fault({ type: 'reject', code: step.code });
        else {
          relay.keptOut.add(step.key);
          relay.cut(step.key);
        }
        await new Promise<void>((resolve) => systemTimers.after(pauseMs, resolve));
      }
      relay.keptOut.clear();
      const wanted: WantedRegistration[] = [...last, NOTICE];
      source.want(wanted);
      const count = Math.min(wanted.length, 3 * ROOM);
      await vi.waitFor(() => {
        const { registered, unconfirmed, leftOut } = source.status();
        const missing = leftOut.slice(0, wanted.length - count);
        expect({ registered, unconfirmed, leftOut }).toEqual({ registered: count, unconfirmed: 0, leftOut: missing });
        expect(emulator.status().registrations).toBe(count);
      }, WAIT);
      expect([relay.doubles, failures]).toEqual([[], []]);
      await source.stop();
    }),
    { numRuns: 6, endOnFailure: true },
  );
});
