// From the configuration to what the engine's parts are told: the one place where both sides' names meet.
import { isAbsolute, join } from 'node:path';
import type { Logger } from 'pino';
import { DEFAULT_UNIVERSE } from '../config/instruments.ts';
import { dataFolder, packageRoot } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import type { EngineOptions } from './engine.ts';
import type { EngineSettings } from './settings.ts';
import type { KisRegistration } from './sources/kis/source-options.ts';
import type { RedisStateOptions } from './state/redis-state.ts';

const REDIS_FLUSH_MS = 250;
/** Pace of the clock's entries: how late a bar may close by time alone. */
const CLOCK_PERIOD_MS = 100;

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
  const { segmentBytesMax, diskBudgetBytes, syncMs } = config.journal;
  return {
    dataFolder: dataFolder(config),
    settings: engineSettings(config),
    artifactFolder: isAbsolute(artifact) ? artifact : join(packageRoot, 'models', 'artifacts', artifact),
    backend,
    journal: { segmentBytesMax, diskBudgetBytes, syncMs },
    snapshotEveryMs: config.snapshot.everyMs,
    snapshotEveryEntries: config.snapshot.everyEntries,
    clockPeriodMs: CLOCK_PERIOD_MS,
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
    log,
  };
}

export function universe(config: Config): readonly string[] {
  return config.universe.symbols.length > 0 ? config.universe.symbols : DEFAULT_UNIVERSE;
}

const TRADE_TR = { KRX: 'H0STCNT0', NXT: 'H0NXCNT0', UN: 'H0UNCNT0' } as const;
const BOOK_TR = { KRX: 'H0STASP0', NXT: 'H0NXASP0', UN: 'H0UNASP0' } as const;
const INDEX_KEYS = ['0001', '1001', '2001'];

/** What is registered, in order of importance: what exceeds a session's limit is left out from the end. */
export function registrations(config: Config): KisRegistration[] {
  const { venue, streams } = config.universe;
  const { env, kis } = config.source;
  const wanted: KisRegistration[] = [];
  if (kis.htsId !== null) wanted.push({ trId: env === 'paper' ? 'H0STCNI9' : 'H0STCNI0', trKey: kis.htsId });
  for (const trKey of universe(config)) {
    if (streams.includes('trades')) wanted.push({ trId: TRADE_TR[venue], trKey });
    if (streams.includes('books')) wanted.push({ trId: BOOK_TR[venue], trKey });
  }
  if (streams.includes('index')) wanted.push(...INDEX_KEYS.map((trKey) => ({ trId: 'H0UPCNT0', trKey })));
  return wanted;
}
