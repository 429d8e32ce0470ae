// The subscribers' process. It subscribes before the first frame, so that every stream is received from its first number.
import { LatencyHistogram, type SavedHistogram } from '../latency-histogram.ts';
import { serve } from '../worker.ts';
import { CaptureWriter } from './captured-messages.ts';
import { loadCodes } from './load.ts';
import { type LoadShape, Schedule } from './schedule.ts';
import { StreamClient } from './stream-client.ts';
import { MEASURED_CHANNELS } from './update-text.ts';

export interface ClientsOptions {
  readonly shape: LoadShape;
  readonly port: number;
  /** One client for all symbols, which writes what it receives to this file. */
  readonly capture?: string;
}

export type StageName = 'decode' | 'indicators' | 'predict' | 'decide' | 'publish';
const STAGES: readonly StageName[] = ['decode', 'indicators', 'predict', 'decide', 'publish'];

export interface ClientsReport {
  readonly latency: SavedHistogram;
  readonly messages: Record<(typeof MEASURED_CHANNELS)[number], number>;
  readonly updates: number;
  readonly measuredMessages: number;
  readonly holes: number;
  /** Clients whose connection ended. */
  readonly closed: number;
  /** Stages as the updates themselves tell them, of the first client's measured batches. */
  readonly stages: Record<StageName, SavedHistogram>;
}

const POLL_MS = 20;

let clients: StreamClient[] = [];
let capture: CaptureWriter | null = null;
let latency = new LatencyHistogram();
let stages = newStages();

function newStages(): Record<StageName, LatencyHistogram> {
  return Object.fromEntries(STAGES.map((stage) => [stage, new LatencyHistogram()])) as Record<
    StageName,
    LatencyHistogram
  >;
}

function received(channel: number): number {
  return clients.reduce((sum, client) => sum + client.messages[channel], 0);
}

const handlers = {
  /** Connects and subscribes all of them. */
  async connect({ shape, port, capture: path }: ClientsOptions): Promise<void> {
    const schedule = new Schedule(shape);
    const codes = loadCodes(shape.symbols);
    latency = new LatencyHistogram();
    stages = newStages();
    capture = path === undefined ? null : new CaptureWriter(path);
    const symbols = capture === null ? null : codes.map((_, symbol) => symbol);
    const common = { port, schedule, codes, latency };
    let lastBatch = 0;
    clients = Array.from({ length: capture === null ? shape.clients : 1 }, (_, client) => {
      if (client > 0) return new StreamClient({ ...common, symbols: schedule.symbolsOf(client) });
      return new StreamClient({
        ...common,
        symbols: symbols ?? schedule.symbolsOf(client),
        onUpdate(frame, text, { times }) {
          capture?.add(frame, text);
          if (times[0] === lastBatch || schedule.dueUs[frame] < schedule.measuredFromUs) return;
          lastBatch = times[0];
          STAGES.forEach((stage, i) => {
            stages[stage].record(i === 0 ? times[1] : times[i + 1] - times[i]);
          });
        },
      });
    });
    await Promise.all(clients.map((client) => client.subscribe()));
  },
  /** @param startUs shared clock */
  begin(startUs: number): void {
    for (const client of clients) client.startUs = startUs;
  },
  /** Waits until so many ticks have come, as long as it may; then leaves. */
  async finish({ ticks, msMax }: { ticks: number; msMax: number }): Promise<ClientsReport> {
    const deadline = performance.now() + msMax;
    while (received(0) < ticks && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    // Predictions and signals of the last frame stand behind its ticks.
    await new Promise((resolve) => setTimeout(resolve, 5 * POLL_MS));
    const closed = clients.filter(({ closeCode }) => closeCode !== null).length;
    for (const client of clients) client.end();
    capture?.close();
    const sum = (of: (client: StreamClient) => number): number => clients.reduce((total, one) => total + of(one), 0);
    return {
      latency: latency.save(),
      messages: Object.fromEntries(
        MEASURED_CHANNELS.map((channel, i) => [channel, received(i)]),
      ) as ClientsReport['messages'],
      updates: sum(({ updates }) => updates),
      measuredMessages: sum(({ measuredMessages }) => measuredMessages),
      holes: sum(({ holes }) => holes),
      closed,
      stages: Object.fromEntries(STAGES.map((stage) => [stage, stages[stage].save()])) as ClientsReport['stages'],
    };
  },
};
export type ClientsHandlers = typeof handlers;

serve(handlers);
