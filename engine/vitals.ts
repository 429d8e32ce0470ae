// The channels `status` and `latency`: how engine and feed are, once a second and at once when the feed or the halt
// changes. Measured, hence neither journaled nor part of the digest; numbered like every stream.

import { type SessionVenue, sessionAt } from '../config/sessions.ts';
import type { Bus } from './bus/bus.ts';
import { sum } from './counters.ts';
import type { Engine } from './engine.ts';
import type { LatencyMessage, Message, OutputBatch, StatusMessage, Stream, StreamUpdate } from './messages.ts';
import type { LatencyRecorder } from './telemetry/latency.ts';
import type { StatusFigures } from './telemetry/status-line.ts';

const STATUS: Stream = { key: 'status/engine', channel: 'status', instrument: 'engine', variant: '' };
const LATENCY: Stream = { key: 'latency/engine', channel: 'latency', instrument: 'engine', variant: '' };

export interface VitalsOptions {
  readonly engine: Pick<Engine, 'machine' | 'bus'>;
  readonly latency: LatencyRecorder;
  readonly connections: () => number;
  /** `memory`, or how Redis is (`RedisHealth`). */
  readonly state: () => string;
  readonly nowUs: () => number;
  /** Whose session is told. */
  readonly venue: SessionVenue;
}

export type Vitals = Omit<StatusMessage, 'seq'>;

export class VitalsPublisher {
  /** What was published last. */
  last: Vitals | null = null;
  lastLatency: Omit<LatencyMessage, 'seq'> | null = null;
  private readonly options: VitalsOptions;
  private readonly bus: Bus;
  private ticksBefore: number;
  private beforeUs: number;

  constructor(options: VitalsOptions) {
    this.options = options;
    this.bus = options.engine.bus;
    this.ticksBefore = sum(options.engine.machine.counters.ticks);
    this.beforeUs = options.nowUs();
  }

  /** Once a second. */
  publish(): void {
    const { engine, latency, nowUs } = this.options;
    const nowIs = nowUs();
    const ticks = sum(engine.machine.counters.ticks);
    const ticksPerSecond = ((ticks - this.ticksBefore) / Math.max(1, nowIs - this.beforeUs)) * 1e6;
    this.ticksBefore = ticks;
    this.beforeUs = nowIs;
    this.lastLatency = { timeUs: engine.machine.timeUs, ...latency.take() };
    this.send([this.status(ticksPerSecond), this.update(LATENCY, this.lastLatency)]);
  }

  /** At once, where feed or halt differ from what was said last. */
  publishChange(): void {
    const { machine } = this.options.engine;
    if (
      this.last === null ||
      (this.last.feed === feedState(machine.feedConnected) && this.last.haltReason === machine.haltReason)
    )
      return;
    this.send([this.status(this.last.ticksPerSecond)]);
  }

  /** What the terminal shows. */
  figures(source: string): StatusFigures {
    const { last, lastLatency } = this;
    const { engine, connections } = this.options;
    const { signals } = engine.machine.counters;
    return {
      source,
      feed: last?.feed ?? 'connecting',
      ticksPerSecond: last?.ticksPerSecond ?? 0,
      p50Us: lastLatency?.stages.total.p50 ?? 0,
      p99Us: lastLatency?.stages.total.p99 ?? 0,
      connections: connections(),
      gaps: last?.gaps ?? 0,
      signals: signals.buy + signals.sell,
    };
  }

  private status(ticksPerSecond: number): StreamUpdate {
    const { engine, connections, state, venue } = this.options;
    const { machine } = engine;
    const { counters } = machine;
    this.last = {
      timeUs: machine.timeUs,
      feed: feedState(machine.feedConnected),
      market: sessionAt(machine.timeUs, venue, machine.calendar),
      signals: machine.haltReason === null ? 'active' : 'halted',
      haltReason: machine.haltReason,
      ticksPerSecond,
      ticks: sum(counters.ticks),
      gaps: sum(counters.gaps),
      gapShares: sum(counters.gapShares),
      quarantined: machine.quarantine.total,
      state: state(),
      connections: connections(),
    };
    return this.update(STATUS, this.last);
  }

  /** Numbers go on from the last message that the bus knows of this epoch, be it of an earlier run. */
  private update(stream: Stream, content: object): StreamUpdate {
    const prevSeq = this.bus.retained(stream.key).at(-1)?.seq ?? 0;
    return { stream, prevSeq, messages: [{ seq: prevSeq + 1, ...content } as Message] };
  }

  private send(updates: StreamUpdate[]): void {
    const { machine } = this.options.engine;
    const batch: OutputBatch = {
      epoch: machine.epoch,
      source: machine.source,
      times: [this.options.nowUs(), 0, 0, 0, 0, 0],
      updates,
    };
    this.bus.publish(batch);
  }
}

function feedState(connected: boolean): StatusMessage['feed'] {
  return connected ? 'connected' : 'lost';
}
