// One WebSocket connection to KIS from opening to loss: it tells messages apart, echoes PINGPONG, keeps the AES pairs,
// and watches for silence. What a message means for registrations and reconnection is the session's.
import { WebSocket } from 'ws';
import { type Answer, type ClockAnnouncement, classify, parseControl, trIdOf } from './message.ts';
import type { KisNotice } from './source-options.ts';
import type { Cancel, Timers } from './timers.ts';

/** A message beyond this closes the connection; KIS's frames are 6 kB, and libraries that allow 8 kB have failed on it. */
const MESSAGE_BYTES_MAX = 1 << 20;
/** The watchdog looks this often within its time, so that a dead connection is found at most a quarter late. */
const WATCHDOG_CHECKS = 4;
/** How long KIS may take to end a connection that we end, before it is cut. */
const CLOSING_MS_MAX = 1_000;

export interface ConnectionEvents {
  opened(): void;
  frame(bytes: Uint8Array): void;
  notice(notice: Pick<KisNotice, 'trId' | 'frame' | 'aes'>): void;
  /** Undefined: a control message that was not understood. */
  control(message: Answer | ClockAnnouncement | undefined): void;
  /** Once, and the last. The reason given to `end`, `watchdog`, the code of a socket error, or `closed_1006`. */
  lost(reason: string): void;
}

export interface KisConnectionOptions {
  readonly url: URL;
  readonly handshakeTimeoutMs: number;
  readonly watchdogMs: number;
  readonly timers: Timers;
  readonly events: ConnectionEvents;
}

export class KisConnection {
  pings = 0;

  private readonly options: KisConnectionOptions;
  private readonly socket: WebSocket;
  private readonly closed: Promise<void>;
  /** One pair for each TR: the pair of a quote must not replace that of the notices. */
  private readonly aesPairs = new Map<string, NonNullable<Answer['aes']>>();
  private endReason: string | undefined;
  private inboundSinceCheck = false;
  private quietChecks = 0;
  private cancelWatchdog: Cancel = () => {};

  constructor(options: KisConnectionOptions) {
    this.options = options;
    this.socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES_MAX,
      handshakeTimeout: options.handshakeTimeoutMs,
      // A frame cut inside a Korean character goes to the decoder's quarantine; it must not end the connection.
      skipUTF8Validation: true,
    });
    let errorCode: string | undefined;
    this.socket.on('open', () => this.endReason === undefined && options.events.opened());
    this.socket.on('message', (data) => this.receive(data as Buffer));
    this.socket.on('error', (error: Error & { code?: unknown }) => {
      // The error's text may hold an address; its code cannot hold anything of ours.
      errorCode = typeof error.code === 'string' ? error.code : 'handshake_failed';
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (closeCode) => {
        this.cancelWatchdog();
        options.events.lost(this.endReason ?? errorCode ?? `closed_${closeCode}`);
        resolve();
      });
    });
    this.scheduleCheck();
  }

  send(text: string): void {
    this.socket.send(text);
  }

  /** Closes the connection; what it still delivers is dropped. Resolves after `lost`. */
  end(reason: string): Promise<void> {
    if (this.endReason === undefined) {
      this.endReason = reason;
      const cancel = this.options.timers.after(CLOSING_MS_MAX, () => this.socket.terminate());
      this.socket.once('close', cancel);
      this.socket.close(1000);
    }
    return this.closed;
  }

  private receive(bytes: Buffer): void {
    if (this.endReason !== undefined) return;
    this.inboundSinceCheck = true;
    switch (classify(bytes)) {
      case 'frame':
        this.options.events.frame(bytes);
        break;
      case 'notice': {
        const trId = trIdOf(bytes);
        const aes = this.aesPairs.get(trId);
        this.options.events.notice({ trId, frame: bytes, aes });
        break;
      }
      case 'control':
        this.control(bytes);
        break;
    }
  }

  private control(bytes: Buffer): void {
    const message = parseControl(bytes);
    if (message?.kind === 'ping') {
      this.pings += 1;
      this.socket.send(bytes, { binary: false });
      return;
    }
    if (message?.kind === 'answer' && message.aes !== undefined) this.aesPairs.set(message.trId, message.aes);
    this.options.events.control(message);
  }

  private scheduleCheck(): void {
    const { timers, watchdogMs } = this.options;
    this.cancelWatchdog = timers.after(watchdogMs / WATCHDOG_CHECKS, () => {
      this.quietChecks = this.inboundSinceCheck ? 0 : this.quietChecks + 1;
      this.inboundSinceCheck = false;
      if (this.quietChecks < WATCHDOG_CHECKS) {
        this.scheduleCheck();
        return;
      }
      this.endReason ??= 'watchdog';
      // A dead peer answers no closing handshake.
      this.socket.terminate();
    });
  }
}
