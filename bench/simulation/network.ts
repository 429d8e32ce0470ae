// The network between gateways and clients: each connection keeps its order, takes its time, may stand still, be cut for
// one end before the other, or be read slowly. It stands in for the gateway's transport and for the client's WebSocket.
import type { Random } from '../../engine/emulator/market/random.ts';
import type { WebSocketLike } from '../../gateway/client.ts';
import type { TransportPeer, TransportSocket } from '../../gateway/transport.ts';
import type { Fuse } from './fuse.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

const LATENCY_MS_MAX = 20;
/** Bytes that the systems at both ends hold: only what is beyond them waits with the gateway. */
const KERNEL_BYTES = 4096;

/** A gateway that listens: whom a new connection talks to, null where it is refused. */
export interface Listener {
  readonly owner: string;
  readonly fuse: Fuse;
  accept(subprotocol: string): TransportPeer | null;
}

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
}

export class Network {
  listener: Listener | null = null;
  readonly options: NetworkOptions;
  readonly connections = new Set<Connection>();
  private opened = 0;

  constructor(options: NetworkOptions) {
    this.options = options;
  }

  /** A WebSocket class for the client of that name. */
  webSocketOf(
    client: string,
    onSend: (text: string) => string = (text) => text,
  ): new (
    url: string,
    protocols: string[],
  ) => WebSocketLike {
    const network = this;
    return class extends SimulatedWebSocket {
      constructor(_url: string, [subprotocol]: string[]) {
        network.opened += 1;
        super(network, `${client}#${network.opened}`, client, subprotocol, onSend);
      }
    };
  }

  /** The process at the gateway's end is gone, and its ends of connections with it. */
  loseServer(owner: string): void {
    for (const connection of [...this.connections]) if (connection.owner === owner) connection.cut('server');
  }
}

/** Both ends of one connection. Frames that are under way when it is cut are lost. */
export class Connection implements TransportSocket {
  readonly name: string;
  /** The client does not read until then. */
  private stalledUntilMs = 0;
  private inFlightBytes = 0;
  private readonly underWay: (() => void)[] = [];
  private readonly network: Network;
  private readonly webSocket: SimulatedWebSocket;
  private readonly listener: Listener;
  private readonly peer: TransportPeer;
  private clientAtMs = 0;
  private serverAtMs = 0;
  private clientOpen = true;
  private serverOpen = true;

  constructor(network: Network, webSocket: SimulatedWebSocket, listener: Listener, peer: TransportPeer) {
    this.network = network;
    this.webSocket = webSocket;
    this.listener = listener;
    this.peer = peer;
    this.name = webSocket.name;
    network.connections.add(this);
  }

  get owner(): string {
    return this.listener.owner;
  }

  /** Bytes that wait with the gateway because the way is full. */
  get queuedBytes(): number {
    return Math.max(0, this.inFlightBytes - KERNEL_BYTES);
  }

  write(frames: readonly Uint8Array[]): number {
    const { listener } = this;
    if (!this.serverOpen || listener.fuse.isDead || listener.fuse.burns('socket')) return 0;
    for (const frame of frames) {
      const text = Buffer.from(frame).toString();
      this.inFlightBytes += frame.length;
      this.toClient(() => {
        this.inFlightBytes -= frame.length;
        this.webSocket.receive(text);
        this.toServer(() => this.peer.drained(this.queuedBytes), 0);
      });
    }
    return this.queuedBytes;
  }

  ping(): void {
    this.toClient(() => this.toServer(() => this.peer.pong()));
  }

  close(code: number): void {
    if (!this.serverOpen || this.listener.fuse.isDead) return;
    this.serverOpen = false;
    this.toClient(() => this.clientGone(code));
  }

  terminate(): void {
    this.close(1006);
  }

  send(text: string): void {
    const bytes = Buffer.from(text);
    this.toServer(() => this.peer.message(bytes, false));
  }

  closeFromClient(): void {
    if (!this.clientOpen) return;
    this.clientOpen = false;
    this.toServer(() => this.serverGone(1000));
  }

  /** The client reads nothing for so long. */
  stall(ms: number): void {
    const { time, trace } = this.network.options;
    this.stalledUntilMs = time.nowMs + ms;
    trace.note(`${this.name} reads nothing`);
  }

  /** The connection breaks: that end knows at once, the other a while later. */
  cut(first: 'client' | 'server'): void {
    const { time, random } = this.network.options;
    const laterMs = random.below(3000);
    const client = (): void => this.clientGone(1006);
    const server = (): void => this.serverGone(1006);
    this.inFlightBytes = 0;
    const atClient = first === 'client' ? 0 : laterMs;
    const atServer = first === 'server' ? 0 : laterMs;
    this.broken = true;
    time.after(atClient, client, this.webSocket.client);
    time.after(atServer, server, this.listener.owner);
  }

  private broken = false;

  private toClient(run: () => void): void {
    const { time } = this.network.options;
    const atMs = Math.max(this.clientAtMs, time.nowMs + this.latencyMs(), this.stalledUntilMs);
    this.clientAtMs = atMs;
    this.underWay.push(run);
    // Whichever of them is due, the oldest comes out: a stall that begins meanwhile changes no order.
    const due = (): void => {
      if (this.broken || !this.clientOpen) return;
      if (time.nowMs < this.stalledUntilMs) time.after(this.stalledUntilMs - time.nowMs, due, this.webSocket.client);
      else this.underWay.shift()?.();
    };
    time.after(atMs - time.nowMs, due, this.webSocket.client);
  }

  private toServer(run: () => void, delayMs = this.latencyMs()): void {
    const { time } = this.network.options;
    const atMs = Math.max(this.serverAtMs, time.nowMs + delayMs);
    this.serverAtMs = atMs;
    const due = (): void => {
      if (!this.broken && this.serverOpen && !this.listener.fuse.isDead) run();
    };
    time.after(atMs - time.nowMs, due, this.listener.owner);
  }

  private clientGone(code: number): void {
    if (!this.clientOpen) return;
    this.clientOpen = false;
    this.network.connections.delete(this);
    this.webSocket.ended(code);
  }

  private serverGone(code: number): void {
    if (!this.serverOpen) return;
    this.serverOpen = false;
    this.network.connections.delete(this);
    if (!this.listener.fuse.isDead) this.peer.closed(code);
  }

  private latencyMs(): number {
    return 1 + this.network.options.random.below(LATENCY_MS_MAX);
  }
}

class SimulatedWebSocket implements WebSocketLike {
  binaryType = '';
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  readonly name: string;
  readonly client: string;
  private connection: Connection | null = null;
  private isClosed = false;
  private readonly network: Network;
  private readonly onSend: (text: string) => string;

  constructor(network: Network, name: string, client: string, subprotocol: string, onSend: (text: string) => string) {
    this.network = network;
    this.name = name;
    this.client = client;
    this.onSend = onSend;
    const { time, random } = network.options;
    time.after(1 + random.below(2 * LATENCY_MS_MAX), () => this.open(subprotocol), client);
  }

  send(data: string | Uint8Array): void {
    this.connection?.send(this.onSend(data as string));
  }

  close(): void {
    this.isClosed = true;
    this.connection?.closeFromClient();
  }

  receive(text: string): void {
    this.onmessage?.({ data: text } as never);
  }

  ended(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.network.options.trace.note(`${this.name} closed ${code}`);
    this.onclose?.({ code } as never);
  }

  private open(subprotocol: string): void {
    if (this.isClosed) return;
    const { listener, options } = this.network;
    const peer = listener?.accept(subprotocol) ?? null;
    if (listener === null || peer === null) {
      this.ended(1006);
      return;
    }
    options.trace.note(`${this.name} open`);
    const connection = new Connection(this.network, this, listener, peer);
    this.connection = connection;
    this.onopen?.({} as never);
    // What the gateway sets up here is its own and dies with it.
    options.time.after(0, () => peer.opened(connection), listener.owner);
  }
}
