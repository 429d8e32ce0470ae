// How an ingest comes to the journal of the one before it. Where app keys are free, its feed runs before the old one
// ends: both deliver for a moment, and what comes twice is dropped as duplicate. Else the old one ends first, and the
// time in between is told.
import type { Logger } from 'pino';
import type { KisKey } from '../../config/kis-account.ts';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { registrations } from '../configuration.ts';
import { dataLayout } from '../data-folder.ts';
import type { KisFeed } from '../feed.ts';
import type { InputBatch } from '../input.ts';
import { FolderLocked } from '../journal/folder-lock.ts';
import { JournalWriter } from '../journal-writer.ts';
import { StartError } from '../start-error.ts';
import { Overlap } from './overlap.ts';
import { Predecessor } from './predecessor.ts';
import { eventually } from './within.ts';

export interface Succession {
  readonly feed: KisFeed;
  readonly writer: JournalWriter;
  /** Ends the keeping of what the feed delivered so far, which is to be recorded first; null where it does not run yet. */
  readonly before: (() => readonly InputBatch[]) | null;
  /** Host time of the last frame recorded before; 0 where nobody was there. */
  readonly lastFrameUs: number;
}

export interface SuccessionOptions {
  readonly config: Config;
  readonly keys: readonly KisKey[];
  /** Not started. */
  readonly open: (keys: readonly KisKey[]) => KisFeed;
  readonly log: Logger;
}

/** @throws StartError where there is nothing to take over, or it does not let go: the old ingest then goes on */
export async function succeed({ config, keys, open, log }: SuccessionOptions): Promise<Succession> {
  const { timeoutMs } = config.handOver;
  const file = dataLayout(dataFolder(config)).ingest;
  const predecessor = await Predecessor.find({ file, timeoutMs, log });
  try {
    const free = predecessor.freeKeys(keys);
    const early = free.length >= sessionsNeeded(config) ? open(free) : null;
    const overlap = early && (await runBeside(early, timeoutMs, log));
    const { lastFrameUs, tookUs } = await predecessor.yield().catch(async (error) => {
      await early?.kis.stop();
      throw error;
    });
    const writer = await openJournal(config, timeoutMs, log);
    const details = { from: predecessor.pid, entry: writer.journal.nextOffset, tookMs: tookUs / 1000 };
    log.info({ ...details, makeBeforeBreak: early !== null }, 'the journal was taken over');
    const before = overlap && (() => overlap.take(lastFrameUs));
    return { feed: early ?? open(keys), writer, before, lastFrameUs };
  } finally {
    await predecessor.close();
  }
}

/** Resolves once everything is registered; a key that KIS refuses costs the overlap, not the hand-over. */
async function runBeside(feed: KisFeed, timeoutMs: number, log: Logger): Promise<Overlap> {
  const overlap = new Overlap(feed.batches[0]!);
  feed.kis.start();
  const complete = (): true | null => {
    const { state, sessions } = feed.kis.status();
    const all = sessions.every(({ assigned, registered }) => registered === assigned);
    return state === 'streaming' && all ? true : null;
  };
  const registered = await eventually(complete, timeoutMs);
  if (registered === null)
    log.warn({ timeoutMs }, 'not everything is registered beside the old ingest: it ends all the same');
  return overlap;
}

function sessionsNeeded(config: Config): number {
  const { env, kis } = config.source;
  const { registrationsMax } = env === 'emulator' ? config.emulator : kis;
  return Math.ceil(registrations(config).length / registrationsMax);
}

async function openJournal(config: Config, timeoutMs: number, log: Logger): Promise<JournalWriter> {
  const writer = await eventually(() => {
    try {
      return new JournalWriter(config, log);
    } catch (error) {
      if (error instanceof FolderLocked) return null;
      throw error;
    }
  }, timeoutMs);
  if (writer === null) throw new StartError('the old ingest holds the journal still');
  return writer;
}
