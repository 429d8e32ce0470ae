// One engine on one data folder: opens and recovers it, runs the pipeline, takes snapshots, ends in order. The rooms
// around it (gateway, status line, metrics) read its bus, its counters and the batches it has published.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import { filter, interval, merge, mergeAll, type Observable, of, Subject, Subscription, take } from 'rxjs';
import { buildName } from './build.ts';
import { Bus } from './bus/bus.ts';
import type { OutputHistoryOptions } from './bus/history.ts';
import { type Clock, hostTimeUs } from './clock.ts';
import { dataLayout, nextEpoch, readOrMakeId, removeParts } from './data-folder.ts';
import type { Layout } from './decode/layouts.ts';
import type { ControlCommand, InputBatch } from './input.ts';
import { Contents } from './journal/contents.ts';
import { FolderLock } from './journal/folder-lock.ts';
import { Journal, type JournalDisk } from './journal/journal.ts';
import { Recorder } from './journal/recorder.ts';
import { listSegments } from './journal/segments.ts';
import { newStateMachine } from './journal-machine.ts';
import type { OutputBatch, SourceKind } from './messages.ts';
import { pipeline } from './pipeline.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import { Anchors } from './proof/anchors.ts';
import type { FindingListener } from './quality/findings.ts';
import { type Recovered, recover } from './recovery.ts';
import type { EngineSettings } from './settings.ts';
import { clockSource } from './sources/clock-source.ts';
import { MeasuredStages } from './stage-clock.ts';
import { startEntry } from './start-entry.ts';
import { DaySnapshots } from './state/day-snapshots.ts';
import { encodeSnapshot } from './state/snapshot.ts';
import { snapshotByReplay } from './state/snapshot-by-replay.ts';
import { FolderSnapshotStore, type RemoteSnapshotStore } from './state/snapshot-store.ts';
import { type SnapshotMaker, Snapshotter } from './state/snapshotter.ts';
import type { StateMachine } from './state-machine.ts';
import type { DigestReport } from './streams/streams.ts';

export { dataLayout, newStateMachine };

export interface ProofOptions {
  readonly sealBytes: number;
  readonly sealMs: number;
  readonly anchorMs: number;
  readonly anchorFile: string | null;
}

export interface EngineOptions {
  readonly dataFolder: string;
  readonly settings: EngineSettings;
  /** Folder of the model's artifact. */
  readonly artifactFolder: string;
  readonly backend: 'wasm' | 'plain';
  readonly journal: {
    readonly segmentBytesMax: number;
    readonly diskBudgetBytes: number;
    readonly syncMs: number;
    readonly compression?: 'auto' | 'zstd' | 'gzip' | 'none';
  };
  /** A snapshot is taken after so long, or so many entries of the journal. */
  readonly snapshotEveryMs: number;
  readonly snapshotEveryEntries: number;
  readonly clockPeriodMs: number;
  /** Who makes them; by default this process does, which stands still meanwhile. The engine closes it at its end. */
  readonly snapshotMaker?: SnapshotMaker;
  /** Besides the data folder: Redis. Asked first at recovery. */
  readonly remoteSnapshots?: RemoteSnapshotStore;
  /** What the bus keeps so that clients resume; a recovery derives all of it again. (nothing) */
  readonly resume?: OutputHistoryOptions;
  /** How often the journal is sealed, and where its head is told; without it the journal has no chain. */
  readonly proof?: ProofOptions;
  readonly disk?: Partial<JournalDisk>;
  /** Hears every finding on the data as it is made; those of the recovery not. */
  readonly onFinding?: FindingListener;
  readonly log: Logger;
}

export interface Feed {
  readonly source: SourceKind;
  /** Identity: cumulative numbers continue within one feed only. */
  readonly identity: string;
  readonly clock: Clock;
  readonly clockReady: () => boolean;
  /** Engine time of the start entry. */
  readonly startTimeUs: number;
  readonly batches: readonly Observable<InputBatch>[];
}

/** How far a journal may lie ahead of the host's clock before a live run says so. */
const AHEAD_US_MAX = 60_000_000;

export interface Engine {
  readonly bus: Bus;
  readonly machine: StateMachine;
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly contents: Contents;
  readonly recovered: Recovered;
  readonly build: string;
  /** Figures of the snapshots made since the start. */
  readonly snapshots: Snapshotter;
  /** Heads of the journal's chain that were handed on. */
  readonly anchors: Anchors;
  /** Batches as they were published, with all of their times. */
  readonly published: Observable<OutputBatch>;
  /** Begins a run: the start entry, then the feed's batches and the clock. Once only. */
  start(feed: Feed): void;
  /** An operator's command, journaled like all inputs. */
  command(command: ControlCommand): void;
  /** Ends the run: stop entry, snapshot, unlock. What was published in the journal's life, as count and digest. */
  stop(reason: string): Promise<DigestReport>;
}

/**
 * Locks, opens and recovers a data folder.
 * @throws FolderLocked where another engine holds it
 * @throws JournalDamaged where the journal cannot be read
 * @throws ArtifactError where the model cannot be loaded
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  mkdirSync(options.dataFolder, { recursive: true });
  const lock = new FolderLock(options.dataFolder);
  try {
    return await openLocked(options, lock);
  } catch (error) {
    await options.snapshotMaker?.close();
    lock.release();
    throw error;
  }
}

async function openLocked(options: EngineOptions, lock: FolderLock): Promise<Engine> {
  const { dataFolder, log } = options;
  const layout = dataLayout(dataFolder);
  await initialiseBackend();
  const bus = new Bus(options.resume === undefined ? {} : { history: options.resume });
  const stages = new MeasuredStages();
  const contents = new Contents(layout.contents);
  const onUnexpectedWidth = ({ trId }: Layout, width: number): void =>
    log.warn({ trId, width }, 'records of a width that no layout lists: the fields that are known are read');
  let recovering = true;
  const onFinding: FindingListener = (finding) => {
    if (!recovering) options.onFinding?.(finding);
  };
  const machine = newStateMachine(contents, { stages, decoder: { onUnexpectedWidth }, onFinding });
  const build = buildName();
  for (const folder of [layout.journal, layout.contents, layout.snapshots, layout.days]) removeParts(folder);
  const journalId = readOrMakeId(layout.journalId);
  await options.remoteSnapshots?.open(journalId);
  const resumeWindowMs = options.resume?.windowMs ?? 0;
  const days = new DaySnapshots(layout.days, layout.journal);
  const { proof } = options;
  const anchors = new Anchors({ journalId, build, file: proof?.anchorFile ?? null, log });
  const journal = new Journal({
    folder: layout.journal,
    ...options.journal,
    ...(proof && { proof: { ...proof, journalId, signals: () => machine.signals.soFar(), onSeal: anchors.onSeal } }),
    log,
    mayBegin: (offset) => days.has(offset),
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  });
  const remotes = options.remoteSnapshots === undefined ? [] : [options.remoteSnapshots];
  const stores = [...remotes, new FolderSnapshotStore(layout.snapshots, resumeWindowMs * 1000)];
  const firstOffset = listSegments(layout.journal)[0]?.firstOffset ?? 0;
  const recovered = await recover({
    journalFolder: layout.journal,
    journalId,
    build,
    firstOffset,
    nextOffset: journal.nextOffset,
    ...(resumeWindowMs > 0 ? { notAfterUs: journal.lastTimeUs - resumeWindowMs * 1000 } : {}),
    stores: [...stores, days],
    removesLost: true,
    machine,
    bus,
    lastFailure: 'left',
    days,
    log,
  });
  log.info({ ...recovered, nextOffset: journal.nextOffset }, 'recovered');
  if (recovered.days.length > 0) journal.prune();
  recovering = false;
  const recorder = new Recorder(journal, log);
  const commands = new Subject<InputBatch>();
  const feeds = new Subject<Observable<InputBatch>>();
  const published = pipeline({ sources: [commands, feeds.pipe(mergeAll())], recorder, machine, stages, bus, log });
  const running = new Subscription();
  let clock: Clock | null = null;
  const snapshots = new Snapshotter({
    maker: options.snapshotMaker ?? { make: (request) => snapshotByReplay(request, remotes), close: async () => {} },
    request: { dataFolder, journalId, build, resumeWindowMs },
    durable: () => journal.durable(),
    onMade: (made) => {
      if (made.days.length > 0) journal.prune();
    },
    log,
  });
  let askedOffset = journal.nextOffset;
  const askForSnapshot = (): void => {
    askedOffset = journal.nextOffset;
    // While the journal is away it holds nothing new.
    if (recorder.available) snapshots.take();
  };

  /** This machine's own state, while nothing flows. */
  const saveState = async (): Promise<void> => {
    const offset = journal.nextOffset;
    // A state that the journal does not hold is no state to recover.
    if (!recorder.available) return;
    try {
      journal.syncNow();
    } catch (error) {
      log.warn({ err: error, offset }, 'snapshot not saved: the journal it describes is not durable');
      return;
    }
    const bytes = encodeSnapshot({ journalId, build, offset, state: machine.save(), retained: bus.save() });
    const saved = await Promise.allSettled(stores.map((store) => store.save(offset, bytes)));
    for (const result of saved) {
      if (result.status === 'rejected') log.warn({ err: result.reason, offset }, 'snapshot not saved');
    }
  };
  // Where nothing tells how the journal began, what follows begins here.
  if (recovered.snapshotOffset === null && firstOffset > 0) await saveState();

  const commandAt = (timeUs: number, command: ControlCommand): void => {
    const engineTimeUs = Math.max(timeUs, journal.lastTimeUs);
    commands.next({ receivedUs: hostTimeUs(), inputs: [{ kind: 'control', engineTimeUs, command }] });
  };
  const command = (command: ControlCommand): void => commandAt(clock?.nowUs() ?? 0, command);

  const start = (feed: Feed): void => {
    clock = feed.clock;
    const aheadUs = journal.lastTimeUs - hostTimeUs();
    if ((feed.source === 'live' || feed.source === 'paper') && aheadUs > AHEAD_US_MAX)
      log.warn({ aheadUs }, 'the journal ends ahead of the host clock: engine time stands still until that catches up');
    running.add(published.subscribe());
    const failure = machine.takeModelFailure();
    const epoch = failure === null ? nextEpoch(machine.epoch, lock.previousEnd) : randomUUID();
    if (epoch !== machine.epoch) log.info({ epoch, previousEnd: lock.previousEnd }, 'a new epoch begins');
    if (failure !== null) {
      // It failed at the journal's last batch: either it had failed there before, and the engine died before it could say
      // so, or other numbers were published. The entry makes the batch derivable; the new epoch makes no number count twice.
      log.warn({ err: failure.error }, 'model_failed at the last batch of the journal');
      commandAt(journal.lastTimeUs, failure.command);
    }
    commandAt(feed.startTimeUs, startEntry({ ...options, contents, build, feed }, epoch));
    // Whose numbers are lost is over once an entry says what this run counts by.
    const written = merge(of(null), published).pipe(
      filter(() => recorder.available),
      take(1),
    );
    running.add(written.subscribe(() => lock.settle()));
    for (const batches of feed.batches) feeds.next(batches);
    feeds.next(clockSource({ clock: feed.clock, ready: feed.clockReady, periodMs: options.clockPeriodMs }));
    running.add(interval(options.journal.syncMs).subscribe(() => journal.sync()));
    if (proof !== undefined) running.add(interval(proof.anchorMs).subscribe(() => anchors.handOn()));
    const enough = published.pipe(filter(() => journal.nextOffset - askedOffset >= options.snapshotEveryEntries));
    running.add(merge(interval(options.snapshotEveryMs), enough).subscribe(askForSnapshot));
  };

  const stop = async (reason: string): Promise<DigestReport> => {
    if (clock !== null) {
      command({ type: 'stop', reason });
      running.unsubscribe();
      await snapshots.close();
      // The next start is to pass a day's beginning that has no snapshot yet: one behind it would be in the way.
      const passed = snapshots.figures.offset ?? recovered.snapshotOffset ?? 0;
      if (days.missing(passed, journal.nextOffset).size === 0) await saveState();
    } else await snapshots.close();
    const report = machine.report();
    journal.close();
    lock.release();
    await anchors.close();
    return report;
  };

  const parts = { bus, machine, journal, recorder, contents, recovered, build, snapshots, anchors, published };
  return { ...parts, start, command, stop };
}
