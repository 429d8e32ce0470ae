// The emulator of a run: the one that runs already is found again, or one is started as the configuration says; with keys
// for as many sessions as the universe needs.
import type { Logger } from 'pino';
import type { KisKey } from '../config/kis-account.ts';
import type { Config } from '../config/schema.ts';
import { hostTimeUs } from './clock.ts';
import { registrations } from './configuration.ts';
import { dataLayout } from './data-folder.ts';
import {
  attachEmulator,
  type EmulatorProcess,
  findEmulator,
  startEmulatorProcess,
} from './emulator/emulator-process.ts';
import { readJournalEnd } from './journal/reader.ts';

/** A simulated day goes on where the journal's last one ended. */
const AFTER_JOURNAL_US = 1_000_000;
const SPARE_KEYS = 8;

/** The one at the addresses given, or the data folder's own where it lives. */
export function runningEmulator(config: Config, folder: string): Promise<EmulatorProcess | null> {
  const { restUrl, webSocketUrl } = config.source.kis;
  return restUrl !== null && webSocketUrl !== null ? attachEmulator(restUrl, webSocketUrl) : findEmulator(folder);
}

export async function newEmulator(config: Config, folder: string, main: string): Promise<EmulatorProcess> {
  const { htsId } = config.source.kis;
  const environment = htsId === null ? {} : { KIS_HTS_ID: htsId };
  return startEmulatorProcess({ dataFolder: folder, main, args: emulatorArguments(config, folder), environment });
}

/** The emulator reads the same configuration; only its start follows from the journal. */
function emulatorArguments(config: Config, folder: string): string[] {
  const { lastTimeUs } = readJournalEnd(dataLayout(folder).journal);
  const { startTime } = config.emulator;
  const wantedUs = startTime === null ? hostTimeUs() : Date.parse(startTime) * 1000;
  const startUs = Math.max(wantedUs, lastTimeUs + AFTER_JOURNAL_US);
  return [...marketArguments(config), `--start-time=${new Date(startUs / 1000).toISOString()}`];
}

/** All but the start, as `--name=value`. */
function marketArguments(config: Config): string[] {
  const { seed, speed, symbols, host, port, activity, flushMs, registrationsMax, idleExitMs } = config.emulator;
  const { sessions, environment, faultsPerMinute, framesFile, eventsFile } = config.emulator;
  return [
    ['seed', seed],
    ['speed', speed],
    ['emulator-symbols', symbols],
    ['emulator-host', host],
    ['emulator-port', port],
    ['activity', activity],
    ['flush-ms', flushMs],
    ['registrations-max', registrationsMax],
    ['idle-exit-ms', idleExitMs],
    ['sessions', sessions],
    ['rules', environment],
    ['faults-per-minute', faultsPerMinute],
    ...(eventsFile === null ? [] : [['events', eventsFile]]),
    ...(framesFile === null ? [] : [['frames', framesFile]]),
  ].map(([name, value]) => `--${name}=${value}`);
}

/** An emulator of an earlier run goes on as it was told then: its market cannot change under a journal. */
export function sayIgnored(config: Config, { args }: EmulatorProcess, log: Logger): void {
  if (args.length === 0) return;
  const wanted = marketArguments(config);
  const ignored = wanted.filter((argument) => !args.includes(argument));
  const inForce = args.filter((argument) => !wanted.includes(argument) && !argument.startsWith('--start-time='));
  if (ignored.length + inForce.length > 0)
    log.warn({ ignored, inForce }, 'the emulator of an earlier run still runs, as it was started then');
}

/** The emulator takes any key, and a session of each: as many as the universe needs, and some for what is added later. */
export function emulatedKeys(config: Config): KisKey[] {
  const sessions = Math.ceil(registrations(config).length / config.emulator.registrationsMax) + SPARE_KEYS;
  return Array.from({ length: sessions }, (_, i) => ({
    appKey: `emulator-app-key-${String(i + 1).padStart(4, '0')}`,
    appSecret: 'emulator-app-secret',
  }));
}
