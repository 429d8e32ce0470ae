import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registrationName, type WantedRegistration } from './registration.ts';
import { type Allocation, allocate, type SessionRoom } from './registration-allocation.ts';

const NOTHING: ReadonlyMap<string, number> = new Map();

function symbols(count: number, priority = 100, first = 0): WantedRegistration[] {
  return Array.from({ length: count }, (_, at) => String(first + at).padStart(6, '0')).flatMap((trKey) => [
    { trId: 'H0STCNT0', trKey, priority },
    { trId: 'H0STASP0', trKey, priority },
  ]);
}

function room(registrationsMax: number, alive = true): SessionRoom {
  return { registrationsMax, alive };
}

function namesOf(allocation: Allocation): string[][] {
  return allocation.sessions.map((session) => session.map(registrationName));
}

const registration: fc.Arbitrary<WantedRegistration> = fc.record({
  trId: fc.constantFrom('H0STCNT0', 'H0STASP0', 'H0STMKO0', 'H0STCNI0'),
  trKey: fc.integer({ min: 0, max: 30 }).map(String),
  priority: fc.integer({ min: 0, max: 3 }),
});
const wantedLists = fc.array(registration, { maxLength: 80 });
const rooms = fc.array(fc.record({ registrationsMax: fc.integer({ min: 0, max: 25 }), alive: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
});
/** Whatever an earlier allocation may have said: also of sessions that are down or too small now. */
const histories = fc.tuple(wantedLists, rooms).map(([wanted, sessions]) => {
  const alive = sessions.map((session) => ({ ...session, alive: true }));
  return allocate({ wanted, sessions: alive, places: NOTHING }).places;
});

describe('any allocation', () => {
  it('registers each wanted one once at most, in a session that is alive and has room, or says why not', () => {
    fc.assert(
      fc.property(wantedLists, rooms, histories, (wanted, sessions, places) => {
        const allocation = allocate({ wanted, sessions, places });
        const placed = namesOf(allocation).flat();
        const leftOut = allocation.leftOut.map((left) => registrationName(left.registration));
        expect(new Set(placed).size).toBe(placed.length);
        expect([...placed, ...leftOut].sort()).toEqual([...new Set(wanted.map(registrationName))].sort());
        expect(allocation.places.size).toBe(placed.length);
        for (const [at, session] of allocation.sessions.entries()) {
          expect(session.length).toBeLessThanOrEqual(sessions[at]!.alive ? sessions[at]!.registrationsMax : 0);
          for (const one of session) expect(allocation.places.get(registrationName(one))).toBe(at);
          if (at > 0) expect(session.filter(({ trId }) => trId === 'H0STCNI0')).toEqual([]);
        }
      }),
    );
  });

  it('leaves out nothing that is more important than what it takes, and uses all the room', () => {
    fc.assert(
      fc.property(wantedLists, rooms, histories, (wanted, sessions, places) => {
        const allocation = allocate({ wanted, sessions, places });
        const free = sessions.reduce((sum, { alive, registrationsMax }) => sum + (alive ? registrationsMax : 0), 0);
        const priority = (name: string) =>
          Math.min(...wanted.filter((one) => registrationName(one) === name).map((one) => one.priority));
        const placed = namesOf(allocation).flat();
        const worst = Math.max(...placed.map(priority));
        // Notices may be left out for the first session alone.
        const others = allocation.leftOut.filter((left) => left.registration.trId !== 'H0STCNI0');
        if (others.length > 0) expect(placed).toHaveLength(free);
        for (const left of others) expect(priority(registrationName(left.registration))).toBeGreaterThanOrEqual(worst);
      }),
    );
  });

  it('moves nothing that has its place where there is room for it, and nothing at all when asked again', () => {
    fc.assert(
      fc.property(wantedLists, rooms, histories, (wanted, sessions, places) => {
        const allocation = allocate({ wanted, sessions, places });
        expect(allocate({ wanted, sessions, places: allocation.places })).toEqual(allocation);
        // What was moved from a living session was in the way: that session is full.
        for (const [name, at] of allocation.places) {
          const before = places.get(name);
          if (before === undefined || before === at || name.startsWith('H0STCNI0')) continue;
          const { alive, registrationsMax } = sessions[before] ?? room(0, false);
          if (alive) expect(allocation.sessions[before]).toHaveLength(registrationsMax);
        }
      }),
    );
  });

  it('moves only what a dead session had, and nothing back when it returns', () => {
    fc.assert(
      fc.property(wantedLists, rooms, fc.nat(), (wanted, drawn, dead) => {
        const sessions = drawn.map((session) => ({ ...session, alive: true }));
        const at = dead % sessions.length;
        const before = allocate({ wanted, sessions, places: NOTHING });
        const without = sessions.map((session, index) => ({ ...session, alive: index !== at }));
        const during = allocate({ wanted, sessions: without, places: before.places });
        for (const [name, place] of during.places) {
          const was = before.places.get(name);
          if (was !== undefined && was !== at) expect(place).toBe(was);
        }
        const after = allocate({ wanted, sessions, places: during.places });
        const pinned = wanted.some(({ trId }) => trId === 'H0STCNI0');
        for (const [name, place] of during.places) {
          // Notices that come back to the first session may displace something there.
          if (!pinned) expect(after.places.get(name)).toBe(place);
        }
        expect([...after.places.keys()].sort()).toEqual([...before.places.keys()].sort());
      }),
    );
  });
});

describe('an allocation', () => {
  it('fills the first session first, and keeps trades and books of a symbol together', () => {
    const { sessions } = allocate({ wanted: symbols(30), sessions: [room(41), room(41)], places: NOTHING });
    expect(sessions.map((session) => session.length)).toEqual([40, 20]);
    const split = sessions[0]!.filter(({ trKey }) => sessions[1]!.some((other) => other.trKey === trKey));
    expect(split).toEqual([]);
  });

  it('splits a symbol only where nothing else is left', () => {
    const { sessions, leftOut } = allocate({ wanted: symbols(41), sessions: [room(41), room(41)], places: NOTHING });
    expect(sessions.map((session) => session.length)).toEqual([41, 41]);
    expect(leftOut).toEqual([]);
  });

  it('puts a further stream of a symbol beside the others', () => {
    const wanted = symbols(20);
    const sessions = [room(41), room(41)];
    const { places } = allocate({ wanted, sessions, places: NOTHING });
    const more = [...wanted, { trId: 'H0STMKO0', trKey: '000007', priority: 100 }];
    expect(allocate({ wanted: more, sessions, places }).places.get('H0STMKO0|000007')).toBe(0);
  });

  it('makes room for what is more important, and says what had to go', () => {
    const sessions = [room(4), room(4)];
    const universe = symbols(4);
    const { places } = allocate({ wanted: universe, sessions, places: NOTHING });
    const urgent = symbols(1, 0, 900);
    const allocation = allocate({ wanted: [...universe, ...urgent], sessions, places });
    expect(allocation.leftOut).toEqual(
      universe.slice(-2).map((registration) => ({ registration, reason: 'registrations_max' })),
    );
    expect(namesOf(allocation)[1]).toEqual([...urgent, ...universe.slice(4, 6)].map(registrationName));
  });

  it('moves the most important ones of a dead session to where the least important ones are, and back-fills', () => {
    const low = symbols(2, 100);
    const high = symbols(2, 1, 500);
    const sessions = [room(4), room(4)];
    const placed = allocate({ wanted: [...high, ...low], sessions, places: NOTHING });
    const down = [room(4, false), room(4)];
    const during = allocate({ wanted: [...high, ...low], sessions: down, places: placed.places });
    expect(namesOf(during)).toEqual([[], high.map(registrationName)]);
    expect(during.leftOut.map(({ reason }) => reason)).toEqual(Array(4).fill('session_down'));
    const after = allocate({ wanted: [...high, ...low], sessions, places: during.places });
    expect(namesOf(after)).toEqual([low.map(registrationName), high.map(registrationName)]);
  });

  it('gives execution notices to the first key only, in place of another where it is full', () => {
    const notice = { trId: 'H0STCNI0', trKey: 'hts-id', priority: 0 };
    const wanted = symbols(2);
    const sessions = [room(4), room(4)];
    const { places } = allocate({ wanted, sessions, places: NOTHING });
    const allocation = allocate({ wanted: [...wanted, notice], sessions, places });
    expect(allocation.sessions.map((session) => session.length)).toEqual([4, 1]);
    expect(allocation.places.get('H0STCNI0|hts-id')).toBe(0);
    const down = allocate({ wanted: [...wanted, notice], sessions: [room(4, false), room(4)], places });
    expect(down.leftOut).toEqual([{ registration: notice, reason: 'session_down' }]);
  });
});
