// One signal with all that made it, derived again from the journal: the records in front of it, the features by name, the
// probability and its threshold, each gate with its figures, and where in the journal it stands.
import { buildName } from '../build.ts';
import type { DecisionEvidence } from '../decision.ts';
import { dataLayout } from '../engine.ts';
import { Contents } from '../journal/contents.ts';
import { entryJson } from '../journal/tools/entry-text.ts';
import { type TableName, tableOf } from '../journal/tools/records.ts';
import type { AppliedBatch } from '../journal-application.ts';
import type { BookMessage, SignalMessage, StreamUpdate, TickMessage } from '../messages.ts';
import { candidateOf } from '../signals/policy.ts';
import type { CheckedJournal, Part, PlacedSeal } from './checked-journal.ts';
import { derive } from './derivation.ts';
import { type Finding, isFault } from './findings.ts';
import { type GateEvidence, gateEvidence } from './gate-evidence.ts';
import { firstStateOf, openJournal, readJournalId, VerifyError } from './verify.ts';

/** Trades and books shown, the newest last. */
const RECENT_MAX = 5;

/** A published message, and the entries of the batch that made it. */
export interface Recent<M> {
  readonly entries: readonly [from: number, to: number];
  readonly message: M;
}

export interface Explanation {
  readonly id: string;
  /** The journal gives as many signals, and the same, as the seal behind this one says were published. */
  readonly proven: boolean;
  readonly signal: SignalMessage;
  readonly position: { readonly offset: number; readonly batch: number };
  /** The seal that closes the bytes in which its entry stands; null where there is none yet. */
  readonly seal: {
    readonly offset: number;
    readonly timeUs: number;
    readonly chainHash: string;
    /** Signals of the epoch that were published up to it; −1 where the journal's writer derived none, and cannot say. */
    readonly signals: number;
    readonly file: string;
    readonly byte: number;
  } | null;
  readonly run: Part['start'];
  /** Of the batch: the entry that the signal names, and those with records of its symbol, decoded. */
  readonly entries: readonly Record<string, unknown>[];
  readonly trades: readonly Recent<TickMessage>[];
  readonly books: readonly Recent<BookMessage>[];
  readonly features: readonly { readonly name: string; readonly value: number }[];
  readonly prediction: {
    readonly model: string;
    readonly up: number;
    readonly down: number;
    readonly probabilityMin: number;
    readonly side: SignalMessage['side'];
    readonly confidence: number;
    readonly strength: number;
  };
  readonly gates: readonly GateEvidence[];
}

export interface ExplainOptions {
  readonly dataFolder: string;
  /** `005930.KRX:123` */
  readonly id: string;
  readonly build?: string;
  readonly onFraction?: (fraction: number) => void;
}

/** What was decided, copied out of what the next decision reuses. */
type Evidence = Pick<Explanation, 'features' | 'prediction' | 'gates'>;

/** @throws VerifyError where the journal does not give such a signal, or this build cannot tell */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  const { dataFolder, id, build = buildName(), onFraction } = options;
  const { instrument, offset } = parsedId(id);
  const journalId = readJournalId(dataFolder);
  const journal = openJournal(dataFolder, journalId);
  const part = journal.parts.findLast(({ fromOffset }) => fromOffset <= offset);
  if (part === undefined || offset >= journal.nextOffset) {
    throw new VerifyError(
      `signal_missing: the journal holds entries ${journal.firstOffset} to ${journal.nextOffset - 1}`,
    );
  }
  const theirs = part.start.versions.kisignal;
  if (theirs !== build) throw new VerifyError(`build_needed: ${id} was derived by build ${theirs}; this is ${build}`);
  const seal = journal.seals.find((one) => one.offset > offset) ?? null;
  const watch = new SignalWatch(id, instrument, offset);
  const findings: Finding[] = [...journal.findings];
  await derive(
    {
      journalFolder: dataLayout(dataFolder).journal,
      contents: new Contents(dataLayout(dataFolder).contents),
      build,
      journal,
      firstState: await firstStateOf(dataFolder, journal, journalId, build),
      onDecision: watch.onDecision,
      // On to the seal that closes it, which says whether it was published so.
      onBatch: (batch) => watch.take(batch) && nextOf(batch) >= (seal?.offset ?? 0),
      ...(onFraction && { onFraction }),
    },
    findings,
  );
  const found = watch.result();
  if (found === null) throw new VerifyError(`signal_missing: the journal gives no signal ${id}${reasons(findings)}`);
  const proven = isProven(journal, findings, seal);
  return { id, proven, ...found, seal: seal === null ? null : placeOf(seal), run: part.start };
}

function nextOf({ firstOffset, inputs }: AppliedBatch): number {
  return firstOffset + inputs.length;
}

function parsedId(id: string): { instrument: string; offset: number } {
  const match = /^([A-Z0-9]+\.[A-Z]+):(\d{1,15})$/.exec(id);
  if (match === null) throw new VerifyError(`"${id}" is no signal's id: it is like 005930.KRX:123`);
  return { instrument: match[1], offset: Number(match[2]) };
}

function reasons(findings: readonly Finding[]): string {
  return findings.map(({ code, message }) => `\n${code}: ${message}`).join('');
}

function isProven(journal: CheckedJournal, findings: readonly Finding[], seal: PlacedSeal | null): boolean {
  if (seal === null || seal.signals.count < 0) return false;
  const until = seal.offset;
  return !findings.filter(isFault).some(({ entries: [from] = [journal.firstOffset] }) => from < until);
}

function placeOf({ offset, timeUs, chainHash, signals, file, byte }: PlacedSeal): Explanation['seal'] {
  return { offset, timeUs, chainHash: chainHash.toString('hex'), signals: signals.count, file, byte };
}

/** Follows one instrument up to one of its signals. */
class SignalWatch {
  private readonly id: string;
  private readonly instrument: string;
  private readonly offset: number;
  private trades: Recent<TickMessage>[] = [];
  private books: Recent<BookMessage>[] = [];
  private evidence: Evidence | null = null;
  private found: Omit<Explanation, 'id' | 'proven' | 'seal' | 'run'> | null = null;
  private passed = false;

  constructor(id: string, instrument: string, offset: number) {
    this.id = id;
    this.instrument = instrument;
    this.offset = offset;
  }

  result() {
    return this.found;
  }

  readonly onDecision = (decision: DecisionEvidence): void => {
    if (decision.instrument.name !== this.instrument || decision.journalOffset !== this.offset) return;
    const { model, features, up, gates, settings } = decision;
    const { probabilityMin } = settings;
    const candidate = candidateOf(up, probabilityMin)!;
    this.evidence = {
      features: model.featureNames.map((name, i) => ({ name, value: features[i] })),
      prediction: { model: model.name, up, down: 1 - up, probabilityMin, ...candidate },
      gates: gateEvidence(gates, settings),
    };
  };

  /** True once its batch is past. */
  take(batch: AppliedBatch): boolean {
    if (this.passed) return true;
    const { firstOffset, batchId, updates } = batch;
    const entries = [firstOffset, nextOf(batch)] as const;
    this.trades = this.newest(this.trades, 'ticks', updates, entries);
    this.books = this.newest(this.books, 'books', updates, entries);
    if (this.offset >= nextOf(batch)) return false;
    this.passed = true;
    const signals = this.messages<SignalMessage>('signals', updates);
    const signal = signals.find(({ id }) => id === this.id);
    if (signal === undefined || this.evidence === null) return true;
    this.found = {
      signal,
      position: { offset: this.offset, batch: batchId },
      entries: this.decoded(batch),
      trades: this.trades,
      books: this.books,
      ...this.evidence,
    };
    return true;
  }

  private newest<M>(
    before: Recent<M>[],
    channel: 'ticks' | 'books',
    updates: readonly StreamUpdate[],
    entries: readonly [number, number],
  ): Recent<M>[] {
    const messages = this.messages<M>(channel, updates);
    if (messages.length === 0) return before;
    return [...before, ...messages.map((message) => ({ entries, message }))].slice(-RECENT_MAX);
  }

  private messages<M>(channel: StreamUpdate['stream']['channel'], updates: readonly StreamUpdate[]): readonly M[] {
    const update = updates.find(({ stream }) => stream.channel === channel && stream.instrument === this.instrument);
    return (update?.messages ?? []) as unknown as readonly M[];
  }

  private decoded({ batchId, firstOffset, inputs }: AppliedBatch): Record<string, unknown>[] {
    const codes = new Set([this.instrument.slice(0, this.instrument.lastIndexOf('.'))]);
    const tables = (['trades', 'books'] as const satisfies TableName[]).map((name) => tableOf(name, codes));
    return inputs.flatMap((input, i) => {
      const entry = { offset: firstOffset + i, entry: { batchId, hasMore: i + 1 < inputs.length, input, bytes: 0 } };
      const records = tables.flatMap(({ columns, rows }) =>
        rows(entry).map((row) => Object.fromEntries(columns.map(({ name }, column) => [name, row[column]]))),
      );
      return records.length > 0 || entry.offset === this.offset ? [{ ...entryJson(entry), records }] : [];
    });
  }
}
