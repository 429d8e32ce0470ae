// Drives a feed's time: at a multiple of the host's, or as fast as the clients read. It knows no market and no socket.
import { monotonicUs } from '../clock.ts';

export interface PacerOptions {
  /** 1 is real time, n is n times as fast, 0 is as fast as it can. */
  readonly speed: number;
  /** Longest stretch of feed time played in one turn, microseconds. */
  readonly turnUs: number;
  /** Plays and sends all up to so many microseconds since the start. */
  readonly play: (elapsedUs: number) => void;
  readonly nextDueUs: () => number;
  /** True while time is to stand still. */
  readonly held: () => boolean;
}

/** Host time spent before sockets are served again. */
const BURST_US_MAX = 4_000;
/** A host that slept or cannot keep up lets the feed's time slow down, instead of a flood that catches up. */
const LAG_US_MAX = 2_000_000;
const HELD_POLL_MS = 5;
const SLEEP_MS_MAX = 1_000;

export class Pacer {
  private readonly options: PacerOptions;
  private elapsedUs = 0;
  private anchorUs = monotonicUs();
  private cancel: () => void = () => {};

  constructor(options: PacerOptions) {
    this.options = options;
  }

  start(): void {
    this.anchorUs = monotonicUs();
    this.run();
  }

  stop(): void {
    this.cancel();
  }

  private run(): void {
    if (this.options.held()) {
      this.anchorUs = monotonicUs() - this.hostUs(this.elapsedUs);
      this.wait(HELD_POLL_MS);
    } else if (this.options.speed === 0) {
      this.runFreely();
    } else {
      this.runByClock();
    }
  }

  private runFreely(): void {
    const endUs = monotonicUs() + BURST_US_MAX;
    do this.turn(this.elapsedUs + this.options.turnUs);
    while (monotonicUs() < endUs && !this.options.held());
    this.waitTurn();
  }

  private runByClock(): void {
    const { speed, turnUs, nextDueUs } = this.options;
    const startedUs = monotonicUs();
    const lagUs = startedUs - this.anchorUs - this.hostUs(this.elapsedUs);
    if (lagUs > LAG_US_MAX) this.anchorUs += lagUs - LAG_US_MAX;
    const targetUs = Math.floor((startedUs - this.anchorUs) * speed);
    while (this.elapsedUs < targetUs && monotonicUs() - startedUs < BURST_US_MAX) {
      this.turn(Math.min(this.elapsedUs + turnUs, targetUs));
    }
    if (this.elapsedUs < targetUs) this.waitTurn();
    else this.wait(Math.min(SLEEP_MS_MAX, Math.max(1, this.hostUs(nextDueUs() - this.elapsedUs) / 1000)));
  }

  private turn(elapsedUs: number): void {
    this.elapsedUs = elapsedUs;
    this.options.play(elapsedUs);
  }

  private hostUs(feedUs: number): number {
    return this.options.speed === 0 ? 0 : feedUs / this.options.speed;
  }

  private wait(delayMs: number): void {
    const timer = setTimeout(() => this.run(), delayMs);
    this.cancel = () => clearTimeout(timer);
  }

  private waitTurn(): void {
    const immediate = setImmediate(() => this.run());
    this.cancel = () => clearImmediate(immediate);
  }
}
