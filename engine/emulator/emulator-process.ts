// The emulator as a process of its own: it lives on when the engine dies, and the next engine finds it again by the file
// that it leaves in the data folder. What runs inside it is `kisignal emulate`.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../start-error.ts';
import type { EmulatorStatus } from './emulator-options.ts';

/** What a running emulator says of itself, to its parent and in the file. */
export interface EmulatorNotice {
  readonly pid: number;
  readonly restUrl: string;
  readonly webSocketUrl: string;
  /** Names this run of the market: another one does not continue its numbers. */
  readonly identity: string;
  /** What it plays, as messages name their source. */
  readonly source: 'simulated' | 'recorded';
  /** Simulated time at its start, UTC microseconds. */
  readonly startTimeUs: number;
}

export interface EmulatorProcess extends Omit<EmulatorNotice, 'pid'> {
  /** What followed `emulate` when it was started; empty where somebody else did that. */
  readonly args: readonly string[];
  /** True where it had been running before. */
  readonly found: boolean;
  /** Leaves the file by which the next engine finds it. */
  remember(): void;
  /** Ends it where it belongs to the data folder. */
  stop(): void;
}

export interface EmulatorProcessOptions {
  readonly dataFolder: string;
  /** Module of the command line, and what follows `emulate`. */
  readonly main: string;
  readonly args: readonly string[];
  /** Personal settings, which have no place among arguments that every process of the machine can read. */
  readonly environment?: Readonly<Record<string, string>>;
}

const START_MS_MAX = 10_000;
const ANSWER_MS_MAX = 1_000;

function noticePath(dataFolder: string): string {
  return join(dataFolder, 'emulator.json');
}

/**
 * The emulator of this data folder that still runs, or null. Asked before a recovery, which would keep the event loop
 * so busy that the answer came too late.
 */
export async function findEmulator(dataFolder: string): Promise<EmulatorProcess | null> {
  try {
    const notice = JSON.parse(readFileSync(noticePath(dataFolder), 'utf8')) as Remembered;
    const { identity } = await statusOf(notice.restUrl);
    return identity === notice.identity ? processOf(notice, dataFolder, true) : null;
  } catch {
    return null; // No file, nobody there, or somebody else on that port.
  }
}

/** A new emulator; whoever has the data folder to itself calls its `remember`. */
export async function startEmulatorProcess(options: EmulatorProcessOptions): Promise<EmulatorProcess> {
  return processOf({ ...(await startProcess(options)), args: options.args }, options.dataFolder, false);
}

/** What stands in the file. */
type Remembered = EmulatorNotice & Pick<EmulatorProcess, 'args'>;

function processOf(notice: Remembered, dataFolder: string, found: boolean): EmulatorProcess {
  const path = noticePath(dataFolder);
  const remember = (): void => {
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(path, JSON.stringify(notice));
  };
  const stop = (): void => {
    if (isRemembered(path, notice)) rmSync(path, { force: true });
    try {
      process.kill(notice.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  };
  return { ...notice, found, remember, stop };
}

function isRemembered(path: string, { identity }: EmulatorNotice): boolean {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as EmulatorNotice).identity === identity;
  } catch {
    return false;
  }
}

/** An emulator that somebody else runs, by its addresses; it lives on when the engine ends. */
export async function attachEmulator(restUrl: string, webSocketUrl: string): Promise<EmulatorProcess> {
  const {
    identity,
    source,
    timeUs: startTimeUs,
  } = await statusOf(restUrl).catch((cause) => {
    throw new StartError(`no emulator answers at ${restUrl}`, { cause });
  });
  return { restUrl, webSocketUrl, identity, source, startTimeUs, args: [], found: true, remember() {}, stop() {} };
}

type Origin = Pick<EmulatorStatus, 'identity' | 'source' | 'timeUs'>;

/** @throws Error where nobody answers there, or somebody who is no emulator */
async function statusOf(restUrl: string): Promise<Origin> {
  const answer = await fetch(`${restUrl}/emulator/status`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  const status: unknown = await answer.json();
  if (!answer.ok || !isOrigin(status)) throw new Error(`answer ${answer.status} is not an emulator's`);
  return status;
}

function isOrigin(status: unknown): status is Origin {
  const { identity, source, timeUs } = (status ?? {}) as Partial<Record<keyof Origin, unknown>>;
  const known = source === 'simulated' || source === 'recorded';
  return typeof identity === 'string' && known && Number.isFinite(timeUs);
}

async function startProcess({ main, args, environment }: EmulatorProcessOptions): Promise<EmulatorNotice> {
  // In a process group of its own: Ctrl-C in the terminal is the engine's to pass on.
  const child = spawn(process.execPath, [main, 'emulate', ...args], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const notice = await noticeOf(child);
  child.disconnect();
  child.stderr?.destroy();
  child.unref();
  return notice;
}

function noticeOf(child: ChildProcess): Promise<EmulatorNotice> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-2000);
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new StartError(`the emulator did not start within ${START_MS_MAX} ms: ${said.trim()}`));
    }, START_MS_MAX);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as EmulatorNotice);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new StartError(`the emulator ended with code ${code} before it was ready: ${said.trim()}`));
    });
  });
}
