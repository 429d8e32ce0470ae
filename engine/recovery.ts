// Start-up is recovery: a valid snapshot, then the journal's tail, then on with the next numbers. What cannot be used is
// passed over with the reason; the whole journal is always enough. Snapshots are made by the same code, in a process of
// their own.
import { setImmediate } from 'node:timers/promises';
import type { Bus } from './bus/bus.ts';
import { monotonicUs } from './clock.ts';
import { listSegments, SegmentReader } from './journal/segments.ts';
import { applyJournal } from './journal-application.ts';
import type { DaySnapshots } from './state/day-snapshots.ts';
import { encodeSnapshot } from './state/snapshot.ts';
import { chooseSnapshot, type SnapshotChoiceOptions } from './state/snapshot-choice.ts';
import type { StateMachine } from './state-machine.ts';

export interface RecoveryOptions extends SnapshotChoiceOptions {
  readonly journalFolder: string;
  readonly machine: StateMachine;
  readonly bus: Bus;
  /** What a model's failure in the last batch is: the caller's to take from the machine, or an error. */
  readonly lastFailure: 'thrown' | 'left';
  readonly days: DaySnapshots;
}

export interface Recovered {
  readonly snapshotOffset: number | null;
  readonly replayedEntries: number;
  readonly seconds: number;
  /** Days whose snapshot was made on the way, by the numbers of their first entries. */
  readonly days: readonly number[];
}

/** How long other work may wait: signals, and the end of the process that asked. */
const TURN_US_MAX = 50_000;

/**
 * Leaves the machine as the last entry before `nextOffset` left it; new, where the journal's beginning was pruned and no
 * snapshot is of use: the numbers are then unknown, and a new epoch must begin.
 * @throws JournalDamaged where the tail cannot be read
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { machine, bus, journalFolder, firstOffset, nextOffset, lastFailure, days, log } = options;
  const beganUs = monotonicUs();
  const [first] = firstOffset === 0 ? listSegments(journalFolder) : [];
  const began = first === undefined ? {} : { beganUs: new SegmentReader(first.path).header.createdUs };
  const snapshot = await chooseSnapshot({ ...options, ...began });
  if (snapshot === null && firstOffset > 0) {
    log.warn({ firstOffset }, 'nothing recovered: older days were pruned and no snapshot is of use; all begins anew');
    return { snapshotOffset: null, replayedEntries: 0, seconds: 0, days: [] };
  }
  if (snapshot !== null) {
    machine.load(snapshot.state);
    bus.load(snapshot.retained, machine.epoch);
  }
  const fromOffset = snapshot?.offset ?? 0;
  const wanted = days.missing(fromOffset, nextOffset);
  const made: number[] = [];
  let offset = fromOffset;
  let turnUs = monotonicUs();
  const reached = async (): Promise<void> => {
    if (wanted.has(offset) && (await saveDay(options, offset))) made.push(offset);
    if (monotonicUs() - turnUs < TURN_US_MAX) return;
    await setImmediate();
    turnUs = monotonicUs();
  };
  await reached();
  const journal = { folder: journalFolder, fromOffset, toOffset: nextOffset };
  for (const { inputs, updates } of applyJournal(machine, journal, lastFailure)) {
    bus.retain({ epoch: machine.epoch, updates });
    offset += inputs.length;
    if (wanted.has(offset) || monotonicUs() - turnUs >= TURN_US_MAX) await reached();
  }
  if (offset < nextOffset) throw new Error(`the journal ends at entry ${offset}, before ${nextOffset}`);
  const seconds = (monotonicUs() - beganUs) / 1e6;
  return { snapshotOffset: snapshot?.offset ?? null, replayedEntries: offset - fromOffset, seconds, days: made };
}

/** A day without one cannot be where a replay begins, which keeps more of the journal; so it is no reason to fail. */
async function saveDay({ days, machine, bus, journalId, build, log }: RecoveryOptions, offset: number) {
  try {
    await days.save(offset, encodeSnapshot({ journalId, build, offset, state: machine.save(), retained: bus.save() }));
    return true;
  } catch (error) {
    log.warn({ err: error, offset }, 'snapshot of the day not saved');
    return false;
  }
}
