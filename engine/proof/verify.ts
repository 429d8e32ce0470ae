// `kisignal verify`: is everything in a data folder as it was written, and does the journal give the signals that were
// published? Nothing in the folder is changed; it may belong to a running engine.
import { readFileSync } from 'node:fs';
import { buildName } from '../build.ts';
import { dataLayout } from '../engine.ts';
import { Contents } from '../journal/contents.ts';
import { listSegments } from '../journal/segments.ts';
import type { SavedState } from '../state/saved-state.ts';
import { decodeSnapshot } from '../state/snapshot.ts';
import { FolderSnapshotStore } from '../state/snapshot-store.ts';
import { checkAnchors } from './anchor-check.ts';
import { readAnchors } from './anchors.ts';
import type { CheckedJournal } from './checked-journal.ts';
import { checkContents, checkSnapshots } from './contents-check.ts';
import { beginningOf, type Derivation, derive } from './derivation.ts';
import { type Finding, isFault } from './findings.ts';
import { checkJournal } from './journal-check.ts';

export type VerifyStage = 'journal' | 'contents' | 'signals';

export interface VerifyOptions {
  readonly dataFolder: string;
  /** JSON lines as `Anchors` writes them. */
  readonly anchorsFile?: string | undefined;
  readonly onProgress?: ((stage: VerifyStage, fraction: number) => void) | undefined;
  /** The build that derives. (this one) */
  readonly build?: string;
}

/** A run of the journal: from its start entry up to the next one. */
export interface VerifiedPart {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly epoch: string;
  readonly build: string;
  /** Whether its signals were derived again. */
  readonly derived: boolean;
}

export interface VerifyReport {
  /** No fault was found. What is only told (a tail without a seal, a build that is needed) stands in the findings too. */
  readonly ok: boolean;
  readonly dataFolder: string;
  readonly journalId: string | null;
  /** The one that verified. */
  readonly build: string;
  readonly segments: number;
  readonly bytes: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly seals: number;
  /** Hash of the chain at the last seal, hexadecimal. */
  readonly chainHash: string | null;
  readonly contents: number;
  readonly snapshots: number;
  readonly anchors: number;
  readonly parts: readonly VerifiedPart[];
  /** Null where this build derived nothing. */
  readonly derivation: Derivation | null;
  readonly findings: readonly Finding[];
}

/** There is nothing to verify: the message says where. */
export class VerifyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'VerifyError';
  }
}

/**
 * @throws VerifyError where there is no journal
 * @throws AnchorError where the anchors cannot be read
 * @throws CompressionUnavailable where this Node cannot read the segments' form
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { dataFolder, anchorsFile, onProgress, build = buildName() } = options;
  const layout = dataLayout(dataFolder);
  const anchors = anchorsFile === undefined ? [] : readAnchors(anchorsFile);
  const journalId = readJournalId(dataFolder);
  const journal = openJournal(dataFolder, journalId, (fraction) => onProgress?.('journal', fraction));
  const contents = checkContents(layout.contents, journal.contents);
  onProgress?.('contents', 0.5);
  const snapshots = checkSnapshots([layout.snapshots, layout.days]);
  onProgress?.('contents', 1);
  const findings = [...journal.findings, ...contents.findings, ...snapshots.findings];
  findings.push(...checkAnchors(anchors, journal, journalId));
  const derivation = await derivationOf({ ...options, build }, journal, journalId, findings);
  const parts = journal.parts.map(({ fromOffset, start }, i): VerifiedPart => {
    const toOffset = journal.parts[i + 1]?.fromOffset ?? journal.nextOffset;
    const { epoch, versions } = start;
    const isReached = derivation !== null && derivation.fromOffset <= fromOffset && toOffset <= derivation.toOffset;
    return { fromOffset, toOffset, epoch, build: versions.kisignal, derived: versions.kisignal === build && isReached };
  });
  const { segments, bytes, firstOffset, nextOffset, seals } = journal;
  return {
    ok: !findings.some(isFault),
    dataFolder,
    journalId,
    build,
    segments,
    bytes,
    firstOffset,
    nextOffset,
    seals: seals.length,
    chainHash: seals.at(-1)?.chainHash.toString('hex') ?? null,
    contents: contents.files,
    snapshots: snapshots.files,
    anchors: anchors.length,
    parts,
    derivation,
    findings,
  };
}

/** @throws VerifyError where there is none */
export function openJournal(
  dataFolder: string,
  journalId: string | null,
  onFraction?: (fraction: number) => void,
): CheckedJournal {
  const folder = dataLayout(dataFolder).journal;
  if (listSegments(folder).length === 0)
    throw new VerifyError(`${dataFolder}: no journal here; expected a data folder`);
  return checkJournal(folder, journalId, onFraction);
}

export function readJournalId(dataFolder: string): string | null {
  try {
    return readFileSync(dataLayout(dataFolder).journalId, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The state that this build kept for the first day that is there. */
export async function firstStateOf(
  dataFolder: string,
  { firstOffset }: CheckedJournal,
  journalId: string | null,
  build: string,
): Promise<SavedState | null> {
  if (firstOffset === 0 || journalId === null) return null;
  try {
    const bytes = await new FolderSnapshotStore(dataLayout(dataFolder).days).load(firstOffset);
    const snapshot = decodeSnapshot(bytes, journalId, build);
    return typeof snapshot === 'string' ? null : snapshot.state;
  } catch {
    return null;
  }
}

async function derivationOf(
  { dataFolder, onProgress, build }: VerifyOptions & { readonly build: string },
  journal: CheckedJournal,
  journalId: string | null,
  findings: Finding[],
): Promise<Derivation | null> {
  const { parts, seals, nextOffset } = journal;
  for (const other of new Set(parts.map(({ start }) => start.versions.kisignal))) {
    if (other === build) continue;
    const theirs = parts.flatMap(({ start, fromOffset }, i) =>
      start.versions.kisignal === other ? [[fromOffset, parts[i + 1]?.fromOffset ?? nextOffset] as const] : [],
    );
    const entries = [theirs[0][0], theirs[theirs.length - 1][1]] as const;
    findings.push({ code: 'build_needed', message: `signals of build ${other}; this is ${build}`, entries });
  }
  if (!parts.some(({ start }) => start.versions.kisignal === build)) return null;
  if (seals.length > 0 && seals.every(({ signals }) => signals.count < 0)) {
    findings.push({ code: 'nothing_derived', message: 'no seal speaks of signals: there is nothing to compare with' });
  }
  const firstState = await firstStateOf(dataFolder, journal, journalId, build);
  if (beginningOf({ journal, firstState }) === null) {
    const message = `nothing tells the state of build ${build} at entry ${journal.firstOffset}`;
    findings.push({ code: 'state_missing', message });
    return null;
  }
  const layout = dataLayout(dataFolder);
  const contents = new Contents(layout.contents);
  const onFraction = (fraction: number): void => onProgress?.('signals', fraction);
  return derive({ journalFolder: layout.journal, contents, build, journal, firstState, onFraction }, findings);
}
