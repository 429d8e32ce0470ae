// One gateway's bus in the simulation of the log, watched: each stream goes on where it was, equal numbers are equal
// messages, and what it can give again is what there was.
import { Bus, type RetainedStream } from '../../engine/bus/bus.ts';
import type { OutputBatch } from '../../engine/messages.ts';
import type { Ledger } from './audience.ts';
import type { Trace } from './trace.ts';

const HISTORY = { windowMs: 60_000, bytesMax: 2 * 1024 * 1024 };

export interface WatchedBusOptions {
  readonly name: string;
  readonly ledger: Ledger;
  readonly trace: Trace;
  /** Retention has taken outputs: streams may begin anywhere. */
  readonly mayMiss: () => boolean;
}

/** What a partition says of itself depends on how many there are. */
export function isOfPartition(instrument: string): boolean {
  return instrument.startsWith('engine');
}

export class WatchedBus extends Bus {
  readonly last = new Map<string, number>();
  private readonly options: WatchedBusOptions;

  constructor(options: WatchedBusOptions) {
    super({ history: HISTORY });
    this.options = options;
  }

  override load(saved: readonly RetainedStream[], epoch: string): void {
    super.load(saved, epoch);
    this.last.clear();
    const { name, ledger } = this.options;
    for (const { stream, messages } of saved) {
      ledger.see(name, epoch, stream.key, messages);
      this.last.set(stream.key, this.lastSeq(stream.key));
    }
  }

  override publish(batch: OutputBatch): void {
    if (batch.epoch !== this.epoch) this.last.clear();
    const { name, ledger, trace, mayMiss } = this.options;
    for (const { stream, prevSeq, messages } of batch.updates) {
      const last = this.last.get(stream.key) ?? 0;
      if (prevSeq < last) trace.fail('no_double', `${name}: ${stream.key} goes on from ${prevSeq} behind ${last}`);
      if (prevSeq > last && !mayMiss())
        trace.fail('no_hole', `${name}: ${stream.key} goes on from ${prevSeq}, had ${last}`);
      if (messages.some((message, i) => message.seq !== prevSeq + 1 + i))
        trace.fail('numbers_whole', `${name}: ${stream.key} from ${prevSeq}: ${messages.map(({ seq }) => seq)}`);
      ledger.see(name, batch.epoch, stream.key, messages);
      this.last.set(stream.key, prevSeq + messages.length);
    }
    trace.note(`${name}: ${batch.updates.map(({ stream, prevSeq }) => `${stream.key}>${prevSeq}`).join(' ')}`);
    super.publish(batch);
  }

  /** What a client that comes back is given, from the beginning or from shortly before the end. */
  holdHistory(): void {
    const { name, ledger, trace } = this.options;
    for (const [key, last] of this.last) {
      for (const from of [0, Math.max(0, last - 5)]) {
        const again = this.since(key, this.epoch, from);
        if (again === null) continue;
        ledger.see(`${name} again`, this.epoch, key, again);
        if (again.some(({ seq }, i) => seq !== from + 1 + i) || again.length !== last - from)
          trace.fail('resume_whole', `${name}: ${key} from ${from} to ${last}: ${again.map(({ seq }) => seq)}`);
      }
    }
  }
}
