// The signals of a journal derived again by the code that runs live, and held against what its seals say was published.
// Of other builds' parts nothing is compared: only the build that derived signals can derive them again.

import { newStateMachine } from '../engine.ts';
import type { Contents } from '../journal/contents.ts';
import { JournalDamaged } from '../journal/format.ts';
import { type AppliedBatch, applyJournal } from '../journal-application.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import type { SavedState } from '../state/saved-state.ts';
import type { StateMachine, StateMachineOptions } from '../state-machine.ts';
import type { CheckedJournal, Part, PlacedSeal } from './checked-journal.ts';
import type { Finding } from './findings.ts';
import { SignalChain } from './signal-chain.ts';

export interface Derivation {
  readonly fromOffset: number;
  /** The entry behind the last one that was applied. */
  readonly toOffset: number;
  /** Of parts by this build. */
  readonly sealsCompared: number;
  /** All that were derived, those of other builds' parts included. */
  readonly signals: number;
}

export interface DerivationOptions {
  readonly journalFolder: string;
  readonly contents: Contents;
  readonly build: string;
  readonly journal: CheckedJournal;
  /** State of this build at the first kept entry; null where there is none, or the first entry is there. */
  readonly firstState: SavedState | null;
  readonly onFraction?: ((fraction: number) => void) | undefined;
  readonly onDecision?: StateMachineOptions['onDecision'];
  /** Hears every batch once it was applied; true ends the derivation. */
  readonly onBatch?: (batch: AppliedBatch, machine: StateMachine) => boolean;
}

/** Where a derivation can begin: with the whole journal, a state, or else a run that began from nothing; or null. */
export function beginningOf({ journal, firstState }: Pick<DerivationOptions, 'journal' | 'firstState'>): number | null {
  const { firstOffset, parts } = journal;
  if (firstOffset === 0 || firstState !== null) return firstOffset;
  const fresh = parts.find(({ start }, i) => i > 0 && start.epoch !== parts[i - 1].start.epoch);
  return fresh?.fromOffset ?? null;
}

const ENTRIES_PER_PROGRESS = 10_000;

/** Faults that it finds are added to `findings`; of damage that was told already it says nothing. */
export async function derive(options: DerivationOptions, findings: Finding[]): Promise<Derivation | null> {
  const { journalFolder, contents, journal, firstState, onFraction, onDecision, onBatch } = options;
  const fromOffset = beginningOf(options);
  if (fromOffset === null) return null;
  await initialiseBackend();
  const machine = newStateMachine(contents, onDecision === undefined ? {} : { onDecision });
  const comparison = new Comparison(options, fromOffset);
  if (firstState !== null && fromOffset === journal.firstOffset) {
    machine.load(firstState);
    comparison.takeUp(machine.epoch);
  }
  let toOffset = fromOffset;
  let shownOffset = fromOffset;
  let signals = 0;
  try {
    for (const batch of applyJournal(machine, { folder: journalFolder, fromOffset })) {
      comparison.before(batch.firstOffset);
      comparison.chain.take(machine.epoch, batch.updates);
      for (const { stream, messages } of batch.updates) if (stream.channel === 'signals') signals += messages.length;
      toOffset = batch.firstOffset + batch.inputs.length;
      if (onBatch?.(batch, machine)) break;
      if (toOffset - shownOffset < ENTRIES_PER_PROGRESS) continue;
      shownOffset = toOffset;
      onFraction?.((toOffset - fromOffset) / (journal.nextOffset - fromOffset));
      await new Promise(setImmediate);
    }
    comparison.before(toOffset);
  } catch (error) {
    const isTold = findings.length > 0 && (error instanceof JournalDamaged || (error as Error).name === 'ContentError');
    if (!isTold) {
      const message = `at entry ${toOffset}: ${(error as Error).message}`;
      findings.push({ code: 'derivation_failed', message, entries: [toOffset, toOffset + 1] });
    }
  }
  findings.push(...comparison.findings);
  return { fromOffset, toOffset, sealsCompared: comparison.compared, signals };
}

/** Seals in their order against the signals so far. */
class Comparison {
  readonly chain = new SignalChain();
  readonly findings: Finding[] = [];
  compared = 0;
  private readonly seals: readonly PlacedSeal[];
  private readonly parts: readonly Part[];
  private readonly build: string;
  private next = 0;
  private sureOffset: number;
  /** Of the epoch in which a difference was told: every later seal of it differs as well. */
  private toldEpoch: string | null = null;

  constructor({ journal, build }: DerivationOptions, fromOffset: number) {
    // At a run that begins from nothing, a seal may still speak of the run before it.
    const isFresh = fromOffset > journal.firstOffset;
    this.seals = journal.seals.filter(({ offset }) => offset > fromOffset || (offset === fromOffset && !isFresh));
    this.parts = journal.parts;
    this.build = build;
    this.sureOffset = fromOffset;
  }

  /** What was derived before the first kept entry stands in the seal behind its segment's header. */
  takeUp(epoch: string): void {
    const first = this.seals[0]?.signals;
    if (first !== undefined && first.count >= 0) this.chain.load({ epoch, ...first });
  }

  /** All entries in front of that one were applied. */
  before(offset: number): void {
    for (; this.next < this.seals.length && this.seals[this.next].offset <= offset; this.next++) {
      this.compare(this.seals[this.next]);
    }
  }

  private compare(seal: PlacedSeal): void {
    const { signals, offset, file, byte } = seal;
    if (signals.count < 0 || !this.isOurs(offset)) return;
    this.compared += 1;
    const { count, digest } = this.chain.soFar();
    if (count === signals.count && digest.equals(signals.digest)) {
      this.sureOffset = offset;
      return;
    }
    const { epoch } = this.chain.save();
    if (epoch === this.toldEpoch) return;
    this.toldEpoch = epoch;
    const others = count === signals.count ? 'others' : String(count);
    const message = `up to entry ${offset} ${signals.count} signals were published, the journal gives ${others}`;
    this.findings.push({
      code: 'signals_differ',
      message,
      file,
      bytes: [byte, byte],
      entries: [this.sureOffset, offset],
    });
  }

  /** A seal at the very beginning of a run may be of the run before it or of that one: both must be by this build. */
  private isOurs(offset: number): boolean {
    const around = this.parts.filter(({ fromOffset }, i) => {
      const end = this.parts[i + 1]?.fromOffset ?? Number.POSITIVE_INFINITY;
      return fromOffset <= offset && offset <= end;
    });
    return around.every(({ start }) => start.versions.kisignal === this.build);
  }
}
