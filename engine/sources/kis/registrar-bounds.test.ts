// What holds for a registrar whatever is assigned and whatever KIS answers, and whenever.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codeKind } from './codes.ts';
import { Registrar } from './registrar.ts';
import { HandTimers } from './test-timers.ts';

const REGISTRATIONS_MAX = 4;
const ATTEMPTS_MAX = 3;
const CODES = ['OPSP0000', 'OPSP0001', 'OPSP0002', 'OPSP0003', 'OPSP0007', 'OPSP0008', 'OPSP0009', 'OPSP8992'];

const keys = fc.uniqueArray(fc.integer({ min: 0, max: 6 }).map(String));
const step = fc.record({
  waitMs: fc.integer({ min: 0, max: 7_000 }),
  trKey: fc.option(fc.integer({ min: 0, max: 7 }).map(String), { nil: undefined }),
  code: fc.constantFrom(...CODES),
  assigned: fc.option(keys, { nil: undefined, freq: 4 }),
});

function toRegistration(trKey: string) {
  return { trId: 'T', trKey };
}

it('settles every registration within its bounds', () => {
  fc.assert(
    fc.property(keys, fc.array(step, { maxLength: 60 }), (first, steps) => {
      const timers = new HandTimers();
      const sent = new Map<string, number>();
      let wanted = first;
      // KIS may confirm what was given up long ago: then it has more than we meant it to have.
      let surprised = false;
      const assignments = 1 + steps.filter(({ assigned }) => assigned !== undefined).length;
      const registrar = new Registrar({
        registrationsMax: REGISTRATIONS_MAX,
        registrationsPerSecond: 10,
        unregistrationsPerMinute: 3,
        timeoutMs: 5_000,
        attemptsMax: ATTEMPTS_MAX,
        timers,
        send: ({ trKey }, request) => {
          if (request === 'register' && !surprised) expect(registrar.held).toBeLessThanOrEqual(REGISTRATIONS_MAX);
          sent.set(`${request} ${trKey}`, (sent.get(`${request} ${trKey}`) ?? 0) + 1);
        },
        onEvent: () => {},
      });
      const holds = (trKey: string) => [...registrar.heldNames()].includes(`T|${trKey}`);
      registrar.assign(first.map(toRegistration));
      registrar.start();
      for (const { waitMs, trKey, code, assigned } of steps) {
        timers.advance(waitMs);
        if (assigned !== undefined) {
          wanted = assigned;
          registrar.assign(assigned.map(toRegistration));
        }
        surprised ||= trKey !== undefined && !holds(trKey);
        const answer = { kind: 'answer', trId: trKey === undefined ? '' : 'T', trKey: trKey ?? '' } as const;
        registrar.answer({ ...answer, result: '0', code, aes: undefined }, codeKind(code, '0'));
      }
      timers.advance(3_600_000);
      expect(timers.pending).toBe(0);
      for (const trKey of ['0', '1', '2', '3', '4', '5', '6']) {
        if (!wanted.includes(trKey)) expect(holds(trKey)).toBe(false);
      }
      // What waits for room in a session that is full with others is all that may stay open.
      if (registrar.unconfirmed > 0) expect(registrar.active).toBeGreaterThan(0);
      for (const count of sent.values()) expect(count).toBeLessThanOrEqual(ATTEMPTS_MAX * (assignments + steps.length));
    }),
    { numRuns: 300 },
  );
});

it('gives up what is never answered, and holds nothing at the end that is not wanted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(keys, fc.integer({ min: 0, max: 20_000 })), { minLength: 1, maxLength: 8 }),
      (turns) => {
        const timers = new HandTimers();
        const events: string[] = [];
        const registrar = new Registrar({
          registrationsMax: 41,
          registrationsPerSecond: 10,
          unregistrationsPerMinute: 60,
          timeoutMs: 5_000,
          attemptsMax: ATTEMPTS_MAX,
          timers,
          send: () => {},
          onEvent: (event, { trKey }) => events.push(`${event} ${trKey}`),
        });
        registrar.start();
        for (const [assigned, waitMs] of turns) {
          registrar.assign(assigned.map(toRegistration));
          timers.advance(waitMs);
        }
        timers.advance(3_600_000);
        expect([registrar.held, registrar.unconfirmed, timers.pending]).toEqual([0, 0, 0]);
        for (const trKey of turns.at(-1)![0]) expect(registrar.refusal(toRegistration(trKey))).toBe('timeout');
        expect(events.filter((event) => event.startsWith('registered'))).toEqual([]);
      },
    ),
  );
});
