// A client's proof that it has every message of its streams, or knows which it has not: `prevSeq` and `seq` of updates,
// `skipped`, snapshots and the last seqs of heartbeats are held against what came before. Runs in browsers, too.
import type { Channel } from '../engine/messages.ts';
import type { EpochMessage, HeartbeatMessage, SkippedMessage, SnapshotMessage, UpdateMessage } from './protocol.ts';

/**
 * Messages of a stream, after `fromSeq` up to `toSeq`, that will not come: `skipped` at the bound of the queue and said
 * so, missed between two connections (`reconnected`), of another numbering (`epoch`), or `lost`, which must not happen.
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
}

/** Channels that are measured and not derived: the server's next process counts them anew within the same epoch. */
export function isCountedByProcess(channel: Channel): boolean {
  return channel === 'status' || channel === 'latency';
}

export class StreamContinuity {
  private readonly positions = new Map<string, Position>();
  private readonly onHole: (hole: Hole) => void;
  private epoch = '';

  constructor(onHole: (hole: Hole) => void) {
    this.onHole = onHole;
  }

  snapshot({ stream, epoch, seq, messages }: SnapshotMessage): void {
    const known = this.position(stream, seq);
    const firstSeq = messages[0]!.seq;
    if (known !== undefined && known.epoch !== epoch)
      this.onHole({ stream, fromSeq: 0, toSeq: firstSeq - 1, cause: 'epoch' });
    else if (known !== undefined && firstSeq > known.knownSeq + 1) {
      this.onHole({ stream, fromSeq: known.knownSeq, toSeq: firstSeq - 1, cause: 'reconnected' });
    }
    this.received(stream, epoch, seq);
  }

  /** False where all of the update is known already. */
  update({ stream, epoch, prevSeq, seq, messages }: UpdateMessage): boolean {
    const known = this.position(stream, seq);
    const firstSeq = messages[0]!.seq;
    if (known !== undefined && known.epoch !== epoch) {
      this.onHole({ stream, fromSeq: 0, toSeq: firstSeq - 1, cause: 'epoch' });
    } else if (known !== undefined) {
      if (seq <= known.knownSeq) return false;
      if (prevSeq !== known.receivedSeq || firstSeq !== known.knownSeq + 1) {
        this.onHole({ stream, fromSeq: known.knownSeq, toSeq: firstSeq - 1, cause: 'lost' });
      }
    }
    this.received(stream, epoch, seq);
    return true;
  }

  skipped({ streams }: SkippedMessage): void {
    for (const { stream, fromSeq, toSeq } of streams) {
      const known = this.position(stream, toSeq) ?? { epoch: this.epoch, receivedSeq: fromSeq, knownSeq: fromSeq };
      if (fromSeq !== known.receivedSeq) {
        this.onHole({ stream, fromSeq: known.receivedSeq, toSeq: fromSeq, cause: 'lost' });
      }
      // A stream can be skipped again before an update of it comes: then only what is new is told.
      this.onHole({ stream, fromSeq: Math.max(known.knownSeq, fromSeq), toSeq, cause: 'skipped' });
      this.positions.set(stream, { ...known, receivedSeq: fromSeq, knownSeq: toSeq });
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
      if (isCountedByProcess(stream.split('/', 1)[0] as Channel)) position.mayRestart = true;
    }
  }

  /** Every stream is counted from 1 again, and nothing of the new count has come yet. */
  beginEpoch({ epoch }: EpochMessage): void {
    this.epoch = epoch;
    for (const stream of this.positions.keys()) this.positions.set(stream, { epoch, receivedSeq: 0, knownSeq: 0 });
  }

  /** Streams no longer subscribed: whatever comes of them later is a new beginning. */
  forget(streams: readonly string[]): void {
    for (const stream of streams) this.positions.delete(stream);
  }

  /** What is known of a stream of which something up to `seq` has come; nothing where it was counted anew since. */
  private position(stream: string, seq: number): Position | undefined {
    const position = this.positions.get(stream);
    return position?.mayRestart && seq <= position.knownSeq ? undefined : position;
  }

  private received(stream: string, epoch: string, seq: number): void {
    this.epoch = epoch;
    this.positions.set(stream, { epoch, receivedSeq: seq, knownSeq: seq });
  }
}
