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

const WIDENED_SESSIONS = 64;

/** Starts it and tells the parent process, where there is one, how it is reached. `ended` resolves once it is over. */
export async function emulate(
  config: Config,
  log: Logger,
): Promise<{ emulator: Emulator; notice: EmulatorNotice; ended: Promise<void> }> {
  const { seed, activity, symbols, framesFile, host, port, speed, flushMs, registrationsMax, idleExitMs, startTime } =
    config.emulator;
  const { htsId } = config.source.kis;
  const identity = randomUUID();
  const startTimeUs = startTime === null ? hostTimeUs() : Date.parse(startTime) * 1000;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const market =
    framesFile === null ? new Market({ seed, activity, instruments: instrumentsForLoad(symbols), startTimeUs }) : null;
  const feed: EmulatorFeed = market
    ? { kind: 'market', market }
    : { kind: 'recording', path: framesFile!, startTimeUs };
  const emulator = await startEmulator({
    feed,
    identity,
    logger: log,
    speed,
    host,
    port,
    registrationsMax,
    flushPeriodMs: flushMs,
    // One session an app key is the wire's rule; whoever widens registrations for a load test widens this as well.
    sessionsPerAppKey: registrationsMax > 41 ? WIDENED_SESSIONS : 1,
    ...(htsId === null ? {} : { htsId }),
    ...(process.send === undefined ? {} : { idleExitMs, onIdle: () => end() }),
  });
  const notice: EmulatorNotice = {
    pid: process.pid,
    identity,
    source: emulator.status().source,
    restUrl: emulator.restUrl,
    webSocketUrl: emulator.webSocketUrl,
    startTimeUs: market?.timeUs ?? startTimeUs,
  };
  process.send?.(notice);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  return { emulator, notice, ended: ended.then(() => emulator.close()) };
}
