// An engine on the data folder of a journal that another process writes: it recovers from what lies there, follows the
// hub, and publishes on a bus of its own. As a shadow it does the same for nobody, until it takes over.
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import { type Observable, Subject } from 'rxjs';
import { buildName } from '../build.ts';
import type { OutputHistoryOptions } from '../bus/history.ts';
import { hostTimeUs } from '../clock.ts';
import { dataLayout } from '../data-folder.ts';
import { Follower, ModelFailed } from '../follower.ts';
import { Deferred } from '../hand-over/deferred.ts';
import { decodeEngineMessage, encodeEngineMessage, measuredStreams, retainMeasured } from '../hand-over/engines.ts';
import { servingLockWithin, takeServingLock } from '../hand-over/serving-lock.ts';
import { Shadow, type TakenOver } from '../hand-over/shadow.ts';
import { within } from '../hand-over/within.ts';
import type { ControlCommand } from '../input.ts';
import { Contents } from '../journal/contents.ts';
import type { FolderLock } from '../journal/folder-lock.ts';
import { type RecordedBatch, UNJOURNALED } from '../journal/recorder.ts';
import { syncTail } from '../journal/sync-tail.ts';
import type { OutputBatch } from '../messages.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import type { Finding } from '../quality/findings.ts';
import type { Recovered } from '../recovery.ts';
import { gapToFill } from '../rest-feed.ts';
import { StartError } from '../start-error.ts';
import type { RemoteSnapshotStore } from '../state/snapshot-store.ts';
import type { DigestReport } from '../streams/streams.ts';
import { HubClient } from './hub-client.ts';
import type { IngestStatus } from './ingest-status.ts';
import { recoverLocally } from './local-recovery.ts';
import type { FromIngest, MarkPurpose } from './wire.ts';

/** How long an ingest that is about to come is waited for, at the start. */
const INGEST_MS_MAX = 30_000;

export interface LocalEngineOptions {
  readonly dataFolder: string;
  /** Of what is resumable. */
  readonly history: OutputHistoryOptions;
  /** Besides the data folder: Redis. */
  readonly remoteSnapshots?: RemoteSnapshotStore;
  /** Replace the engine that serves the data folder. (false) */
  readonly takeOver?: boolean;
  readonly handOver: { readonly compareMs: number; readonly timeoutMs: number };
  /** Where settings, models and references are read; by default those of the data folder. */
  readonly contents?: Contents;
  readonly onFinding?: (finding: Finding) => void;
  readonly log: Logger;
}

/**
 * Recovers, and catches up with the journal's end; as a shadow also takes over.
 * @throws FolderLocked where another engine serves the data folder
 * @throws StartError where no ingest answers, or nothing can be recovered
 * @throws HandOverRefused where the outputs differ: the old engine goes on
 */
export async function openLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  await mkdir(options.dataFolder, { recursive: true });
  const lock = options.takeOver === true ? null : takeServingLock(options.dataFolder);
  const engine = new LocalEngine(options, lock);
  try {
    await engine.open();
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

export class LocalEngine {
  readonly build = buildName();
  readonly follower: Follower;
  /** Batches as they were published, with all of their times. */
  readonly published: Observable<OutputBatch>;
  recovered: Recovered | null = null;
  journalId = '';
  /** What the ingest told last; null before it did. */
  ingest: IngestStatus | null = null;
  connected = false;
  /** Number of the next entry. */
  nextOffset = 0;
  private readonly options: LocalEngineOptions;
  private readonly client: HubClient;
  private readonly outputs = new Subject<OutputBatch>();
  private readonly end = new Deferred<string>();
  private readonly handOver = new Deferred<number>();
  private readonly welcome = new Deferred<void>();
  private readonly shadow: Shadow | null;
  private lock: FolderLock | null;
  private publishing: boolean;
  private following = false;

  constructor(options: LocalEngineOptions, lock: FolderLock | null) {
    const { dataFolder, contents, history, handOver, log } = options;
    const layout = dataLayout(dataFolder);
    this.options = options;
    this.lock = lock;
    this.publishing = lock !== null;
    this.published = this.outputs.asObservable();
    this.follower = new Follower({
      contents: contents ?? new Contents(layout.contents),
      history,
      onFinding: (finding) => this.found(finding),
      log,
    });
    this.shadow =
      lock === null
        ? new Shadow({
            ...handOver,
            mark: (purpose) => this.client.send({ type: 'mark', purpose }),
            listing: () => this.follower.machine.streams.listing(),
            log,
          })
        : null;
    this.client = new HubClient({
      file: layout.ingest,
      role: () => (this.publishing ? 'serving' : 'shadow'),
      onMessage: (message) => this.hear(message),
      onBatch: (batch) => this.take(batch),
      onRelay: (bytes) => this.shadow?.heard(decodeEngineMessage(bytes)),
      onDown: () => this.down(),
      log,
    });
  }

  /** Resolves with the reason once it cannot go on. */
  get failed(): Promise<string> {
    return this.end.promise;
  }

  /** Resolves with the first entry that is another engine's to publish; this one is to end, with its clients told. */
  get handedOver(): Promise<number> {
    return this.handOver.promise;
  }

  get machine(): Follower['machine'] {
    return this.follower.machine;
  }

  get bus(): Follower['bus'] {
    return this.follower.bus;
  }

  async open(): Promise<void> {
    await initialiseBackend();
    this.client.start();
    const none = new StartError(`no ingest answers on ${this.options.dataFolder}; start one with --role ingest`);
    await within(this.welcome.promise, INGEST_MS_MAX, none);
    const { journalId, build, nextOffset, follower } = this;
    this.recovered = await recoverLocally({ ...this.options, journalId, build, nextOffset, follower });
    const { shadow } = this;
    if (shadow === null) return;
    this.follow();
    const { compareMs, timeoutMs } = this.options.handOver;
    const msMax = compareMs + 2 * timeoutMs;
    const late = new StartError(`not taken over within ${msMax} ms: the old engine goes on`);
    const taken = await within(Promise.race([shadow.takeOver(), this.failure()]), msMax, late);
    await this.serve(taken);
  }

  /** From here on batches are applied and published. */
  follow(): void {
    if (this.following) return;
    this.following = true;
    this.client.send({ type: 'follow', fromOffset: this.nextOffset });
  }

  /** An operator's command: the ingest journals it. False where it is not there. */
  command(command: ControlCommand): boolean {
    return this.client.send({ type: 'command', command });
  }

  /** Resolves with the offset up to which the journal is durable. @throws Error where the disk refuses */
  async durable(): Promise<number> {
    const { nextOffset } = this;
    await syncTail(dataLayout(this.options.dataFolder).journal);
    return nextOffset;
  }

  /** What was published, as count and digest. */
  async stop(): Promise<DigestReport> {
    await this.client.stop();
    this.outputs.complete();
    this.lock?.release();
    this.lock = null;
    return this.machine.report();
  }

  private hear(message: FromIngest): void {
    const { log } = this.options;
    switch (message.type) {
      case 'welcome':
        this.welcomed(message);
        return;
      case 'status':
        this.ingest = message.status;
        return;
      case 'mark':
        this.marked(message.purpose, message.offset);
        return;
      case 'mark_refused':
        this.shadow?.markRefused(message.purpose, message.reason);
        return;
      case 'refused':
        log.warn({ code: message.code, reason: message.message }, 'the ingest refuses this engine');
        // A role that is taken may be free in a moment: that of an engine that died.
        if (message.code === 'role_taken') return;
        this.welcome.reject(new StartError(`the ingest refuses this engine: ${message.message}`));
        this.end.resolve(`ingest_refused ${message.code}`);
        return;
    }
  }

  private welcomed({ journalId, nextOffset, pid }: Extract<FromIngest, { type: 'welcome' }>): void {
    if (this.recovered === null) {
      this.journalId = journalId;
      this.nextOffset = nextOffset;
      this.welcome.resolve();
    }
    this.connected = true;
    this.options.log.info({ ingest: pid, entries: nextOffset }, 'ingest connected');
    if (!this.following) return;
    // What this engine applied stands in no journal, and another ingest may go on under the epoch in front of it.
    if (this.machine.epoch.startsWith(UNJOURNALED)) this.giveUp('journal_unavailable');
    else this.client.send({ type: 'follow', fromOffset: this.nextOffset });
  }

  private down(): void {
    this.connected = false;
    this.options.log.warn('the ingest is gone: what was received is served, and it is waited for');
    if (!this.publishing) this.shadow?.down();
  }

  private take(batch: RecordedBatch): void {
    const { firstOffset, inputs } = batch;
    // What stands in no journal follows whatever this engine has; all else has its number.
    if (firstOffset >= 0 && firstOffset !== this.nextOffset)
      throw new Error(`entry ${firstOffset} where ${this.nextOffset} is next`);
    const receivedUs = batch.receivedUs || hostTimeUs();
    try {
      const output = this.follower.apply({ ...batch, receivedUs }, !this.publishing);
      if (firstOffset >= 0) this.nextOffset = firstOffset + inputs.length;
      if (this.publishing) this.outputs.next(output);
    } catch (error) {
      if (!(error instanceof ModelFailed)) throw error;
      this.giveUp('model_failed', error);
    }
  }

  /** The state is not what the journal gives. */
  private giveUp(reason: string, err?: Error): void {
    this.options.log.error({ err }, `${reason}: this engine ends, and the next one recovers`);
    void this.client.stop();
    this.end.resolve(reason);
  }

  private marked(purpose: MarkPurpose, offset: number): void {
    const { shadow, client, follower } = this;
    if (!this.publishing) {
      shadow?.marked(purpose, offset);
      this.publishing = purpose === 'take_over';
      return;
    }
    if (purpose === 'compare') {
      const listing = follower.machine.streams.listing();
      client.relay(encodeEngineMessage({ type: 'listing', offset, listing }));
      return;
    }
    client.relay(encodeEngineMessage({ type: 'retired', offset, measured: measuredStreams(follower) }));
    // Nothing behind the mark is heard any more.
    void client.stop();
    this.options.log.info({ offset }, 'another engine takes over from here');
    this.handOver.resolve(offset);
  }

  /** The old engine has published its last: its lock is waited for, and its own streams go on here. */
  private async serve({ offset, measured }: TakenOver): Promise<void> {
    const { dataFolder, handOver, log } = this.options;
    retainMeasured(this.follower, measured);
    this.lock = await servingLockWithin(dataFolder, handOver.timeoutMs);
    // It publishes nothing more, and what it still holds is released with its end.
    if (this.lock === null) log.warn('the old engine holds its lock still');
    log.info({ offset }, 'taken over: published from here on');
  }

  /** Rejects once this engine cannot go on. */
  private async failure(): Promise<never> {
    throw new StartError(`the new engine has failed: ${await this.end.promise}`);
  }

  /** Bars of a gap are asked for by whoever publishes it, once. */
  private found(finding: Finding): void {
    if (!this.publishing || !this.following) return;
    this.options.onFinding?.(finding);
    const gap = gapToFill(finding, this.machine.instruments);
    if (gap !== null) this.client.send({ type: 'fill', gap });
  }
}
