// The engine time that a source puts on its inputs: its clock's, made monotone over all its sessions. An emulated feed
// announces its time in each session; here that becomes one clock.
import type { Clock, FeedClock } from '../../clock.ts';

/** A session that is further behind than this has fallen silent: time no longer waits for it. Microseconds. */
const LAGGARD_US = 300_000_000;

export class EngineTime implements Clock {
  private readonly clock: Clock;
  private readonly feedClock: FeedClock | undefined;
  private lastUs = 0;
  private announcedUs = 0;
  /** What each session announced last. */
  private readonly marksUs = new Map<string, number>();

  /** @param feedClock where the feed is emulated: what is announced sets it, and time comes from it */
  constructor(clock: Clock, feedClock?: FeedClock) {
    this.clock = feedClock ?? clock;
    this.feedClock = feedClock;
  }

  nowUs(): number {
    this.lastUs = Math.max(this.lastUs, this.clock.nowUs());
    return this.lastUs;
  }

  /**
   * What an emulated feed says in one session. At a speed the newest announcement counts: all sessions say the same, a
   * few milliseconds apart. At speed 0 the oldest does, so that no session's records come late because another was read
   * first.
   * @returns false where the session's time went back: time then stands until it has caught up
   */
  announce(session: string, timeUs: number, speed: number): boolean {
    if (this.feedClock === undefined) return true;
    const forward = timeUs >= (this.marksUs.get(session) ?? 0);
    if (forward) this.marksUs.set(session, timeUs);
    const reachedUs = speed === 0 ? this.oldestMarkUs() : timeUs;
    if (reachedUs > this.announcedUs || !forward) {
      this.announcedUs = Math.max(this.announcedUs, reachedUs);
      this.feedClock.announce(this.announcedUs, speed);
    }
    return forward;
  }

  /** The session is gone: nobody waits for its announcements. */
  forget(session: string): void {
    this.marksUs.delete(session);
  }

  private oldestMarkUs(): number {
    const newestUs = Math.max(...this.marksUs.values());
    let oldestUs = newestUs;
    for (const markUs of this.marksUs.values()) {
      if (markUs < oldestUs && markUs > newestUs - LAGGARD_US) oldestUs = markUs;
    }
    return oldestUs;
  }
}
