// What one session is told, and what it tells the source that it belongs to.
import type { Input } from '../../input.ts';
import type { EngineTime } from './engine-time.ts';
import type { Pace } from './pace.ts';
import type { KisRegistration } from './registration.ts';
import type { CompleteKisSourceOptions, KisKey } from './source-options.ts';

export interface KisSessionEvents {
  input(input: Input): void;
  lost(reason: string): void;
  /** KIS will never accept this registration, in whatever session. */
  refused(registration: KisRegistration, code: string): void;
  /** Room, liveness or what is held has changed: registrations may have to move. */
  changed(): void;
}

export interface KisSessionOptions extends Omit<CompleteKisSourceOptions, 'keys'> {
  /** Names the session in inputs, status and logs. */
  readonly session: string;
  readonly key: KisKey;
  readonly time: EngineTime;
  /** Of all sessions together, where there is one. */
  readonly pace: Pace | undefined;
  readonly events: KisSessionEvents;
}
