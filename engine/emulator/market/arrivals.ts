// When orders arrive: a self-exciting (Hawkes) point process with an exponential kernel, played by thinning (Ogata, "On
// Lewis' simulation method for point processes", 1981). What arrives is the order flow's matter.
import type { Random } from './random.ts';

/** Share of events that others triggered, and how fast the excitement fades, per second. */
const BRANCHING = 0.6;
const EXCITEMENT_DECAY = 4;
const EXCITEMENT_PER_EVENT = BRANCHING * EXCITEMENT_DECAY;
const US = 1_000_000;
/** Slower than this, events a second, is silence; it bounds the time to the next candidate. */
const RATE_MIN = 1e-6;

export class Arrivals {
  /** Activity relative to the mean. */
  season = 1;
  /** The next candidate of the thinning. */
  nextUs = Number.POSITIVE_INFINITY;
  /** Events a second at season 1. */
  readonly eventsPerSecond: number;
  private readonly random: Random;
  /** The rate under which the candidate was drawn. */
  private candidateRate = 0;
  private excitement = 0;
  private excitedAtUs = 0;

  constructor(eventsPerSecond: number, random: Random) {
    this.eventsPerSecond = eventsPerSecond;
    this.random = random;
  }

  /** Begins at a time, as excited as it usually is. */
  begin(startUs: number): void {
    this.excitement = this.eventsPerSecond * this.season * BRANCHING;
    this.excitedAtUs = startUs;
    this.nextUs = startUs;
    this.drawCandidate();
  }

  stop(): void {
    this.nextUs = Number.POSITIVE_INFINITY;
  }

  /** Whether the candidate is an event; draws the next one. */
  take(): boolean {
    this.excitement *= Math.exp((-EXCITEMENT_DECAY * (this.nextUs - this.excitedAtUs)) / US);
    this.excitedAtUs = this.nextUs;
    const happens = this.random.unit() * this.candidateRate < this.rate();
    if (happens) this.excitement += EXCITEMENT_PER_EVENT;
    this.drawCandidate();
    return happens;
  }

  private rate(): number {
    return Math.max(RATE_MIN, this.eventsPerSecond * (1 - BRANCHING) * this.season + this.excitement);
  }

  private drawCandidate(): void {
    this.candidateRate = this.rate();
    this.nextUs += Math.max(1, Math.round((this.random.exponential() / this.candidateRate) * US));
  }
}
