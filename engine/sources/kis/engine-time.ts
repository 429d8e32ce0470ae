// The engine time that a source puts on its inputs: its clock's, made monotone.
import type { Clock } from '../../clock.ts';

export class EngineTime {
  private readonly clock: Clock;
  private lastUs = 0;
  private lastAnnouncedUs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  nowUs(): number {
    this.lastUs = Math.max(this.lastUs, this.clock.nowUs());
    return this.lastUs;
  }

  /** What an emulated feed announced, or its latest announcement before where this one goes back. */
  clampAnnounced(timeUs: number): number {
    this.lastAnnouncedUs = Math.max(this.lastAnnouncedUs, timeUs);
    return this.lastAnnouncedUs;
  }
}
