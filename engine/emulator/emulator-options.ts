// What the emulator is told, and what it offers to the process that runs it.
import type { Logger } from 'pino';
import type { CalendarOverrides } from '../../config/calendar.ts';
import type { Clock } from '../clock.ts';
import type { FaultEntry } from './faults/fault-log.ts';
import type { FaultScheduleOptions } from './faults/fault-schedule.ts';
import type { FaultRequest } from './faults/request.ts';
import type { MarketEvent, SimulatedMarket } from './market/simulated-market.ts';

/** What is played: a simulated market, or a file of recorded frames (JSON lines with `raw` and, where known, `time_us`). */
export type EmulatorFeed =
  | {
      readonly kind: 'market';
      readonly market: SimulatedMarket;
      /** Of the markets beside it, overseas stocks and index futures (default 1). */
      readonly furtherSeed?: number;
    }
  | {
      readonly kind: 'recording';
      readonly path: string;
      /** Overrides recorded times; 100 where neither is known. */
      readonly framesPerSecond?: number;
      /** Simulated start where the recording has no times, UTC microseconds. */
      readonly startTimeUs: number;
    };

export interface EmulatorOptions {
  readonly feed: EmulatorFeed;
  readonly logger: Logger;
  /** Names this run in `status`: who looks for it again by its address knows that it is no other. */
  readonly identity?: string;
  /** 1 is real time (the default), n is n times as fast, 0 is as fast as the slowest client reads. */
  readonly speed?: number;
  readonly host?: string;
  /** 0 (the default): any free one. */
  readonly port?: number;
  /** `paper` offers the reduced list of TRs. */
  readonly environment?: 'live' | 'paper';
  readonly registrationsMax?: number;
  readonly sessionsPerAppKey?: number;
  /** Secret by app key; any pair is taken where it is not given. */
  readonly appKeys?: ReadonlyMap<string, string>;
  /** The one HTS id whose execution notices may be registered. */
  readonly htsId?: string;
  /**
   * Each registration of notices has an AES pair of its own (the default), so that a client that mixes pairs is caught;
   * else all acknowledgements of a session carry one pair, as recorded sessions show it.
   */
  readonly aesPerSubscription?: boolean;
  /** Time between two flushes of one symbol, milliseconds (default 200). */
  readonly flushPeriodMs?: number;
  /** 0: no PINGPONG. Default 10,000. */
  readonly pingIntervalMs?: number;
  /** 0: execution notices on command only. Default 30,000. */
  readonly noticeIntervalMs?: number;
  /** Of one app key; by default that of the environment. */
  readonly requestsPerSecond?: number;
  /** Days that KIS says are open or closed against our own calendar. */
  readonly calendar?: CalendarOverrides;
  /** Faults at random times of the feed; none where it is not given. */
  readonly faultSchedule?: FaultScheduleOptions;
  /** A recording, and any feed at speed 0, wait until no registration came for so long (default 500 ms). */
  readonly settleMs?: number;
  /** Calls `onIdle` when no client has been connected for so long; never where it is not given. */
  readonly idleExitMs?: number;
  readonly onIdle?: () => void;
  /** Ages keys and tokens. */
  readonly clock?: Clock;
}

export interface EmulatorStatus {
  readonly identity: string;
  /** What is played, as messages name their source. */
  readonly source: 'simulated' | 'recorded';
  readonly sessions: number;
  readonly registrations: number;
  readonly timeUs: number;
  readonly speed: number;
  readonly framesSent: number;
  /** Cut for neglecting PINGPONG, or for reading too slowly. */
  readonly sessionsDropped: number;
}

export interface FaultReport {
  readonly faults: readonly FaultEntry[];
  /** Oldest ones that were dropped at the bound. */
  readonly forgotten: number;
}

export interface Emulator {
  readonly port: number;
  readonly restUrl: string;
  readonly webSocketUrl: string;
  status(): EmulatorStatus;
  /** The same as `POST /emulator/fault`. Throws a RangeError where too many wait already. */
  fault(request: FaultRequest): void;
  /** The same as `GET /emulator/faults`: those that have acted, oldest first. */
  faults(): FaultReport;
  /** The same as `POST /emulator/event`. Throws a RangeError for an unknown code, or where a recording is played. */
  happen(event: MarketEvent): void;
  /** Cuts all sessions and frees the port. */
  close(): Promise<void>;
}
