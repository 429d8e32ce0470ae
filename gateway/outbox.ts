// What waits for one client: frames of this turn, which leave in one write, and the bytes that the socket could not yet
// pass on. Bounded: at `queueBytesMax` it takes no more updates until three quarters of that have drained.
//
//   offer ─► frames of this turn ─flush─► bytes queued in the transport ─► the client's socket
//            └──────────── together at most queueBytesMax ───────────┘
//
// Snapshots and what a client missed fill a quarter of it. Where some streams are lossless, the others fill a half, so
// that what may be left out never ends the connection of what may not.
import { monotonicUs } from '../engine/clock.ts';
import type { Delivery } from './protocol.ts';
import type { GatewayStats } from './stats.ts';
import type { TransportSocket } from './transport.ts';

export class Outbox {
  /** Updates of delivery `latest` were refused and it has not drained since: more of them are. */
  full = false;
  /** When it became full; monotonic. */
  fullSinceUs = 0;
  /** It holds streams of delivery `all`. */
  hasLossless = false;
  /** Half of the bound was passed by updates of delivery `all`, and it has not drained since. */
  isPastHalf = false;
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

  /** Room for what is large and can wait, such as snapshots: the rest is for updates. */
  get hasRoom(): boolean {
    return !this.full && this.waitingBytes < this.queueBytesMax / 4;
  }

  get waitingBytes(): number {
    return this.frameBytes + this.queuedBytes;
  }

  /** Answers are taken whatever waits; so much of them means that the client asks and does not read. */
  get isOverrun(): boolean {
    return this.queuedBytes > 2 * this.queueBytesMax;
  }

  add(frame: Uint8Array): void {
    this.frames.push(frame);
    this.frameBytes += frame.length;
  }

  /** Takes an update's frame where there is room for its kind. Of `latest`, none from then on until it has drained. */
  offer(frame: Uint8Array, delivery: Delivery): boolean {
    const isLossless = delivery === 'all';
    if (this.full && !isLossless) return false;
    const half = this.queueBytesMax / 2;
    const bound = isLossless || !this.hasLossless ? this.queueBytesMax : half;
    const exceeds = (bytes: number) => this.queuedBytes > 0 && this.queuedBytes + frame.length > bytes;
    // One turn's frames may pass a bound by themselves; they count where the socket does not take them.
    if (this.waitingBytes + frame.length > (isLossless ? half : bound)) this.flush();
    if (exceeds(bound)) {
      if (isLossless) return false;
      this.full = true;
      this.fullSinceUs = monotonicUs();
      return false;
    }
    if (isLossless && exceeds(half)) this.isPastHalf = true;
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

  /** The transport passed bytes on. True where the outbox was full and takes updates of `latest` again. */
  drained(queuedBytes: number): boolean {
    this.queuedBytes = queuedBytes;
    if (queuedBytes > this.queueBytesMax / 4) return false;
    this.isPastHalf = false;
    if (!this.full) return false;
    this.full = false;
    return true;
  }
}
