// `kisignal emulate`: the emulator as its own process, told by the configuration, ended by a signal or by idleness.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { instrumentsForLoad } from '../../config/instruments.ts';
import type { Config } from '../../config/schema.ts';
import { hostTimeUs } from '../clock.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator, EmulatorFeed } from './emulator-options.ts';
import type { EmulatorNotice } from './emulator-process.ts';
import { Market } from './market/market.ts';
import { readScenario } from './scenario-file.ts';

const KIS_REGISTRATIONS_MAX = 41;
const WIDENED_SESSIONS = 64;

/** Starts it and tells the parent process, where there is one, how it is reached. `ended` resolves once it is over. */
export async function emulate(
  config: Config,
  log: Logger,
): Promise<{ emulator: Emulator; notice: EmulatorNotice; ended: Promise<void> }> {
  const { host, port, speed, flushMs, registrationsMax, idleExitMs, environment, seed, faultsPerMinute } =
    config.emulator;
  const { htsId } = config.source.kis;
  const identity = randomUUID();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const feed = emulatorFeed(config.emulator);
  const emulator = await startEmulator({
    feed,
    identity,
    logger: log,
    speed,
    host,
    port,
    environment,
    registrationsMax,
    flushPeriodMs: flushMs,
    faultSchedule: { seed, faultsPerMinute },
    // One session an app key is the wire's rule; whoever widens registrations for a load test widens this as well.
    sessionsPerAppKey: registrationsMax > KIS_REGISTRATIONS_MAX ? WIDENED_SESSIONS : 1,
    ...(htsId === null ? {} : { htsId }),
    ...(process.send === undefined ? {} : { idleExitMs, onIdle: () => end() }),
  });
  const notice: EmulatorNotice = {
    pid: process.pid,
    identity,
    source: emulator.status().source,
    restUrl: emulator.restUrl,
    webSocketUrl: emulator.webSocketUrl,
    startTimeUs: feed.kind === 'market' ? feed.market.timeUs : feed.startTimeUs,
  };
  process.send?.(notice);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  return { emulator, notice, ended: ended.then(() => emulator.close()) };
}

/** Throws a StartError where the file of events cannot be read, or names what the market does not have. */
export function emulatorFeed(settings: Config['emulator']): EmulatorFeed {
  const { seed, activity, symbols, sessions, eventsFile, framesFile, startTime } = settings;
  const startTimeUs = startTime === null ? hostTimeUs() : Date.parse(startTime) * 1000;
  if (framesFile !== null) return { kind: 'recording', path: framesFile, startTimeUs };
  const instruments = instrumentsForLoad(symbols);
  const codes = new Set(instruments.map(({ code }) => code));
  const events = eventsFile === null ? [] : readScenario(eventsFile, codes);
  const market = new Market({ seed, activity, instruments, startTimeUs, sessions, events });
  return { kind: 'market', market, furtherSeed: seed };
}
