// Who delivers what, as the journal tells it: which session holds which registration. From it follows whose records may
// be missing when a session dies, and since when an instrument's are expected at all.
import type { SessionInput } from './input.ts';

interface Registration {
  readonly session: string;
  readonly trId: string;
  readonly trKey: string;
}

export type SavedRegistrations = readonly Registration[];

export class Registrations {
  /** By TR and key; a registration moves with its session. */
  private readonly held = new Map<string, Registration>();

  /** The registrations that the event makes, ends or moves: whose records may be missing from here on. */
  apply({ event, session, trId, trKey }: SessionInput): readonly Registration[] {
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

  holds(trId: string, trKey: string): boolean {
    return this.held.has(nameOf(trId, trKey));
  }

  get size(): number {
    return this.held.size;
  }

  clear(): void {
    this.held.clear();
  }

  save(): SavedRegistrations {
    return [...this.held.values()];
  }

  load(saved: SavedRegistrations): void {
    for (const registration of saved) this.held.set(nameOf(registration.trId, registration.trKey), registration);
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
