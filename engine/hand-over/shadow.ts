// The new engine's side of a hand-over: it follows without publishing, holds what it derives against what the serving
// engine published, and takes over at an entry of the journal. Until that very mark is set, the old one goes on.
import type { Logger } from 'pino';
import type { MarkPurpose } from '../hub/wire.ts';
import { StartError } from '../start-error.ts';
import { describeDifference, firstDifference, type Listing } from './comparison.ts';
import { Deferred } from './deferred.ts';
import type { EngineMessage, MeasuredStream } from './engines.ts';
import { within } from './within.ts';

/** What it derives is not what the serving engine published, or the two cannot be compared: the old one goes on. */
export class HandOverRefused extends StartError {}

export interface ShadowOptions {
  /** How long the two are compared. */
  readonly compareMs: number;
  /** How long catching up and each answer may take. */
  readonly timeoutMs: number;
  readonly mark: (purpose: MarkPurpose) => void;
  readonly listing: () => Listing;
  readonly log: Logger;
}

interface Compared {
  readonly offset: number;
  readonly listing: Listing;
}

export interface TakenOver {
  /** First entry whose outputs are this engine's to publish. */
  readonly offset: number;
  readonly measured: readonly MeasuredStream[];
}

const RETRY_MS = 100;

export class Shadow {
  private readonly options: ShadowOptions;
  private own = new Deferred<Compared | null>();
  private theirs = new Deferred<Compared>();
  private readonly takenOver = new Deferred<number>();
  private readonly retired = new Deferred<readonly MeasuredStream[]>();

  constructor(options: ShadowOptions) {
    this.options = options;
  }

  /** @throws HandOverRefused where they differ, or one of them is not heard in time */
  async takeOver(): Promise<TakenOver> {
    const { compareMs, timeoutMs, mark, log } = this.options;
    const before = await this.compare({});
    log.info({ offset: before.offset, compareMs }, 'caught up: compared with the serving engine from here on');
    await new Promise((resolve) => setTimeout(resolve, compareMs));
    const { offset, listing } = await this.compare(before.listing);
    log.info({ offset, streams: Object.keys(listing).length }, 'equal to the serving engine: it is taken over from');
    mark('take_over');
    const at = await this.answered(this.takenOver.promise, timeoutMs, 'the hub has set no mark');
    const silent = 'the old engine ended without a word';
    const measured = await this.answered(this.retired.promise, timeoutMs, silent).catch(() => {
      // From the mark on it publishes nothing, whether it says so or not.
      log.warn(silent);
      return [];
    });
    return { offset: at, measured };
  }

  /** A mark stands here; for `take_over`, what follows is this engine's to publish. */
  marked(purpose: MarkPurpose, offset: number): void {
    if (purpose === 'take_over') this.takenOver.resolve(offset);
    else this.own.resolve({ offset, listing: this.options.listing() });
  }

  /** One of the engines is not at the head of the journal yet, or none serves. */
  markRefused(purpose: MarkPurpose, reason: string): void {
    this.options.log.debug({ purpose, reason }, 'no mark');
    if (purpose === 'compare') this.own.resolve(null);
    else this.takenOver.reject(new HandOverRefused(`hand-over refused: ${reason}`));
  }

  heard(message: EngineMessage): void {
    if (message.type === 'listing') this.theirs.resolve(message);
    else this.retired.resolve(message.measured);
  }

  /** The connection ended: what was said may be lost. */
  down(): void {
    const lost = new HandOverRefused('hand-over refused: the ingest went away meanwhile');
    for (const waiting of [this.own, this.theirs, this.takenOver]) waiting.reject(lost);
  }

  private async compare(equal: Listing): Promise<Compared> {
    const { timeoutMs } = this.options;
    const own = await this.answered(this.ownListing(), timeoutMs, 'the two engines are not both at the journal’s end');
    const theirs = await this.answered(this.theirs.promise, timeoutMs, 'the serving engine does not answer');
    this.theirs = new Deferred();
    if (theirs.offset !== own.offset)
      throw new HandOverRefused(`hand-over refused: compared at ${own.offset} and ${theirs.offset}`);
    const difference = firstDifference(theirs.listing, own.listing, equal);
    if (difference === null) return own;
    throw new HandOverRefused(`hand-over refused at entry ${own.offset}: ${describeDifference(difference)}`);
  }

  private async ownListing(): Promise<Compared> {
    const rounds = Math.ceil(this.options.timeoutMs / RETRY_MS);
    for (let round = 0; round < rounds; round++) {
      this.own = new Deferred();
      this.options.mark('compare');
      const own = await this.own.promise;
      if (own !== null) return own;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    throw new HandOverRefused('hand-over refused: an engine stays behind');
  }

  private answered<T>(promise: Promise<T>, ms: number, silent: string): Promise<T> {
    return within(promise, ms, new HandOverRefused(`hand-over refused: ${silent} within ${ms} ms`));
  }
}
