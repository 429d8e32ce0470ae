// From the configuration to what the engine's parts are told: the one place where both sides' names meet.
import { isAbsolute, join } from 'node:path';
import type { Logger } from 'pino';
import { DEFAULT_UNIVERSE } from '../config/instruments.ts';
import { dataFolder, packageRoot } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import type { EngineOptions } from './engine.ts';
import type { EngineSettings } from './settings.ts';
import type { WantedRegistration } from './sources/kis/registration.ts';
import { INDEX_TR_ID, NOTICE_TR_ID, OVERSEAS_TRADE_TR_ID } from './sources/kis/tr-ids.ts';
import type { RedisStateOptions } from './state/redis-state.ts';
import { registrationsOf } from './subscriptions.ts';

const REDIS_FLUSH_MS = 250;
/** Pace of the clock's entries: how late a bar may close by time alone. */
export const CLOCK_PERIOD_MS = 100;

export function engineSettings({ indicators, bars, signals, quality }: Config): EngineSettings {
  return {
    timeFrames: indicators.timeFrames,
    barIntervals: bars.intervals,
    barLatenessMs: bars.latenessMs,
    signals: { ...signals, qualityFloor: quality.signalFloor },
    quality,
  };
}

export function engineOptions(config: Config, log: Logger): Omit<EngineOptions, 'remoteSnapshots'> {
  const { artifact, backend } = config.prediction;
  const { segmentBytesMax, diskBudgetBytes, syncMs, compression } = config.journal;
  return {
    dataFolder: dataFolder(config),
    settings: engineSettings(config),
    artifactFolder: isAbsolute(artifact) ? artifact : join(packageRoot, 'models', 'artifacts', artifact),
    backend,
    journal: { segmentBytesMax, diskBudgetBytes, syncMs, compression },
    snapshotEveryMs: config.snapshot.everyMs,
    snapshotEveryEntries: config.snapshot.everyEntries,
    clockPeriodMs: CLOCK_PERIOD_MS,
    resume: config.gateway.resume,
    proof: config.proof,
    log,
  };
}

export function redisOptions(config: Config, url: string, log: Logger): RedisStateOptions {
  const { ohlcv, indicators, realtime, quality } = config.state.ttlSeconds;
  return {
    url,
    namespace: config.source.env,
    timesToLive: {
      ohlcvSeconds: ohlcv,
      indicatorsSeconds: indicators,
      realtimeSeconds: realtime,
      qualitySeconds: quality,
    },
    flushMs: REDIS_FLUSH_MS,
    resumeWindowMs: config.gateway.resume.windowMs,
    log,
  };
}

export function universe(config: Config): readonly string[] {
  return config.universe.symbols.length > 0 ? config.universe.symbols : DEFAULT_UNIVERSE;
}

/** Symbols of the configured universe; what an operator adds says its own. */
const UNIVERSE_PRIORITY = 100;
const NOTICE_PRIORITY = 0;
const INDEX_KEYS = ['0001', '1001', '2001'];

/** What the configuration wants registered, most important first. */
export function registrations(config: Config): WantedRegistration[] {
  const { venue, streams } = config.universe;
  const { overseas, futures } = config.markets;
  const { htsId } = config.source.kis;
  const symbolStreams = streams.filter((stream) => stream !== 'index');
  const wanted = [
    ...registrationsOf(
      universe(config).map((code) => ({ code, venue, streams: symbolStreams, priority: UNIVERSE_PRIORITY })),
    ),
    ...registrationsOf(
      futures.map((code) => ({ code, venue: 'KFE', streams: ['trades', 'books'], priority: UNIVERSE_PRIORITY })),
    ),
    ...overseas.map((trKey) => ({ trId: OVERSEAS_TRADE_TR_ID, trKey, priority: UNIVERSE_PRIORITY })),
  ];
  const indices = streams.includes('index') ? INDEX_KEYS : [];
  wanted.push(...indices.map((trKey) => ({ trId: INDEX_TR_ID, trKey, priority: UNIVERSE_PRIORITY })));
  return htsId === null
    ? wanted
    : [{ trId: NOTICE_TR_ID[rules(config)], trKey: htsId, priority: NOTICE_PRIORITY }, ...wanted];
}

/** Whose rules hold: those of the live server, or of paper trading. */
export function rules({ source, emulator }: Config): 'live' | 'paper' {
  return source.env === 'emulator' ? emulator.environment : source.env;
}
