// Which session registers what: a pure function of what is wanted, of the room there is, and of where everything was.
// Nothing stands in two sessions, what is most important stays, and what has its place keeps it while there is room.
import { type KisRegistration, registrationName, type WantedRegistration } from './registration.ts';
import { NOTICE_TR_IDS } from './tr-ids.ts';

/** What one session can take. */
export interface SessionRoom {
  /** Registrations over all TRs. */
  readonly registrationsMax: number;
  /** False: it is away for longer than a moment, or for good. */
  readonly alive: boolean;
}

export interface AllocationRequest {
  readonly wanted: readonly WantedRegistration[];
  /** In the order of the app keys. Execution notices belong to the first. */
  readonly sessions: readonly SessionRoom[];
  /** The allocation before: session by name of the registration. */
  readonly places: ReadonlyMap<string, number>;
}

export interface Allocation {
  /** Of each session, most important first. */
  readonly sessions: readonly (readonly KisRegistration[])[];
  readonly places: ReadonlyMap<string, number>;
  readonly leftOut: readonly { readonly registration: KisRegistration; readonly reason: NoRoom }[];
}

/** `session_down`: all sessions together would have room, but not all are there. */
export type NoRoom = 'registrations_max' | 'session_down';

export function allocate({ wanted, sessions, places }: AllocationRequest): Allocation {
  const ranked = rank(wanted);
  const admitted = admit(ranked, sessions, ({ alive }) => alive);
  const placement = new Placement(sessions);
  for (const registration of admitted) if (isPinned(registration)) placement.put(registration, 0);
  const homeless: KisRegistration[] = [];
  for (const registration of admitted) {
    if (isPinned(registration)) continue;
    const place = places.get(registrationName(registration));
    if (place !== undefined && placement.room(place) > 0) placement.put(registration, place);
    else homeless.push(registration);
  }
  for (const group of bySymbol(homeless)) placement.putGroup(group);
  const atBest = admit(ranked, sessions, () => true);
  return {
    sessions: placement.inOrderOf(admitted),
    places: placement.places,
    leftOut: ranked
      .filter((registration) => !admitted.has(registration))
      .map((registration) => ({
        registration,
        reason: atBest.has(registration) ? 'session_down' : 'registrations_max',
      })),
  };
}

/** Each once, with the best priority that it is wanted with; most important first. */
function rank(wanted: readonly WantedRegistration[]): WantedRegistration[] {
  const best = new Map<string, WantedRegistration>();
  for (const registration of wanted) {
    const name = registrationName(registration);
    const before = best.get(name);
    if (before === undefined || registration.priority < before.priority) best.set(name, registration);
  }
  return [...best.values()].sort((one, other) => one.priority - other.priority);
}

/**
 * The most important ones that there is room for. Taking them in order is right because only those that belong to the
 * first session are bound to a place: all others fit wherever one is free.
 */
function admit(
  ranked: readonly KisRegistration[],
  sessions: readonly SessionRoom[],
  counts: (session: SessionRoom) => boolean,
): Set<KisRegistration> {
  const rooms = sessions.map((session) => (counts(session) ? session.registrationsMax : 0));
  let free = rooms.reduce((sum, room) => sum + room, 0);
  let freeInFirst = rooms[0] ?? 0;
  const admitted = new Set<KisRegistration>();
  for (const registration of ranked) {
    const pinned = isPinned(registration);
    if (free === 0 || (pinned && freeInFirst === 0)) continue;
    admitted.add(registration);
    free -= 1;
    if (pinned) freeInFirst -= 1;
  }
  return admitted;
}

function isPinned({ trId }: KisRegistration): boolean {
  return NOTICE_TR_IDS.has(trId);
}

/** Trades and books of one symbol, which go together, in the order of the first of each. */
function bySymbol(registrations: readonly KisRegistration[]): Iterable<readonly KisRegistration[]> {
  const groups = new Map<string, KisRegistration[]>();
  for (const registration of registrations) {
    const group = groups.get(registration.trKey);
    if (group === undefined) groups.set(registration.trKey, [registration]);
    else group.push(registration);
  }
  return groups.values();
}

class Placement {
  readonly places = new Map<string, number>();
  private readonly rooms: number[];
  /** Where something of a symbol stands, by its key. */
  private readonly symbols = new Map<string, number>();

  constructor(sessions: readonly SessionRoom[]) {
    this.rooms = sessions.map(({ registrationsMax, alive }) => (alive ? registrationsMax : 0));
  }

  room(session: number): number {
    return this.rooms[session] ?? 0;
  }

  put(registration: KisRegistration, session: number): void {
    this.rooms[session] = this.room(session) - 1;
    this.places.set(registrationName(registration), session);
    this.symbols.set(registration.trKey, session);
  }

  /** Beside what is there of the symbol, else where all of it fits, else where most of it does. */
  putGroup(group: readonly KisRegistration[]): void {
    for (const [at, registration] of group.entries()) {
      const beside = this.symbols.get(registration.trKey);
      if (beside !== undefined && this.room(beside) > 0) this.put(registration, beside);
      else this.put(registration, this.sessionFor(group.length - at));
    }
  }

  inOrderOf(admitted: Iterable<KisRegistration>): KisRegistration[][] {
    const sessions: KisRegistration[][] = this.rooms.map(() => []);
    for (const registration of admitted) sessions[this.places.get(registrationName(registration))!]!.push(registration);
    return sessions;
  }

  private sessionFor(count: number): number {
    const fitting = this.rooms.findIndex((room) => room >= count);
    return fitting >= 0 ? fitting : this.rooms.indexOf(Math.max(...this.rooms));
  }
}
