// A client that swears to what it received: the library that users have, lossless, coming back by itself. It keeps a
// fingerprint of each message by stream and number, and each breach of the promise that no message is missing or doubled.
import { WebSocket } from 'ws';
import { CHANNELS, type Message } from '../../engine/messages.ts';
import { KisignalClient, type Selection, type WebSocketLike } from '../../gateway/client.ts';
import { isCountedByProcess } from '../../gateway/stream-continuity.ts';
import { fingerprint } from './fingerprint.ts';

/** What is derived, and so can be derived again. */
const DERIVED = CHANNELS.filter((channel) => !isCountedByProcess(channel));
const BREACHES_MAX = 50;
const RECONNECT_MS = { min: 20, max: 250 } as const;

/** Where a witness stood at some moment. */
export interface Mark {
  readonly connections: number;
  readonly lengths: ReadonlyMap<string, number>;
}

/** What came of one stream: the message `firstSeq + i` has fingerprint `i`. */
export interface ReceivedStream {
  readonly firstSeq: number;
  readonly fingerprints: number[];
}

export class Witness {
  readonly streams = new Map<string, ReceivedStream>();
  readonly breaches: string[] = [];
  breachesTotal = 0;
  messages = 0;
  connections = 0;
  /** Settles with the first subscription, which may have to wait for a server. */
  readonly subscribed: Promise<unknown>;
  private readonly client: KisignalClient;
  private epoch: string | null = null;
  /** Whether anything came on the newest connection. */
  private heard = false;
  private closing = false;
  private state = 'new';

  constructor(url: string) {
    this.client = new KisignalClient({
      url,
      WebSocket: WebSocket as unknown as new (url: string, protocols: string[]) => WebSocketLike,
      delayMsMin: RECONNECT_MS.min,
      delayMsMax: RECONNECT_MS.max,
      onWelcome: () => {
        this.connections += 1;
        this.heard = false;
      },
      onHole: (hole) => this.breach(`hole ${JSON.stringify(hole)}`),
      onNumbering: ({ epoch, previous, recovered }) => {
        // Whoever comes before the first message is told of the first epoch.
        if (!recovered && previous !== '') this.breach(`another numbering: ${previous} → ${epoch}`);
      },
      onSnapshot: ({ stream, epoch, messages }) => this.receive(stream, epoch, messages, this.connections > 1),
      onUpdate: ({ stream, epoch, messages }) => this.receive(stream, epoch, messages, true),
      onState: (state, code) => {
        this.state = code === undefined ? state : `${state} ${code}`;
        if (state === 'closed' && !this.closing) this.breach(`closed for good with ${code}`);
      },
      onError: ({ slug, text }) => this.breach(`error ${slug}: ${text}`),
    });
    const selection: Selection & { delivery: 'all' } = { channels: [...DERIVED], delivery: 'all' };
    this.subscribed = this.client.subscribe(selection);
  }

  close(): void {
    this.closing = true;
    this.client.close();
  }

  /** Where it stands, in one line. */
  get standing(): string {
    const { state, connections, messages, breaches } = this;
    return `client ${state}, connection ${connections}, ${this.heard ? 'heard' : 'not heard yet'}, ${messages} messages ${breaches}`;
  }

  mark(): Mark {
    const lengths = [...this.streams].map(([stream, { fingerprints }]) => [stream, fingerprints.length] as const);
    return { connections: this.connections, lengths: new Map(lengths) };
  }

  /** Messages came on a connection made since. */
  isBack({ connections }: Mark): boolean {
    return this.connections > connections && this.heard;
  }

  /** Every instrument that had ticked has ticked since; nothing ticked yet is no such thing. */
  ticksAgain({ lengths }: Mark): boolean {
    if (this.messages === 0) return false;
    for (const [stream, { fingerprints }] of this.streams) {
      if (stream.startsWith('ticks/') && fingerprints.length <= (lengths.get(stream) ?? 0)) return false;
    }
    return true;
  }

  /** @param fromFirst whether a stream that is new here must have begun meanwhile, with its first message */
  private receive(stream: string, epoch: string, messages: readonly Message[], fromFirst: boolean): void {
    if (this.epoch !== epoch) {
      if (this.epoch !== null) this.breach(`epoch ${this.epoch} → ${epoch}`);
      this.epoch = epoch;
    }
    let known = this.streams.get(stream);
    if (known === undefined) {
      known = { firstSeq: messages[0].seq, fingerprints: [] };
      if (fromFirst && known.firstSeq !== 1) this.breach(`${stream} begins with ${known.firstSeq}`);
      this.streams.set(stream, known);
    }
    this.heard = true;
    for (const message of messages) this.keep(stream, known, message);
  }

  private keep(stream: string, { firstSeq, fingerprints }: ReceivedStream, message: Message): void {
    const place = message.seq - firstSeq;
    const mark = fingerprint(message);
    if (place < fingerprints.length) {
      // A snapshot may repeat what came; it must be equal.
      if (fingerprints[place] !== mark) this.breach(`${stream} ${message.seq} came again, and differs`);
      return;
    }
    if (place > fingerprints.length) {
      this.breach(`${stream}: ${firstSeq + fingerprints.length} … ${message.seq - 1} missing`);
      while (fingerprints.length < place) fingerprints.push(Number.NaN);
    }
    fingerprints.push(mark);
    this.messages += 1;
  }

  private breach(what: string): void {
    this.breachesTotal += 1;
    if (this.breaches.length < BREACHES_MAX) this.breaches.push(what);
  }
}
