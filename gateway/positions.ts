// Where a client that comes back says that it stands, until it subscribes to those streams. Bounded: these are a
// stranger's words, and streams that it names need not exist.
import type { ResumePosition } from './protocol.ts';

/** Seq of the last message that the client has of a stream, counted in that epoch. */
export interface Position {
  readonly epoch: string;
  seq: number;
}

export class Positions {
  private readonly positionsMax: number;
  private readonly byStream = new Map<string, Position>();

  constructor(positionsMax: number) {
    this.positionsMax = positionsMax;
  }

  get size(): number {
    return this.byStream.size;
  }

  /** All of them or, where that would be too many, none. A stream that is named again stands where it was named last. */
  add({ epoch, streams }: ResumePosition): boolean {
    const named = Object.entries(streams);
    let added = 0;
    for (const [stream] of named) if (!this.byStream.has(stream)) added += 1;
    if (this.byStream.size + added > this.positionsMax) return false;
    for (const [stream, seq] of named) this.byStream.set(stream, { epoch, seq });
    return true;
  }

  take(stream: string): Position | undefined {
    const position = this.byStream.get(stream);
    this.byStream.delete(stream);
    return position;
  }
}
