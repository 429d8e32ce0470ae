// Holds what clients received against what the journal that was left behind gives, message by message, and what the
// engine says is missing against what the exchange's own running totals say.
import { join } from 'node:path';
import { kstDate } from '../../config/calendar.ts';
import { sum } from '../../engine/counters.ts';
import { dataLayout, newStateMachine } from '../../engine/engine.ts';
import { Contents } from '../../engine/journal/contents.ts';
import { applyJournal } from '../../engine/journal-application.ts';
import type { StreamUpdate, TickMessage } from '../../engine/messages.ts';
import { initialiseBackend } from '../../engine/predict/tensorflow-model.ts';
import type { DigestReport } from '../../engine/streams/streams.ts';
import { isCountedByProcess } from '../../gateway/stream-continuity.ts';
import { fingerprint } from './fingerprint.ts';
import type { ReceivedStream, Witness } from './witness.ts';

export interface Proof extends DigestReport {
  readonly entries: number;
  readonly epoch: string;
  /** Messages of clients that the journal gives again, bit by bit. */
  readonly proven: number;
  /** What clients received and the journal does not give, or gives otherwise. */
  readonly unproven: number;
  /** Messages behind the last one that a client has of a stream: the run's end, or something that was held back. */
  readonly undelivered: number;
  /** Messages of clients that speak of a machine and not of the market: many machines say of themselves what one does not. */
  readonly ofMachines: number;
  readonly gaps: number;
  /** By the engine's account, with what came late taken off. */
  readonly missingShares: number;
  /** By the running totals of the ticks. */
  readonly missingSharesByTotals: number;
}

/** What a machine says of itself and not of an instrument: each partition says it under a name of its own. */
const OF_MACHINE = /^[a-z]+\/engine(-\d+)?(\/|$)/;

/**
 * @param dataFolder of one environment: `…/emulator`
 * @param isWhole whether clients heard the one machine of the journal, not many that share it
 */
export async function prove(dataFolder: string, witnesses: readonly Witness[], isWhole: boolean): Promise<Proof> {
  await initialiseBackend();
  const layout = dataLayout(dataFolder);
  const machine = newStateMachine(new Contents(layout.contents));
  const isCompared = (stream: string): boolean => isWhole || !OF_MACHINE.test(stream);
  const totals = new RunningTotals();
  let entries = 0;
  let proven = 0;
  let undelivered = 0;
  for (const { inputs, updates } of applyJournal(machine, { folder: layout.journal })) {
    entries += inputs.length;
    for (const update of updates) {
      totals.add(update);
      if (!isCompared(update.stream.key)) continue;
      const received = witnesses
        .map(({ streams }) => streams.get(update.stream.key))
        .filter((one) => one !== undefined);
      proven += provenBy(update, received);
      undelivered += received.reduce((sum, one) => sum + countBehind(update, one), 0);
      // Whoever has nothing of a stream misses all of it.
      if (!isCountedByProcess(update.stream.channel))
        undelivered += (witnesses.length - received.length) * update.messages.length;
    }
  }
  const streams = witnesses.flatMap((witness) => [...witness.streams]).filter(([stream]) => isCompared(stream));
  const received = streams.reduce(
    (total, [, { fingerprints }]) => total + fingerprints.filter(Number.isInteger).length,
    0,
  );
  const { counters, epoch } = machine;
  return {
    ...machine.report(),
    entries,
    epoch,
    proven,
    unproven: received - proven,
    undelivered,
    ofMachines: witnesses.reduce((total, { messages }) => total + messages, 0) - received,
    gaps: sum(counters.gaps),
    missingShares: sum(counters.gapShares) - sum(counters.lateShares),
    missingSharesByTotals: totals.missing,
  };
}

/** The data folder of the emulator's environment in a run's. */
export function emulatorFolder(folder: string): string {
  return join(folder, 'emulator');
}

/** Of those who received something of the stream. */
function provenBy({ messages }: StreamUpdate, received: readonly ReceivedStream[]): number {
  let proven = 0;
  for (const message of messages) {
    const has = received.filter((one) => holds(one, message.seq));
    if (has.length === 0) continue;
    const mark = fingerprint(message);
    for (const { firstSeq, fingerprints } of has) if (fingerprints[message.seq - firstSeq] === mark) proven += 1;
  }
  return proven;
}

function countBehind({ messages }: StreamUpdate, { firstSeq, fingerprints }: ReceivedStream): number {
  return messages.filter(({ seq }) => seq >= firstSeq + fingerprints.length).length;
}

function holds({ firstSeq, fingerprints }: ReceivedStream, seq: number): boolean {
  return seq >= firstSeq && seq < firstSeq + fingerprints.length;
}

/** What is missing between the ticks of an instrument, day by day, as their accumulated volumes tell. */
class RunningTotals {
  private readonly byStream = new Map<string, { date: number; volume: number }>();
  private shares = 0;

  add({ stream, messages }: StreamUpdate): void {
    if (stream.channel !== 'ticks') return;
    for (const tick of messages as readonly TickMessage[]) {
      const date = kstDate(tick.exchangeTimeUs);
      const last = this.byStream.get(stream.key);
      if (last?.date === date) this.shares += tick.accumulatedVolume - last.volume - tick.volume;
      // The first record of all may come in mid-day; later days are watched from their beginning.
      else if (last !== undefined) this.shares += tick.accumulatedVolume - tick.volume;
      this.byStream.set(stream.key, { date, volume: tick.accumulatedVolume });
    }
  }

  get missing(): number {
    return this.shares;
  }
}
