// `kisignal record`: the feed into a journal, and nothing else: no predictions, no gateway. What is recorded so is the
// journal that `run` goes on with, and that `replay` and `quality report` read.
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { LoadedConfig } from '../config/load.ts';
import { dataFolder } from '../config/paths.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { emulatedKeys, newEmulator, runningEmulator } from './emulator-of-run.ts';
import { openKisFeed } from './feed.ts';
import { JournalWriter } from './journal-writer.ts';
import { type RecordingFigures, recordingLine } from './record.ts';
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
  const writer = new JournalWriter(config, log);
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
    const feed = openKisFeed({ config, keys, emulator, vault, log, onFailed: (code) => fail(`feed_failed ${code}`) });
    writer.begin({ feed, onFigures });
    feed.kis.start();
    return {
      failed,
      async stop(reason) {
        await feed.kis.stop();
        const ended = writer.end(reason, true);
        emulator?.stop();
        await ended;
      },
    };
  } catch (error) {
    if (emulator?.found === false) emulator.stop();
    await writer.end('start_failed', false);
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
