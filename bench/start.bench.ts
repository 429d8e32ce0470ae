// How long a stranger waits: from the start of the command, on an empty data folder, to the first prediction and the
// first signal on the socket, with everything as it ships; and what the engine's process then weighs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { KisignalProcess } from './kisignal-process.ts';
import { residentBytes } from './process-usage.ts';
import { sharedUs } from './shared-clock.ts';

export interface StartRound {
  readonly pageMs: number;
  /** The first that is given: abstentions before it do not count. */
  readonly predictionMs: number;
  /** Not a number where none came in time. */
  readonly signalMs: number;
  /** Resident memory of the engine's process so long after the start. */
  readonly residentBytes: number;
}

export interface StartResult {
  readonly rounds: readonly StartRound[];
  /** The baseline: Node itself, from start to the first line of an empty program, and its memory. */
  readonly bareNodeMs: number;
  readonly bareNodeBytes: number;
}

const SIGNAL_MS_MAX = 30_000;
/** Memory is read when the run has at least this age. */
const MEMORY_AGE_MS = 8_000;

/** @param folder for the data folders; the caller removes it */
export async function benchStart(
  rounds: number,
  folder: string,
  onProgress: (text: string) => void,
): Promise<StartResult> {
  const results: StartRound[] = [];
  for (let round = 1; round <= rounds; round++) {
    onProgress(`start, round ${round} of ${rounds}`);
    results.push(await startOnce(mkdtempSync(join(folder, 'start-'))));
  }
  return { rounds: results, ...(await bareNode()) };
}

async function startOnce(dataFolder: string): Promise<StartRound> {
  const startUs = sharedUs();
  const age = (): number => (sharedUs() - startUs) / 1000;
  const kisignal = new KisignalProcess({ dataFolder });
  try {
    const url = await kisignal.url();
    const pageMs = age();
    const socket = new WebSocket(url.replace('http', 'ws').replace(/\/$/, '/v1/stream'));
    const first = (channel: string, isGiven: (message: { abstained?: string | null }) => boolean): Promise<number> =>
      new Promise((resolve) => {
        socket.on('message', (data) => {
          const message = JSON.parse(String(data)) as { channel?: string; messages?: { abstained?: string | null }[] };
          if (message.channel === channel && message.messages?.some(isGiven)) resolve(age());
        });
      });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', id: 1, channels: ['predictions', 'signals'] }));
    });
    const prediction = first('predictions', ({ abstained }) => abstained === null);
    const signal = first('signals', () => true);
    const predictionMs = await within(prediction, SIGNAL_MS_MAX);
    const signalMs = await within(signal, SIGNAL_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, MEMORY_AGE_MS - age())));
    const resident = residentBytes(kisignal.pid);
    socket.terminate();
    await kisignal.end();
    return { pageMs, predictionMs, signalMs, residentBytes: resident };
  } catch (error) {
    await kisignal.kill();
    throw error;
  }
}

async function within(value: Promise<number>, msMax: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(Number.NaN), msMax);
  });
  const first = await Promise.race([value, late]);
  clearTimeout(timer);
  return first;
}

async function bareNode(): Promise<{ bareNodeMs: number; bareNodeBytes: number }> {
  const startUs = sharedUs();
  const child: ChildProcess = spawn(
    process.execPath,
    ['-e', "process.stdout.write('up'); setTimeout(() => {}, 5000)"],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await once(child.stdout!, 'data');
  const bareNodeMs = (sharedUs() - startUs) / 1000;
  const bareNodeBytes = residentBytes(child.pid!);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  return { bareNodeMs, bareNodeBytes };
}
