// The role `ingest`: the holder of the KIS session as a small process of its own. It writes the journal and serves it to
// those who follow; nothing is derived here, and no model is loaded. Whatever follows may die and come back meanwhile.
import type { Logger } from 'pino';
import { interval, Subscription as RxSubscription } from 'rxjs';
import { type CalendarOverrides, calendarOverrides, NO_OVERRIDES } from '../config/calendar.ts';
import type { KisKey } from '../config/kis-account.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { redisOptions, registrations } from './configuration.ts';
import { dataLayout } from './data-folder.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { emulatedKeys, newEmulator, runningEmulator, sayIgnored } from './emulator-of-run.ts';
import { type KisFeed, openKisFeed } from './feed.ts';
import type { NoticeVault } from './governance/notice-vault.ts';
import { type Succession, succeed } from './hand-over/succession.ts';
import { Hub } from './hub/hub.ts';
import type { IngestStatus } from './hub/ingest-status.ts';
import { followOperator } from './hub/operator.ts';
import { RegisteredTrades } from './hub/registered-trades.ts';
import type { ControlCommand } from './input.ts';
import type { RecordedBatch } from './journal/recorder.ts';
import { JournalWriter, readStanding } from './journal-writer.ts';
import { sayMarketHours } from './market-hours.ts';
import type { RecordingFigures } from './record.ts';
import type { Reference } from './reference/reference.ts';
import { openRestFeed, type RestFeed, tokenStore } from './rest-feed.ts';
import { RedisState } from './state/redis-state.ts';
import { registrationsOf } from './subscriptions.ts';
import { checkSurroundings } from './surroundings.ts';

const STATUS_MS = 1000;
/** The reason of an end in which a successor has the journal. */
export const HANDED_OVER = 'handed_over';

export interface IngestOptions {
  readonly loaded: Pick<LoadedConfig, 'config' | 'kisKeys'>;
  readonly log: Logger;
  /** Module of the command line, which the emulator's process runs. */
  readonly main: string;
  /** Replace the ingest that runs on the data folder. (false) */
  readonly takeOver?: boolean;
  readonly onFigures?: (figures: RecordingFigures) => void;
  /** The journal was opened, and nothing recorded yet. */
  readonly onOpened?: (writer: JournalWriter) => void;
  /** Hears each batch in the turn in which it was written: what ships the journal elsewhere. */
  readonly onRecorded?: (batch: RecordedBatch) => void;
}

export interface Ingest {
  /** Resolves with the reason once it has ended by itself: the feed failed for good, or `HANDED_OVER`. */
  readonly ended: Promise<string>;
  readonly journalId: string;
  status(): IngestStatus;
  stop(reason: string): Promise<void>;
}

/**
 * @throws FolderLocked where an engine, a recording or another ingest holds the data folder
 * @throws JournalDamaged where the journal that is there cannot be read
 * @throws StartError where there is nothing to take over, or it does not let go
 */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { loaded, log, main, takeOver = false } = options;
  const { config } = loaded;
  const folder = dataFolder(config);
  const surroundings = checkSurroundings(config);
  sayMarketHours(config, log);
  const emulate = config.source.env === 'emulator';
  const running = emulate ? await runningEmulator(config, folder) : null;
  const emulator = emulate ? (running ?? (await newEmulator(config, folder, main))) : null;
  if (running !== null) sayIgnored(config, running, log);
  const keys = emulate ? emulatedKeys(config) : loaded.kisKeys;
  const { redisUrl } = config.state;
  const redis = redisUrl === null ? null : new RedisState(redisOptions(config, redisUrl, log));
  // It holds leases alone, and those are of app keys, not of a journal.
  await redis?.open('');
  const sources = { ...surroundings, keys, emulator, redis };
  const ingest = new RunningIngest(options, sources);
  try {
    const open = (keys: readonly KisKey[]): KisFeed => ingest.openFeed(keys);
    await ingest.begin(
      takeOver
        ? await succeed({ config, keys, open, log })
        : { writer: new JournalWriter(config, log), feed: open(keys), before: null, lastFrameUs: 0 },
    );
    emulator?.remember();
    return ingest;
  } catch (error) {
    if (emulator?.found === false) emulator.stop();
    await redis?.close();
    throw error;
  }
}

interface IngestSources {
  readonly vault: NoticeVault | null;
  readonly masterKey: Buffer | null;
  readonly keys: readonly KisKey[];
  readonly emulator: EmulatorProcess | null;
  /** For the leases of app keys, where other machines have the same ones. */
  readonly redis: RedisState | null;
}

class RunningIngest implements Ingest {
  readonly ended: Promise<string>;
  private readonly options: IngestOptions;
  private readonly config: Config;
  private readonly sources: IngestSources;
  private readonly running = new RxSubscription();
  private readonly trades = new RegisteredTrades();
  private end: (reason: string) => void = () => {};
  private calendar: CalendarOverrides = NO_OVERRIDES;
  private parts: { readonly feed: KisFeed; readonly writer: JournalWriter; readonly hub: Hub } | null = null;
  private rest: RestFeed | null = null;
  /** Host time of the last frame recorded. */
  private lastFrameUs = 0;
  private stopped: Promise<void> | null = null;

  constructor(options: IngestOptions, sources: IngestSources) {
    this.options = options;
    this.config = options.loaded.config;
    this.sources = sources;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  get journalId(): string {
    return this.parts!.writer.journalId;
  }

  openFeed(keys: readonly KisKey[]): KisFeed {
    const { config, options, sources } = this;
    const feed = openKisFeed({
      config,
      keys,
      emulator: sources.emulator,
      redis: sources.redis,
      vault: sources.vault,
      log: options.log,
      onFailed: (code) => this.end(`feed_failed ${code}`),
      onNotice: (record) => this.rest?.positions?.notice(record),
      calendar: () => this.calendar,
    });
    const { subscriptions } = readStanding(dataLayout(dataFolder(config)).journal);
    feed.kis.want([...registrations(config), ...registrationsOf(subscriptions ?? [])]);
    return feed;
  }

  async begin({ feed, writer, before, lastFrameUs }: Succession): Promise<void> {
    const { config, options } = this;
    const { log } = options;
    const layout = dataLayout(dataFolder(config));
    const { journal, recorder, journalId } = writer;
    const hub = new Hub({
      journalFolder: layout.journal,
      journalId,
      file: layout.ingest,
      head: () => ({ nextOffset: journal.nextOffset, available: recorder.available }),
      keysInUse: () => keysInUse(feed),
      onCommand: (command) => writer.command(command),
      onFill: (gap) => this.rest?.fill(gap),
      onYield: (answer) => void this.yield(answer),
      log,
    });
    this.parts = { feed, writer, hub };
    try {
      options.onOpened?.(writer);
      this.rest = this.openRest(feed, writer);
      writer.begin({
        feed,
        before: before?.() ?? [],
        onRecorded: (batch) => this.recorded(batch, lastFrameUs),
        onFigures: options.onFigures ?? (() => {}),
      });
      await hub.listen();
    } catch (error) {
      await this.stop('start_failed');
      throw error;
    }
    this.running.add(interval(STATUS_MS).subscribe(() => hub.tell(this.status())));
    this.running.add(
      followOperator({
        dataFolder: dataFolder(config),
        standing: writer.standing,
        command: (command) => writer.command(command),
        want: (wanted) => feed.kis.want([...registrations(config), ...registrationsOf(wanted)]),
        log,
      }),
    );
    if (before === null) feed.kis.start();
    this.rest?.start();
  }

  status(): IngestStatus {
    const { feed, writer, hub } = this.parts!;
    const { journal, recorder } = writer;
    const { available, unjournaledInputs, clampedInputs } = recorder;
    return {
      pid: process.pid,
      source: feed.source,
      feed: feed.kis.status(),
      notices: feed.notices,
      journal: { nextOffset: journal.nextOffset, bytesWritten: journal.bytesWritten },
      recorder: { available, unjournaledInputs, clampedInputs },
      hub: hub.figures,
      redis: this.sources.redis?.figures() ?? null,
      reference: this.rest?.loader.counters ?? null,
      rest: this.rest && { ...this.rest.client.counters, waiting: this.rest.client.waiting },
    };
  }

  stop(reason: string): Promise<void> {
    this.stopped ??= this.endAll(reason);
    return this.stopped;
  }

  private async endAll(reason: string): Promise<void> {
    const { hub } = this.parts!;
    await this.letGo(reason);
    // Of one that somebody else goes on with, the process lives on.
    if (reason !== HANDED_OVER) this.sources.emulator?.stop();
    await hub.close();
    await this.sources.redis?.close();
  }

  /** The journal is free once it resolves. */
  private async letGo(reason: string): Promise<void> {
    const { feed, writer, hub } = this.parts!;
    hub.withdraw();
    await Promise.all([feed.kis.stop(), this.rest?.stop()]);
    this.running.unsubscribe();
    await writer.end(reason, false);
  }

  private async yield(answer: (lastFrameUs: number, nextOffset: number) => void): Promise<void> {
    if (this.stopped !== null) return;
    const { writer } = this.parts!;
    this.options.log.info('a successor takes the journal over');
    this.stopped = this.letGo(HANDED_OVER).then(async () => {
      answer(this.lastFrameUs, writer.journal.nextOffset);
      await this.parts!.hub.close();
      await this.sources.redis?.close();
    });
    await this.stopped;
    this.end(HANDED_OVER);
  }

  private recorded(batch: RecordedBatch, predecessorFrameUs: number): void {
    this.trades.take(batch.inputs);
    this.parts!.hub.publish(batch);
    this.options.onRecorded?.(batch);
    if (!batch.inputs.some(({ kind }) => kind === 'frame')) return;
    if (this.lastFrameUs === 0 && predecessorFrameUs > 0) {
      const gapMs = Math.max(0, (batch.receivedUs - predecessorFrameUs) / 1000);
      this.options.log.info({ gapMs, entry: batch.firstOffset }, 'the feed goes on: time since the last frame before');
    }
    this.lastFrameUs = batch.receivedUs;
  }

  private openRest(feed: KisFeed, writer: JournalWriter): RestFeed | null {
    const { config, options, sources } = this;
    const { emulator, masterKey } = sources;
    const [key] = sources.keys;
    if (key === undefined || feed.source === 'recorded') return null;
    return openRestFeed({
      config,
      key,
      emulator,
      owner: {
        command: (command) => this.adopt(command, writer),
        contents: writer.contents,
        watched: () => this.trades.all(),
      },
      feed,
      tokenStore: tokenStore(config, key, emulator, masterKey),
      log: options.log,
      onLatency: () => {},
    });
  }

  /** What KIS says of its calendar concerns the feed as well. */
  private adopt(command: ControlCommand, writer: JournalWriter): void {
    if (command.type === 'reference' && command.kind === 'calendar') {
      const reference = writer.contents.getJson<Reference>(command.hash);
      if (reference.kind === 'calendar') this.calendar = calendarOverrides(reference.days);
    }
    writer.command(command);
  }
}

/** The ends of the keys that have a session, or are about to: what a successor leaves alone. */
function keysInUse({ kis }: KisFeed): string[] {
  return kis
    .status()
    .sessions.filter(({ state }) => state !== 'idle' && state !== 'failed')
    .map(({ key }) => key.replace('…', ''));
}
