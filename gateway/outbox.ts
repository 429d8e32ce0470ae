// What waits for one client: frames of this turn, which leave in one write, and the bytes that the socket could not yet
// pass on. Bounded: at `queueBytesMax` it takes no more updates until three quarters of that have drained.
//
//   offer ─► frames of this turn ─flush─► bytes queued in the transport ─► the client's socket
//            └──────────── together at most queueBytesMax ───────────┘
import { monotonicUs } from '../engine/clock.ts';
import type { GatewayStats } from './stats.ts';
import type { TransportSocket } from './transport.ts';

export class Outbox {
  /** At its bound and not drained since: updates are refused. */
  full = false;
  /** When it became full; monotonic. */
  fullSinceUs = 0;
  private readonly socket: TransportSocket;
  private readonly queueBytesMax: number;
  private readonly stats: GatewayStats;
  private readonly frames: Uint8Array[] = [];
  private frameBytes = 0;
  private queuedBytes = 0;

  constructor(socket: TransportSocket, queueBytesMax: number, stats: GatewayStats) {
    this.socket = socket;
    this.stats = stats;
    this.queueBytesMax = queueBytesMax;
  }

  get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  /** Room for what is large and can wait, such as snapshots: the other half is for updates. */
  get hasRoom(): boolean {
    return !this.full && this.frameBytes + this.queuedBytes < this.queueBytesMax / 2;
  }

  /** Answers are taken whatever waits; so much of them means that the client asks and does not read. */
  get isOverrun(): boolean {
    return this.queuedBytes > 2 * this.queueBytesMax;
  }

  add(frame: Uint8Array): void {
    this.frames.push(frame);
    this.frameBytes += frame.length;
  }

  /** Takes a frame where there is room, else is full from now on. */
  offer(frame: Uint8Array): boolean {
    if (this.full) return false;
    if (this.frameBytes + this.queuedBytes + frame.length > this.queueBytesMax) {
      // One turn's frames may pass the bound by themselves; they count where the socket does not take them.
      this.flush();
      if (this.queuedBytes > 0 && this.queuedBytes + frame.length > this.queueBytesMax) {
        this.full = true;
        this.fullSinceUs = monotonicUs();
        return false;
      }
    }
    this.add(frame);
    return true;
  }

  /** All frames of this turn in one write. */
  flush(): void {
    if (this.frames.length === 0) return;
    this.queuedBytes = this.socket.write(this.frames);
    this.stats.bytesSent += this.frameBytes;
    this.frames.length = 0;
    this.frameBytes = 0;
  }

  /** The transport passed bytes on. True where the outbox was full and takes updates again. */
  drained(queuedBytes: number): boolean {
    this.queuedBytes = queuedBytes;
    if (!this.full || queuedBytes > this.queueBytesMax / 4) return false;
    this.full = false;
    return true;
  }
}
