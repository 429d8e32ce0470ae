import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodeKind, codeKind } from './codes.ts';
import type { Answer } from './message.ts';
import { Registrar } from './registrar.ts';
import type { KisRegistration } from './source-options.ts';
import { HandTimers } from './test-timers.ts';

function setUp(count: number, registrationsPerSecond = 10) {
  const timers = new HandTimers();
  const sent: string[] = [];
  const events: string[] = [];
  const registrations: KisRegistration[] = Array.from({ length: count }, (_, at) => ({ trId: 'T', trKey: `${at}` }));
  const registrar = new Registrar({
    registrations,
    registrationsPerSecond,
    timeoutMs: 5_000,
    attemptsMax: 3,
    timers,
    send: ({ trKey }) => sent.push(trKey),
    onEvent: (event, { trKey }, code) => events.push(`${event} ${trKey} ${code}`),
  });
  const answer = (trKey: string | undefined, code: string) => {
    const message: Answer = {
      kind: 'answer',
      trId: trKey === undefined ? '' : 'T',
      trKey: trKey ?? '',
      result: '0',
      code,
      aes: undefined,
    };
    registrar.answer(message, codeKind(code, '0'));
  };
  return { timers, sent, events, registrar, answer };
}

describe('registrar', () => {
  it('sends no faster than its pace', () => {
    const { timers, sent, registrar } = setUp(5, 4);
    registrar.start();
    expect(sent).toEqual(['0']);
    timers.advance(249);
    expect(sent).toHaveLength(1);
    timers.advance(1);
    expect(sent).toHaveLength(2);
    timers.advance(750);
    expect(sent).toEqual(['0', '1', '2', '3', '4']);
  });

  it('confirms each, once', () => {
    const { timers, events, registrar, answer } = setUp(2);
    registrar.start();
    timers.advance(1_000);
    answer('1', 'OPSP0000');
    answer('1', 'OPSP0002');
    answer('0', 'OPSP0002');
    expect(events).toEqual(['registered 1 OPSP0000', 'registered 0 OPSP0002']);
    expect([registrar.active, registrar.unconfirmed, timers.pending]).toEqual([2, 0, 0]);
  });

  it('sends what is not answered three times, then leaves it out', () => {
    const { timers, sent, events, registrar } = setUp(1);
    registrar.start();
    timers.advance(60_000);
    expect(sent).toEqual(['0', '0', '0']);
    expect(events).toEqual(['rejected 0 timeout']);
    expect([registrar.unconfirmed, timers.pending]).toEqual([0, 0]);
  });

  it('tries again after an internal error, later each time', () => {
    const { timers, sent, events, registrar, answer } = setUp(1);
    registrar.start();
    answer('0', 'OPSP0007');
    timers.advance(4_999);
    expect(sent).toHaveLength(1);
    timers.advance(1);
    expect(sent).toHaveLength(2);
    answer('0', 'OPSP0009');
    timers.advance(9_999);
    expect(sent).toHaveLength(2);
    timers.advance(1);
    expect(sent).toHaveLength(3);
    answer('0', 'OPSP0007');
    expect(events).toEqual(['rejected 0 OPSP0007']);
  });

  it('takes an error without a name for the oldest unanswered one', () => {
    const { timers, events, registrar, answer } = setUp(3);
    registrar.start();
    timers.advance(1_000);
    answer('0', 'OPSP0000');
    answer(undefined, 'OPSP8993');
    expect(events.at(-1)).toBe('rejected 1 OPSP8993');
  });

  it('stops adding at a full session and leaves out all that was still to be sent', () => {
    const { timers, sent, events, registrar, answer } = setUp(5);
    registrar.start();
    answer('0', 'OPSP0000');
    timers.advance(100);
    answer('1', 'OPSP0008');
    timers.advance(60_000);
    expect(sent).toEqual(['0', '1']);
    expect(events.slice(1).sort()).toEqual(['1', '2', '3', '4'].map((key) => `rejected ${key} OPSP0008`));
    expect([registrar.active, registrar.unconfirmed]).toEqual([1, 0]);
  });

  it('ignores answers to what it never asked, and sends nothing once stopped', () => {
    const { timers, sent, events, registrar, answer } = setUp(3);
    registrar.start();
    answer('99', 'OPSP0000');
    answer('99', 'OPSP8992');
    registrar.stop();
    timers.advance(60_000);
    expect([sent, events, timers.pending]).toEqual([['0'], [], 0]);
  });

  it('settles every registration within its bounds, whatever is answered', () => {
    const codes = ['OPSP0000', 'OPSP0001', 'OPSP0002', 'OPSP0003', 'OPSP0007', 'OPSP0008', 'OPSP0009', 'OPSP8992'];
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 7_000 }),
      trKey: fc.option(fc.integer({ min: 0, max: 6 }).map(String), { nil: undefined }),
      code: fc.constantFrom(...codes),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { timers, sent, registrar, answer } = setUp(6);
        registrar.start();
        for (const { waitMs, trKey, code } of steps) {
          timers.advance(waitMs);
          answer(trKey, code);
        }
        timers.advance(600_000);
        expect(registrar.unconfirmed).toBe(0);
        expect(timers.pending).toBe(0);
        const attempts = new Map<string, number>();
        for (const key of sent) attempts.set(key, (attempts.get(key) ?? 0) + 1);
        for (const count of attempts.values()) expect(count).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('does nothing for kinds that concern the session', () => {
    const { events, registrar } = setUp(1);
    registrar.start();
    const message: Answer = { kind: 'answer', trId: 'T', trKey: '0', result: '9', code: 'OPSP0011', aes: undefined };
    for (const kind of ['fatal', 'wait', 'new_approval_key', 'ignore'] satisfies CodeKind[])
      registrar.answer(message, kind);
    expect([events, registrar.unconfirmed]).toEqual([[], 1]);
  });
});
