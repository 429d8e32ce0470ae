// The path over Kafka, open-loop: frames leave at intended times, an ingest writes and ships them, workers derive, a gateway
// serves; latency counts from the intended times to the receipt by clients. And how many ticks workers take from a backlog.
// All of it, the broker too, shares the cores of this machine.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findKafka, type KafkaServer } from '../engine/log/kafka-server.ts';
import { freePort } from './crashes/free-port.ts';
import { KisignalProcess } from './kisignal-process.ts';
import { type LatencyFigures, LatencyHistogram } from './latency-histogram.ts';
import { sharedUs } from './shared-clock.ts';
import type { ClientsHandlers } from './whole-path/clients.ts';
import type { FeedHandlers } from './whole-path/feed.ts';
import { loadCodes } from './whole-path/load.ts';
import { type LoadShape, Schedule } from './whole-path/schedule.ts';
import { Worker } from './worker.ts';

export interface KafkaBenchOptions {
  readonly shape: LoadShape;
  /** Numbers of workers that take the backlog, one after the other. */
  readonly workers: readonly number[];
  readonly onProgress: (text: string) => void;
}

export interface KafkaBenchResult {
  readonly shape: LoadShape;
  readonly latency: LatencyFigures;
  /** How late frames left the load's process. */
  readonly lateness: LatencyFigures;
  /** Ticks that clients should have got and did not, and places where numbers did not follow on. */
  readonly lost: number;
  readonly holes: number;
  readonly backlog: readonly { readonly workers: number; readonly ticks: number; readonly seconds: number }[];
}

const PARTITIONS = 4;
const REGISTRATIONS = 2;
const BEGIN_AFTER_US = 300_000;
const DRAIN_MS_MAX = 20_000;
const POLL_MS = 20;
const QUIET_US = 2_000_000;
const WAIT_MS_MAX = 120_000;

/** Null where there is no Kafka here. The folder is the caller's to remove. */
export async function benchKafka(options: KafkaBenchOptions, folder: string): Promise<KafkaBenchResult | null> {
  const kafka = findKafka();
  if (!kafka.available) return null;
  const server = await kafka.start();
  const bench = new KafkaBench(options, folder, server);
  try {
    return await bench.run();
  } finally {
    await bench.end();
    await server.stop();
  }
}

class KafkaBench {
  private readonly options: KafkaBenchOptions;
  private readonly folder: string;
  private readonly server: KafkaServer;
  private readonly schedule: Schedule;
  private readonly codes: readonly string[];
  private readonly feed = new Worker<FeedHandlers>('whole-path/feed');
  private readonly clients = new Worker<ClientsHandlers>('whole-path/clients');
  private running: KisignalProcess[] = [];
  private addresses = { restUrl: '', webSocketUrl: '' };
  private made = 0;

  constructor(options: KafkaBenchOptions, folder: string, server: KafkaServer) {
    this.options = options;
    this.folder = folder;
    this.server = server;
    this.schedule = new Schedule(options.shape);
    this.codes = loadCodes(options.shape.symbols);
  }

  async run(): Promise<KafkaBenchResult> {
    const { shape, workers, onProgress } = this.options;
    this.addresses = await this.feed.call('prepare', shape);
    onProgress('tick to client');
    const measured = await this.measureLatency();
    const backlog: KafkaBenchResult['backlog'][number][] = [];
    for (const count of workers) {
      onProgress(`a backlog for ${count} ${count === 1 ? 'worker' : 'workers'}`);
      backlog.push({ workers: count, ticks: this.schedule.ticks, seconds: await this.takeBacklog(count) });
    }
    return { shape, ...measured, backlog };
  }

  async end(): Promise<void> {
    await this.endAll();
    await Promise.all([this.feed.end(), this.clients.end()]);
  }

  private async measureLatency(): Promise<Omit<KafkaBenchResult, 'shape' | 'backlog'>> {
    const { shape } = this.options;
    const prefix = this.server.prefix();
    await this.startIngest(prefix);
    const worker = await this.start('engine', prefix);
    const gateway = await this.start('gateway', prefix);
    await worker.until(() => worker.log.some(({ msg }) => msg === 'partitions assigned'), 'partitions');
    const { port } = new URL(await gateway.url());
    await this.clients.call('connect', { shape, port: Number(port) });
    const startUs = sharedUs() + BEGIN_AFTER_US;
    await this.clients.call('begin', startUs);
    const lateness = await this.feed.call('play', startUs);
    const ticks = (this.schedule.ticks * shape.clients * shape.symbolsPerClient) / shape.symbols;
    const report = await this.clients.call('finish', { ticks, msMax: DRAIN_MS_MAX });
    await this.endAll();
    return {
      latency: new LatencyHistogram().add(report.latency).figures(),
      lateness: new LatencyHistogram().add(lateness).figures(),
      lost: Math.abs(ticks - report.messages.ticks),
      holes: report.holes + report.closed,
    };
  }

  /** The load lies in Kafka before a worker begins. @returns seconds until the workers have taken all of it */
  private async takeBacklog(count: number): Promise<number> {
    const prefix = this.server.prefix();
    const port = await this.startIngest(prefix);
    await this.feed.call('play', sharedUs() + BEGIN_AFTER_US);
    await until(async () => (await figure(port, 'kisignal_spool_entries')) === 0, 'all is shipped');
    await this.endAll();
    const ports: number[] = [];
    for (let i = 0; i < count; i++) {
      const figures = await freePort();
      ports.push(figures);
      await this.start('engine', prefix, { PROMETHEUS_PORT: String(figures) });
    }
    // What a reader has handed over is no lag any more, though it is not applied yet: the end is where nothing changes.
    let [beganUs, changedUs, before] = [0, 0, 0];
    await until(async () => {
      const sums = await Promise.all(
        ports.map((one) => figure(one, 'kisignal_partition_events_total', 'appliedEntries')),
      );
      const applied = sums.reduce((sum, value) => sum + value, 0);
      const nowUs = sharedUs();
      if (applied > 0 && beganUs === 0) beganUs = nowUs;
      if (applied !== before) changedUs = nowUs;
      before = applied;
      return applied > 0 && nowUs - changedUs > QUIET_US;
    }, 'the backlog is taken');
    const seconds = (changedUs - beganUs) / 1e6;
    await this.endAll();
    return seconds;
  }

  /** @returns port of its figures, once all is registered */
  private async startIngest(prefix: string): Promise<number> {
    const port = await freePort();
    await this.start('ingest', prefix, { PROMETHEUS_PORT: String(port) });
    const all = REGISTRATIONS * this.codes.length;
    await until(async () => (await this.feed.call('registrations', null)) === all, 'all registrations');
    return port;
  }

  private async start(role: string, prefix: string, further: Record<string, string> = {}): Promise<KisignalProcess> {
    const dataFolder = join(this.folder, `${role}-${this.made++}`);
    mkdirSync(dataFolder, { recursive: true });
    const flags = ['--symbols', this.codes.join(','), '--registrations-max', String(REGISTRATIONS * this.codes.length)];
    const process = new KisignalProcess({
      dataFolder,
      flags: ['--role', role, ...flags],
      environment: {
        KIS_ENV: 'emulator',
        KISIGNAL_SOURCE_KIS_REST_URL: this.addresses.restUrl,
        KISIGNAL_SOURCE_KIS_WEB_SOCKET_URL: this.addresses.webSocketUrl,
        // The load has no REST side.
        KISIGNAL_REFERENCE_BOOTSTRAP: 'false',
        KISIGNAL_REFERENCE_WARM_BARS: 'false',
        KISIGNAL_REFERENCE_CROSS_CHECK: 'false',
        KAFKA_BROKERS: this.server.brokers.join(','),
        KISIGNAL_KAFKA_TOPIC_PREFIX: prefix,
        KISIGNAL_KAFKA_PARTITIONS: String(PARTITIONS),
        ...further,
      },
    });
    this.running.push(process);
    return process;
  }

  private async endAll(): Promise<void> {
    await Promise.all(this.running.splice(0).map((process) => process.kill()));
  }
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${WAIT_MS_MAX} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Sum of a figure's samples, or of those with a label of this value; 0 while it is not served. */
async function figure(port: number, name: string, label?: string): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (response) => response.text(),
    () => '',
  );
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && (label === undefined || line.includes(`"${label}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
