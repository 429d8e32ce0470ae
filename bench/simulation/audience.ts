// What clients must see, held against what was published: equal numbers are equal messages, whoever published them and
// whenever; a stream goes on without hole or double; an epoch ends only where that is allowed.
import type { OutputBatch } from '../../engine/messages.ts';
import type { Hole } from '../../gateway/client.ts';
import type { SnapshotMessage, UpdateMessage } from '../../gateway/protocol.ts';
import type { Trace } from './trace.ts';

/** Every message of a numbering that anybody has seen. */
export class Ledger {
  private readonly trace: Trace;
  private readonly byEpoch = new Map<string, Map<string, string[]>>();

  constructor(trace: Trace) {
    this.trace = trace;
  }

  /** Last number of a stream under an epoch; 0 where nothing of it was seen. */
  lastSeq(epoch: string, stream: string): number {
    return Math.max(0, (this.byEpoch.get(epoch)?.get(stream)?.length ?? 0) - 1);
  }

  see(who: string, epoch: string, stream: string, messages: readonly { readonly seq: number }[]): void {
    const seen = this.of(epoch, stream);
    for (const message of messages) {
      const text = JSON.stringify(message);
      const before = seen[message.seq];
      if (before === undefined) seen[message.seq] = text;
      else if (before !== text)
        this.trace.fail('equal_numbers', `${stream} ${message.seq} of ${epoch} at ${who}: ${text} was ${before}`);
    }
  }

  private of(epoch: string, stream: string): string[] {
    let streams = this.byEpoch.get(epoch);
    if (streams === undefined) {
      streams = new Map();
      this.byEpoch.set(epoch, streams);
    }
    let messages = streams.get(stream);
    if (messages === undefined) {
      messages = [];
      streams.set(stream, messages);
    }
    return messages;
  }
}

/** The publications of all processes of one engine, one after the other. */
export class Publications {
  private readonly ledger: Ledger;
  private readonly trace: Trace;
  /** By epoch and stream: an epoch that had to be left for a while may be gone on with. */
  private readonly last = new Map<string, number>();
  private timeUs = 0;
  epoch = '';

  constructor(ledger: Ledger, trace: Trace) {
    this.ledger = ledger;
    this.trace = trace;
  }

  take({ epoch, updates }: OutputBatch, timeUs: number, isHalted: boolean): void {
    this.epoch = epoch;
    if (timeUs < this.timeUs && !epoch.startsWith('unjournaled-'))
      this.trace.fail('time_monotone', `engine time ${timeUs} after ${this.timeUs}`);
    this.timeUs = timeUs;
    for (const { stream, prevSeq, messages } of updates) {
      const numbering = `${epoch} ${stream.key}`;
      const last = this.last.get(numbering) ?? 0;
      if (prevSeq < last)
        this.trace.fail('numbers_go_on', `${stream.key} goes on from ${prevSeq}, published was ${last}`);
      if (messages.some((message, i) => message.seq !== prevSeq + 1 + i))
        this.trace.fail('numbers_whole', `${stream.key} from ${prevSeq}: ${messages.map(({ seq }) => seq)}`);
      if (isHalted && stream.channel === 'signals')
        this.trace.fail('halted', `a signal of ${stream.key} while signals are halted`);
      this.ledger.see('the bus', epoch, stream.key, messages);
      this.last.set(numbering, prevSeq + messages.length);
    }
  }
}

/** One client: what it was given, in the order in which it was. */
export class Witness {
  received = 0;
  private readonly name: string;
  private readonly ledger: Ledger;
  private readonly trace: Trace;
  private readonly isWhole: () => boolean;
  private readonly last = new Map<string, { epoch: string; seq: number }>();

  /** @param isWhole whether it was promised every message: of class `all`, and back within the window */
  constructor(name: string, ledger: Ledger, trace: Trace, isWhole: () => boolean) {
    this.name = name;
    this.ledger = ledger;
    this.trace = trace;
    this.isWhole = isWhole;
  }

  snapshot({ epoch, stream, messages, seq }: SnapshotMessage): void {
    this.ledger.see(this.name, epoch, stream, messages);
    const last = this.last.get(stream);
    if (last !== undefined && last.epoch === epoch && seq < last.seq)
      this.trace.fail('no_double', `${this.name}: snapshot of ${stream} at ${seq} behind ${last.seq}`);
    this.last.set(stream, { epoch, seq });
  }

  update({ epoch, stream, messages, prevSeq, seq }: UpdateMessage): void {
    this.received += messages.length;
    this.ledger.see(this.name, epoch, stream, messages);
    const last = this.last.get(stream);
    const first = messages[0].seq;
    if (last !== undefined && last.epoch === epoch && first <= last.seq && seq > last.seq)
      this.trace.fail('no_double', `${this.name}: ${stream} ${first} to ${seq} (after ${prevSeq}) behind ${last.seq}`);
    this.last.set(stream, { epoch, seq });
  }

  /** At rest, whoever was promised all has the last message of each of its streams. */
  complete(epoch: string): void {
    const missing = this.missing(epoch);
    if (missing !== null) this.trace.fail('no_hole', `${this.name}: ${missing}`);
  }

  /** The first stream whose last message it does not have, null where there is none. */
  missing(epoch: string): string | null {
    if (!this.isWhole()) return null;
    for (const [stream, { epoch: of, seq }] of this.last) {
      const last = this.ledger.lastSeq(epoch, stream);
      // Of a stream that has not spoken since the epoch began there is nothing to have.
      if ((of === epoch ? seq : 0) !== last)
        return `${stream} ends at ${seq} of ${of}, published is ${last} of ${epoch}`;
    }
    return null;
  }

  hole({ stream, fromSeq, toSeq, cause }: Hole): void {
    this.trace.note(`${this.name}: hole ${stream} ${fromSeq} to ${toSeq} ${cause}`);
    if (cause === 'lost' || (this.isWhole() && cause !== 'epoch'))
      this.trace.fail('no_hole', `${this.name}: ${stream} ${fromSeq} to ${toSeq} ${cause}`);
  }
}
