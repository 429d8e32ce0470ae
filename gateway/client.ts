// The client: connects, subscribes, proves that nothing was lost, and comes back by itself. It runs in browsers and in
// Node (it imports nothing but small files beside it); the WebSocket and, for MessagePack, the codec are handed in.
import { type Codec, comesBackAfter, JSON_CODEC, type WebSocketLike } from './client-wire.ts';
import type {
  ClientMessage,
  ErrorMessage,
  HeartbeatMessage,
  ServerMessage,
  SnapshotMessage,
  UpdateMessage,
  WarningMessage,
  WelcomeMessage,
} from './protocol.ts';
import { type Numbering, Reconnection } from './reconnection.ts';
import { type Hole, StreamContinuity } from './stream-continuity.ts';
import { type Selection, WantedStreams } from './wanted-streams.ts';

export { type Codec, type Hole, JSON_CODEC, type Numbering, type Selection, type WebSocketLike };

/** Requests that wait for their answers; more are refused. */
const REQUESTS_MAX = 1000;

export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface ClientOptions {
  /** `ws://127.0.0.1:8080/v1/stream` */
  readonly url: string;
  readonly WebSocket: new (url: string, protocols: string[]) => WebSocketLike;
  /** Default JSON. */
  readonly codec?: Codec;
  /** Reconnect delays, doubling from the least to the most, half of each random. Default 250 … 15,000. */
  readonly delayMsMin?: number;
  readonly delayMsMax?: number;
  readonly random?: () => number;
  /** `closed` is final; `waiting` means that it comes back by itself. `code` is the last close code. */
  readonly onState?: (state: ConnectionState, code: number) => void;
  readonly onWelcome?: (message: WelcomeMessage) => void;
  readonly onSnapshot?: (message: SnapshotMessage) => void;
  readonly onUpdate?: (message: UpdateMessage) => void;
  readonly onHeartbeat?: (message: HeartbeatMessage) => void;
  readonly onHole?: (hole: Hole) => void;
  /** After each reconnect that subscribes again, and whenever the server begins another epoch meanwhile. */
  readonly onNumbering?: (numbering: Numbering) => void;
  /** Half of the queue on the server is taken: read faster, or subscribe to less. */
  readonly onWarning?: (message: WarningMessage) => void;
  /** Errors that answer no request of this client. */
  readonly onError?: (message: ErrorMessage) => void;
}

/** A request that was refused (`answer` says why) or that the client could not make. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly answer: ErrorMessage | null;

  constructor(text: string, answer: ErrorMessage | null) {
    super(text);
    this.answer = answer;
  }
}

interface PendingRequest {
  readonly message: ClientMessage;
  readonly resolve: (answer: ServerMessage) => void;
  readonly reject: (error: RequestError) => void;
}

export class KisignalClient {
  state: ConnectionState = 'connecting';
  private readonly options: ClientOptions;
  private readonly codec: Codec;
  private socket: WebSocketLike | null = null;
  private readonly wanted = new WantedStreams();
  private readonly pending = new Map<string | number, PendingRequest>();
  private readonly continuity: StreamContinuity;
  private nextId = 1;
  private readonly reconnection: Reconnection;
  private delayMs: number;
  private reconnectAfterMs: number | null = null;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private silentLooks = 0;

  constructor(options: ClientOptions) {
    this.options = options;
    this.codec = options.codec ?? JSON_CODEC;
    this.delayMs = options.delayMsMin ?? 250;
    this.continuity = new StreamContinuity((hole) => options.onHole?.(hole));
    this.reconnection = new Reconnection({
      wanted: this.wanted,
      continuity: this.continuity,
      nextId: () => this.nextId++,
      send: (message) => this.send(message),
      asked: () => [...this.pending.values()].flatMap(({ message }) => (message.type === 'subscribe' ? [message] : [])),
      onNumbering: (numbering) => options.onNumbering?.(numbering),
    });
    this.connect();
  }

  /**
   * Keys of the streams that match today; subscribed again after each reconnect. With `delivery: 'all'` what was missed
   * meanwhile comes first, as updates; what the server has no longer is a hole. Errors: RequestError.
   */
  async subscribe(selection: Selection): Promise<string[]> {
    const answer = await this.request({ type: 'subscribe', id: this.nextId++, ...selection });
    this.wanted.add(selection);
    return answer.type === 'subscribed' ? answer.streams : [];
  }

  /** Keys of the streams that end. */
  async unsubscribe(selection: Selection): Promise<string[]> {
    this.wanted.remove(selection);
    const answer = await this.request({ type: 'unsubscribe', id: this.nextId++, ...selection });
    return answer.type === 'unsubscribed' ? answer.streams : [];
  }

  /** Every stream there is. */
  async list(): Promise<string[]> {
    const answer = await this.request({ type: 'list', id: this.nextId++ });
    return answer.type === 'list' ? answer.streams : [];
  }

  /** The server's time, UTC microseconds. */
  async ping(): Promise<number> {
    const answer = await this.request({ type: 'ping', id: this.nextId++ });
    return answer.type === 'pong' ? answer.serverTimeUs : Number.NaN;
  }

  /** For good. */
  close(): void {
    this.disconnected(1000, false);
  }

  /** Sent now or at the next connection, and again where a connection ends before the answer. */
  private request(message: ClientMessage): Promise<ServerMessage> {
    if (this.state === 'closed') return Promise.reject(new RequestError('the client is closed', null));
    if (this.pending.size >= REQUESTS_MAX) return Promise.reject(new RequestError('too many open requests', null));
    return new Promise((resolve, reject) => {
      this.pending.set(message.id, { message, resolve, reject });
      if (this.state === 'open') this.send(message);
    });
  }

  private send(message: ClientMessage): void {
    this.socket?.send(this.codec.encode(message));
  }

  private connect(): void {
    this.setState('connecting', 0);
    const socket = new this.options.WebSocket(this.options.url, [this.codec.subprotocol]);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.connected();
    socket.onmessage = (event: { data: string | ArrayBuffer }) => this.receive(this.codec.decode(event.data));
    socket.onclose = (event: { code: number }) => this.disconnected(event.code, comesBackAfter(event.code));
    // A close follows each error and says as much.
    socket.onerror = () => {};
  }

  private connected(): void {
    this.continuity.reconnected();
    this.setState('open', 0);
    this.reconnection.begin();
    for (const { message } of this.pending.values()) this.send(message);
  }

  private disconnected(code: number, comesBack: boolean): void {
    const { socket } = this;
    this.socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    clearInterval(this.watchdog);
    clearTimeout(this.reconnectTimer);
    if (comesBack) {
      this.reconnectTimer = setTimeout(() => this.connect(), this.nextDelayMs());
      this.setState('waiting', code);
      return;
    }
    for (const { reject } of this.pending.values()) reject(new RequestError('the client is closed', null));
    this.pending.clear();
    this.setState('closed', code);
  }

  private nextDelayMs(): number {
    const { delayMsMin = 250, delayMsMax = 15_000, random = Math.random } = this.options;
    const base = this.reconnectAfterMs ?? this.delayMs;
    this.reconnectAfterMs = null;
    this.delayMs = Math.min(2 * Math.max(this.delayMs, delayMsMin), delayMsMax);
    return base * (0.5 + 0.5 * random());
  }

  private receive(message: ServerMessage): void {
    this.silentLooks = 0;
    switch (message.type) {
      case 'update':
        if (this.continuity.update(message)) this.options.onUpdate?.(message);
        break;
      case 'snapshot':
        this.continuity.snapshot(message);
        this.options.onSnapshot?.(message);
        break;
      case 'skipped':
        this.continuity.skipped(message);
        break;
      case 'heartbeat':
        this.continuity.heartbeat(message);
        this.options.onHeartbeat?.(message);
        break;
      case 'epoch':
        this.reconnection.epochBegan(message);
        break;
      case 'welcome':
        this.reconnection.welcomed(message);
        this.delayMs = this.options.delayMsMin ?? 250;
        this.watch(message.limits.heartbeatMs);
        this.options.onWelcome?.(message);
        break;
      case 'shutdown':
        this.reconnectAfterMs = message.reconnectAfterMs;
        break;
      case 'warning':
        this.options.onWarning?.(message);
        break;
      default:
        this.answer(message);
    }
  }

  private answer(message: Extract<ServerMessage, { id: unknown }>): void {
    const request = message.id === null ? undefined : this.pending.get(message.id);
    // Now and not when the promise is awaited: a snapshot of a new subscription may be the very next message.
    if (message.type === 'unsubscribed') this.continuity.forget(message.streams);
    if (message.type === 'subscribed') this.reconnection.subscribed(message);
    if (request !== undefined) this.pending.delete(message.id as string | number);
    if (message.type !== 'error') request?.resolve(message);
    else if (request !== undefined) request.reject(new RequestError(message.text, message));
    else if (!this.reconnection.refused(message)) this.options.onError?.(message);
  }

  /**
   * A server that says nothing for four heartbeats is gone, whatever the socket believes. In two looks: if it was this
   * program that stood still, what came meanwhile is read between them.
   */
  private watch(heartbeatMs: number): void {
    clearInterval(this.watchdog);
    this.silentLooks = 0;
    this.watchdog = setInterval(() => {
      this.silentLooks += 1;
      if (this.silentLooks === 2) this.disconnected(1006, true);
    }, 2 * heartbeatMs);
  }

  private setState(state: ConnectionState, code: number): void {
    this.state = state;
    this.options.onState?.(state, code);
  }
}
