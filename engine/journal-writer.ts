// The journal of a data folder in the hands of a process that derives nothing: the lock, the recorder, the start entry,
// and what holds from earlier runs as far as the journal alone tells it.
import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import { interval, of, type Subscription as RxSubscription, Subject } from 'rxjs';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { buildName } from './build.ts';
import { type Clock, hostTimeUs } from './clock.ts';
import { CLOCK_PERIOD_MS, engineOptions } from './configuration.ts';
import { dataLayout, nextEpoch, readOrMakeId, removeParts } from './data-folder.ts';
import type { Feed } from './engine.ts';
import type { ControlCommand, InputBatch, Subscription } from './input.ts';
import { Contents } from './journal/contents.ts';
import { FolderLock } from './journal/folder-lock.ts';
import { Journal } from './journal/journal.ts';
import { readEntries } from './journal/reader.ts';
import { type RecordedBatch, Recorder } from './journal/recorder.ts';
import { listSegments } from './journal/segments.ts';
import { type Anchor, Anchors } from './proof/anchors.ts';
import { type RecordingFigures, recordFeed } from './record.ts';
import { clockSource } from './sources/clock-source.ts';
import { startEntry } from './start-entry.ts';

/** What holds at the end of a journal. Null: not said since the last start entry. */
export interface Standing {
  /** '' where no run has begun yet. */
  readonly epoch: string;
  readonly killSwitch: boolean | null;
  readonly subscriptions: readonly Subscription[] | null;
}

/** Reads back to the last start entry, segment by segment, and no further. */
export function readStanding(folder: string): Standing {
  for (const { firstOffset } of listSegments(folder).reverse()) {
    const standing = standingFrom(folder, firstOffset);
    if (standing.epoch !== '') return standing;
  }
  return { epoch: '', killSwitch: null, subscriptions: null };
}

function standingFrom(folder: string, fromOffset: number): Standing {
  let epoch = '';
  let killSwitch: boolean | null = null;
  let subscriptions: readonly Subscription[] | null = null;
  for (const { entry } of readEntries({ folder, fromOffset })) {
    if (entry.input.kind !== 'control') continue;
    const { command } = entry.input;
    if (command.type === 'start') ({ epoch } = command);
    if (command.type === 'kill_switch') killSwitch = command.on;
    if (command.type === 'subscriptions') subscriptions = command.wanted;
  }
  return { epoch, killSwitch, subscriptions };
}

export interface RecordedFeed {
  readonly feed: Feed;
  /** Inputs that came while the journal was still another's: recorded right behind the start entry. */
  readonly before?: readonly InputBatch[];
  readonly onRecorded?: (batch: RecordedBatch) => void;
  readonly onFigures: (figures: RecordingFigures) => void;
}

export class JournalWriter {
  readonly build = buildName();
  readonly journalId: string;
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly contents: Contents;
  /** Where heads of the chain go besides the log and the file. */
  sendAnchor: (anchor: Anchor) => void | Promise<void> = () => {};
  private readonly anchors: Anchors;
  /** As the journal was found. */
  readonly standing: Standing;
  private readonly config: Config;
  private readonly log: Logger;
  private readonly lock: FolderLock;
  private readonly commands = new Subject<InputBatch>();
  private clock: Clock | null = null;
  private clockReady = (): boolean => false;
  private running: RxSubscription | null = null;

  /**
   * @throws FolderLocked where an engine or another recording holds the data folder
   * @throws JournalDamaged where the journal that is there cannot be read
   */
  constructor(config: Config, log: Logger) {
    const folder = dataFolder(config);
    const layout = dataLayout(folder);
    this.config = config;
    this.log = log;
    mkdirSync(folder, { recursive: true });
    this.lock = new FolderLock(folder);
    try {
      for (const parts of [layout.journal, layout.contents]) removeParts(parts);
      this.journalId = readOrMakeId(layout.journalId);
      this.contents = new Contents(layout.contents);
      const { sealBytes, sealMs, anchorFile: file } = config.proof;
      const send = (anchor: Anchor): void | Promise<void> => this.sendAnchor(anchor);
      this.anchors = new Anchors({ journalId: this.journalId, build: this.build, file, send, log });
      const proof = { journalId: this.journalId, sealBytes, sealMs, onSeal: this.anchors.onSeal };
      this.journal = new Journal({ folder: layout.journal, ...config.journal, proof, log });
      this.standing = readStanding(layout.journal);
      this.recorder = new Recorder(this.journal, log);
    } catch (error) {
      this.lock.release();
      throw error;
    }
  }

  /** Begins a run: the start entry, then the feed's batches, commands and the clock. Once only. */
  begin({ feed, before = [], onRecorded, onFigures }: RecordedFeed): void {
    const { config, contents, journal, recorder, build } = this;
    const { settings, artifactFolder, backend } = engineOptions(config, this.log);
    const epoch = nextEpoch(this.standing.epoch, this.lock.previousEnd);
    if (epoch !== this.standing.epoch)
      this.log.info({ epoch, previousEnd: this.lock.previousEnd }, 'a new epoch begins');
    this.clock = feed.clock;
    this.clockReady = feed.clockReady;
    const start = startEntry({ contents, settings, artifactFolder, backend, build, feed }, epoch);
    this.running = recordFeed({
      batches: [
        of(this.batchOf(start, feed.startTimeUs), ...before),
        this.commands,
        ...feed.batches,
        clockSource({ clock: feed.clock, ready: feed.clockReady, periodMs: CLOCK_PERIOD_MS }),
      ],
      recorder,
      journal,
      syncMs: config.journal.syncMs,
      ...(onRecorded && { onRecorded }),
      onFigures,
    });
    this.running.add(interval(config.proof.anchorMs).subscribe(() => this.anchors.handOn()));
    if (recorder.available) this.lock.settle();
  }

  /** An operator's command, or an answer by REST: journaled like all inputs. */
  command(command: ControlCommand): void {
    this.commands.next(this.batchOf(command, this.clockReady() ? this.clock!.nowUs() : 0));
  }

  /** Records the stop and lets go of the folder. */
  async end(reason: string, compress: boolean): Promise<void> {
    if (this.running !== null) this.command({ type: 'stop', reason });
    this.running?.unsubscribe();
    if (compress) await this.journal.compressed();
    this.journal.close();
    this.lock.release();
    await this.anchors.close();
  }

  private batchOf(command: ControlCommand, timeUs: number): InputBatch {
    const engineTimeUs = Math.max(timeUs, this.journal.lastTimeUs);
    return { receivedUs: hostTimeUs(), inputs: [{ kind: 'control', engineTimeUs, command }] };
  }
}
