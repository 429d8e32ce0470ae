// Sees to it that snapshots are made: asks the disk to make the journal durable, then a maker for a snapshot of what is. At
// most one is under way; one that fails, or takes longer than the period, is said and counted, and the next one begins
// where the last good one ended. The pipeline stands still for the asking alone, and that is measured.
import type { Logger } from 'pino';
import { monotonicUs } from '../clock.ts';
import type { SnapshotMade, SnapshotRequest } from './snapshot-by-replay.ts';

export interface SnapshotMaker {
  /** @throws Error with what went wrong */
  make(request: SnapshotRequest): Promise<SnapshotMade>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

export interface SnapshotterOptions {
  readonly maker: SnapshotMaker;
  readonly request: Omit<SnapshotRequest, 'offset'>;
  /** Resolves with the offset up to which the journal is durable. @throws Error where the disk refuses */
  readonly durable: () => Promise<number>;
  readonly onMade: (made: SnapshotMade) => void;
  readonly log: Logger;
}

export interface SnapshotFigures {
  made: number;
  failed: number;
  /** Asked for while the one before was under way. */
  skipped: number;
  /** The last one. */
  offset: number | null;
  bytes: number;
  seconds: number;
  /** How long the pipeline stood still for the last one, and at most. */
  pauseUs: number;
  pauseUsMax: number;
}

export class Snapshotter {
  readonly figures: SnapshotFigures = {
    made: 0,
    failed: 0,
    skipped: 0,
    offset: null,
    bytes: 0,
    seconds: 0,
    pauseUs: 0,
    pauseUsMax: 0,
  };
  private readonly options: SnapshotterOptions;
  private underWay: Promise<void> | null = null;
  private closed = false;
  /** Once for each that others were skipped for. */
  private skipSaid = false;

  constructor(options: SnapshotterOptions) {
    this.options = options;
  }

  /** Asks for one, and returns. */
  take(): void {
    if (this.closed) return;
    if (this.underWay === null) {
      this.skipSaid = false;
      this.underWay = this.makeOne().finally(() => {
        this.underWay = null;
      });
      return;
    }
    this.figures.skipped += 1;
    if (this.skipSaid) return;
    this.skipSaid = true;
    this.options.log.warn({ skipped: this.figures.skipped }, 'snapshot skipped: the one before is not made yet');
  }

  /** Resolves once none is under way. */
  async idle(): Promise<void> {
    await this.underWay;
  }

  /** No more of them; one that is under way is given up. */
  async close(): Promise<void> {
    this.closed = true;
    await this.options.maker.close();
    await this.underWay;
  }

  private async makeOne(): Promise<void> {
    const { maker, request, durable, onMade, log } = this.options;
    const { figures } = this;
    let pauseUs = 0;
    const pause = <T>(ask: () => Promise<T>): Promise<T> => {
      const beganUs = monotonicUs();
      try {
        return ask();
      } finally {
        pauseUs += monotonicUs() - beganUs;
      }
    };
    try {
      const offset = await pause(durable);
      if (this.closed || offset === figures.offset) return;
      const made = await pause(() => maker.make({ ...request, offset }));
      figures.made += 1;
      figures.offset = made.offset;
      figures.bytes = made.bytes;
      figures.seconds = made.seconds;
      const { unsaved, remarks, ...rest } = made;
      if (unsaved.length > 0) log.warn({ offset, unsaved }, 'snapshot not saved in every place');
      for (const remark of remarks) log.warn({ offset, remark }, 'remark of the snapshot process');
      log.debug(rest, 'snapshot made');
      onMade(made);
    } catch (error) {
      if (this.closed) return;
      figures.failed += 1;
      log.warn({ err: error }, 'snapshot not saved');
    } finally {
      figures.pauseUs = pauseUs;
      figures.pauseUsMax = Math.max(figures.pauseUsMax, pauseUs);
    }
  }
}
