// The whole path, open-loop: frames leave another process at intended times whatever becomes of them, and latency counts
// from those times to the receipt by clients in a further process. Beside it, round by round on the same schedule, a bare
// relay sends the very messages that kisignal sent.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KisignalProcess, ticksOf } from '../kisignal-process.ts';
import { type LatencyFigures, LatencyHistogram, type SavedHistogram } from '../latency-histogram.ts';
import { cpuSeconds, machineBusySeconds, residentBytes } from '../process-usage.ts';
import { sharedUs } from '../shared-clock.ts';
import { Worker } from '../worker.ts';
import type { ClientsHandlers, ClientsReport, StageName } from './clients.ts';
import type { FeedHandlers } from './feed.ts';
import { loadCodes } from './load.ts';
import type { RelayHandlers } from './relay.ts';
import { type LoadShape, Schedule } from './schedule.ts';

export interface WholePathOptions {
  readonly shape: LoadShape;
  /** Rounds of the relay and of kisignal each. */
  readonly rounds: number;
  /** Flags of Node for kisignal's process: `--cpu-prof`, say. */
  readonly nodeFlags?: readonly string[];
  readonly onProgress: (text: string) => void;
}

export type SubjectName = 'relay' | 'kisignal';

export interface Round {
  readonly subject: SubjectName;
  readonly latency: LatencyFigures;
  /** How late frames left the load's process. */
  readonly lateness: LatencyFigures;
  readonly deliveriesPerSecond: number;
  readonly updatesPerSecond: number;
  /** Messages that should have come and did not, and places where numbers did not follow on. */
  readonly lost: number;
  readonly holes: number;
  /** Processor seconds a second, while it was measured; `others` is what else ran on the machine. */
  readonly cpu: Readonly<Record<'subject' | 'clients' | 'feed' | 'others', number>>;
  readonly residentBytes: number;
  readonly stages: Readonly<Record<StageName, LatencyFigures>>;
}

export interface WholePathResult {
  readonly shape: LoadShape;
  readonly transport: string;
  readonly rounds: readonly Round[];
  /** All rounds together. */
  readonly latency: Readonly<Record<SubjectName, LatencyFigures>>;
  /** Data folder of kisignal's last round. */
  readonly journalFolder: string;
}

/** What is measured: it follows the feed and serves `url`. */
interface Subject {
  readonly name: SubjectName;
  readonly pid: number;
  readonly url: string;
  /** Deliveries that clients with so many subscribers a symbol should have got, by channel. */
  expected(subscribers: number): Promise<Record<string, number>>;
  end(): Promise<void>;
}

const BEGIN_AFTER_US = 300_000;
const DRAIN_MS_MAX = 5_000;
/** One symbol's registrations: trades and books. */
const REGISTRATIONS = 2;

/** The folder of the last journal lies in `folder`, which the caller removes. */
export async function benchWholePath(options: WholePathOptions, folder: string): Promise<WholePathResult> {
  const bench = new WholePath(options, folder);
  try {
    return await bench.run();
  } finally {
    await bench.end();
  }
}

class WholePath {
  private readonly options: WholePathOptions;
  private readonly folder: string;
  private readonly schedule: Schedule;
  private readonly feed = new Worker<FeedHandlers>('whole-path/feed');
  private readonly clients = new Worker<ClientsHandlers>('whole-path/clients');
  private subject: Subject | null = null;
  private addresses = { restUrl: '', webSocketUrl: '' };
  private journalFolder = '';
  private transport = '';

  constructor(options: WholePathOptions, folder: string) {
    this.options = options;
    this.folder = folder;
    this.schedule = new Schedule(options.shape);
  }

  async run(): Promise<WholePathResult> {
    const { shape, rounds, onProgress } = this.options;
    onProgress('making the frames');
    this.addresses = await this.feed.call('prepare', shape);
    const capture = join(this.folder, 'messages');
    onProgress('a round to keep the messages for the relay');
    const expected = await this.capture(capture);
    const measured: Round[] = [];
    const all = { relay: new LatencyHistogram(), kisignal: new LatencyHistogram() };
    for (let round = 1; round <= rounds; round++) {
      for (const name of ['relay', 'kisignal'] as const) {
        onProgress(`${name}, round ${round} of ${rounds}`);
        const subject = name === 'relay' ? await this.startRelay(capture, expected) : await this.startKisignal();
        const { figures, latency } = await this.measure(subject);
        measured.push(figures);
        all[name].add(latency);
      }
    }
    return {
      shape,
      transport: this.transport,
      rounds: measured,
      latency: { relay: all.relay.figures(), kisignal: all.kisignal.figures() },
      journalFolder: this.journalFolder,
    };
  }

  async end(): Promise<void> {
    await Promise.all([this.subject?.end(), this.feed.end(), this.clients.end()]);
  }

  /** Plays the load once for one client of all symbols, which keeps the messages. Their numbers by channel. */
  private async capture(path: string): Promise<Record<string, number>> {
    const { shape } = this.options;
    const subject = await this.startKisignal();
    const report = await this.play(subject, path);
    const expected = await subject.expected(1);
    await this.endSubject();
    const { messages, holes } = report.clients;
    const missing = Object.entries(expected).filter(([channel, count]) => messages[channel as 'ticks'] !== count);
    if (holes > 0 || missing.length > 0) {
      throw new Error(`the load is more than one client can take: ${holes} holes, ${JSON.stringify(messages)}`);
    }
    if (expected.ticks !== this.schedule.ticks) {
      throw new Error(
        `kisignal published ${expected.ticks} ticks of ${this.schedule.ticks} (${shape.symbols} symbols)`,
      );
    }
    return expected;
  }

  private async measure(subject: Subject): Promise<{ figures: Round; latency: SavedHistogram }> {
    const { shape } = this.options;
    const { clients, lateness, cpu, resident } = await this.play(subject);
    const expected = await subject.expected((shape.clients * shape.symbolsPerClient) / shape.symbols);
    await this.endSubject();
    const lost = Object.entries(expected).reduce(
      (sum, [channel, count]) => sum + Math.abs(count - clients.messages[channel as 'ticks']),
      0,
    );
    const figuresOf = (saved: SavedHistogram): LatencyFigures => new LatencyHistogram().add(saved).figures();
    const latency = figuresOf(clients.latency);
    const figures: Round = {
      subject: subject.name,
      latency,
      lateness: figuresOf(lateness),
      deliveriesPerSecond: clients.measuredMessages / shape.seconds,
      updatesPerSecond: latency.count / shape.seconds,
      lost,
      holes: clients.holes + clients.closed,
      cpu,
      residentBytes: resident,
      stages: Object.fromEntries(
        Object.entries(clients.stages).map(([stage, saved]) => [stage, figuresOf(saved)]),
      ) as Round['stages'],
    };
    return { figures, latency: clients.latency };
  }

  /** One play of the load: clients first, then the frames. */
  private async play(subject: Subject, capture?: string) {
    const { shape } = this.options;
    const port = Number(new URL(subject.url).port);
    await this.clients.call('connect', { shape, port, ...(capture === undefined ? {} : { capture }) });
    const startUs = sharedUs() + BEGIN_AFTER_US;
    await this.clients.call('begin', startUs);
    const played = this.feed.call('play', startUs);
    const cpuBefore = await this.usageAt(startUs + this.schedule.measuredFromUs, subject);
    const cpuAfter = await this.usageAt(startUs + this.schedule.measuredToUs, subject);
    const resident = residentBytes(subject.pid);
    const lateness = await played;
    const clients: ClientsReport = await this.clients.call('finish', {
      ticks:
        (this.schedule.ticks * (capture === undefined ? shape.clients * shape.symbolsPerClient : shape.symbols)) /
        shape.symbols,
      msMax: DRAIN_MS_MAX,
    });
    const perSecond = (name: keyof typeof cpuBefore) => (cpuAfter[name] - cpuBefore[name]) / shape.seconds;
    const [own, clientsCpu, feed] = [perSecond('subject'), perSecond('clients'), perSecond('feed')];
    const others = Math.max(0, perSecond('machine') - own - clientsCpu - feed);
    const cpu = { subject: own, clients: clientsCpu, feed, others };
    return { clients, lateness, cpu, resident };
  }

  private async usageAt(timeUs: number, { pid }: Subject) {
    await new Promise((resolve) => setTimeout(resolve, (timeUs - sharedUs()) / 1000));
    return {
      subject: cpuSeconds(pid),
      clients: cpuSeconds(this.clients.pid),
      feed: cpuSeconds(this.feed.pid),
      machine: machineBusySeconds(),
    };
  }

  private async endSubject(): Promise<void> {
    await this.subject?.end();
    this.subject = null;
  }

  private async startRelay(capture: string, messages: Record<string, number>): Promise<Subject> {
    const { shape } = this.options;
    const worker = new Worker<RelayHandlers>('whole-path/relay');
    const subject = {
      name: 'relay' as const,
      pid: worker.pid,
      url: '',
      expected: async (subscribers: number) =>
        Object.fromEntries(Object.entries(messages).map(([channel, count]) => [channel, count * subscribers])),
      end: () => worker.end(),
    };
    this.subject = subject;
    const { url, transport } = await worker.call('start', { shape, capture, ...this.addresses });
    this.transport = transport;
    return Object.assign(subject, { url });
  }

  private async startKisignal(): Promise<Subject> {
    const { shape, nodeFlags = [] } = this.options;
    const codes = loadCodes(shape.symbols);
    if (this.journalFolder !== '') rmSync(this.journalFolder, { recursive: true });
    this.journalFolder = mkdtempSync(join(this.folder, 'data-'));
    const kisignal = new KisignalProcess({
      dataFolder: this.journalFolder,
      nodeFlags,
      flags: ['--symbols', codes.join(','), '--registrations-max', String(REGISTRATIONS * codes.length)],
      environment: {
        KIS_ENV: 'emulator',
        KISIGNAL_SOURCE_KIS_REST_URL: this.addresses.restUrl,
        KISIGNAL_SOURCE_KIS_WEB_SOCKET_URL: this.addresses.webSocketUrl,
        // Snapshots are measured elsewhere; here they would fall into some rounds and not into others.
        // The load has no REST side: hundreds of symbols would be asked for in vain while it is measured.
        KISIGNAL_REFERENCE_BOOTSTRAP: 'false',
        KISIGNAL_REFERENCE_WARM_BARS: 'false',
        KISIGNAL_REFERENCE_CROSS_CHECK: 'false',
        KISIGNAL_SNAPSHOT_EVERY_MS: '3600000',
      },
    });
    const subject = {
      name: 'kisignal' as const,
      pid: kisignal.pid,
      url: '',
      async expected(subscribers: number) {
        const { counters, journal } = await kisignal.status();
        // Engine time that stands still would make another, cheaper load of the same frames.
        if (journal.clampedInputs > journal.entries / 2)
          throw new Error(`engine time stood still: ${JSON.stringify(journal)}`);
        const { buy, sell } = counters.signals;
        const predictions = Object.values(counters.predictions).reduce((sum, count) => sum + count, 0);
        return {
          ticks: ticksOf({ counters }) * subscribers,
          predictions: predictions * subscribers,
          signals: (buy + sell) * subscribers,
        };
      },
      end: async () => void (await kisignal.end()),
    };
    this.subject = { ...subject, end: () => kisignal.kill() };
    const url = await kisignal.url();
    await kisignal.untilStatus(({ feed }) => feed.registered === REGISTRATIONS * codes.length, 'all registrations');
    this.subject = Object.assign(subject, { url });
    return subject;
  }
}
