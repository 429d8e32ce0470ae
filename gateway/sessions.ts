// All sessions: how many there may be, their heartbeats, and their common end.
import type { Logger } from 'pino';
import type { StreamSources } from './client-streams.ts';
import type { RefusalSlug } from './errors.ts';
import type { GatewayLimits } from './limits.ts';
import type { Encoding } from './protocol.ts';
import { Session } from './session.ts';
import type { SessionStore } from './session-store.ts';
import { count } from './stats.ts';

/** A round of heartbeats is spread over its interval, so that it never holds up an update for long. */
const HEARTBEAT_SLOTS = 50;
/** Clients of a server that ends are asked to come back spread over this time. */
const RECONNECT_AFTER_MS = 500;
const RECONNECT_SPREAD_MS = 2000;

export interface SessionsOptions {
  readonly sources: StreamSources;
  readonly limits: GatewayLimits;
  readonly store: SessionStore;
  readonly resumeWindowMs: number;
  readonly log: Logger;
}

export class Sessions {
  private readonly options: SessionsOptions;
  private readonly sources: StreamSources;
  private readonly limits: GatewayLimits;
  private readonly log: Logger;
  private readonly open = new Map<Session, { readonly remoteAddress: string; readonly slot: number }>();
  private readonly openByAddress = new Map<string, number>();
  private readonly slots: Set<Session>[] = Array.from({ length: HEARTBEAT_SLOTS }, () => new Set());
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private created = 0;
  private nextSlot = 0;
  private isEnding = false;

  constructor(options: SessionsOptions) {
    const { sources, limits, log } = options;
    this.options = options;
    this.sources = sources;
    this.limits = limits;
    this.log = log;
  }

  startHeartbeats(): void {
    this.heartbeatTimer = setInterval(() => this.beatSlot(), this.limits.heartbeatMs / HEARTBEAT_SLOTS);
  }

  /** Why no further connection of that address is taken now, or null. */
  refuses(remoteAddress: string): RefusalSlug | null {
    if (this.isEnding) return 'ending';
    if (this.open.size >= this.limits.connectionsMax) return 'too_many_connections';
    const ofAddress = this.openByAddress.get(remoteAddress) ?? 0;
    return ofAddress >= this.limits.connectionsPerAddressMax ? 'too_many_connections_of_address' : null;
  }

  create(encoding: Encoding, remoteAddress: string): Session {
    const { stats } = this.sources;
    const { sources, limits, store, resumeWindowMs } = this.options;
    this.created += 1;
    const number = this.created;
    return new Session({
      name: `c${number}`,
      encoding,
      sources,
      limits,
      store,
      resumeWindowMs,
      opened: (session) => {
        const slot = number % HEARTBEAT_SLOTS;
        this.open.set(session, { remoteAddress, slot });
        this.slots[slot]!.add(session);
        this.openByAddress.set(remoteAddress, (this.openByAddress.get(remoteAddress) ?? 0) + 1);
        stats.connectionsTotal += 1;
        stats.connections = this.open.size;
        this.log.debug({ connection: session.name, remoteAddress, encoding }, 'client connected');
      },
      ended: (session, code) => this.forget(session, code),
    });
  }

  /** Tells every client that all is numbered anew. */
  beginEpoch(epoch: string, previous: string): void {
    for (const session of [...this.open.keys()]) session.beginEpoch(epoch, previous);
  }

  /** Tells every client that the server ends, and closes it. */
  shutDown(reason: string): void {
    this.isEnding = true;
    clearInterval(this.heartbeatTimer);
    const sessions = [...this.open.keys()];
    for (const [n, session] of sessions.entries()) {
      session.shutDown(reason, RECONNECT_AFTER_MS + Math.floor((n * RECONNECT_SPREAD_MS) / sessions.length));
    }
  }

  private beatSlot(): void {
    const slot = this.slots[this.nextSlot]!;
    this.nextSlot = (this.nextSlot + 1) % HEARTBEAT_SLOTS;
    for (const session of slot) session.beat();
  }

  private forget(session: Session, code: number): void {
    const { stats } = this.sources;
    const entry = this.open.get(session);
    if (entry === undefined) return;
    this.open.delete(session);
    this.slots[entry.slot]!.delete(session);
    const left = this.openByAddress.get(entry.remoteAddress)! - 1;
    if (left === 0) this.openByAddress.delete(entry.remoteAddress);
    else this.openByAddress.set(entry.remoteAddress, left);
    stats.connections = this.open.size;
    count(stats.closed, code);
    this.log.debug({ connection: session.name, code }, 'client gone');
  }
}
