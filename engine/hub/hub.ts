// The process that writes the journal serves it to others on this machine: engines that follow it, and the process that
// is to take it over. Live batches are written in the turn in which they were recorded.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ControlCommand } from '../input.ts';
import type { RecordedBatch } from '../journal/recorder.ts';
import { listSegments } from '../journal/segments.ts';
import type { GapToFill } from '../reference/fill-queue.ts';
import { removeIngestFile, writeIngestFile } from './ingest-file.ts';
import type { IngestStatus } from './ingest-status.ts';
import { type JournalHead, JournalStream } from './journal-stream.ts';
import {
  encodeBatch,
  encodeMessage,
  encodeRelay,
  type FollowerRole,
  FRAME_BYTES_MAX,
  FrameReader,
  type FromIngest,
  type MarkPurpose,
  type RefusalCode,
  type ToIngest,
  WireError,
} from './wire.ts';

export interface HubOptions {
  readonly journalFolder: string;
  readonly journalId: string;
  /** `ingest.json` of the data folder. */
  readonly file: string;
  readonly head: () => JournalHead;
  /** The ends of the app keys that have a session. */
  readonly keysInUse: () => readonly string[];
  readonly onCommand: (command: ControlCommand) => void;
  readonly onFill: (gap: GapToFill) => void;
  /** A successor asks for the journal; what it is told is answered once the journal is closed. */
  readonly onYield: (answer: (lastFrameUs: number, nextOffset: number) => void) => void;
  /** Bytes that may wait for a follower before it is served from the disk. (4 MiB) */
  readonly queueBytesMax?: number;
  readonly log: Logger;
}

export interface HubFigures {
  readonly followers: number;
  /** Of them at the head of the journal. */
  readonly live: number;
  /** How often one was too slow for what is live, since the start. */
  readonly fellBehind: number;
  readonly refused: number;
}

const QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** Before the token was said. */
const HELLO_BYTES_MAX = 4096;
const HELLO_MS_MAX = 5000;
const TOKEN_BYTES = 32;

interface Follower {
  readonly socket: Socket;
  readonly reader: FrameReader<ToIngest>;
  /** Null before it has said hello. */
  role: FollowerRole | null;
  pid: number;
  stream: JournalStream | null;
}

export class Hub {
  private readonly options: HubOptions;
  private readonly token = randomBytes(TOKEN_BYTES).toString('hex');
  private readonly server: Server;
  private readonly followers = new Set<Follower>();
  private fellBehind = 0;
  private refused = 0;

  constructor(options: HubOptions) {
    this.options = options;
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  get figures(): HubFigures {
    const streams = [...this.followers].filter(({ stream }) => stream !== null);
    const live = streams.filter(({ stream }) => stream!.live).length;
    return { followers: streams.length, live, fellBehind: this.fellBehind, refused: this.refused };
  }

  /** Listens on this machine alone, and leaves the file by which followers find it. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const { port } = this.server.address() as { port: number };
    writeIngestFile(this.options.file, { pid: process.pid, port, token: this.token });
  }

  publish(batch: RecordedBatch): void {
    if (this.followers.size === 0) return;
    const frame = encodeBatch(batch);
    for (const { stream } of this.followers) stream?.publish(batch, frame);
  }

  tell(status: IngestStatus): void {
    for (const follower of this.followers) if (follower.stream !== null) say(follower, { type: 'status', status });
  }

  /** Nobody finds it from here on; who is there stays. */
  withdraw(): void {
    removeIngestFile(this.options.file, this.token);
  }

  /** Resolves once what was written is with the followers, or they took too long. */
  async close(): Promise<void> {
    this.withdraw();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const { socket, stream } of this.followers) {
      stream?.end();
      socket.end();
      socket.setTimeout(1000, () => socket.destroy());
    }
    await closed;
  }

  private accept(socket: Socket): void {
    const reader = new FrameReader<ToIngest>(HELLO_BYTES_MAX);
    const follower: Follower = { socket, reader, role: null, pid: 0, stream: null };
    this.followers.add(follower);
    socket.setTimeout(HELLO_MS_MAX, () => socket.destroy());
    socket.on('data', (bytes: Buffer) => this.receive(follower, bytes));
    socket.on('drain', () => follower.stream?.drained());
    // A follower that goes away is told by `close`, whatever its reason.
    socket.on('error', () => {});
    socket.on('close', () => this.forget(follower));
  }

  private forget(follower: Follower): void {
    follower.stream?.end();
    this.followers.delete(follower);
    const { role, pid } = follower;
    if (role !== null) this.options.log.info({ role, follower: pid }, 'follower gone');
  }

  private receive(follower: Follower, bytes: Buffer): void {
    try {
      for (const received of follower.reader.push(bytes)) {
        if (received.kind === 'batch') throw new WireError('a batch from a follower');
        if (received.kind === 'message') this.hear(follower, received.message);
        else this.relay(follower, received.bytes);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.refuse(follower, 'protocol', error.message);
    }
  }

  private hear(follower: Follower, message: ToIngest): void {
    const { options } = this;
    if (follower.role === null) {
      this.greet(follower, message);
      return;
    }
    switch (message.type) {
      case 'follow':
        this.follow(follower, message.fromOffset);
        return;
      case 'command':
        options.onCommand(message.command);
        return;
      case 'fill':
        options.onFill(message.gap);
        return;
      case 'mark':
        this.mark(follower, message.purpose);
        return;
      case 'yield':
        if (follower.role !== 'successor') throw new WireError('only a successor takes the journal over');
        options.onYield((lastFrameUs, nextOffset) => say(follower, { type: 'yielded', lastFrameUs, nextOffset }));
        return;
      default:
        throw new WireError(`a message of type ${message.type}`);
    }
  }

  private greet(follower: Follower, message: ToIngest): void {
    const { options, token } = this;
    if (message.type !== 'hello' || !isEqual(message.token, token)) {
      this.refuse(follower, 'token', 'the token of ingest.json comes first');
      return;
    }
    const { role, pid } = message;
    const holder = this.withRole(role);
    if (holder !== undefined && role !== 'retired') {
      this.refuse(follower, 'role_taken', `process ${holder.pid} is ${role} already`);
      return;
    }
    follower.role = role;
    follower.pid = pid;
    follower.reader.bytesMax = FRAME_BYTES_MAX;
    follower.socket.setTimeout(0);
    options.log.info({ role, follower: pid }, 'follower');
    const { nextOffset } = options.head();
    const { journalId } = options;
    say(follower, { type: 'welcome', journalId, nextOffset, pid: process.pid, keysInUse: options.keysInUse() });
  }

  private follow(follower: Follower, fromOffset: number): void {
    const { options } = this;
    const { nextOffset } = options.head();
    const firstOffset = listSegments(options.journalFolder)[0]?.firstOffset ?? 0;
    if (!Number.isSafeInteger(fromOffset) || fromOffset < firstOffset || fromOffset > nextOffset) {
      const reason = `entry ${fromOffset}: the journal holds ${firstOffset} to ${nextOffset}`;
      this.refuse(follower, 'out_of_range', reason);
      return;
    }
    follower.stream?.end();
    follower.stream = new JournalStream(
      {
        journalFolder: options.journalFolder,
        head: options.head,
        socket: follower.socket,
        queueBytesMax: options.queueBytesMax ?? QUEUE_BYTES_MAX,
        later: setImmediate,
        onFellBehind: () => {
          this.fellBehind += 1;
          options.log.warn({ follower: follower.pid }, 'a follower is slow: it is served from the disk');
        },
        onFailed: (error) => this.refuse(follower, 'out_of_range', error.message),
      },
      fromOffset,
    );
  }

  /** Both engines are at the head, so that for both the mark stands between the same two batches. */
  private mark(follower: Follower, purpose: MarkPurpose): void {
    const serving = this.withRole('serving');
    const reason =
      follower.role !== 'shadow'
        ? 'only a shadow sets marks'
        : serving === undefined
          ? 'no engine serves'
          : serving.stream?.live !== true || follower.stream?.live !== true
            ? 'an engine is behind'
            : null;
    if (reason !== null) {
      say(follower, { type: 'mark_refused', purpose, reason });
      return;
    }
    const { nextOffset: offset } = this.options.head();
    for (const engine of [serving!, follower]) say(engine, { type: 'mark', purpose, offset });
    if (purpose === 'compare') return;
    serving!.role = 'retired';
    follower.role = 'serving';
  }

  private relay(follower: Follower, bytes: Buffer): void {
    if (follower.role === 'successor' || follower.role === null) throw new WireError('only engines speak to engines');
    this.withRole(follower.role === 'serving' ? 'shadow' : 'serving')?.socket.write(encodeRelay(bytes));
  }

  private withRole(role: FollowerRole): Follower | undefined {
    return [...this.followers].find((one) => one.role === role);
  }

  private refuse(follower: Follower, code: RefusalCode, message: string): void {
    this.refused += 1;
    this.options.log.warn({ code, follower: follower.pid, reason: message }, 'follower refused');
    say(follower, { type: 'refused', code, message });
    follower.role = null;
    follower.stream?.end();
    follower.stream = null;
    follower.socket.end();
  }
}

function say(follower: Follower, message: FromIngest): void {
  if (follower.socket.writable) follower.socket.write(encodeMessage(message));
}

function isEqual(one: unknown, other: string): boolean {
  const bytes = Buffer.from(typeof one === 'string' ? one : '');
  return bytes.length === other.length && timingSafeEqual(bytes, Buffer.from(other));
}
