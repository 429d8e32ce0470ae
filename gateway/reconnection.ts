// What the client library says when it comes back, and what it makes of the answer: where it stands, and the token of its
// kept session, which stands for all that it had subscribed to; where nobody keeps that, every request again. Runs in
// browsers, too.
import type {
  ClientMessage,
  EpochMessage,
  ErrorMessage,
  SubscribedMessage,
  SubscribeRequest,
  WelcomeMessage,
} from './protocol.ts';
import { resubscription } from './resubscription.ts';
import type { StreamContinuity } from './stream-continuity.ts';
import type { Selection, WantedStreams } from './wanted-streams.ts';

/** Until a welcome tells it. */
const MESSAGE_BYTES_MAX = 64 * 1024;

/** Whether the numbers that came before go on. Where not, what they counted is history: all is counted anew. */
export interface Numbering {
  readonly epoch: string;
  /** The epoch known before. */
  readonly previous: string;
  readonly recovered: boolean;
}

export interface ReconnectionOptions {
  readonly wanted: WantedStreams;
  readonly continuity: StreamContinuity;
  readonly nextId: () => number;
  readonly send: (message: ClientMessage) => void;
  /** What is asked for and not answered yet. */
  readonly asked: () => Selection[];
  readonly onNumbering: (numbering: Numbering) => void;
}

/** What waits for the answer that tells whether the numbering goes on. */
interface Awaited {
  readonly id: string | number;
  /** The epoch that was known when it left. */
  readonly previous: string;
  /** Asks for a kept session: what is sent where there is none. */
  readonly instead: readonly SubscribeRequest[];
}

export class Reconnection {
  private readonly options: ReconnectionOptions;
  /** The numbering that the server told last; '' before the first welcome. */
  private epoch = '';
  /** The numbering that what is subscribed goes on in; '' before the first answer. */
  private heldEpoch = '';
  /** The one in which this connection asked to go on. */
  private resumedEpoch = '';
  private messageBytesMax = MESSAGE_BYTES_MAX;
  private awaited: Awaited | null = null;
  /** Of this connection. */
  private newSession = '';
  /** The last one that had subscriptions; '' for none. */
  private session = '';

  constructor(options: ReconnectionOptions) {
    this.options = options;
  }

  /** A connection is open: says all that there is to go on with. */
  begin(): void {
    const { wanted, continuity, nextId, send } = this.options;
    const { heldEpoch: previous, messageBytesMax, session } = this;
    const { epoch, positions, requests } = resubscription({
      wanted,
      continuity,
      epoch: previous,
      messageBytesMax,
      nextId,
    });
    this.resumedEpoch = epoch;
    this.awaited = null;
    for (const message of positions) send(message);
    if (session === '' || requests.length === 0) this.ask(requests, previous);
    else {
      const id = nextId();
      this.awaited = { id, previous, instead: requests };
      send({ type: 'resume', id, epoch, streams: {}, session });
    }
  }

  welcomed({ epoch, session, limits }: WelcomeMessage): void {
    this.epoch = epoch;
    this.newSession = session;
    this.messageBytesMax = limits.messageBytesMax;
  }

  /** The server begins another numbering while the connection goes on. */
  epochBegan(message: EpochMessage): void {
    this.epoch = this.heldEpoch = message.epoch;
    this.options.continuity.beginEpoch(message);
    this.options.onNumbering(message);
  }

  subscribed(message: SubscribedMessage): void {
    const { epoch, awaited } = this;
    this.heldEpoch = epoch;
    this.session = this.newSession;
    this.options.continuity.subscribed(message, this.resumedEpoch);
    if (message.subscriptions !== undefined) this.mend(message.subscriptions);
    if (awaited === null || message.id !== awaited.id) return;
    this.awaited = null;
    this.options.onNumbering({ epoch, previous: awaited.previous, recovered: message.recovered });
  }

  /** True where it was the kept session that is not to be had, and all is asked for instead. */
  refused({ id }: ErrorMessage): boolean {
    const { awaited } = this;
    if (awaited === null || awaited.id !== id || awaited.instead.length === 0) return false;
    this.session = '';
    this.ask(awaited.instead, awaited.previous);
    return true;
  }

  private ask(requests: readonly SubscribeRequest[], previous: string): void {
    const first = requests[0];
    this.awaited = first === undefined ? null : { id: first.id, previous, instead: [] };
    for (const message of requests) this.options.send(message);
  }

  /** A connection may end before the server has kept its last request: what differs is put right. */
  private mend(kept: NonNullable<SubscribedMessage['subscriptions']>): void {
    const { wanted, nextId, send, asked } = this.options;
    const { missing, excess } = wanted.differenceFrom(kept, asked(), this.messageBytesMax / 2);
    const resume = { epoch: this.resumedEpoch, streams: {} };
    for (const selection of missing) {
      const isResumed = selection.delivery === 'all' && resume.epoch !== '';
      send({ type: 'subscribe', id: nextId(), ...selection, ...(isResumed ? { resume } : {}) });
    }
    for (const { delivery: _, ...selection } of excess) send({ type: 'unsubscribe', id: nextId(), ...selection });
  }
}
