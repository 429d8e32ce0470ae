// What /v1/status says of a run: counts, states and what the page needs to know before the first message. For people and
// scripts that look; nothing decides by it.
import { findInstrument } from '../config/instruments.ts';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { nextOpenUs, sessionAt } from '../config/sessions.ts';
import { hostTimeUs } from './clock.ts';
import { universe } from './configuration.ts';
import type { QuarantinedFrame } from './decode/quarantine.ts';
import type { Engine } from './engine.ts';
import type { KisFeed } from './feed.ts';
import type { Journal } from './journal/journal.ts';
import type { Recorder } from './journal/recorder.ts';
import { haltFile, haltReason } from './kill-switch.ts';
import type { RestFeed } from './rest-feed.ts';
import type { RedisState } from './state/redis-state.ts';
import type { Snapshotter } from './state/snapshotter.ts';
import type { GatewayFigures, LossFigures } from './telemetry/metrics.ts';
import type { VitalsPublisher } from './vitals.ts';

const QUARANTINED_SHOWN = 5;
const QUARANTINED_BYTES_SHOWN = 120;

export interface StatusParts {
  readonly config: Config;
  readonly engine: Pick<Engine, 'machine' | 'recovered' | 'build'> & {
    readonly journal: Pick<Journal, 'nextOffset'>;
    readonly recorder: Pick<Recorder, 'available' | 'unjournaledInputs' | 'clampedInputs'>;
  };
  readonly feed: Pick<KisFeed, 'source' | 'notices'> & { readonly kis: Pick<KisFeed['kis'], 'status'> };
  /** Null where no REST side is there. */
  readonly rest: {
    readonly loader: Pick<RestFeed['loader'], 'counters'>;
    readonly client: Pick<RestFeed['client'], 'counters' | 'waiting'>;
  } | null;
  readonly vitals: VitalsPublisher;
  readonly redis: RedisState | null;
  readonly gateway: GatewayFigures;
  /** Null where this process makes none. */
  readonly snapshots: Pick<Snapshotter, 'figures'> | null;
}

/** Plain data, ready for JSON. */
export function statusOf({ config, engine, feed, rest, vitals, redis, gateway, snapshots }: StatusParts): object {
  const { machine, recorder, journal } = engine;
  const { venue } = config.universe;
  const { unjournaledInputs, clampedInputs, lateTrades } = lossesOf({ engine, redis });
  const timeUs = machine.timeUs || hostTimeUs();
  return {
    epoch: machine.epoch,
    source: feed.source,
    version: engine.build,
    simulated: feed.source === 'simulated',
    recorded: feed.source === 'recorded',
    timeUs,
    market: {
      phase: sessionAt(timeUs, venue, machine.calendar),
      nextOpenUs: nextOpenUs(timeUs, venue, machine.calendar),
    },
    instruments: universe(config).map((code) => {
      const { nameKo = code, nameEn = code } = findInstrument(code) ?? {};
      return { instrument: `${code}.${venue}`, code, nameKo, nameEn };
    }),
    vitals: vitals.last,
    latency: vitals.lastLatency,
    /** The operator's reason; null where the switch is not thrown. */
    killSwitch: haltReason(haltFile(dataFolder(config))),
    feed: { ...feed.kis.status(), notices: feed.notices },
    subscriptions: machine.subscriptions,
    reference: rest?.loader.counters ?? null,
    rest: rest && { ...rest.client.counters, waiting: rest.client.waiting },
    counters: machine.counters,
    quarantine: {
      counts: machine.quarantine.counts,
      dropped: machine.quarantine.dropped,
      newest: machine.quarantine.frames().slice(-QUARANTINED_SHOWN).map(quarantinedFrame),
    },
    journal: { entries: journal.nextOffset, available: recorder.available, unjournaledInputs, clampedInputs },
    recovered: engine.recovered,
    state: redis?.state ?? 'memory',
    redis: redis?.figures() ?? null,
    snapshots: snapshots?.figures ?? null,
    bars: { lateTrades },
    gateway: {
      connections: gateway.connections,
      errors: Object.fromEntries(gateway.errors),
      refused: Object.fromEntries(gateway.refused),
    },
    disclaimer: 'No investment advice. kisignal places no orders.',
  };
}

export function lossesOf({ engine, redis }: Pick<StatusParts, 'engine' | 'redis'>): LossFigures {
  const { machine, recorder } = engine;
  return {
    clampedInputs: recorder.clampedInputs,
    unjournaledInputs: recorder.unjournaledInputs,
    lateTrades: machine.instruments.lateTrades,
    failedFlushes: redis?.failedFlushes ?? 0,
  };
}

/** A frame that did not decode, as text that fits a line. Notices never come there, so nothing in it is personal. */
export function quarantinedFrame({ engineTimeUs, reason, bytes, byteLength }: QuarantinedFrame) {
  const text = Buffer.from(bytes.subarray(0, QUARANTINED_BYTES_SHOWN)).toString('latin1');
  return {
    timeUs: engineTimeUs,
    reason,
    trId: /^[01]\|([A-Z0-9]{8})\|/.exec(text)?.[1] ?? '',
    bytes: byteLength,
    begins: text.replace(/[^ -~]/g, '.'),
  };
}
