// `kisignal record`: the feed into a journal, and nothing else: no predictions, no gateway. What is recorded so is the
// journal that `run` goes on with, and that `replay` and `quality report` read.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import { of } from 'rxjs';
import type { LoadedConfig } from '../config/load.ts';
import { dataFolder } from '../config/paths.ts';
import { buildName } from './build.ts';
import { hostTimeUs } from './clock.ts';
import { CLOCK_PERIOD_MS, engineOptions } from './configuration.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { emulatedKeys, newEmulator, runningEmulator } from './emulator-of-run.ts';
import { dataLayout } from './engine.ts';
import { openKisFeed } from './feed.ts';
import type { ControlCommand, InputBatch } from './input.ts';
import { Contents } from './journal/contents.ts';
import { FolderLock } from './journal/folder-lock.ts';
import { Journal } from './journal/journal.ts';
import { Recorder } from './journal/recorder.ts';
import { type RecordingFigures, recordFeed, recordingLine } from './record.ts';
import { clockSource } from './sources/clock-source.ts';
import { startEntry } from './start-entry.ts';
import { checkSurroundings } from './surroundings.ts';
import { createLogger } from './telemetry/log.ts';

export interface Recording {
  /** Resolves with the reason once the feed has failed for good. */
  readonly failed: Promise<string>;
  /** Ends the feed and the journal; what is closed is compressed first. */
  stop(reason: string): Promise<void>;
}

export interface RecordingOptions {
  readonly loaded: Pick<LoadedConfig, 'config' | 'kisKeys'>;
  readonly log: Logger;
  /** Module of the command line, which the emulator's process runs. */
  readonly main: string;
  readonly onFigures: (figures: RecordingFigures) => void;
}

/**
 * @throws FolderLocked where an engine or another recording holds the data folder
 * @throws JournalDamaged where the journal that is there cannot be read
 */
export async function startRecording({ loaded, log, main, onFigures }: RecordingOptions): Promise<Recording> {
  const { config } = loaded;
  const folder = dataFolder(config);
  const { vault } = checkSurroundings(config);
  mkdirSync(folder, { recursive: true });
  const lock = new FolderLock(folder);
  const layout = dataLayout(folder);
  let fail: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  let emulator: EmulatorProcess | null = null;
  try {
    const emulate = config.source.env === 'emulator';
    emulator = emulate ? ((await runningEmulator(config, folder)) ?? (await newEmulator(config, folder, main))) : null;
    emulator?.remember();
    const keys = emulate ? emulatedKeys(config) : loaded.kisKeys;
    const journal = new Journal({ folder: layout.journal, ...config.journal, log });
    const recorder = new Recorder(journal, log);
    const feed = openKisFeed({ config, keys, emulator, vault, log, onFailed: (code) => fail(`feed_failed ${code}`) });
    const at = (timeUs: number, command: ControlCommand): InputBatch => ({
      receivedUs: hostTimeUs(),
      inputs: [{ kind: 'control', engineTimeUs: Math.max(timeUs, journal.lastTimeUs), command }],
    });
    const { settings, artifactFolder, backend } = engineOptions(config, log);
    const contents = new Contents(layout.contents);
    const start = startEntry({ contents, settings, artifactFolder, backend, build: buildName(), feed }, randomUUID());
    const running = recordFeed({
      batches: [
        of(at(feed.startTimeUs, start)),
        ...feed.batches,
        clockSource({ clock: feed.clock, ready: feed.clockReady, periodMs: CLOCK_PERIOD_MS }),
      ],
      recorder,
      journal,
      syncMs: config.journal.syncMs,
      onFigures,
    });
    if (recorder.available) lock.settle();
    feed.kis.start();
    return {
      failed,
      async stop(reason) {
        await feed.kis.stop();
        recorder.record(at(feed.clockReady() ? feed.clock.nowUs() : 0, { type: 'stop', reason }));
        running.unsubscribe();
        emulator?.stop();
        await journal.compressed();
        journal.close();
        lock.release();
      },
    };
  } catch (error) {
    if (emulator?.found === false) emulator.stop();
    lock.release();
    throw error;
  }
}

/** Records until it is told to end, or KIS has refused for good, and shows how much. @returns the reason of the end */
export async function record(
  loaded: LoadedConfig,
  main: string,
  ended: Promise<string>,
  out: Writable & { readonly isTTY?: boolean },
): Promise<string> {
  const { config, secrets, warnings } = loaded;
  const log = createLogger({ level: config.telemetry.logLevel, secrets, destination: process.stderr });
  for (const warning of warnings) log.warn(warning);
  const onFigures = (figures: RecordingFigures): void => {
    out.write(out.isTTY ? `\r${recordingLine(figures)}\u001b[K` : `${JSON.stringify(figures)}\n`);
  };
  const recording = await startRecording({ loaded, log, main, onFigures });
  const reason = await Promise.race([ended, recording.failed]);
  await recording.stop(reason);
  if (out.isTTY) out.write('\n');
  return reason;
}
