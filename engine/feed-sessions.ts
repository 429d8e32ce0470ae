// The feed's sessions as the journal tells them: which are connected, which holds which registration. From it follows
// whose records may be missing when a session dies, and since when an instrument's are expected at all.
import { LAYOUTS } from './decode/layouts.ts';
import { overseasKey } from './decode/overseas-feeds.ts';
import type { Venue } from './decode/records.ts';
import type { SessionInput } from './input.ts';
import type { Instrument } from './instrument.ts';
import type { Instruments } from './instruments.ts';

interface Registration {
  readonly session: string;
  readonly trId: string;
  readonly trKey: string;
}

export interface SavedFeedSessions {
  readonly connected: readonly string[];
  readonly registrations: readonly Registration[];
}

export class FeedSessions {
  readonly connected = new Set<string>();
  private readonly instruments: Instruments;
  /** By TR and key; a registration moves with its session. */
  private readonly held = new Map<string, Registration>();

  constructor(instruments: Instruments) {
    this.instruments = instruments;
  }

  /** Where a session dies, or a registration comes (anew), records of those instruments may be missing. */
  apply(input: SessionInput): void {
    const { event, session, engineTimeUs, trId, trKey } = input;
    if (event === 'connected') this.connected.add(session);
    if (event === 'lost') this.connected.delete(session);
    if (event === 'unregistered') this.expect(trId, trKey, false, engineTimeUs);
    for (const registration of this.move(input)) {
      this.instrumentOf(registration)?.interrupt(engineTimeUs);
      if (event === 'registered') this.expect(trId, trKey, true, engineTimeUs);
    }
  }

  /** The run begins or ends: nobody is connected, and what the next one registers may be less. */
  clear(): void {
    this.connected.clear();
    this.held.clear();
    for (const { quality } of this.instruments.all()) quality.unregister();
  }

  save(): SavedFeedSessions {
    return { connected: [...this.connected], registrations: [...this.held.values()] };
  }

  load({ connected, registrations }: SavedFeedSessions): void {
    for (const session of connected) this.connected.add(session);
    for (const registration of registrations)
      this.held.set(nameOf(registration.trId, registration.trKey), registration);
  }

  private expect(trId = '', trKey = '', on: boolean, timeUs: number): void {
    const target = registrationTarget(trId, trKey);
    if (target === null || !this.instruments.owns(target.code)) return;
    this.instruments.named(target.code, target.venue).expect(target.stream, on, timeUs);
  }

  private instrumentOf({ trId, trKey }: Registration): Instrument | null {
    const target = registrationTarget(trId, trKey);
    if (target === null || !this.instruments.owns(target.code)) return null;
    return this.instruments.named(target.code, target.venue);
  }

  /** The registrations that the event makes or ends: whose records may be missing from here on. */
  private move({ event, session, trId, trKey }: SessionInput): readonly Registration[] {
    switch (event) {
      case 'registered': {
        if (trId === undefined || trKey === undefined) return [];
        const registration = { session, trId, trKey };
        this.held.set(nameOf(trId, trKey), registration);
        return [registration];
      }
      case 'unregistered':
        if (trId !== undefined && trKey !== undefined) this.held.delete(nameOf(trId, trKey));
        return [];
      case 'lost':
        return this.takeAll(session);
      case 'connected':
      case 'rejected':
        return [];
    }
  }

  private takeAll(session: string): Registration[] {
    const lost = [...this.held.values()].filter((registration) => registration.session === session);
    for (const { trId, trKey } of lost) this.held.delete(nameOf(trId, trKey));
    return lost;
  }
}

function nameOf(trId: string, trKey: string): string {
  return `${trId}|${trKey}`;
}

export interface RegistrationTarget {
  readonly code: string;
  readonly venue: Venue;
  readonly stream: 'trades' | 'books';
}

const STREAMS = {
  trade: 'trades',
  foreignTrade: 'trades',
  futuresTrade: 'trades',
  book: 'books',
  futuresBook: 'books',
} as const;

/** Whose trades or books a registration delivers; null for all others. */
export function registrationTarget(trId: string, trKey: string): RegistrationTarget | null {
  const { kind = 'ignored', venue } = LAYOUTS.find((one) => one.trId === trId) ?? {};
  const stream = Object.hasOwn(STREAMS, kind) ? STREAMS[kind as keyof typeof STREAMS] : undefined;
  if (stream === undefined || venue === undefined) return null;
  if (kind !== 'foreignTrade') return { code: trKey, venue, stream };
  const key = overseasKey(trKey);
  return key && { ...key, stream };
}
