// The journal to one follower, in order: from the disk while it is behind, live once it is at the head. What it does not
// read stays on the disk: a follower that is slow falls back to it, and costs the writer no memory.
import { readJournal } from '../journal/reader.ts';
import type { RecordedBatch } from '../journal/recorder.ts';
import { encodeBatch } from './wire.ts';

/** The socket of a follower, as far as it is written to. */
export interface FollowerSocket {
  write(bytes: Uint8Array): boolean;
  /** Bytes that wait to be taken by the system. */
  readonly writableLength: number;
}

/** The journal as its writer knows it. */
export interface JournalHead {
  readonly nextOffset: number;
  /** False while it cannot be written. */
  readonly available: boolean;
}

export interface JournalStreamOptions {
  readonly journalFolder: string;
  readonly head: () => JournalHead;
  readonly socket: FollowerSocket;
  /** Bytes that may wait for the follower before it is served from the disk. */
  readonly queueBytesMax: number;
  /** Runs what it is given in a later turn. */
  readonly later: (work: () => void) => void;
  readonly onFellBehind: () => void;
  readonly onFailed: (error: Error) => void;
}

/** Batches read from the disk in one turn: the feed comes first. */
const BATCHES_A_TURN = 64;

export class JournalStream {
  /** At the head: it gets each batch as it is written. */
  live = false;
  /** First entry that was not sent. */
  nextOffset: number;
  private readonly options: JournalStreamOptions;
  private batches: Iterator<RecordedBatch> | null = null;
  private scheduled = false;
  private ended = false;

  constructor(options: JournalStreamOptions, fromOffset: number) {
    this.options = options;
    this.nextOffset = fromOffset;
    this.pump();
  }

  /** @param frame the batch, encoded once for all followers */
  publish({ firstOffset, inputs }: RecordedBatch, frame: Buffer): void {
    const { socket, queueBytesMax, onFellBehind } = this.options;
    if (!this.live) {
      this.pump();
      return;
    }
    socket.write(frame);
    if (firstOffset >= 0) this.nextOffset = firstOffset + inputs.length;
    if (socket.writableLength <= queueBytesMax) return;
    this.live = false;
    onFellBehind();
  }

  /** The socket has room again. */
  drained(): void {
    this.pump();
  }

  end(): void {
    this.ended = true;
    this.batches?.return?.();
    this.batches = null;
  }

  private pump(): void {
    if (this.scheduled || this.live || this.ended) return;
    const { socket, queueBytesMax, later, onFailed } = this.options;
    try {
      for (let i = 0; i < BATCHES_A_TURN; i++) {
        // Whoever drains it goes on.
        if (socket.writableLength > queueBytesMax) return;
        if (!this.sendNext()) return;
      }
    } catch (error) {
      this.end();
      onFailed(error as Error);
      return;
    }
    this.scheduled = true;
    later(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  /** False where there is nothing to be sent from the disk. */
  private sendNext(): boolean {
    const { head, journalFolder, socket } = this.options;
    for (;;) {
      const { nextOffset, available } = head();
      if (this.nextOffset >= nextOffset) {
        this.batches = null;
        // While the journal is away, what flows stands under an epoch whose beginning this follower has not seen.
        this.live = available;
        return false;
      }
      this.batches ??= recorded(journalFolder, this.nextOffset);
      const { done, value } = this.batches.next();
      if (done) {
        // Its segments were listed before others began.
        this.batches = null;
        continue;
      }
      socket.write(encodeBatch(value));
      this.nextOffset = value.firstOffset + value.inputs.length;
      return true;
    }
  }
}

/** When it was received the journal does not say: 0. */
function* recorded(folder: string, fromOffset: number): Generator<RecordedBatch> {
  for (const { batchId, firstOffset, inputs } of readJournal({ folder, fromOffset }))
    yield { batchId, firstOffset, inputs, receivedUs: 0 };
}
