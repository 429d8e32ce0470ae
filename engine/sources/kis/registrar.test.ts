import { describe, expect, it } from 'vitest';
import { type CodeKind, codeKind } from './codes.ts';
import type { Answer } from './message.ts';
import { Registrar } from './registrar.ts';
import type { KisRegistration } from './registration.ts';
import { HandTimers } from './test-timers.ts';

function registrationsOf(...keys: (string | number)[]): KisRegistration[] {
  return keys.map((key) => ({ trId: 'T', trKey: `${key}` }));
}

function setUp(count: number, registrationsPerSecond = 10, registrationsMax = 41) {
  const timers = new HandTimers();
  const sent: string[] = [];
  const events: string[] = [];
  const registrar = new Registrar({
    registrationsMax,
    registrationsPerSecond,
    unregistrationsPerMinute: 5,
    timeoutMs: 5_000,
    attemptsMax: 3,
    timers,
    send: ({ trKey }, request) => sent.push(request === 'register' ? trKey : `-${trKey}`),
    onEvent: (event, { trKey }, code) => events.push(`${event} ${trKey} ${code}`),
  });
  const assign = (...keys: (string | number)[]) => registrar.assign(registrationsOf(...keys));
  assign(...Array(count).keys());
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
  const holds = (key: string | number) => [...registrar.heldNames()].includes(`T|${key}`);
  return { timers, sent, events, registrar, answer, assign, holds };
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

  it('does nothing for kinds that concern the session', () => {
    const { events, registrar } = setUp(1);
    registrar.start();
    const message: Answer = { kind: 'answer', trId: 'T', trKey: '0', result: '9', code: 'OPSP0011', aes: undefined };
    for (const kind of ['fatal', 'wait', 'new_approval_key', 'ignore'] satisfies CodeKind[])
      registrar.answer(message, kind);
    expect([events, registrar.unconfirmed]).toEqual([[], 1]);
  });
});

describe('a new assignment', () => {
  /** With 0 … count − 1 registered. */
  function registered(count: number, registrationsMax = 41) {
    const parts = setUp(count, 1_000, registrationsMax);
    parts.registrar.start();
    for (let key = 0; key < count; key += 1) {
      parts.timers.advance(1);
      parts.answer(`${key}`, 'OPSP0000');
    }
    parts.sent.length = 0;
    parts.events.length = 0;
    return parts;
  }

  it('ends what it leaves out, registers what is new, and asks for nothing else', () => {
    const { assign, answer, sent, events, registrar, timers } = registered(3);
    assign(0, 2, 3, 4);
    timers.advance(10);
    expect(sent).toEqual(['-1', '3', '4']);
    for (const [key, code] of [
      ['1', 'OPSP0001'],
      ['3', 'OPSP0000'],
      ['4', 'OPSP0000'],
    ] as const)
      answer(key, code);
    expect(events).toEqual(['unregistered 1 OPSP0001', 'registered 3 OPSP0000', 'registered 4 OPSP0000']);
    expect([registrar.active, registrar.unconfirmed, registrar.held]).toEqual([4, 0, 4]);
    assign(4, 3, 2, 0);
    timers.advance(60_000);
    expect([sent.length, timers.pending]).toEqual([3, 0]);
  });

  it('waits in a full session until KIS has let another go', () => {
    const { assign, answer, sent, timers, holds } = registered(2, 2);
    assign(1, 7);
    timers.advance(1_000);
    expect([sent, holds(0)]).toEqual([['-0'], true]);
    answer('0', 'OPSP0003');
    timers.advance(1);
    expect([sent, holds(0)]).toEqual([['-0', '7'], false]);
  });

  it('sends nothing for what is taken back before its turn', () => {
    const { assign, sent, timers, registrar, events } = registered(4);
    // The first turn goes to 0; 1 waits, and is wanted again.
    assign(2, 3, 8);
    assign(1, 2, 3);
    timers.advance(1_000);
    expect([sent, events]).toEqual([['-0'], []]);
    expect(registrar.active).toBe(3);
  });

  it('registers anew what is wanted again while its end is on its way', () => {
    const { assign, answer, sent, timers, events } = registered(1);
    assign();
    assign(0);
    answer('0', 'OPSP0001');
    timers.advance(1);
    answer('0', 'OPSP0000');
    expect(sent).toEqual(['-0', '0']);
    expect(events).toEqual(['unregistered 0 OPSP0001', 'registered 0 OPSP0000']);
  });

  it('ends what is no longer wanted once it was answered, or where no answer comes', () => {
    const { assign, answer, sent, timers, registrar } = setUp(2, 1_000);
    registrar.start();
    timers.advance(1);
    assign();
    answer('0', 'OPSP0000');
    timers.advance(5_000);
    answer('0', 'OPSP0001');
    timers.advance(1);
    expect(sent).toEqual(['0', '1', '-0', '-1']);
    timers.advance(60_000);
    expect([registrar.held, registrar.unconfirmed, timers.pending]).toEqual([0, 0, 0]);
    expect(sent.filter((key) => key === '-1')).toHaveLength(3);
  });

  it('ends no more than so many a minute, however often the wish changes', () => {
    const { assign, answer, sent, timers, holds } = registered(8);
    for (let turn = 0; turn < 600; turn += 1) {
      assign(...(turn % 2 === 0 ? [] : Array(8).keys()));
      timers.advance(100);
      for (const key of Array(8).keys()) {
        if (!holds(key)) continue;
        answer(`${key}`, sent.lastIndexOf(`-${key}`) > sent.lastIndexOf(`${key}`) ? 'OPSP0001' : 'OPSP0000');
      }
    }
    const ended = sent.filter((key) => key.startsWith('-'));
    expect(ended).toHaveLength(5);
    expect(sent.length - ended.length).toBeLessThanOrEqual(5);
  });
});
