// What a session has to send, in order: at once, unless a fault holds it back or slows it down. The queue is bounded; a
// session that overflows it is cut.
import { monotonicUs } from '../clock.ts';

/** In one WebSocket message, in several fragments of one, or broken off in the middle of it with the connection. */
export type Carriage = 'whole' | 'fragments' | 'cut';

export interface Outgoing {
  readonly data: Buffer | string;
  readonly carriage: Carriage;
}

export interface OutboxOptions {
  readonly send: (outgoing: Outgoing) => void;
  readonly overflowed: () => void;
}

const QUEUE_MAX = 50_000;

export class Outbox {
  private readonly options: OutboxOptions;
  private readonly queue: Outgoing[] = [];
  private bytes = 0;
  private blockedUntilUs = 0;
  private paceMs = 0;
  /** Messages that still go out one at a time. */
  private paced = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    this.options = options;
  }

  get bufferedBytes(): number {
    return this.bytes;
  }

  push(outgoing: Outgoing): void {
    if (this.timer === undefined) {
      this.options.send(outgoing);
      return;
    }
    if (this.queue.length === QUEUE_MAX) {
      this.options.overflowed();
      return;
    }
    this.queue.push(outgoing);
    this.bytes += outgoing.data.length;
  }

  /** All from now on waits so long, and then goes out together. */
  delay(ms: number): void {
    this.blockedUntilUs = Math.max(this.blockedUntilUs, monotonicUs() + ms * 1000);
    this.wait();
  }

  /** So many messages go out one at a time, at this pace. */
  slow(ms: number, messages: number): void {
    this.paceMs = ms;
    this.paced = messages;
    this.delay(ms);
  }

  end(): void {
    clearTimeout(this.timer);
    this.queue.length = 0;
    this.bytes = 0;
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), Math.max(0, (this.blockedUntilUs - monotonicUs()) / 1000));
  }

  private release(): void {
    if (this.paced > 0) {
      const [next] = this.queue.splice(0, 1);
      if (next !== undefined) this.paced -= 1;
      if (next !== undefined) this.send(next);
      this.delay(this.paceMs);
      return;
    }
    this.timer = undefined;
    for (const outgoing of this.queue.splice(0)) this.send(outgoing);
  }

  private send(outgoing: Outgoing): void {
    this.bytes -= outgoing.data.length;
    this.options.send(outgoing);
  }
}
