// A client's proof that it has every message of its streams, or knows which it has not: `prevSeq` and `seq` of updates,
// `skipped`, snapshots and the last seqs of heartbeats are held against what came before. Runs in browsers, too.
import type { Channel } from '../engine/messages.ts';
import type {
  EpochMessage,
  HeartbeatMessage,
  SkippedMessage,
  SnapshotMessage,
  SubscribedMessage,
  UpdateMessage,
} from './protocol.ts';

/**
 * Messages of a stream, after `fromSeq` up to `toSeq`, that will not come: `skipped` at the bound of the queue and said
 * so, missed between two connections (`reconnected`), missed at the beginning of another numbering (`epoch`; whether the
 * one before ended with all that it had, nobody can say), or `lost`, which must not happen.
 */
export interface Hole {
  stream: string;
  fromSeq: number;
  toSeq: number;
  cause: 'skipped' | 'reconnected' | 'epoch' | 'lost';
}

/** How far a stream has been received, and how far it is known of: further, where messages were skipped. */
interface Position {
  epoch: string;
  receivedSeq: number;
  knownSeq: number;
  /** Of another connection and perhaps of another process, in a stream that each process counts anew. */
  mayRestart?: boolean;
  /** The server has been at another numbering since, and came back to this one: what is missing went with that. */
  wasLeft?: boolean;
}

/** Channels that are measured and not derived: the server's next process counts them anew within the same epoch. */
export function isCountedByProcess(channel: Channel): boolean {
  return channel === 'status' || channel === 'latency';
}

export class StreamContinuity {
  private readonly positions = new Map<string, Position>();
  private readonly onHole: (hole: Hole) => void;
  /** Streams that were subscribed to and of which nothing has come yet: whatever comes first is a beginning. */
  private readonly awaited = new Set<string>();
  private countedEpoch = '';

  constructor(onHole: (hole: Hole) => void) {
    this.onHole = onHole;
  }

  /** The numbering of what came last; '' before anything has. */
  get epoch(): string {
    return this.countedEpoch;
  }

  /**
   * Streams that could not be resumed and were never seen began while the client was away: all of that is missing.
   * @param resumedEpoch the numbering that was asked to go on; where another holds now, the hole is that of its beginning
   */
  subscribed({ streams, notRecovered }: SubscribedMessage, resumedEpoch: string): void {
    for (const stream of notRecovered) {
      const known = this.positions.get(stream);
      if (known !== undefined && known.epoch !== resumedEpoch) known.wasLeft = true;
      if (known !== undefined || this.awaited.has(stream)) continue;
      this.positions.set(stream, { epoch: resumedEpoch, receivedSeq: 0, knownSeq: 0 });
    }
    for (const stream of streams) if (!this.positions.has(stream)) this.awaited.add(stream);
  }

  snapshot({ stream, epoch, seq, messages }: SnapshotMessage): void {
    const known = this.position(stream, seq);
    const firstSeq = messages[0]!.seq;
    if (known !== undefined && known.epoch !== epoch) this.missed({ stream, toSeq: firstSeq - 1, cause: 'epoch' });
    else if (known !== undefined && firstSeq > known.knownSeq + 1) {
      const cause = known.wasLeft ? 'epoch' : 'reconnected';
      this.onHole({ stream, fromSeq: known.knownSeq, toSeq: firstSeq - 1, cause });
    }
    this.receive(stream, epoch, seq);
  }

  /** False where all of the update is known already. */
  update({ stream, epoch, prevSeq, seq, messages }: UpdateMessage): boolean {
    const known = this.position(stream, seq);
    const firstSeq = messages[0]!.seq;
    if (known !== undefined && known.epoch !== epoch) {
      this.missed({ stream, toSeq: firstSeq - 1, cause: 'epoch' });
    } else if (known !== undefined) {
      if (seq <= known.knownSeq) return false;
      if (prevSeq !== known.receivedSeq || firstSeq !== known.knownSeq + 1) {
        const cause = known.wasLeft ? 'epoch' : 'lost';
        this.onHole({ stream, fromSeq: known.knownSeq, toSeq: firstSeq - 1, cause });
      }
    }
    this.receive(stream, epoch, seq);
    return true;
  }

  skipped({ streams }: SkippedMessage): void {
    for (const { stream, fromSeq, toSeq } of streams) {
      const known = this.position(stream, toSeq) ?? {
        epoch: this.countedEpoch,
        receivedSeq: fromSeq,
        knownSeq: fromSeq,
      };
      if (fromSeq !== known.receivedSeq) {
        this.onHole({ stream, fromSeq: known.receivedSeq, toSeq: fromSeq, cause: 'lost' });
      }
      // A stream can be skipped again before an update of it comes: then only what is new is told.
      this.onHole({ stream, fromSeq: Math.max(known.knownSeq, fromSeq), toSeq, cause: 'skipped' });
      this.positions.set(stream, { ...known, receivedSeq: fromSeq, knownSeq: toSeq });
    }
  }

  /** How far each stream has been received under the numbering that holds; what was skipped behind it is known of. */
  *received(): Iterable<{ readonly stream: string; readonly seq: number }> {
    for (const [stream, { epoch, knownSeq }] of this.positions) {
      if (epoch === this.countedEpoch && !isCountedByProcess(stream.split('/', 1)[0] as Channel))
        yield { stream, seq: knownSeq };
    }
  }

  /** What the server has published must be what came here: the end of a stream can be lost, too. */
  heartbeat({ lastSeq }: HeartbeatMessage): void {
    for (const stream in lastSeq) {
      const known = this.positions.get(stream);
      const toSeq = lastSeq[stream]!;
      if (known === undefined || toSeq <= known.knownSeq) continue;
      this.onHole({ stream, fromSeq: known.knownSeq, toSeq, cause: 'lost' });
      known.knownSeq = toSeq;
    }
  }

  /** Another connection, and perhaps another process at its end. */
  reconnected(): void {
    for (const [stream, position] of this.positions) {
      // What was skipped on the last connection is told; what follows is counted from there.
      position.receivedSeq = position.knownSeq;
      if (isCountedByProcess(stream.split('/', 1)[0] as Channel)) position.mayRestart = true;
    }
  }

  /** Every stream is counted from 1 again, and nothing of the new count has come yet. */
  beginEpoch({ epoch }: EpochMessage): void {
    this.countedEpoch = epoch;
    for (const stream of this.positions.keys()) this.positions.set(stream, { epoch, receivedSeq: 0, knownSeq: 0 });
  }

  /** Streams no longer subscribed: whatever comes of them later is a new beginning. */
  forget(streams: readonly string[]): void {
    for (const stream of streams) {
      this.positions.delete(stream);
      this.awaited.delete(stream);
    }
  }

  /** What is known of a stream of which something up to `seq` has come; nothing where it was counted anew since. */
  private position(stream: string, seq: number): Position | undefined {
    const position = this.positions.get(stream);
    return position?.mayRestart && seq <= position.knownSeq ? undefined : position;
  }

  /** From the first number of a count on; nothing where that itself came. */
  private missed({ stream, toSeq, cause }: Omit<Hole, 'fromSeq'>): void {
    if (toSeq > 0) this.onHole({ stream, fromSeq: 0, toSeq, cause });
  }

  private receive(stream: string, epoch: string, seq: number): void {
    this.countedEpoch = epoch;
    this.awaited.delete(stream);
    this.positions.set(stream, { epoch, receivedSeq: seq, knownSeq: seq });
  }
}
