// Who holds which registration by the journal alone, and since when records of an instrument are expected. Held against
// a naive account over any history of sessions that come, go and pass registrations on.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FeedSessions, registrationTarget } from './feed-sessions.ts';
import type { SessionInput } from './input.ts';
import type { Instruments } from './instruments.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import { control, startCommand, TEN, testMachine } from './test-market.ts';

let instruments: Instruments;
let sessions: FeedSessions;

beforeAll(initialiseBackend);
beforeEach(() => {
  const machine = testMachine();
  machine.apply([control(startCommand())], 0);
  ({ instruments } = machine);
  sessions = new FeedSessions(instruments);
});

function event(
  kind: SessionInput['event'],
  session: string,
  engineTimeUs = TEN,
  of: Pick<SessionInput, 'trId' | 'trKey'> = {},
): SessionInput {
  return { kind: 'session', engineTimeUs, session, event: kind, ...of };
}
const TRADES = { trId: 'H0STCNT0', trKey: '005930' };
const BOOKS = { trId: 'H0STASP0', trKey: '005930' };

it('expects trades from their registration on, through a session that dies, until nobody wants them', () => {
  const { values } = instruments.named('005930', 'KRX');
  sessions.apply(event('connected', 'kis-1'));
  sessions.apply(event('registered', 'kis-1', TEN + 1, TRADES));
  sessions.apply(event('registered', 'kis-1', TEN + 2, BOOKS));
  expect([values.expectedSinceUs, values.lastGapUs]).toEqual([TEN + 1, TEN + 2]);
  sessions.apply(event('lost', 'kis-1', TEN + 10));
  expect([values.expectedSinceUs, values.lastGapUs, sessions.connected.size]).toEqual([TEN + 1, TEN + 10, 0]);
  sessions.apply(event('connected', 'kis-2', TEN + 11));
  sessions.apply(event('registered', 'kis-2', TEN + 12, TRADES));
  // The day is whole as long as cumulative numbers tell what was lost in between.
  expect([values.expectedSinceUs, values.lastGapUs]).toEqual([TEN + 1, TEN + 12]);
  sessions.apply(event('unregistered', 'kis-2', TEN + 13, TRADES));
  sessions.apply(event('lost', 'kis-2', TEN + 20));
  expect([values.expectedSinceUs, values.lastGapUs]).toEqual([0, TEN + 12]);
});

it('interrupts nobody where a registration is refused, or concerns no instrument', () => {
  for (const of of [TRADES, { trId: 'H0STCNI0' }, { trId: 'H0UPCNT0', trKey: '0001' }, {}]) {
    sessions.apply(event('rejected', 'kis-1', TEN, of));
    if (of !== TRADES) sessions.apply(event('registered', 'kis-1', TEN, of));
  }
  expect([...instruments.all()]).toEqual([]);
});

it('holds what a naive account holds, whatever happens, and knows it again from a snapshot', () => {
  const step = fc.record({
    kind: fc.constantFrom('connected', 'lost', 'registered', 'registered', 'unregistered', 'rejected'),
    session: fc.constantFrom('kis-1', 'kis-2', 'kis-3'),
    of: fc.record({ trId: fc.constantFrom('H0STCNT0', 'H0STASP0', 'H0NXCNT0'), trKey: fc.constantFrom('a', 'b') }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 60 }), (steps, savedAt) => {
      let tested = new FeedSessions(instruments);
      const connected = new Set<string>();
      const held = new Map<string, string>();
      for (const [i, { kind, session, of }] of steps.entries()) {
        if (i === savedAt) {
          const saved = structuredClone(tested.save());
          tested = new FeedSessions(instruments);
          tested.load(saved);
        }
        tested.apply(event(kind, session, TEN + i, of));
        const name = `${of.trId} ${of.trKey}`;
        if (kind === 'connected') connected.add(session);
        if (kind === 'registered') held.set(name, session);
        if (kind === 'unregistered') held.delete(name);
        if (kind !== 'lost') continue;
        connected.delete(session);
        for (const [key, holder] of held) if (holder === session) held.delete(key);
      }
      const { registrations } = tested.save();
      expect(new Map(registrations.map(({ session, trId, trKey }) => [`${trId} ${trKey}`, session]))).toEqual(held);
      expect(tested.connected).toEqual(connected);
      tested.clear();
      expect(tested.save()).toEqual({ connected: [], registrations: [] });
    }),
  );
});

describe('whose records a registration delivers', () => {
  it.each([
    ['H0STCNT0', '005930', { code: '005930', venue: 'KRX', stream: 'trades' }],
    ['H0NXASP0', '005930', { code: '005930', venue: 'NXT', stream: 'books' }],
    ['H0UNCNT0', '005930', { code: '005930', venue: 'UN', stream: 'trades' }],
    ['H0IFCNT0', 'A01612', { code: 'A01612', venue: 'KFE', stream: 'trades' }],
    ['HDFSCNT0', 'DNASAAPL', { code: 'AAPL', venue: 'NAS', stream: 'trades' }],
    ['HDFSCNT0', 'nonsense', null],
    ['H0UPCNT0', '0001', null],
    ['H0STMKO0', '005930', null],
    ['H0STCNI0', '', null],
    ['XXXXXXXX', '005930', null],
  ])('%s of %s', (trId, trKey, target) => {
    expect(registrationTarget(trId, trKey)).toEqual(target);
  });
});
