// Where sessions are kept while their clients are away: what a connection had subscribed to, under a token that only its
// client knows. How far it has read, the client says itself. A store that gateways share lets a client go on at another.
import { monotonicUs } from '../engine/clock.ts';
import type { KeptSubscriptions } from './protocol.ts';

/** Each method rejects where the store cannot be reached. A session that nobody touches is forgotten after minutes. */
export interface SessionStore {
  save(token: string, subscriptions: KeptSubscriptions): Promise<void>;
  /** Its connection lives: the session is as good as new. */
  touch(token: string): Promise<void>;
  /** Null where it is not known, or not any more. */
  load(token: string): Promise<KeptSubscriptions | null>;
  forget(token: string): Promise<void>;
}

export const SESSION_TTL_MS = 5 * 60_000;
const SESSIONS_MAX = 10_000;

interface KeptSession {
  readonly subscriptions: KeptSubscriptions;
  readonly untilUs: number;
}

/** In this process alone. At its bound the session that was touched longest ago goes. */
export class MemorySessionStore implements SessionStore {
  private readonly sessions = new Map<string, KeptSession>();
  private readonly sessionsMax: number;
  private readonly ttlUs: number;
  private readonly nowUs: () => number;

  constructor({ sessionsMax = SESSIONS_MAX, ttlMs = SESSION_TTL_MS, nowUs = monotonicUs } = {}) {
    this.sessionsMax = sessionsMax;
    this.ttlUs = ttlMs * 1000;
    this.nowUs = nowUs;
  }

  get size(): number {
    return this.sessions.size;
  }

  async save(token: string, subscriptions: KeptSubscriptions): Promise<void> {
    this.sessions.delete(token);
    this.sessions.set(token, { subscriptions, untilUs: this.nowUs() + this.ttlUs });
    for (const [oldest, { untilUs }] of this.sessions) {
      if (this.sessions.size <= this.sessionsMax && untilUs > this.nowUs()) break;
      this.sessions.delete(oldest);
    }
  }

  async touch(token: string): Promise<void> {
    const subscriptions = await this.load(token);
    if (subscriptions !== null) await this.save(token, subscriptions);
  }

  async load(token: string): Promise<KeptSubscriptions | null> {
    const kept = this.sessions.get(token);
    return kept === undefined || kept.untilUs <= this.nowUs() ? null : kept.subscriptions;
  }

  async forget(token: string): Promise<void> {
    this.sessions.delete(token);
  }
}
