// The connection of a follower to the process that writes the journal: found by its file, made again whenever it ends,
// for that process may die and come back at any time.
import { connect, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { RecordedBatch } from '../journal/recorder.ts';
import { readIngestFile } from './ingest-file.ts';
import {
  encodeMessage,
  encodeRelay,
  type FollowerRole,
  FRAME_BYTES_MAX,
  FrameReader,
  type FromIngest,
  type ToIngest,
  WireError,
} from './wire.ts';

export interface HubClientOptions {
  /** `ingest.json` of the data folder. */
  readonly file: string;
  readonly role: () => FollowerRole;
  /** In the order of the wire; the first one of each connection is `welcome`. */
  readonly onMessage: (message: FromIngest) => void;
  readonly onBatch: (batch: RecordedBatch) => void;
  /** From the other engine. */
  readonly onRelay?: (bytes: Buffer) => void;
  readonly onDown: () => void;
  readonly log: Logger;
}

/** Between two attempts; a refusal may pass, as that of a role whose holder is about to end. */
const RETRY_MS = 100;

export class HubClient {
  /** Of connections that were made. */
  connections = 0;
  private readonly options: HubClientOptions;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(options: HubClientOptions) {
    this.options = options;
  }

  start(): void {
    const address = readIngestFile(this.options.file);
    if (address === null) {
      this.retry();
      return;
    }
    const socket = connect({ host: '127.0.0.1', port: address.port, noDelay: true });
    const reader = new FrameReader<FromIngest>(FRAME_BYTES_MAX);
    let welcomed = false;
    socket.on('connect', () => {
      if (this.stopped) {
        socket.destroy();
        return;
      }
      this.socket = socket;
      const { token } = address;
      this.send({ type: 'hello', token, role: this.options.role(), pid: process.pid });
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.stopped) return;
      try {
        for (const received of reader.push(bytes)) {
          if (this.stopped) return;
          if (received.kind === 'batch') this.options.onBatch(received.batch);
          else if (received.kind === 'relay') this.options.onRelay?.(received.bytes);
          else {
            if (received.message.type === 'welcome') {
              welcomed = true;
              this.connections += 1;
            }
            this.options.onMessage(received.message);
          }
        }
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.options.log.warn({ err: error }, 'the ingest cannot be understood: the connection is made again');
        socket.destroy();
      }
    });
    // Told by `close`.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.socket = null;
      if (this.stopped) return;
      if (welcomed) this.options.onDown();
      this.retry();
    });
  }

  /** False where nobody is there to hear it. */
  send(message: ToIngest): boolean {
    if (this.socket === null) return false;
    this.socket.write(encodeMessage(message));
    return true;
  }

  relay(bytes: Uint8Array): void {
    this.socket?.write(encodeRelay(bytes));
  }

  /** Nothing is heard any more once it returns; resolves when the connection is closed. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { socket } = this;
    if (socket === null || socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.end();
    socket.setTimeout(RETRY_MS, () => socket.destroy());
    await closed;
  }

  private retry(): void {
    if (!this.stopped) this.timer = setTimeout(() => this.start(), RETRY_MS);
  }
}
